#!/usr/bin/env python3
"""Builds the library for 64-bit Windows: msipc.dll, its import libraries, and msipc_s.

  windows.py --out DIR [--profile NAME] [--features LIST] [--export NAME] [--without-paths]

cargo compiles the static library, and mingw-w64 links it into the DLL with a list of exports: functions of the SDK's DLL
have the ordinals that they have there, which tests/abi/msipc.json tells. Ours follow from FIRST_OF_OURS; they are imported by
name, and their numbers may change. Written to DIR:

  msipc.dll          the library
  msipc.def          the list of exports
  libmsipc.dll.a     import library for mingw-w64
  msipc.lib          the same, in the short form that every linker for Windows reads
  libmsipc_delay.a   for programs made with mingw-w64 that load the DLL with their first call
  libmsipc_s.a       IpcInitialize for such programs: finds the DLL by the registry (also as msipc_s.lib)
"""
import argparse
import json
import os
import re
import shutil
import struct
import subprocess
import sys

from check_interface import ROOT, map_names, read

TARGET = "x86_64-pc-windows-gnu"
TOOLS = "x86_64-w64-mingw32-"
DLL = "msipc.dll"
# Far above the ordinals of the SDK's DLL, where nobody who imports by number meets them.
FIRST_OF_OURS = 1001
# What Rust's standard library, the cryptographic library and SQLite need; the link fails when it is not enough.
SYSTEM_LIBRARIES = ["-l:libpthread.a", "-lkernel32", "-lntdll", "-luserenv", "-lws2_32", "-ldbghelp", "-lbcrypt", "-ladvapi32", "-luser32"]
WITHOUT_TARGET = """windows: this Rust has no standard library for %s. Either
windows:   rustup target add %s
windows: or, where rustup cannot be used, Debian's rustc-web, cargo-web and rust-web-src, which hold the sources to build one:
windows:   RUSTC_BOOTSTRAP=1 MSIPC_CARGO_FLAGS=-Zbuild-std=std,panic_unwind make windows""" % (TARGET, TARGET)


def run(command, **options):
    """Runs a command; what it says is shown, and its failure ends this program."""
    done = subprocess.run(command, **options)
    if done.returncode != 0:
        sys.exit("windows: failed: %s" % " ".join(command))
    return done


def ordinals():
    """Numbers of the exports by name."""
    described = json.loads(read(os.path.join(ROOT, "tests", "abi", "msipc.json")))["functions"]
    known = {item["name"]: item["ordinal_in_1_0_4114"] for item in described if "ordinal_in_1_0_4114" in item}
    names = sorted(map_names())
    ours = [name for name in names if name not in known]
    numbers = {name: known[name] for name in names if name in known}
    numbers.update({name: FIRST_OF_OURS + at for at, name in enumerate(ours)})
    return numbers


def compile_library(args):
    """Has cargo make the static library; its path."""
    flags = os.environ.get("MSIPC_CARGO_FLAGS", "").split()
    sysroot = subprocess.run(["rustc", "--print", "sysroot"], check=True, stdout=subprocess.PIPE, text=True, cwd=ROOT).stdout.strip()
    if not flags and not os.path.isdir(os.path.join(sysroot, "lib", "rustlib", TARGET, "lib")):
        sys.exit(WITHOUT_TARGET)
    command = [os.environ.get("CARGO", "cargo"), "rustc", "--locked", "--lib", "--crate-type", "staticlib", "--target", TARGET,
               "--profile", args.profile] + flags
    command += ["--features", args.features] if args.features else []
    # The DLL is linked without what debuggers read, so nobody waits for it.
    run(command, cwd=ROOT, env=dict(os.environ, CARGO_PROFILE_DEV_DEBUG="0"))
    target = os.environ.get("CARGO_TARGET_DIR") or os.path.join(ROOT, "target")
    return os.path.join(target, TARGET, "debug" if args.profile == "dev" else args.profile, "libmsipc.a")


def short_import_library(path, numbers):
    """Writes an import library of the short form (PE format, "Import Library Format"), which any linker for x64 reads."""
    machine, stem = 0x8664, os.path.splitext(DLL)[0]
    members = [(DLL, one_object(machine, *part)) for part in descriptor_objects(stem)]
    symbols = ["__IMPORT_DESCRIPTOR_" + stem, "__NULL_IMPORT_DESCRIPTOR", "\x7f%s_NULL_THUNK_DATA" % stem]
    defined = [[symbol] for symbol in symbols]
    for name, number in sorted(numbers.items()):
        # Code, found by name; the number is the hint.
        text = name.encode() + b"\0" + DLL.encode() + b"\0"
        members.append((DLL, struct.pack("<HHHHIIHH", 0, 0xFFFF, 0, machine, 0, len(text), number, 1 << 2) + text))
        defined.append([name, "__imp_" + name])
    write_archive(path, members, defined)


def one_object(machine, sections, symbols):
    """An object file. Sections: (name, bytes, flags, [(offset, symbol index, type)]); symbols: (name, section, class)."""
    head = struct.pack("<HHIIIHH", machine, len(sections), 0, 0, len(symbols), 0, 0)
    place, table, content = len(head) + 40 * len(sections), b"", b""
    for name, data, flags, relocations in sections:
        at, after = place + len(content), place + len(content) + len(data)
        table += struct.pack("<8sIIIIIIHHI", name, 0, 0, len(data), at, after if relocations else 0, 0, len(relocations), 0, flags)
        content += data + b"".join(struct.pack("<IIH", *relocation) for relocation in relocations)
    strings, entries = b"", b""
    for name, section, storage in symbols:
        text = name.encode("latin-1")
        field = text.ljust(8, b"\0") if len(text) <= 8 else struct.pack("<II", 0, 4 + len(strings))
        strings += text + b"\0" if len(text) > 8 else b""
        entries += struct.pack("<8sIhHBB", field, 0, section, 0, storage, 0)
    head = struct.pack("<HHIIIHH", machine, len(sections), 0, place + len(content), len(symbols), 0, 0)
    return head + table + content + entries + struct.pack("<I", 4 + len(strings)) + strings


def descriptor_objects(stem):
    """The three objects before the functions: the descriptor of the DLL, the end of the descriptors, the end of its thunks."""
    data, write4, write8 = 0xC0000040, 0x00300000, 0x00400000
    external, static, section = 2, 3, 104
    address = 3  # IMAGE_REL_AMD64_ADDR32NB
    name = DLL.encode() + b"\0" * (2 - len(DLL) % 2)
    yield ([(b".idata$2", b"\0" * 20, data | write4, [(12, 2, address), (0, 3, address), (16, 4, address)]),
            (b".idata$6", name, data | 0x00200000, [])],
           [("__IMPORT_DESCRIPTOR_" + stem, 1, external), (".idata$2", 1, section), (".idata$6", 2, static),
            (".idata$4", 0, section), (".idata$5", 0, section),
            ("__NULL_IMPORT_DESCRIPTOR", 0, external), ("\x7f%s_NULL_THUNK_DATA" % stem, 0, external)])
    yield ([(b".idata$3", b"\0" * 20, data | write4, [])], [("__NULL_IMPORT_DESCRIPTOR", 1, external)])
    yield ([(b".idata$5", b"\0" * 8, data | write8, []), (b".idata$4", b"\0" * 8, data | write8, [])],
           [("\x7f%s_NULL_THUNK_DATA" % stem, 1, external)])


def write_archive(path, members, defined):
    """An archive with both tables of symbols that linkers expect: `defined` holds each member's symbols."""
    def member(name, data):
        head = "%-16s%-12s%-6s%-6s%-8s%-10d`\n" % (name, "0", "0", "0", "644", len(data))
        return head.encode("latin-1") + data + b"\n" * (len(data) % 2)

    pairs = [(symbol, at) for at, symbols in enumerate(defined) for symbol in symbols]
    texts = b"".join(symbol.encode("latin-1") + b"\0" for symbol, _ in pairs)
    ordered = sorted(pairs, key=lambda pair: pair[0].encode("latin-1"))
    ordered_texts = b"".join(symbol.encode("latin-1") + b"\0" for symbol, _ in ordered)
    first_size, second_size = 4 + 4 * len(pairs) + len(texts), 8 + 4 * len(members) + 2 * len(pairs) + len(ordered_texts)
    place = 8 + 60 + first_size + first_size % 2 + 60 + second_size + second_size % 2
    bodies, offsets = b"", []
    for name, data in members:
        offsets.append(place + len(bodies))
        bodies += member(name + "/", data)
    first = struct.pack(">I", len(pairs)) + b"".join(struct.pack(">I", offsets[at]) for _, at in pairs) + texts
    second = struct.pack("<I", len(members)) + b"".join(struct.pack("<I", at) for at in offsets)
    second += struct.pack("<I", len(pairs)) + b"".join(struct.pack("<H", at + 1) for _, at in ordered) + ordered_texts
    with open(path, "wb") as out:
        out.write(b"!<arch>\n" + member("/", first) + member("/", second) + bodies)


# What package/package.mk has the compiler write in place of folders.
STAND_INS = {"/msipc", "/cargo"}


def refuse_paths(library):
    """What is built for others names no folder of this machine."""
    with open(library, "rb") as file:
        image = file.read()
    cargo = os.environ.get("CARGO_HOME") or os.path.join(os.path.expanduser("~"), ".cargo")
    for folder in {ROOT, cargo} - STAND_INS:
        if re.search(rb"(?<![\w./-])" + re.escape(os.fsencode(folder)) + b"/", image):
            sys.exit("windows: %s names the folder %s" % (library, folder))


def link(archive, args):
    """Links the DLL and makes what programs are linked with."""
    def out(name):
        return os.path.join(args.out, name)

    os.makedirs(args.out, exist_ok=True)
    numbers = ordinals()
    numbers.update({name: FIRST_OF_OURS + 900 + at for at, name in enumerate(args.export)})
    with open(out("msipc.def"), "w", encoding="utf-8") as definitions:
        definitions.write("LIBRARY %s\nEXPORTS\n" % DLL)
        definitions.writelines("    %s @%d\n" % (name, number) for name, number in sorted(numbers.items()))
    # A list of exports takes nothing out of an archive by itself.
    with open(out("msipc.undefined"), "w", encoding="utf-8") as wanted:
        wanted.writelines("-Wl,--undefined=%s\n" % name for name in sorted(numbers))
    run([TOOLS + "gcc", "-shared", "-static-libgcc", "-o", out(DLL), out("msipc.def"), "@" + out("msipc.undefined"), archive]
        + SYSTEM_LIBRARIES + ["-Wl,--gc-sections", "-Wl,--strip-all", "-Wl,--no-insert-timestamp"])
    os.remove(out("msipc.undefined"))
    if args.without_paths:
        refuse_paths(out(DLL))
    dlltool = [TOOLS + "dlltool", "--input-def", out("msipc.def"), "--dllname", DLL]
    run(dlltool + ["--output-lib", out("libmsipc.dll.a")])
    run(dlltool + ["--output-delaylib", out("libmsipc_delay.a")])
    short_import_library(out("msipc.lib"), numbers)
    stub = out("msipc_s.o")
    run([TOOLS + "gcc", "-std=gnu11", "-Wall", "-Wextra", "-Werror", "-O2", "-c", "-o", stub, os.path.join(ROOT, "windows", "msipc_s.c")])
    if os.path.exists(out("libmsipc_s.a")):
        os.remove(out("libmsipc_s.a"))
    run([TOOLS + "ar", "crsD", out("libmsipc_s.a"), stub])
    shutil.copyfile(out("libmsipc_s.a"), out("msipc_s.lib"))
    os.remove(stub)
    print("built %s: %d functions" % (out(DLL), len(numbers)))


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--out", required=True)
    parser.add_argument("--profile", default="dev")
    parser.add_argument("--features", default="")
    parser.add_argument("--export", action="append", default=[], help="one more function, of a library for tests")
    parser.add_argument("--without-paths", action="store_true", help="fail when the library names folders of this machine")
    args = parser.parse_args()
    args.out = os.path.abspath(args.out)
    missing = [tool for tool in (TOOLS + "gcc", TOOLS + "dlltool", "nasm") if not shutil.which(tool)]
    if missing:
        sys.exit("windows: %s missing; run scripts/setup.sh windows" % ", ".join(missing))
    link(compile_library(args), args)


if __name__ == "__main__":
    main()
