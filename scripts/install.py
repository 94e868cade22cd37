#!/usr/bin/env python3
"""Installs what `make dist` has built, or removes it again.

  install.py --dist FOLDER [--prefix DIR] [--libdir DIR] [--destdir DIR] [--flavours "native utf16"] [--uninstall | --list]

One table, `entries`, says which files there are; installing, removing and the Debian packages all read it. Nothing is built
or downloaded here, so this also runs as root without any compiler.
"""
import argparse
import glob
import os
import shutil
import subprocess
import sys

ROOT = os.path.normpath(os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
sys.path.insert(0, os.path.join(ROOT, "scripts"))
import link_library  # noqa: E402
import man_pages  # noqa: E402

# The name of each flavour's library, and what its programs are compiled with.
FLAVOURS = {"native": ("msipc", ""), "utf16": ("msipc16", "MSIPC_UTF16")}
INCLUDE = "include/msipc"
# A prefix whose folders belong to the system and stay when they are empty.
SYSTEM = ("/", "/usr", "/usr/local")


class Entry:
    """One file or link. `path` is relative to the prefix; exactly one of source, text and link says what it is."""

    def __init__(self, part, path, source=None, text=None, link=None, mode=0o644):
        self.part, self.path, self.source, self.text, self.link, self.mode = part, path, source, text, link, mode


def fill(template, values):
    with open(os.path.join(ROOT, "package", template), encoding="utf-8") as text:
        filled = text.read()
    for name, value in values.items():
        filled = filled.replace("@%s@" % name, value)
    return filled


def library_entries(dist, flavour, prefix, libdir):
    name, define = FLAVOURS[flavour]
    built = os.path.join(dist, flavour)
    file, soname, short = link_library.shared_names(name)
    package = link_library.package()
    yield Entry(name, libdir + "/" + file, source=os.path.join(built, file))
    yield Entry(name, libdir + "/" + soname, link=file)
    yield Entry("dev", libdir + "/" + short, link=soname)
    yield Entry("dev", "%s/lib%s.a" % (libdir, name), source=os.path.join(built, "lib%s.a" % name))
    values = {"NAME": name, "VERSION": package["version"], "DESCRIPTION": package["description"], "FILE": file, "SONAME": soname}
    yield Entry("dev", "%s/pkgconfig/%s.pc" % (libdir, name), text=fill("msipc.pc.in", dict(
        values, PREFIX=prefix, LIBDIR="${prefix}/" + libdir, INCLUDEDIR="${prefix}/" + INCLUDE,
        PRIVATE=" ".join("-l" + item for item in link_library.SYSTEM_LIBRARIES), DEFINE=define and " -D" + define)))
    cmake = "%s/cmake/%s" % (libdir, name)
    yield Entry("dev", "%s/%s-config.cmake" % (cmake, name), text=fill("config.cmake.in", dict(
        values, LIBDIR=libdir, INCLUDEDIR=INCLUDE, UP="/".join([".."] * len(cmake.split("/"))),
        PRIVATE=";".join(link_library.SYSTEM_LIBRARIES), DEFINE=define)))
    yield Entry("dev", "%s/%s-config-version.cmake" % (cmake, name), text=fill("config-version.cmake.in", dict(
        values, POINTER=str(pointer_size(os.path.join(built, file))))))
    if flavour == "native":  # programs are linked with this one
        yield Entry("tools", "bin/ipcprotect", source=os.path.join(dist, "bin", "ipcprotect"), mode=0o755)
        yield Entry("tools", "share/man/man1/ipcprotect.1", source=os.path.join(dist, "man", "man1", "ipcprotect.1"))


def pointer_size(library):
    """4 or 8, as the library's own header says."""
    if not os.path.exists(library):
        return 8
    with open(library, "rb") as elf:
        return 8 if elf.read(5)[4] == 2 else 4


def page(path, name):
    """A page of the documentation, which names the examples by the folder that they are installed in."""
    with open(path, encoding="utf-8") as text:
        return Entry("dev", "share/doc/msipc/" + name, text=text.read().replace("`c-examples/", "`examples/"))


def common_entries(dist):
    for header in sorted(glob.glob(os.path.join(ROOT, "include", "*.h")) + glob.glob(os.path.join(ROOT, "include", "*.hpp"))):
        yield Entry("dev", "%s/%s" % (INCLUDE, os.path.basename(header)), source=header)
    for name in man_pages.names():
        if not name.startswith("man1/"):
            yield Entry("dev", "share/man/" + name, source=os.path.join(dist, "man", name))
    examples = glob.glob(os.path.join(ROOT, "c-examples", "*.c")) + glob.glob(os.path.join(ROOT, "c-examples", "*.h"))
    for path in sorted(examples):
        yield Entry("dev", "share/doc/msipc/examples/" + os.path.basename(path), source=path)
    yield Entry("dev", "share/doc/msipc/examples/Makefile", source=os.path.join(ROOT, "package", "examples.mk"))
    for path in sorted(glob.glob(os.path.join(ROOT, "docs", "*.md"))):
        yield page(path, "docs/" + os.path.basename(path))
    for path in sorted(glob.glob(os.path.join(ROOT, "docs", "reference", "*.[ch]"))):
        yield Entry("dev", "share/doc/msipc/docs/reference/" + os.path.basename(path), source=path)
    for name in ("README.md", "DESIGN.md", "CHANGELOG.md", "CONTRIBUTING.md"):
        yield page(os.path.join(ROOT, name), name)
    for name in ("LICENSE-MIT", "LICENSE-APACHE"):
        yield Entry("dev", "share/doc/msipc/" + name, source=os.path.join(ROOT, name))


def entries(dist, flavours, prefix="/usr/local", libdir="lib"):
    found = [entry for flavour in flavours for entry in library_entries(dist, flavour, prefix, libdir)]
    return found + list(common_entries(dist))


def put(entry, target):
    """Writes beside the target and renames, so that programs which run from the old file go on."""
    os.makedirs(os.path.dirname(target), mode=0o755, exist_ok=True)
    made = "%s.new.%d" % (target, os.getpid())
    try:
        if entry.link is not None:
            os.symlink(entry.link, made)
        else:
            if entry.text is not None:
                with open(made, "w", encoding="utf-8") as out:
                    out.write(entry.text)
            else:
                shutil.copyfile(entry.source, made)
            os.chmod(made, entry.mode)
        os.replace(made, target)
    finally:
        if os.path.lexists(made):
            os.remove(made)


def ldconfig(destdir):
    if not destdir and os.geteuid() == 0 and shutil.which("ldconfig"):
        subprocess.run(["ldconfig"], check=False)


def install(listed, root, destdir):
    absent = [entry.source for entry in listed if entry.source and not os.path.exists(entry.source)]
    if absent:
        sys.exit("install: not built: %s (make dist)" % ", ".join(absent[:3]))
    old_umask = os.umask(0o022)
    try:
        for entry in listed:
            put(entry, os.path.join(root, entry.path))
    finally:
        os.umask(old_umask)
    ldconfig(destdir)
    print("installed %d files below %s" % (len(listed), root))


def uninstall(listed, root, destdir, prefix, libdir, flavours):
    targets = {os.path.join(root, entry.path) for entry in listed}
    for flavour in flavours:  # also of an earlier version with the same soname
        targets.update(glob.glob(os.path.join(glob.escape(os.path.join(root, libdir)), "lib%s.so*" % FLAVOURS[flavour][0])))
    removed = 0
    for target in targets:
        if os.path.lexists(target):
            os.remove(target)
            removed += 1
    # Folders that are empty now: all below a prefix of its own, and those of this library alone below the system's.
    top = os.path.abspath(destdir) if destdir else os.path.abspath(prefix)
    for folder in sorted({os.path.dirname(target) for target in targets}, key=len, reverse=True):
        while len(folder) > len(top) and os.path.isdir(folder) and not os.listdir(folder):
            ours = any(word.startswith("msipc") for word in os.path.relpath(folder, root).split(os.sep))
            if not destdir and os.path.normpath(prefix) in SYSTEM and not ours:
                break
            os.rmdir(folder)
            folder = os.path.dirname(folder)
    ldconfig(destdir)
    print("removed %d files below %s" % (removed, root))


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--dist", required=True)
    parser.add_argument("--prefix", default="/usr/local")
    parser.add_argument("--libdir", default="lib", help="below the prefix")
    parser.add_argument("--destdir", default="", help="installs there as if it were the root of the file system")
    parser.add_argument("--flavours", default="native")
    parser.add_argument("--uninstall", action="store_true")
    parser.add_argument("--list", action="store_true", help="print the files and do nothing")
    args = parser.parse_args()
    flavours = args.flavours.split()
    if not os.path.isabs(args.prefix) or os.path.isabs(args.libdir):
        sys.exit("install: PREFIX begins with / and LIBDIR is below it")
    if not flavours or any(flavour not in FLAVOURS for flavour in flavours):
        sys.exit("install: FLAVOURS is one or more of: %s" % " ".join(FLAVOURS))
    listed = entries(args.dist, flavours, os.path.normpath(args.prefix), os.path.normpath(args.libdir))
    root = os.path.normpath(args.destdir + os.sep + args.prefix) if args.destdir else os.path.normpath(args.prefix)
    if args.list:
        print("\n".join(os.path.join(root, entry.path) for entry in listed))
    elif args.uninstall:
        uninstall(listed, root, args.destdir, args.prefix, args.libdir, flavours)
    else:
        install(listed, root, args.destdir)


if __name__ == "__main__":
    main()
