#!/usr/bin/env python3
"""Makes the libraries that are installed from the static library that cargo builds.

  link_library.py --archive target/release/libmsipc.a --name msipc --out FOLDER

Writes three kinds of file into the folder, for a name `msipc` and an ABI version of 1.2.3:
- libmsipc.a: one object that holds what the exported functions need and shows nothing else, so that an application may
  have a SQLite, a cryptographic library or Rust code of its own;
- libmsipc.so.1.2.3: linked from that object by the C compiler, because a version script that is given to rustc's own link
  leaves symbols without version; its soname is libmsipc.so.1;
- libmsipc.so.1 and libmsipc.so, links to it.

The ABI version stands in Cargo.toml (package.metadata.msipc). ELF only. Honours CC, AR, OBJCOPY, NM and READELF.
"""
import argparse
import functools
import os
import re
import shlex
import subprocess
import sys
import tempfile

ROOT = os.path.normpath(os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
MAP = os.path.join(ROOT, "include", "msipc.map")
# The version of the symbol that tells the width of text.
WIDTH_VERSION = "MSIPC_EXT_1"
# What the static library needs beside the C library. Older glibc has these apart; in newer ones they are empty. The unwinder
# that rustc names too comes with every C compiler, shared or static as the link is.
SYSTEM_LIBRARIES = ["m", "pthread", "dl", "rt", "util"]


def package():
    """What Cargo.toml says. Read here, because root, who installs, often has no cargo, and Python knows TOML only since 3.11."""
    with open(os.path.join(ROOT, "Cargo.toml"), encoding="utf-8") as manifest:
        text = manifest.read()

    def field(section, name):
        body = re.search(r"^\[%s\]\n(.*?)(?=^\[|\Z)" % re.escape(section), text, re.M | re.S)
        value = body and re.search(r'^%s = "([^"]*)"$' % re.escape(name), body.group(1), re.M)
        if not value:
            sys.exit("Cargo.toml has no %s in [%s]" % (name, section))
        return value.group(1)

    return {"version": field("package", "version"), "description": field("package", "description"),
            "license": field("package", "license"), "rust-version": field("package", "rust-version"),
            "abi-version": field("package.metadata.msipc", "abi-version"),
            "manual-date": field("package.metadata.msipc", "manual-date")}


def read_map():
    with open(MAP, encoding="utf-8") as text:
        return re.sub(r"/\*.*?\*/", " ", text.read(), flags=re.S)


def exported_names():
    """The functions of the headers."""
    return re.findall(r"\b(Ipc\w+)\s*;", read_map())


def width_names(name):
    """What IpcInitialize and IpcFreeMemory are called in programs that are compiled for the width of text of this library."""
    return ["Ipcx%s%s" % (word, "16" if name.endswith("16") else "32") for word in ("FreeMemory", "Initialize")]


def versions(name):
    """{symbol: version} of a library."""
    found = dict.fromkeys(width_names(name), WIDTH_VERSION)
    for node, body in re.findall(r"^(\w[\w.]*) \{(.*?)^\}", read_map(), re.M | re.S):
        found.update((symbol, node) for symbol in re.findall(r"\b(Ipc\w+)\s*;", body))
    return found


def shared_names(name):
    """The file, the soname and the name that the linker looks for."""
    version = package()["abi-version"]
    link = "lib%s.so" % name
    return "%s.%s" % (link, version), "%s.%s" % (link, version.split(".")[0]), link


def run(command):
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, errors="replace")
    if done.returncode != 0:
        shown = shlex.join(command if len(command) < 30 else command[:8] + ["..."] + command[-4:])
        sys.exit("link_library: %s\n%s" % (shown, done.stdout))


def output_of(command):
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, errors="replace", env=dict(os.environ, LC_ALL="C"))
    if done.returncode != 0:
        sys.exit("link_library: %s\n%s" % (shlex.join(command), done.stdout))
    return done.stdout


def unused_names(made):
    """Undefined symbols of an object that no relocation names. A linker that makes a shared library asks for them all the same."""
    asked = {line.split()[-1] for line in output_of(tool("NM", "nm") + ["-u", made]).splitlines() if line.strip()}
    # offset, info, type, value of the symbol, its name
    named = {words[4] for words in map(str.split, output_of(tool("READELF", "readelf") + ["-rW", made]).splitlines())
             if len(words) > 4 and words[2].startswith("R_")}
    return sorted(asked - named)


def tool(variable, default):
    return shlex.split(os.environ.get(variable) or default)


def link(archive, name, out):
    os.makedirs(out, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="link-", dir=out) as work:
        place = functools.partial(os.path.join, work)
        names, static, (file, soname, short) = sorted(versions(name)), "lib%s.a" % name, shared_names(name)
        with open(place("names.txt"), "w", encoding="utf-8") as listed:
            listed.write("".join(item + "\n" for item in names))
        with open(place("versions.map"), "w", encoding="utf-8") as mapped:
            mapped.write(re.sub(r"(%s \{\s*global:)" % WIDTH_VERSION, r"\1 %s;" % "; ".join(width_names(name)), read_map()))
        # Groups are dissolved: their names are local afterwards, and a linker would still drop one for another's of that name.
        run(tool("CC", "cc") + ["-r", "-nostdlib", "-o", place("merged.o"), "-Wl,--gc-sections", "-Wl,--force-group-allocation"]
            + ["-Wl,--require-defined=" + item for item in names] + [archive])
        # Bitcode is of no use to a C linker, and some of their plugins stop at it.
        run(tool("OBJCOPY", "objcopy") + ["--strip-debug", "--remove-section=.llvmbc", "--remove-section=.llvmcmd",
                                           "--keep-global-symbols=" + place("names.txt"), place("merged.o"), place(name + ".o")])
        # What merging left of functions that were dropped.
        with open(place("unused.txt"), "w", encoding="utf-8") as listed:
            listed.write("".join(item + "\n" for item in unused_names(place(name + ".o"))))
        run(tool("OBJCOPY", "objcopy") + ["--strip-symbols=" + place("unused.txt"), place(name + ".o")])
        left = unused_names(place(name + ".o"))
        if left:
            sys.exit("link_library: %s still asks for what nothing in it needs: %s" % (static, " ".join(left)))
        run(tool("AR", "ar") + ["rcsD", place(static), place(name + ".o")])
        run(tool("CC", "cc") + ["-shared", "-o", place(file), place(name + ".o"), "-Wl,-soname," + soname,
                                 "-Wl,--version-script=" + place("versions.map"), "-Wl,--gc-sections", "-Wl,-z,defs", "-Wl,-z,relro",
                                 "-Wl,-z,now", "-Wl,-z,noexecstack", "-Wl,--as-needed", "-Wl,--build-id=sha1", "-Wl,--strip-debug"]
            + ["-l" + item for item in SYSTEM_LIBRARIES])
        os.symlink(file, place(soname))
        os.symlink(soname, place(short))
        for made in (static, file, soname, short):
            os.replace(place(made), os.path.join(out, made))


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--archive", required=True)
    parser.add_argument("--name", required=True)
    parser.add_argument("--out", required=True)
    args = parser.parse_args()
    link(args.archive, args.name, args.out)
    print("made lib%s.a and %s in %s" % (args.name, shared_names(args.name)[0], args.out))


if __name__ == "__main__":
    main()
