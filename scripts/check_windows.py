#!/usr/bin/env python3
"""Runs the C and C++ programs, made for Windows with mingw-w64, under wine.

  check_windows.py --library DIR --library-clock DIR --out DIR [--only NAME,...]

The folders are what scripts/windows.py wrote. Programs are linked with the import library; some of them a second time with
msipc.lib, and some with the library for delayed loading and libmsipc_s, where the DLL is found by the registry alone. Which
programs pass is printed. What stands in the DLL is compared with tests/abi/msipc.json, ordinals included, and that functions
on 32-bit x86 are called by stdcall is compiled for that processor.

Wine before version 9 lacks bcryptprimitives.dll: a stand-in of ffi-tests/windows is built and found beside the programs.
"""
import argparse
import os
import shutil
import subprocess
import sys
import time

from check_interface import INCLUDE, KIT, ROOT, read

CC, CXX = "x86_64-w64-mingw32-gcc-posix", "x86_64-w64-mingw32-g++-posix"
CC_32 = "i686-w64-mingw32-gcc"
SOURCES = os.path.join(ROOT, "ffi-tests", "windows")
# Programs that reach most functions, for the other ways to link.
SOME = "hello,demo,test_functions.c,test_content,test_files_policy,test_file_streams"
WINE_PLACES = ("/usr/lib/wine/wine64", "wine64", "wine")
KEY = r"HKLM\SOFTWARE\Microsoft\MSIPC\CurrentVersion"


def run(command, **options):
    if subprocess.run(command, **options).returncode != 0:
        sys.exit("check-windows: failed: %s" % " ".join(command))


class Wine:
    """Wine with a registry and a drive C of its own, as long as the checks run."""

    def __init__(self, out):
        found = [place for place in WINE_PLACES if shutil.which(place)]
        if not found:
            sys.exit("check-windows: wine is missing; run scripts/setup_windows.sh")
        self.command = found[0]
        self.environment = dict(os.environ, WINE=self.command, WINEPREFIX=os.path.join(out, "wine"), WINEDEBUG="-all",
                                WINEDLLOVERRIDES="mscoree,mshtml,winemenubuilder.exe=", CC=CC, CXX=CXX,
                                WINEPATH="Z:" + out.replace("/", "\\"))
        self.environment.pop("DISPLAY", None)
        self.server = shutil.which("wineserver") or "/usr/lib/wine/wineserver"

    def __enter__(self):
        shutil.rmtree(self.environment["WINEPREFIX"], ignore_errors=True)
        began = time.monotonic()
        self.run("wineboot", "--init")
        print("wine is ready after %.0f s" % (time.monotonic() - began))
        return self

    def __exit__(self, *_):
        subprocess.run([self.server, "-k"], env=self.environment, stderr=subprocess.DEVNULL)

    def run(self, *words):
        run([self.command] + list(words), env=self.environment, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)

    def programs(self, title, args, *options):
        """Runs the programs; whether any failed."""
        print("== " + title)
        sys.stdout.flush()
        command = [sys.executable, os.path.join(ROOT, "scripts", "run_c_programs.py"), "--windows", "--library",
                   os.path.join(args.library, "msipc.dll")] + list(options)
        command += [os.path.join(ROOT, folder) for folder in ("ffi-tests", "c-examples")]
        return subprocess.run(command, env=self.environment).returncode != 0


def ordinals_differ(library):
    """Compares the ordinals in the DLL with those of the SDK's; whether any differs."""
    import json
    expected = {item["name"]: item["ordinal_in_1_0_4114"]
                for item in json.loads(read(os.path.join(KIT, "msipc.json")))["functions"] if "ordinal_in_1_0_4114" in item}
    from windows import exports
    found = exports(library)
    wrong = [name for name, number in sorted(expected.items()) if found.get(name) != number]
    for name in wrong:
        print("FAIL %s has ordinal %s, expected %d" % (name, found.get(name), expected[name]))
    taken = [name for name, number in found.items() if name not in expected and number <= 121]
    for name in taken:
        print("FAIL %s has ordinal %d, which is one of the SDK's" % (name, found[name]))
    print("== ordinals: %d as in the SDK, %d wrong" % (len(expected) - len(wrong), len(wrong) + len(taken)))
    return bool(wrong or taken)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--library", required=True)
    parser.add_argument("--library-clock", required=True)
    parser.add_argument("--out", required=True)
    parser.add_argument("--only", default="")
    args = parser.parse_args()
    args.library, args.library_clock, args.out = (os.path.abspath(path) for path in (args.library, args.library_clock, args.out))
    os.makedirs(args.out, exist_ok=True)
    only = ["--only", args.only] if args.only else []
    run([CC, "-shared", "-O2", "-Wall", "-Wextra", "-Werror", "-o", os.path.join(args.out, "bcryptprimitives.dll"),
         os.path.join(SOURCES, "bcryptprimitives.c"), "-ladvapi32"])
    failed = 0
    with Wine(args.out) as wine:
        failed += wine.programs("linked with libmsipc.dll.a", args, "--library-clock", os.path.join(args.library_clock, "msipc.dll"),
                                "--out", os.path.join(args.out, "linked"), *only)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
