#!/usr/bin/env python3
"""Runs the C and C++ programs, made for Windows with mingw-w64, under wine.

  check_windows.py --library DIR --library-clock DIR --out DIR [--only NAME,...]
  check_windows.py --rust --out DIR

The folders are what scripts/windows.py wrote. Programs are linked with the import library; some of them a second time with
msipc.lib, and some with the library for delayed loading and libmsipc_s, where the DLL is found by the registry alone. Which
programs pass is printed. What stands in the DLL is compared with tests/abi/msipc.json, ordinals included, and that functions
on 32-bit x86 are called by stdcall is compiled for that processor.

With --rust the Rust tests of the library are run instead.

Wine before version 9 lacks bcryptprimitives.dll: a stand-in of ffi-tests/windows is built and found beside the programs.

Wine maps a page of every program at 0x7ffe0000. Linux since 6.9 puts the heap of wine's loader anywhere in the gigabyte around
that address, so that one start in some thousands fails, with status 1 and without a word. The checks run without that choice of
addresses, where the machine allows it.
"""
import argparse
import ctypes
import json
import os
import re
import shutil
import struct
import subprocess
import sys
import time

from check_interface import INCLUDE, KIT, ROOT, map_names, read
from windows import TARGET

CC, CXX = "x86_64-w64-mingw32-gcc-posix", "x86_64-w64-mingw32-g++-posix"
CC_32 = "i686-w64-mingw32-gcc"
OBJDUMP = "x86_64-w64-mingw32-objdump"
SOURCES = os.path.join(ROOT, "ffi-tests", "windows")
# Programs that reach most functions, for the other ways to link.
SOME = "hello,demo,test_functions.c,test_content,test_files_policy,test_file_streams"
# Programs that begin with IpcInitialize.
BY_REGISTRY = "hello,rights_list,demo"
# Wine starts a program in a second where a machine is busy, and some tests start a hundred.
SECONDS = "600"
WINE_PLACES = ("/usr/lib/wine/wine64", "wine64", "wine")
# Why a program could not be started, and nothing else.
SAID = "-all,err+virtual,err+process,err+module"
KEY = r"HKLM\SOFTWARE\Microsoft\MSIPC\CurrentVersion"

# Of personality(2).
ADDR_NO_RANDOMIZE, ASK = 0x0040000, 0xFFFFFFFF


def fix_addresses():
    """Has the system choose the same addresses for every program that is started from here."""
    system = ctypes.CDLL(None)
    if system.personality(ctypes.c_ulong(system.personality(ctypes.c_ulong(ASK)) | ADDR_NO_RANDOMIZE)) == -1:
        print("this machine keeps choosing addresses: wine may fail to start one program in some thousands")


def run(command, **options):
    if subprocess.run(command, **options).returncode != 0:
        sys.exit("check-windows: failed: %s" % " ".join(command))


class Wine:
    """Wine with a registry and a drive C of its own, as long as the checks run."""

    def __init__(self, out):
        found = [place for place in WINE_PLACES if shutil.which(place)]
        if not found:
            sys.exit("check-windows: wine is missing; run scripts/setup.sh windows")
        self.command = found[0]
        self.environment = dict(os.environ, WINE=self.command, WINEPREFIX=os.path.join(out, "wine"), WINEDEBUG=SAID,
                                WINEDLLOVERRIDES="mscoree,mshtml,winemenubuilder.exe=", CC=CC, CXX=CXX,
                                WINEPATH=self.path(out))
        self.environment.pop("DISPLAY", None)
        # How wine reads the words of a command.
        self.environment["LC_ALL"] = "C.UTF-8"
        # Stores sync to the medium; in memory that costs nothing.
        if os.access("/dev/shm", os.W_OK):
            self.environment.setdefault("TMPDIR", "/dev/shm")
        self.server = shutil.which("wineserver") or "/usr/lib/wine/wineserver"

    def __enter__(self):
        shutil.rmtree(self.environment["WINEPREFIX"], ignore_errors=True)
        began = time.monotonic()
        os.makedirs(self.environment["WINEPREFIX"], exist_ok=True)
        # It stays for a minute without programs, of which the next would wait seconds for it each time.
        run([self.server, "--persistent=60"], env=self.environment)
        self.run("wineboot", "--init")
        print("wine is ready after %.0f s" % (time.monotonic() - began))
        return self

    def __exit__(self, *_):
        subprocess.run([self.server, "-k"], env=self.environment, stderr=subprocess.DEVNULL)

    @staticmethod
    def path(path):
        """A path of this system as programs see it."""
        return "Z:" + path.replace("/", "\\")

    def run(self, *words):
        run([self.command] + list(words), env=self.environment, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)

    def output(self, program):
        """What a program prints."""
        return subprocess.run([self.command, program], env=self.environment, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                              stderr=subprocess.DEVNULL, text=True, errors="replace").stdout

    def rust(self):
        """Builds the Rust tests of the library and runs them; whether any failed."""
        environment = dict(self.environment, CARGO_TARGET_X86_64_PC_WINDOWS_GNU_RUNNER=self.command, CARGO_PROFILE_DEV_DEBUG="0")
        # Build scripts are compiled with the compilers of Linux.
        for name in ("CC", "CXX"):
            environment.pop(name)
        command = [os.environ.get("CARGO", "cargo"), "test", "--locked", "--lib", "--target", TARGET]
        return subprocess.run(command, cwd=ROOT, env=environment).returncode != 0

    def programs(self, title, args, *options):
        """Runs the programs; whether any failed."""
        print("== " + title)
        sys.stdout.flush()
        command = [sys.executable, os.path.join(ROOT, "scripts", "run_c_programs.py"), "--windows", "--library",
                   os.path.join(args.library, "msipc.dll"), "--seconds", SECONDS] + list(options)
        command += [os.path.join(ROOT, folder) for folder in ("ffi-tests", "c-examples")]
        return subprocess.run(command, env=self.environment).returncode != 0


def described():
    """The functions of the SDK that tests/abi/msipc.json describes."""
    return json.loads(read(os.path.join(KIT, "msipc.json")))["functions"]


def objdump(path):
    return subprocess.run([OBJDUMP, "-p", path], check=True, stdout=subprocess.PIPE, text=True, errors="replace").stdout


def exports(library):
    """Ordinals by name, from the export directory of a DLL for x64."""
    with open(library, "rb") as file:
        image = file.read()
    head, = struct.unpack_from("<I", image, 0x3C)
    count, = struct.unpack_from("<H", image, head + 6)
    optional, = struct.unpack_from("<H", image, head + 20)
    sections = [struct.unpack_from("<IIII", image, head + 24 + optional + 40 * at + 8) for at in range(count)]

    def place(address):
        """Where in the file an address of the image lies."""
        return next(address - begin + offset for size, begin, stored, offset in sections if begin <= address < begin + max(size, stored))

    directory = place(struct.unpack_from("<I", image, head + 24 + 112)[0])
    base, _, named, _, names, ordinals = struct.unpack_from("<IIIIII", image, directory + 16)
    found = {}
    for at in range(named):
        begin = place(struct.unpack_from("<I", image, place(names) + 4 * at)[0])
        name = image[begin:image.index(b"\0", begin)].decode()
        found[name] = base + struct.unpack_from("<H", image, place(ordinals) + 2 * at)[0]
    return found


def ordinals_differ(library):
    """Compares the ordinals in the DLL with those of the SDK's; whether any differs."""
    expected = {item["name"]: item["ordinal_in_1_0_4114"] for item in described() if "ordinal_in_1_0_4114" in item}
    found = exports(library)
    wrong = [name for name, number in sorted(expected.items()) if found.get(name) != number]
    for name in wrong:
        print("FAIL %s has ordinal %s, expected %d" % (name, found.get(name), expected[name]))
    taken = [name for name, number in found.items() if name not in expected and number <= max(expected.values())]
    for name in taken:
        print("FAIL %s has ordinal %d, which is one of the SDK's" % (name, found[name]))
    print("== ordinals: %d as in the SDK, %d wrong" % (len(expected) - len(wrong), len(wrong) + len(taken)))
    return bool(wrong or taken or not expected)


def interface_differs(args, wine):
    """Compares headers and DLL with the description, for the data model of 64-bit Windows; whether anything differs."""
    print("== headers and DLL, llp64")
    sys.stdout.flush()
    command = [sys.executable, os.path.join(KIT, "check_abi.py"), "--include", INCLUDE, "--lib", os.path.join(args.library, "msipc.dll"),
               "--cc", CC, "--cxx", CXX, "--model", "llp64", "--runner", wine.command]
    return subprocess.run(command, env=dict(wine.environment, PYTHONDONTWRITEBYTECODE="1")).returncode != 0


def conventions_differ(out):
    """Compiles a use of every function for 32-bit x86; whether any is not called by stdcall with the bytes that it takes."""
    if not shutil.which(CC_32):
        print("FAIL %s is missing; run scripts/setup.sh windows" % CC_32)
        return True
    names = sorted(map_names())
    source, result = os.path.join(out, "stdcall.c"), os.path.join(out, "stdcall.o")
    with open(source, "w", encoding="utf-8") as text:
        text.write("#include <windows.h>\n#include <msipc.h>\n#include <msipc_ext.h>\nvoid use(void *);\nvoid every(void) {\n")
        text.writelines("use((void *)%s);\n" % name for name in names)
        text.write("}\n")
    run([CC_32, "-c", "-I", INCLUDE, "-o", result, source])
    listed = subprocess.run(["i686-w64-mingw32-nm", "-u", result], check=True, stdout=subprocess.PIPE, text=True).stdout
    found = dict(re.findall(r"__imp__(Ipc\w+)@(\d+)$", listed, re.MULTILINE))
    sizes = {"DWORD64": 8, "ULONGLONG": 8}
    bytes_of = {item["name"]: sum(sizes.get(part["type"], 4) for part in item["params"]) for item in described()}
    wrong = [name for name in names if name not in found or int(found[name]) != bytes_of.get(name, int(found[name]))]
    for name in wrong:
        print("FAIL %s is called as %s on 32-bit x86" % (name, "stdcall with %s bytes" % found[name] if name in found else "something else"))
    print("== stdcall on 32-bit x86: %d functions, %d wrong" % (len(names), len(wrong)))
    return bool(wrong or not names)


def import_the_library(folder):
    """Programs below the folder that the system would load the library for, before they run."""
    return [name for name in sorted(os.listdir(folder)) if name.endswith(".exe") and "DLL Name: msipc.dll" in objdump(os.path.join(folder, name))]


def delayed(args, wine):
    """Programs that load the DLL with their first call: found beside them, and by the registry alone. How many ways failed."""
    link = ["--link", "libmsipc_s.a", "--link", "libmsipc_delay.a", "--link=-ldelayimp"]
    out = os.path.join(args.out, "delayed")
    os.makedirs(out, exist_ok=True)
    # Neither linker nor search path lead there: the folder of the program does.
    shutil.copy(os.path.join(args.library, "msipc.dll"), out)
    shutil.copy(os.path.join(args.out, "bcryptprimitives.dll"), out)
    failed = wine.programs("delay-loaded", args, "--link-alone", "--out", out, "--only", SOME, *link)
    alone = os.path.join(args.out, "by-registry")
    wine.run("reg", "add", KEY, "/v", "InstallLocation", "/d", wine.path(args.library), "/f")
    failed += wine.programs("delay-loaded, found by the registry", args, "--link-alone", "--out", alone, "--only", BY_REGISTRY, *link)
    program = os.path.join(alone, "hello_c.exe")
    told = [wine.output(program)]
    wine.run("reg", "delete", KEY, "/f")
    # Without the value there is no library, which shows that it was the value that led to it.
    told.append(wine.output(program))
    if ["decrypted:" in text for text in told] != [True, False]:
        print("FAIL hello runs without the library")
        failed += 1
    for name in import_the_library(out) + import_the_library(alone):
        print("FAIL %s imports the library instead of loading it with its first call" % name)
        failed += 1
    return failed


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--library", default="")
    parser.add_argument("--library-clock", default="")
    parser.add_argument("--out", required=True)
    parser.add_argument("--only", default="")
    parser.add_argument("--rust", action="store_true", help="run the Rust tests instead")
    args = parser.parse_args()
    if not args.rust and not (args.library and args.library_clock):
        parser.error("--library and --library-clock are needed")
    args.library, args.library_clock, args.out = (os.path.abspath(path) for path in (args.library, args.library_clock, args.out))
    os.makedirs(args.out, exist_ok=True)
    fix_addresses()
    only = ["--only", args.only] if args.only else []
    run([CC, "-shared", "-O2", "-Wall", "-Wextra", "-Werror", "-o", os.path.join(args.out, "bcryptprimitives.dll"),
         os.path.join(SOURCES, "bcryptprimitives.c"), "-ladvapi32"])
    failed = 0
    with Wine(args.out) as wine:
        if args.rust:
            return 1 if wine.rust() else 0
        failed += wine.programs("linked with libmsipc.dll.a", args, "--library-clock", os.path.join(args.library_clock, "msipc.dll"),
                                "--out", os.path.join(args.out, "linked"), *only)
        if not args.only:
            failed += wine.programs("linked with msipc.lib", args, "--out", os.path.join(args.out, "lib"), "--only", SOME, "--link", "msipc.lib")
            failed += delayed(args, wine)
            failed += interface_differs(args, wine)
            failed += ordinals_differ(os.path.join(args.library, "msipc.dll"))
            failed += conventions_differ(args.out)
    print("check-windows: %s" % ("FAILED" if failed else "all as it should be"))
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
