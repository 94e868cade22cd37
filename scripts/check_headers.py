#!/usr/bin/env python3
"""Compiles the public headers in every way that programs may include them, and compares lists of functions.

Each header alone, each pair in both orders, as C99, C11, C++11 and C++20 with all warnings as errors; with and without
NONAMELESSUNION and 16-bit text; for Windows after <windows.h> and without it where the cross compiler is installed. Then
the reference check, and that headers, version script and sources name the same functions. Prints a count.
"""
import concurrent.futures
import itertools
import os
import re
import shutil
import subprocess
import sys

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
INCLUDE = os.path.join(ROOT, "include")
HEADERS = ["msipc.h", "ipcbase.h", "ipcprot.h", "ipcfile.h", "ipcerror.h", "msipc_ext.h"]
STANDARDS = [("c", "c99"), ("c", "c11"), ("c++", "c++11"), ("c++", "c++20")]
WARNINGS = ["-Wall", "-Wextra", "-Wpedantic", "-Werror"]


def source(language):
    return os.path.join(ROOT, "ffi-tests", "strict_header" + (".c" if language == "c" else ".cc"))


def compilations(compilers, windows):
    """(what, command) of each way to compile."""
    settings = [[], ["-DNONAMELESSUNION"]]
    if windows:
        windows_h = ["-DHEADER_BEFORE=<windows.h>"]
        settings = [[], windows_h, ["-DWIN32_LEAN_AND_MEAN"], windows_h + ["-DWIN32_LEAN_AND_MEAN"],
                    windows_h + ["-DNONAMELESSUNION"]]
    else:
        settings += [["-DMSIPC_UTF16"], ["-DMSIPC_UTF16", "-DNONAMELESSUNION"]]
    for language, standard in STANDARDS:
        base = [compilers[language], "-std=" + standard, "-fsyntax-only", "-I", INCLUDE] + WARNINGS
        for header, setting in itertools.product(HEADERS, settings):
            yield base + setting + ["-DHEADER=<%s>" % header, source(language)]
        for first, second in itertools.permutations(HEADERS, 2):
            yield base + ["-DHEADER=<%s>" % first, "-DHEADER_AFTER=<%s>" % second, source(language)]


def compile_one(command):
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, universal_newlines=True)
    return command, done.returncode, done.stdout


def not_yet_built():
    with open(os.path.join(ROOT, "tests", "abi", "not_yet_built.txt"), encoding="utf-8") as lines:
        return [line.strip() for line in lines if line.strip() and not line.startswith("#")]


def reference(extra):
    command = [sys.executable, os.path.join(ROOT, "tests", "abi", "check_abi.py"), "--include", INCLUDE] + extra
    for name in not_yet_built():
        for pattern in ("function %s", "function %s has C linkage", "export %s"):
            command += ["--exclude", pattern % name]
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, universal_newlines=True)
    print(done.stdout, end="")
    return done.returncode


def names(path, pattern):
    with open(os.path.join(ROOT, path), encoding="utf-8") as text:
        return set(re.findall(pattern, text.read(), re.M))


def lists():
    """Problems with the three lists of functions: sources, headers, version script."""
    folder = os.path.join(ROOT, "src", "ffi")
    exported = set()
    for name in sorted(set(os.listdir(folder)) - {"test_clock.rs"}):  # of test builds alone
        exported |= names(os.path.join("src", "ffi", name), r'^#\[unsafe\(no_mangle\)\]\n(?:#\[.*\n)*pub (?:unsafe )?extern "system" fn (\w+)')
    prototype = r"^MSIPC_API [\w ]+? WINAPI (\w+)\("
    declared = names("include/msipc.h", prototype) | names("include/msipc_ext.h", prototype)
    mapped = names("include/msipc.map", r"^\s+(Ipc\w+);")
    problems = []
    for what, found in (("headers", declared), ("include/msipc.map", mapped)):
        problems += ["%s is exported but not in %s" % (name, what) for name in sorted(exported - found)]
        problems += ["%s is in %s but not exported" % (name, what) for name in sorted(found - exported)]
    return problems


def main():
    failed = 0
    targets = [("host", {"c": os.environ.get("CC", "gcc"), "c++": os.environ.get("CXX", "g++")}, False, [[], ["--cflags", "-DMSIPC_UTF16", "--wchar", "2"]])]
    for prefix in ("x86_64-w64-mingw32", "i686-w64-mingw32"):
        if shutil.which(prefix + "-gcc") and shutil.which(prefix + "-g++"):
            targets.append((prefix, {"c": prefix + "-gcc", "c++": prefix + "-g++"}, True, [["--cc", prefix + "-gcc"]]))
        else:
            print("note: %s-gcc or -g++ is not installed, headers are not compiled with it" % prefix)
    total = 0
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count() or 2) as pool:
        for name, compilers, windows, _ in targets:
            for command, status, output in pool.map(compile_one, compilations(compilers, windows)):
                total += 1
                if status:
                    failed += 1
                    print("FAIL " + " ".join(command) + "\n" + output)
    print("%d compilations, %d failed" % (total, failed))
    for _, _, _, checks in targets:
        for extra in checks:
            failed += 1 if reference(extra) else 0
    problems = lists()
    for problem in problems:
        print("FAIL " + problem)
    return 1 if failed or problems else 0


if __name__ == "__main__":
    sys.exit(main())
