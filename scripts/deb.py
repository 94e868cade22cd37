#!/usr/bin/env python3
"""Makes the Debian packages libmsipc1, libmsipc16-1, libmsipc-dev and msipc-tools from what `make dist` has built.

  deb.py --dist FOLDER --out FOLDER       make them
  deb.py --check FOLDER                   lintian, then unpack them into an empty root and build and run a consumer from it

The files are those of scripts/install.py with PREFIX=/usr. The same files and SOURCE_DATE_EPOCH (else the time of the last commit)
give the same packages. DEBFULLNAME and DEBEMAIL name the maintainer. Needs dpkg-deb and dpkg-shlibdeps; lintian for the check.
"""
import argparse
import email.utils
import glob
import gzip
import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile

ROOT = os.path.normpath(os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
sys.path.insert(0, os.path.join(ROOT, "scripts"))
import check_install  # noqa: E402
import install  # noqa: E402
import link_library  # noqa: E402
import sbom  # noqa: E402

# Of packages made outside Debian: those that Debian makes itself are newer.
REVISION = "1~upstream1"
# The part of scripts/install.py that each package holds, its section, and what it needs beside shared libraries.
PACKAGES = {
    "libmsipc1": ("msipc", "libs", ""),
    "libmsipc16-1": ("msipc16", "libs", ""),
    "libmsipc-dev": ("dev", "libdevel", "libmsipc1 (= %(version)s), libmsipc16-1 (= %(version)s), libc6-dev | libc-dev"),
    "msipc-tools": ("tools", "utils", ""),
}

def must(command, **options):
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, **options)
    if done.returncode != 0:
        sys.exit("deb: %s\n%s%s" % (" ".join(command), done.stdout, done.stderr))
    return done.stdout


def epoch():
    if os.environ.get("SOURCE_DATE_EPOCH"):
        return int(os.environ["SOURCE_DATE_EPOCH"])
    if os.path.exists(os.path.join(ROOT, ".git")):
        return int(must(["git", "-C", ROOT, "log", "-1", "--format=%ct"]))
    return int(os.path.getmtime(os.path.join(ROOT, "CHANGELOG.md")))


def version():
    return "%s-%s" % (link_library.package()["version"], REVISION)


def maintainer():
    return "%s <%s>" % (os.environ.get("DEBFULLNAME") or "msipc maintainers", os.environ.get("DEBEMAIL") or "maintainers@msipc.example")


def multiarch():
    return must(["dpkg-architecture", "-qDEB_HOST_MULTIARCH"]).strip()


def write(path, text, mode=0o644):
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "wb") as out:
        out.write(text if isinstance(text, bytes) else text.encode())
    os.chmod(path, mode)


def read(*path):
    with open(os.path.join(ROOT, *path), encoding="utf-8") as text:
        return text.read()


def compress(text):
    return gzip.compress(text.encode() if isinstance(text, str) else text, 9, mtime=0)


def place(entry, package):
    """Where Debian wants a file, or None for what it has elsewhere."""
    path = "usr/" + entry.path
    if "/share/doc/msipc/" in path:
        name = path.split("/share/doc/msipc/")[1]
        if name.startswith("LICENSE") or name == "CHANGELOG.md":
            return None
        return "usr/share/doc/%s/%s" % (package, name)
    return path + ".gz" if "/share/man/" in path else path


def copyright_text():
    mit = read("LICENSE-MIT")
    years = re.search(r"Copyright \(c\) (\d{4}(?:-\d{4})?)", mit).group(1)
    body = "\n".join(" " + (line if line.strip() else ".") for line in mit.split("Permission is", 1)[1].rstrip().split("\n"))
    held = "\n".join("  %s %s (%s)" % (item["name"], item["version"], item["license"]) for item in sbom.library_packages())
    text = read("package", "debian", "copyright.in")
    return text.replace("@YEARS@", years).replace("@MIT@", " Permission is" + body[1:]).replace("@PACKAGES@", held)


def changelog(when):
    return "msipc (%s) unstable; urgency=medium\n\n  * Packages of version %s; see changelog.gz for what is new.\n\n -- %s  %s\n" % (
        version(), link_library.package()["version"], maintainer(), email.utils.formatdate(when))


def is_library(package):
    return PACKAGES[package][1] == "libs"


def shlibs(package):
    """What programs that are linked with the library depend on."""
    name, major = link_library.shared_names(PACKAGES[package][0])[1].split(".so.")
    return "%s %s %s (>= %s)\n" % (name, major, package, link_library.package()["version"])


def symbols(package, library):
    """The file that tells since which version a symbol is there."""
    found, since = link_library.versions(library), link_library.package()["version"]
    found.update((node, node) for node in set(found.values()))
    lines = [" %s@%s %s" % (name, found[name], since) for name in sorted(found)]
    head = ["%s %s #MINVER#" % (link_library.shared_names(library)[1], package), "* Build-Depends-Package: libmsipc-dev"]
    return "\n".join(head + lines) + "\n"


def shared_dependencies(tree, library_folders):
    """What dpkg says about the shared libraries that the programs and libraries of a package need."""
    binaries = [path for path in check_install.files_below(tree) if not os.path.islink(path) and is_elf(path)]
    if not binaries:
        return ""
    with tempfile.TemporaryDirectory() as work:
        write(os.path.join(work, "debian", "control"), "Source: msipc\n\nPackage: any\nArchitecture: any\n")
        local = os.path.join(work, "debian", "shlibs.local")
        write(local, "".join(shlibs(package) for package in PACKAGES if is_library(package)))
        said = must(["dpkg-shlibdeps", "-O", "-L" + local] + ["-l" + folder for folder in library_folders] + binaries, cwd=work)
    return re.search(r"^shlibs:Depends=(.*)$", said, re.M).group(1)


def is_elf(path):
    with open(path, "rb") as file:
        return file.read(4) == b"\x7fELF"


def strip(path):
    if path.endswith(".a"):
        must(["strip", "--strip-debug", "--enable-deterministic-archives", "--remove-section=.comment", path])
    elif is_elf(path):
        must(["strip", "--strip-unneeded", "--remove-section=.comment", "--remove-section=.note", path])


def fill(tree, package, listed, when):
    part = PACKAGES[package][0]
    for entry in listed:
        target = place(entry, package)
        if entry.part != part or target is None:
            continue
        path = os.path.join(tree, target)
        if entry.link is not None:
            os.makedirs(os.path.dirname(path), exist_ok=True)
            os.symlink(entry.link, path)
            continue
        content = entry.text.encode() if entry.text is not None else None
        if content is None:
            with open(entry.source, "rb") as source:
                content = source.read()
        write(path, compress(content) if target.endswith(".gz") else content, entry.mode)
        strip(path)
    documents = os.path.join(tree, "usr/share/doc", package)
    write(os.path.join(documents, "copyright"), copyright_text())
    write(os.path.join(documents, "changelog.Debian.gz"), compress(changelog(when)))
    write(os.path.join(documents, "changelog.gz"), compress(read("CHANGELOG.md")))


def control(tree, package, folders):
    part, section, needs = PACKAGES[package]
    common = json.loads(read("package", "debian", "descriptions.json"))
    short, own = common[package]
    depends = ", ".join(item for item in (shared_dependencies(tree, folders), needs % {"version": version()}) if item)
    size = sum(os.lstat(path).st_size for path in check_install.files_below(tree)) // 1024 + 1
    lines = ["Package: " + package, "Source: msipc", "Version: " + version(), "Architecture: " + must(["dpkg", "--print-architecture"]).strip(),
             "Maintainer: " + maintainer(), "Installed-Size: %d" % size, "Depends: " + depends, "Section: " + section, "Priority: optional"]
    lines += ["Multi-Arch: same"] if is_library(package) else []
    lines += ["Description: " + short] + [" " + line for line in common["common"]] + [" ."] + wrapped(own)
    folder = os.path.join(tree, "DEBIAN")
    write(os.path.join(folder, "control"), "\n".join(lines) + "\n")
    sums = ["%s  %s" % (digest(path), os.path.relpath(path, tree)) for path in check_install.files_below(tree)
            if not os.path.islink(path) and not path.startswith(folder + os.sep)]
    write(os.path.join(folder, "md5sums"), "\n".join(sums) + "\n")
    if is_library(package):
        write(os.path.join(folder, "triggers"), "activate-noawait ldconfig\n")
        write(os.path.join(folder, "shlibs"), shlibs(package))
        write(os.path.join(folder, "symbols"), symbols(package, part))


def wrapped(text):
    lines = [""]
    for word in text.split():
        if len(lines[-1]) + len(word) > 74:
            lines.append("")
        lines[-1] += " " + word
    return lines


def digest(path):
    with open(path, "rb") as content:
        return hashlib.md5(content.read()).hexdigest()


def settle(tree, when):
    """One time and one owner for everything, and folders that all may enter."""
    for folder, _, names in os.walk(tree, topdown=False):
        for name in names:
            os.utime(os.path.join(folder, name), (when, when), follow_symlinks=False)
        os.chmod(folder, 0o755)
        os.utime(folder, (when, when))


def build(dist, out):
    when, libdir = epoch(), "lib/" + multiarch()
    listed = install.entries(dist, list(install.FLAVOURS), "/usr", libdir)
    absent = [entry.source for entry in listed if entry.source and not os.path.exists(entry.source)]
    if absent:
        sys.exit("deb: not built: %s" % absent[0])
    os.makedirs(out, exist_ok=True)
    for old in glob.glob(os.path.join(out, "*.deb")):
        os.remove(old)
    folders = [os.path.abspath(os.path.join(dist, flavour)) for flavour in install.FLAVOURS]
    for package in PACKAGES:
        with tempfile.TemporaryDirectory() as work:
            tree = os.path.join(work, package)
            fill(tree, package, listed, when)
            control(tree, package, folders)
            settle(tree, when)
            must(["dpkg-deb", "--root-owner-group", "-Zxz", "--build", tree, out], env=dict(os.environ, SOURCE_DATE_EPOCH=str(when)))
    for made in sorted(glob.glob(os.path.join(out, "*.deb"))):
        print("made %s, %d KiB" % (made, os.path.getsize(made) // 1024))


def check(folder):
    checks, packages = check_install.Checks(), sorted(glob.glob(os.path.join(folder, "*.deb")))
    checks.check({os.path.basename(path).split("_")[0] for path in packages} == set(PACKAGES), "all packages are there", packages)
    if not shutil.which("lintian"):
        sys.exit("deb: lintian is missing: run scripts/setup.sh deb")
    as_root = ["--allow-root"] if os.geteuid() == 0 else []
    status, said = check_install.run(["lintian", "--fail-on", "error,warning", "--tag-display-limit", "0"] + as_root + packages, folder, dict(os.environ))
    checks.check(status == 0 and not re.search(r"^[EW]:", said, re.M), "lintian has neither errors nor warnings", said)
    work = os.path.realpath(tempfile.mkdtemp(prefix="msipc-deb-"))
    try:
        root = os.path.join(work, "root")
        for package in packages:
            must(["dpkg-deb", "--extract", package, root])
        foreign = [path for path in check_install.files_below(root) if not path.startswith(os.path.join(root, "usr") + os.sep)]
        checks.check(not foreign, "everything is below /usr", foreign)
        libdir = "lib/" + multiarch()
        place = check_install.Place(os.path.join(root, "usr"), work, libdir, root)
        check_install.consumer_pkg_config(checks, place)
        check_install.consumer_cmake(checks, place)
        status, said = check_install.run([os.path.join(root, "usr/bin/ipcprotect"), "--help"], work, place.environment())
        checks.check(status == 0 and said.startswith("usage: ipcprotect"), "ipcprotect runs", said)
        checks.check(os.path.exists(os.path.join(root, "usr/share/man/man3/IpcGetKey.3.gz")), "manual pages are packed")
    finally:
        shutil.rmtree(work, ignore_errors=True)
    print("%d passed, %d failed" % (checks.passed, checks.failed))
    return 1 if checks.failed else 0


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--dist")
    parser.add_argument("--out")
    parser.add_argument("--check")
    args = parser.parse_args()
    if args.dist and args.out:
        build(args.dist, args.out)
    return check(os.path.abspath(args.check)) if args.check else 0


if __name__ == "__main__":
    sys.exit(main())
