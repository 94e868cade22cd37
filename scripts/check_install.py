#!/usr/bin/env python3
"""Installs into empty folders, builds consumer projects from the installed files alone, runs them and removes everything again.

  check_install.py --profile dev|release --dist FOLDER

Consumers are copied out of tests/consumers first and see no other package files than the installed ones. Each prints what its
expected.txt says. Needs make, pkg-config and cmake.
"""
import argparse
import glob
import os
import re
import shutil
import subprocess
import sys
import tempfile

ROOT = os.path.normpath(os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
sys.path.insert(0, os.path.join(ROOT, "scripts"))
import install  # noqa: E402
import link_library  # noqa: E402
import man_pages  # noqa: E402

CONSUMERS = os.path.join(ROOT, "tests", "consumers")


class Checks:
    def __init__(self):
        self.passed = self.failed = 0

    def check(self, holds, what, detail=""):
        self.passed, self.failed = self.passed + bool(holds), self.failed + (not holds)
        print("%s %s" % ("ok  " if holds else "FAIL", what))
        if not holds and detail:
            print("".join("     | %s\n" % line for line in str(detail).splitlines()), end="")
        sys.stdout.flush()
        return holds


class Place:
    """An installation below `prefix`, and a folder to work in. `root` is where its file system begins, if not at /."""

    def __init__(self, prefix, work, libdir="lib", root=""):
        self.prefix, self.work, self.libraries, self.root = prefix, work, os.path.join(prefix, libdir), root

    def environment(self, runs=True):
        """What a consumer sees: the compilers, and this installation instead of the system's packages."""
        clean = {name: value for name, value in os.environ.items()
                 if name in ("PATH", "CC", "CXX", "LANG", "LC_ALL", "TMPDIR", "PYENV_ROOT")}
        clean.update(HOME=self.work, PKG_CONFIG_LIBDIR=os.path.join(self.libraries, "pkgconfig"), CMAKE_PREFIX_PATH=self.prefix)
        if self.root:
            clean["PKG_CONFIG_SYSROOT_DIR"] = self.root
        if runs:
            clean["LD_LIBRARY_PATH"] = self.libraries
        return clean


def run(command, folder, env):
    done = subprocess.run(command, cwd=folder, env=env, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                          text=True, errors="replace")
    return done.returncode, done.stdout


def run_program(program, place, env):
    """Status and output, with a store of its own in a folder of its own."""
    home = tempfile.mkdtemp(prefix="home-", dir=place.work)
    return run([program], home, dict(env, MSIPC_HOME=os.path.join(home, "store")))


def expect(checks, name, program, expected, place, env):
    status, said = run_program(program, place, env)
    checks.check(status == 0 and said == expected, "%s prints what is expected" % name, "status %s\n%s" % (status, said))


def expected_of(consumer):
    with open(os.path.join(CONSUMERS, consumer, "expected.txt"), encoding="utf-8") as text:
        return text.read()


def copy(consumer, place, suffix=""):
    target = os.path.join(place.work, consumer + suffix)
    shutil.copytree(os.path.join(CONSUMERS, consumer), target, ignore=shutil.ignore_patterns("expected.txt"))
    return target


def built(checks, name, command, folder, env):
    status, said = run(command, folder, env)
    return checks.check(status == 0, name + " builds", said)


def needed(program):
    said = subprocess.run(["readelf", "-dW", program], stdout=subprocess.PIPE, text=True, check=True, env=dict(os.environ, LC_ALL="C")).stdout
    return re.findall(r"NEEDED\)\s+Shared library: \[(.*?)\]", said)


def consumer_pkg_config(checks, place):
    for package in ("msipc", "msipc16"):
        env, folder = place.environment(), copy("pkg-config", place, "-" + package)
        if not built(checks, "pkg-config, " + package, ["make", "PACKAGE=" + package], folder, env):
            continue
        program = os.path.join(folder, "consumer")
        width = "4" if package == "msipc" else "2"
        expect(checks, "pkg-config, " + package, program,
               expected_of("pkg-config").replace("wide character: 4", "wide character: " + width), place, env)
        checks.check("lib%s.so.1" % package in needed(program), "its library is asked for by its soname", needed(program))


def wrong_width(checks, place):
    """A program for one width of text must not link with the library of the other, shared or static."""
    env, folder = place.environment(), copy("pkg-config", place, "-wrong")
    with open(os.path.join(folder, "free.c"), "w", encoding="utf-8") as source:
        source.write("#include <msipc.h>\nint main(void) { IpcFreeMemory(0); return 0; }\n")
    for flag, library, missing in (("-DMSIPC_UTF16", "msipc", "16"), ("-fshort-wchar", "msipc", "16"), ("-DNDEBUG", "msipc16", "32")):
        for file, source, function in ((file, source, function) for file in ("lib%s.so", "lib%s.a")
                                       for source, function in (("main.c", "Initialize"), ("free.c", "FreeMemory"))):
            command = ["cc", "-std=c11", flag, "-I", os.path.join(place.prefix, install.INCLUDE), "-o", "wrong", source,
                       os.path.join(place.libraries, file % library), "-lm"]
            status, said = run(command, folder, env)
            checks.check(status != 0 and "undefined reference to `Ipcx%s%s'" % (function, missing) in said,
                         "%s with %s and %s do not link" % (source, flag, file % library), said)


def consumer_static(checks, place):
    env, folder = place.environment(runs=False), copy("static", place)
    if built(checks, "static", ["make"], folder, env):
        for name, libraries in (("static", ()), ("mixed", ("libc.so.6", "libm.so.6", "libgcc_s.so.1"))):
            program = os.path.join(folder, name)
            expect(checks, "static, " + name, program, expected_of("static"), place, env)
            other = [item for item in needed(program) if item not in libraries and not item.startswith("ld-")]
            checks.check(not other, "%s needs nothing but %s" % (name, ", ".join(libraries) or "the kernel"), other)


def consumer_plugin(checks, place):
    """The static library inside a shared one, by flags and by CMake; its names stay inside."""
    env, folder = place.environment(runs=False), copy("plugin", place)
    ways = (("flags", folder, [["make"]]),
            ("cmake", os.path.join(folder, "build"), [["cmake", "-S", ".", "-B", "build"], ["cmake", "--build", "build", "-j2"]]))
    for way, out, commands in ways:
        name = "static in a shared library, " + way
        if not all(built(checks, "%s, %s" % (name, command[0]), command, folder, env) for command in commands):
            continue
        expect(checks, name, os.path.join(out, "main"), expected_of("plugin"), place, env)
        library = os.path.join(out, "libplugin.so")
        said = subprocess.run(["nm", "-D", "--defined-only", library], stdout=subprocess.PIPE, text=True, check=True).stdout
        shown = [line.split()[-1] for line in said.splitlines()]
        checks.check(shown == ["keep_minutes"], name + " shows its own function and no other", shown)


def consumer_cmake(checks, place):
    # CMake writes where its libraries are into what it builds.
    env, folder = place.environment(runs=False), copy("cmake", place)
    if built(checks, "cmake, configured", ["cmake", "-S", ".", "-B", "build"], folder, env) \
            and built(checks, "cmake", ["cmake", "--build", "build", "-j2"], folder, env):
        programs = sorted(glob.glob(os.path.join(folder, "build", "c*_msipc*")))
        checks.check(len(programs) == 8, "there are eight programs", programs)
        for program in programs:
            expect(checks, "cmake, " + os.path.basename(program), program, expected_of("cmake"), place, env)


def exports(checks, place):
    for library in ("msipc", "msipc16"):
        names, archive = sorted(link_library.versions(library)), "lib%s.a" % library
        said = subprocess.run(["nm", "-g", "--defined-only", os.path.join(place.libraries, archive)], stdout=subprocess.PIPE, text=True, check=True).stdout
        found = sorted(line.split()[2] for line in said.splitlines() if len(line.split()) == 3)
        checks.check(found == names, "%s shows the functions of the headers and nothing else" % archive, sorted(set(found) ^ set(names)))


def manual(checks, place):
    """Pages for all functions, without complaints of the formatters; a spoiled page must have one."""
    folder = os.path.join(place.prefix, "share", "man")
    pages = {os.path.basename(path)[:-2] for path in glob.glob(os.path.join(folder, "man3", "*.3"))}
    checks.check(pages == set(link_library.exported_names()), "every function has a page, and nothing else has", pages)
    bad = man_pages.check(folder)
    if bad is None:
        print("note: the pages are not formatted: groff is not installed")
        return
    checks.check(bad == 0, "the pages are formatted without complaints")
    with tempfile.NamedTemporaryFile("w", suffix=".3") as spoiled:
        spoiled.write('.TH X 3 "2026-11-22" "" ""\n.SH NAME\nx \\- x\n.NOSUCHMACRO\n')
        spoiled.flush()
        checks.check(man_pages.complaints(spoiled.name), "a spoiled page is complained about")


def dangling(folder):
    """(page, what it names) of relative links, and of example programs, that are not there; and how many there are."""
    missing, count = [], 0
    for path in (path for path in files_below(folder) if path.endswith(".md")):
        with open(path, encoding="utf-8") as text:
            content = text.read()
        links = [os.path.join(os.path.dirname(path), link.split("#")[0])
                 for link in re.findall(r"\]\(([^)\s]+)\)", content) if not re.match(r"[a-z]+:|#", link)]
        links += [os.path.join(folder, name) for name in re.findall(r"`((?:c-)?examples/[\w.]+)`", content)]
        count += len(links)
        missing += [(os.path.relpath(path, folder), os.path.relpath(link, folder)) for link in links if not os.path.exists(link)]
    return missing, count


def documents(checks, place):
    """What installed pages link to, and the examples they name, are installed; where one is taken away that is noticed."""
    folder = os.path.join(place.prefix, "share", "doc", "msipc")
    missing, count = dangling(folder)
    checks.check(count > 20 and not missing, "%d links and examples of the documents are there" % count, missing)
    copied = os.path.join(place.work, "documents")
    shutil.copytree(folder, copied)
    os.remove(os.path.join(copied, "docs", "files.md"))
    os.remove(os.path.join(copied, "examples", "hello.c"))
    gone = {link for _, link in dangling(copied)[0]}
    checks.check(gone == {"docs/files.md", "examples/hello.c"}, "a page and an example that are gone are missed", gone)


def example_programs(checks, place):
    env, out = place.environment(), os.path.join(place.work, "examples")
    os.mkdir(out)
    if built(checks, "the installed examples", ["make", "OUT=" + out], os.path.join(place.prefix, "share", "doc", "msipc", "examples"), env):
        status, said = run_program(os.path.join(out, "hello"), place, env)
        checks.check(status == 0 and "decrypted: Hello, world" in said, "hello decrypts", said)
    status, said = run([os.path.join(place.prefix, "bin", "ipcprotect"), "--help"], place.work, place.environment(runs=False))
    checks.check(status == 0 and "ipcprotect" in said, "ipcprotect finds its library", said)


def files_below(folder):
    return sorted(os.path.join(place, name) for place, folders, names in os.walk(folder)
                  for name in names + [item for item in folders if os.path.islink(os.path.join(place, item))])


def make(target, *settings):
    env = {name: value for name, value in os.environ.items() if name not in ("MAKEFLAGS", "MFLAGS", "MAKELEVEL", "PREFIX", "DESTDIR", "LIBDIR")}
    done = subprocess.run(["make", "-C", ROOT, "--no-print-directory", target, "FLAVOURS=native utf16", *settings], env=env,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, errors="replace")
    if done.returncode != 0:
        sys.exit("check_install: make %s %s\n%s" % (target, " ".join(settings), done.stdout))


def staged(checks, work, profile, dist):
    """DESTDIR with a library folder of Debian's kind: what is listed is there, knows no other place, and goes again."""
    destdir = os.path.join(work, "staged")
    settings = ("INSTALL_PROFILE=" + profile, "DESTDIR=" + destdir, "PREFIX=/usr", "LIBDIR=lib/x86_64-linux-gnu")
    make("install", *settings)
    listed = install.entries(dist, list(install.FLAVOURS), "/usr", "lib/x86_64-linux-gnu")
    expected = sorted(os.path.join(destdir, "usr", entry.path) for entry in listed)
    checks.check(files_below(destdir) == expected, "with DESTDIR everything is below it", set(files_below(destdir)) ^ set(expected))
    wrong = []
    for entry in listed:
        path = os.path.join(destdir, "usr", entry.path)
        if entry.link is None and os.stat(path).st_mode & 0o777 != entry.mode:
            wrong.append("mode of " + path)
        with open(path, "rb") as content:
            # Debug builds name the sources in their panics; the release is asked about that by check-reproducible.
            if not re.search(r"\.so|\.a$", path) and any(place.encode() in content.read() for place in (work, ROOT)):
                wrong.append("a foreign folder in " + path)
    checks.check(not wrong, "modes are right, and no file names the folder of the sources or DESTDIR", "\n".join(wrong))
    make("uninstall", *settings)
    checks.check(not os.path.exists(os.path.join(destdir, "usr")), "uninstalling leaves nothing", files_below(destdir))


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--profile", required=True)
    parser.add_argument("--dist", required=True, help="where that profile is built for installing")
    args = parser.parse_args()
    checks = Checks()
    work = os.path.realpath(tempfile.mkdtemp(prefix="msipc-install-"))
    try:
        staged(checks, work, args.profile, args.dist)
        prefix = os.path.join(work, "prefix")
        settings = ("INSTALL_PROFILE=" + args.profile, "PREFIX=" + prefix)
        os.makedirs(os.path.join(prefix, "include"))
        foreign = os.path.join(prefix, "include", "of-another-package.h")
        with open(foreign, "w", encoding="utf-8"):
            pass
        make("install", *settings)
        place = Place(prefix, work)
        for part in (exports, manual, documents, consumer_pkg_config, wrong_width, consumer_static, consumer_plugin, consumer_cmake, example_programs):
            part(checks, place)
        make("uninstall", *settings)
        checks.check(files_below(prefix) == [foreign] and os.listdir(prefix) == ["include"],
                     "uninstalling leaves what others have installed, and nothing else", files_below(prefix))
    finally:
        shutil.rmtree(work, ignore_errors=True)
    print("%d passed, %d failed" % (checks.passed, checks.failed))
    return 1 if checks.failed else 0


if __name__ == "__main__":
    sys.exit(main())
