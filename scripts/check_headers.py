#!/usr/bin/env python3
"""Compiles the public headers in every way that programs may include them, and compares lists of functions.

Each header alone, each pair in both orders, as C99, C11, C++11 and C++20 with all warnings as errors; with and without
NONAMELESSUNION and 16-bit text, and where a program defines words of Windows itself; for Windows after <windows.h> and without it where the cross compiler is installed. Each header as C89 and C++98,
and what C++ programs write with the words of Windows under the warnings that such programs use, with clang too where it is there.
msipc.hpp with its tests as C++17 and C++20, with and without exceptions, and programs that must build unedited on both
systems (UNEDITED). That encrypting through msipc.hpp is the call to IpcEncrypt and nothing else. Then the reference check,
and that headers, version script and sources name the same functions. Prints a count.
"""
import concurrent.futures
import glob
import itertools
import os
import re
import shutil
import subprocess
import sys

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
INCLUDE = os.path.join(ROOT, "include")
HEADERS = ["msipc.h", "ipcbase.h", "ipcprot.h", "ipcfile.h", "ipcerror.h", "msipc_ext.h"]
# Programs of old; with the headers of Windows they are not asked for.
OLD_STANDARDS = [("c", "c89"), ("c", "gnu89"), ("c", "iso9899:199409"), ("c++", "c++98"), ("c++", "gnu++98")]
OLD_WARNINGS = ["-Wall", "-Wextra", "-Werror", "-pedantic-errors"]
STRICT_CPP = ["-Wold-style-cast", "-Wnon-virtual-dtor", "-Wconversion", "-Wsign-conversion", "-Wshadow"]
# What a program may have defined before, each in another way than the header.
OWN_WORDS = ["-DS_OK=0", "-DE_FAIL=(-1)", "-DSUCCEEDED(x)=((x)>=0)", "-DFAILED(x)=((x)<0)", "-DERROR_SUCCESS=0L", "-DVOID=void",
             "-DCONST=const", "-DWINAPI=", "-DCALLBACK=", "-DZeroMemory(p,n)=memset(p,0,n)", "-DNOERROR=0L", "-DMSIPC_NO_SIZED_INTEGERS"]
EVERYTHING = "msipc_ext.h"  # includes the others
STANDARDS = [("c", "c99"), ("c", "c11"), ("c++", "c++11"), ("c++", "c++20")]
WARNINGS = ["-Wall", "-Wextra", "-Wpedantic", "-Werror"]
HEADER_MOST = 12  # instructions: that lengths fit in 32 bits, that there is an output
TESTS = os.path.join(ROOT, "ffi-tests")
# Programs of existing applications: their names say which language they are.
UNEDITED = "dropin_*.c*"


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
        settings += [["-DMSIPC_UTF16"], ["-DMSIPC_UTF16", "-DNONAMELESSUNION"], OWN_WORDS]
    for language, standard in STANDARDS:
        base = [compilers[language], "-std=" + standard, "-fsyntax-only", "-I", INCLUDE] + WARNINGS
        for header, setting in itertools.product(HEADERS, settings):
            yield base + setting + ["-DHEADER=<%s>" % header, source(language)]
        for first, second in itertools.permutations(HEADERS, 2):
            yield base + ["-DHEADER=<%s>" % first, "-DHEADER_AFTER=<%s>" % second, source(language)]


def old_compilations(compilers):
    """(command) of each header in the oldest dialects, and of the words of Windows as C++ programs use them."""
    for language, standard in OLD_STANDARDS:
        base = [compilers[language], "-std=" + standard, "-fsyntax-only", "-I", INCLUDE] + OLD_WARNINGS + [source(language)]
        for header in HEADERS if standard in ("c89", "c++98") else [EVERYTHING]:
            yield base + ["-DHEADER=<%s>" % header]
        yield base + ["-DHEADER=<%s>" % EVERYTHING, "-DNONAMELESSUNION"]
    for standard in ("c++98", "c++20"):
        yield [compilers["c++"], "-std=" + standard, "-fsyntax-only", "-I", INCLUDE] + OLD_WARNINGS + STRICT_CPP + [os.path.join(TESTS, "strict_words.cc")]


def cpp_compilations(compilers, windows):
    """(command) of each way to compile msipc.hpp, and of the programs that are the same on every system."""
    cxx, include = compilers["c++"], ["-fsyntax-only", "-I", INCLUDE, "-I", TESTS] + WARNINGS
    ways = [[], ["-DMSIPC_NO_EXCEPTIONS"], ["-fno-exceptions"], ["-DNONAMELESSUNION"]]
    ways += [["-DWIN32_LEAN_AND_MEAN"]] if windows else [["-DMSIPC_UTF16"], ["-DMSIPC_UTF16", "-fno-exceptions"]]
    for standard in ("-std=c++17", "-std=c++20"):
        for way in ways:
            yield [cxx, standard, "-Wshadow"] + include + way + [os.path.join(TESTS, "hpp_inline.cc")]
        yield [cxx, standard] + include + [os.path.join(TESTS, "test_hpp.cc")]
        yield [cxx, standard, "-fno-exceptions"] + include + [os.path.join(TESTS, "test_hpp_noexcept.cc")]
    for program in sorted(glob.glob(os.path.join(TESTS, UNEDITED))):
        language, standard = ("c", "-std=c11") if program.endswith(".c") else ("c++", "-std=c++17")
        yield [compilers[language], standard] + include + [program]


def instructions(assembly, function):
    """What a processor runs in a function until it first returns."""
    body = assembly.split("\n%s:" % function, 1)[1]
    lines = [line.strip() for line in body.split("\n") if line.startswith(("\t", " ")) and not line.strip().startswith(".")]
    ends = [at for at, line in enumerate(lines) if re.match(r"ret", line)]
    return lines[:ends[0] + 1] if ends else lines


def overhead(cxx):
    """What encrypting through msipc.hpp costs beside the call: problems, none when it is nothing that can be measured."""
    problems = []
    for way in ([], ["-fno-exceptions"]):
        command = [cxx, "-std=c++17", "-O2", "-fno-stack-protector", "-S", "-I", INCLUDE, "-o", "-", os.path.join(TESTS, "hpp_inline.cc")] + way
        done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, universal_newlines=True)
        if done.returncode:
            problems.append(" ".join(command) + "\n" + done.stderr)
            continue
        hand, header = (instructions(done.stdout, name) for name in ("encrypt_by_hand", "encrypt_with_header"))
        calls = [line for line in header if re.match(r"(call|bl|jal)\b", line)]
        if len(calls) != 1 or "IpcEncrypt" not in calls[0]:
            problems.append("%s: key::encrypt calls %s instead of IpcEncrypt alone" % (" ".join(way) or "default", calls))
        if not way and len(header) > len(hand) + HEADER_MOST:
            problems.append("key::encrypt has %d instructions, a call by hand %d" % (len(header), len(hand)))
        print("note: key::encrypt is %d instructions, IpcEncrypt by hand %d %s" % (len(header), len(hand), " ".join(way)))
    return problems


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
            ways = itertools.chain(compilations(compilers, windows), cpp_compilations(compilers, windows), [] if windows else old_compilations(compilers))
            if not windows and shutil.which("clang") and shutil.which("clang++"):
                ways = itertools.chain(ways, old_compilations({"c": "clang", "c++": "clang++"}))
            for command, status, output in pool.map(compile_one, ways):
                total += 1
                if status:
                    failed += 1
                    print("FAIL " + " ".join(command) + "\n" + output)
    print("%d compilations, %d failed" % (total, failed))
    for _, _, _, checks in targets:
        for extra in checks:
            failed += 1 if reference(extra) else 0
    problems = lists() + overhead(targets[0][1]["c++"])
    for problem in problems:
        print("FAIL " + problem)
    return 1 if failed or problems else 0


if __name__ == "__main__":
    sys.exit(main())
