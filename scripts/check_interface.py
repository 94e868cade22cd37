#!/usr/bin/env python3
"""Checks the C interface of the headers and of the built library.

  check_interface.py --library FILE

1. tests/abi/check_abi.py, for each compiler that is there: the library and headers natively, the headers as 16-bit
   flavour, and with mingw-w64. Functions in tests/abi/not_yet_built.txt (one name a line, `#` begins a comment) are left out.
2. Three lists must name the same functions: prototypes in include/*.h, include/msipc.map, and the library's exports.
3. A function that is in the list of those not yet built must not be exported, so that the list is emptied in time.
"""
import argparse
import os
import re
import shutil
import subprocess
import sys

import link_library

ROOT = os.path.normpath(os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
INCLUDE = os.path.join(ROOT, "include")
KIT = os.path.join(ROOT, "tests", "abi")
NOT_YET_BUILT = os.path.join(KIT, "not_yet_built.txt")


def read(path):
    with open(path, encoding="utf-8") as text:
        return text.read()


def not_yet_built():
    if not os.path.exists(NOT_YET_BUILT):
        return []
    return [line for line in (re.sub(r"#.*", "", row).strip() for row in read(NOT_YET_BUILT).splitlines()) if line]


def prototypes():
    names = set()
    for header in ("msipc.h", "msipc_ext.h"):
        text = re.sub(r"/\*.*?\*/|//[^\n]*", " ", read(os.path.join(INCLUDE, header)), flags=re.DOTALL)
        text = re.sub(r"^[ \t]*#(?:[^\n]*\\\n)*[^\n]*", " ", text, flags=re.MULTILINE)
        names.update(re.findall(r"\b(Ipcx?[A-Za-z0-9]+)\s*\(", text))
    return names


def map_names():
    text = re.sub(r"/\*.*?\*/|#[^\n]*", " ", read(os.path.join(INCLUDE, "msipc.map")), flags=re.DOTALL)
    return set(re.findall(r"\b(Ipc\w+)\s*;", text))


def exports(library):
    out = subprocess.run(["nm", "-D", "--defined-only", library], check=True, stdout=subprocess.PIPE, text=True).stdout
    return {re.sub(r"@.*", "", line.split()[-1]) for line in out.splitlines() if line.strip()} - set(link_library.width_names("msipc"))


def compare_lists(library):
    lists = {"a prototype in include/": prototypes(), "include/msipc.map": map_names(), "the library's exports": exports(library)}
    every, problems = set().union(*lists.values()), 0
    for name in sorted(every):
        missing = [where for where, names in lists.items() if name not in names]
        if missing:
            problems += 1
            print("FAIL %s is not in %s" % (name, " nor in ".join(missing)))
    for name in sorted(every & set(not_yet_built())):
        problems += 1
        print("FAIL %s is built, but still in tests/abi/not_yet_built.txt" % name)
    print("%d functions in three lists, %d problems" % (len(every), problems))
    return problems or not every


def run_kit(title, options):
    command = [sys.executable, os.path.join(KIT, "check_abi.py"), "--include", INCLUDE] + options
    for name in not_yet_built():
        command += ["--exclude", "* " + name, "--exclude", "* %s has C linkage" % name]
    print("== " + title)
    sys.stdout.flush()
    return subprocess.run(command, env=dict(os.environ, PYTHONDONTWRITEBYTECODE="1")).returncode != 0


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--library", required=True)
    library = parser.parse_args().library
    compilers = ["--cc", os.environ.get("CC") or "cc"]
    compilers += ["--cxx", os.environ["CXX"]] if os.environ.get("CXX") else []
    failures = run_kit("headers and library", compilers + ["--lib", library])
    failures += run_kit("headers, 16-bit flavour", compilers + ["--cflags=-DMSIPC_UTF16", "--wchar", "2"])
    without_mingw = "mingw" in os.environ.get("MSIPC_WITHOUT", "").split()
    for cross, required in (("x86_64-w64-mingw32-gcc", True), ("i686-w64-mingw32-gcc", False)):
        if shutil.which(cross) and shutil.which(cross[:-3] + "g++") and not without_mingw:
            failures += run_kit("headers, " + cross, ["--cc", cross])
        elif required and without_mingw:
            print("== headers, %s: left out (MSIPC_WITHOUT)" % cross)
        elif required:
            print("FAIL %s is missing: run scripts/setup.sh" % cross)
            failures += 1
    print("== prototypes, map and exports")
    failures += compare_lists(library)
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
