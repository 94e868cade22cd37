#!/usr/bin/env python3
"""Holds the binary interface: what a program that was built yesterday relies on.

  abi.py --library FILE                            compare; status 1 on an incompatible change or a dump that is behind
  abi.py --library-utf16 FILE                      the same for exports and versions of the library with 16-bit text
  abi.py --update [--even-incompatible]            write tests/abi/msipc.abi anew; without the option only where things were added
  abi.py --prove                                   change the headers on purpose, in a copy, and see that each change is caught

The dump is made by abidw from an empty library that is compiled from the public headers: they are generated from the exported
functions and are what C callers are compiled with, while the names in Rust's own debug information change with the compiler. The
library itself must then have the soname of the dump, and every symbol of it with its version, and no other.

The dump knows no macros. tests/abi/macros.txt lists them with their types and values, which the compiler says.

Removing or changing is incompatible. Adding is not; a function or type that is new is written into the dump with --update.
MSIPC_WITHOUT=abigail leaves out what needs abidw and abidiff.
"""
import argparse
import os
import re
import shlex
import shutil
import subprocess
import sys
import tempfile

ROOT = os.path.normpath(os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
sys.path.insert(0, os.path.join(ROOT, "scripts"))
import header_docs  # noqa: E402
import link_library  # noqa: E402

INCLUDE = os.path.join(ROOT, "include")
DUMP = os.path.join(ROOT, "tests", "abi", "msipc.abi")
MACROS = os.path.join(ROOT, "tests", "abi", "macros.txt")
OBJECT_LIKE = re.compile(r"^[ \t]*#[ \t]*define[ \t]+(\w+)(?!\(|\w)", re.M)
# Guards, what ends in _ and is for the headers alone, and the version, which every release changes.
NOT_PUBLIC = re.compile(r"MSIPC_\w+_H|MSIPC_H|\w+_|IPCX_VERSION(_\w+)?")
SHOW = """
#include <stdio.h>
static void text(const char *name, const char *type, const wchar_t *value) { printf("%s %s \\"%ls\\"\\n", name, type, value); }
static void narrow(const char *name, const char *type, const char *value) { printf("%s %s \\"%s\\"\\n", name, type, value); }
static void whole(const char *name, const char *type, long long value) { printf("%s %s %lld\\n", name, type, value); }
static void natural(const char *name, const char *type, unsigned long long value) { printf("%s %s %llu\\n", name, type, value); }
#define TYPE(name) _Generic((name), wchar_t *: "wide", char *: "text", int: "int", unsigned: "unsigned", long: "long", \\
    unsigned long: "unsigned-long", long long: "long-long", unsigned long long: "unsigned-long-long")
#define SHOW(name) _Generic((name), wchar_t *: text, char *: narrow, unsigned: natural, unsigned long: natural, \\
    unsigned long long: natural, default: whole)(#name, TYPE(name), (name));
int main(void)
{
"""
PROTOTYPE = re.compile(r"^MSIPC_API ([\w ]+?) WINAPI (Ipc\w+)\(([^)]*)\)[^;]*;", re.M)
DIFFERENT, TROUBLE = 4, 3  # bits of the status of abidiff
TOTALS = re.compile(r"changes? summary: (\d+) removed[^,]*, (\d+) changed|types summary: (\d+) removed[^,]*, (\d+) changed|SONAME (changed)", re.I)
# Instead of the system's headers, whose types differ from one system to the next.
SYSTEM_HEADERS = {
    "stddef.h": "typedef __SIZE_TYPE__ size_t;\ntypedef __PTRDIFF_TYPE__ ptrdiff_t;\ntypedef __WCHAR_TYPE__ wchar_t;\n",
    "stdint.h": "".join("typedef __%s_TYPE__ %s_t;\n" % (name.upper(), name) for name in
                        ("int8", "uint8", "int16", "uint16", "int32", "uint32", "int64", "uint64")),
    "string.h": "",
    "wchar.h": "",
}
# Changes that must be caught: the header, what stands there, and what takes its place.
SPOILED = [
    ("a member that is gone", "msipc.h", "    LPCWSTR wszDescription;\n", ""),
    ("a member with another type", "msipc.h", "    DWORD64 qwDuration;", "    DWORD qwDuration;"),
    ("two members that changed places", "msipc.h", "    DWORD dwType;\n    /** A mail address, or one of the `IPC_USER_ID_` constants. */\n    LPCWSTR wszID;",
     "    LPCWSTR wszID;\n    DWORD dwType;"),
    ("other packing", "msipc.h", "#pragma pack(push, 1)", "#pragma pack(push, 8)"),
    ("a parameter that is new", "msipc.h", "    LPBOOL pfAccessGranted);", "    LPBOOL pfAccessGranted,\n    DWORD dwFlags);"),
    ("a parameter with another type", "msipc.h", "    LPCWSTR wszRequestedRight,", "    DWORD wszRequestedRight,"),
    ("a result with another type", "msipc_ext.h", "MSIPC_API DWORD WINAPI IpcxGetVersion", "MSIPC_API void WINAPI IpcxGetVersion"),
    ("a function that is gone", "msipc_ext.h", "MSIPC_API DWORD WINAPI IpcxGetVersion(void);", ""),
]
# The same for macros.
SPOILED_MACROS = [
    ("a constant with another value", "msipc_ext.h", "#define IPCX_EXPIRY_DAYS 2\n", "#define IPCX_EXPIRY_DAYS 3\n"),
    ("a constant of another type", "msipc_ext.h", "#define IPCX_EXPIRY_DAYS 2\n", "#define IPCX_EXPIRY_DAYS 2u\n"),
    ("a constant with another text", "msipc.h", 'IPC_TEXT("EDIT")', 'IPC_TEXT("DOCEDIT")'),
    ("a constant that is gone", "msipc_ext.h", "#define IPCX_EXPIRY_DAYS 2\n", ""),
    ("a code of Windows with another value", "ipcbase.h", "#define ERROR_NOT_READY 21\n", "#define ERROR_NOT_READY 22\n"),
    ("a word that stands for something else", "ipcbase.h", "#define STDMETHODIMP HRESULT STDMETHODCALLTYPE\n", "#define STDMETHODIMP ULONG STDMETHODCALLTYPE\n"),
]


def run(command, **options):
    return subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, errors="replace", **options)


def must(command, **options):
    done = run(command, **options)
    if done.returncode != 0:
        sys.exit("abi: %s\n%s" % (shlex.join(command), done.stdout))
    return done.stdout


def stub(include, work):
    """An empty library with the prototypes, symbol versions and soname of the real one, and debug information in C."""
    code, names = ["#include <msipc.h>", "#include <msipc_ext.h>"], []
    for header in header_docs.HEADERS:
        with open(os.path.join(include, header), encoding="utf-8") as text:
            for result, name, parameters in PROTOTYPE.findall(text.read()):
                code.append("%s WINAPI %s(%s) { __builtin_abort(); }" % (result, name, parameters))
                names.append(name)
    with open(os.path.join(work, "msipc.c"), "w", encoding="utf-8") as out:
        out.write("\n".join(code) + "\n")
    with open(link_library.MAP, encoding="utf-8") as text:
        versions = re.sub(r"\b(Ipc\w+)\s*;", lambda found: found.group(0) if found.group(1) in names else "", text.read())
    with open(os.path.join(work, "msipc.map"), "w", encoding="utf-8") as out:
        out.write(versions)
    for name, content in SYSTEM_HEADERS.items():
        with open(os.path.join(work, name), "w", encoding="utf-8") as out:
            out.write("#pragma once\n" + content)
    # All types, also those that go behind a pointer to anything and that no prototype names.
    must(compiler() + ["-std=c11", "-g", "-O0", "-fPIC", "-fno-eliminate-unused-debug-types", "-nostdinc", "-DIPC_OF_WIDTH(name)=", "-I", ".", "-I", include, "-shared", "-o", "libmsipc.so", "msipc.c",
                     "-Wl,-soname," + link_library.shared_names("msipc")[1], "-Wl,--version-script=msipc.map"], cwd=work)
    return os.path.join(work, "libmsipc.so")


def dump(include, out):
    with tempfile.TemporaryDirectory(prefix="msipc-abi-") as work:
        library = stub(include, work)
        must(["abidw", "--no-architecture", "--no-corpus-path", "--no-comp-dir-path", "--no-show-locs", "--no-elf-needed",
              "--load-all-types", "--headers-dir", include, "--drop-private-types", "--out-file", out, library])


def compiler():
    """Compilers describe unused types differently; what is kept is made with the one that every Debian has."""
    return ["gcc"] if shutil.which("gcc") else shlex.split(os.environ.get("CC") or "cc")


def macros(include):
    """{name: type and value, or what it stands for} of the object-like macros of the public headers."""
    names = set()
    for header in sorted(os.listdir(include)):
        if header.endswith(".h"):
            with open(os.path.join(include, header), encoding="utf-8") as text:
                names.update(OBJECT_LIKE.findall(text.read()))
    with tempfile.TemporaryDirectory(prefix="msipc-abi-") as work:
        headers = "#include <msipc.h>\n#include <msipc_ext.h>\n"

        def write(name, content):
            with open(os.path.join(work, name), "w", encoding="utf-8") as out:
                out.write(headers + content)

        command = compiler() + ["-std=c11", "-I", include]
        write("all.c", "")
        defined = set(re.findall(r"^#define (\w+)(?!\()", must(command + ["-dM", "-E", "all.c"], cwd=work), re.M))
        names = sorted(name for name in names & defined if not NOT_PUBLIC.fullmatch(name))
        write("expand.c", "".join('"%s" %s\n' % (name, name) for name in names))
        stands = dict(re.findall(r'^"(\w+)" ?(.*)$', must(command + ["-E", "-P", "expand.c"], cwd=work), re.M))
        # A value begins so; what else there is stands for words of the language.
        values = [name for name in names if re.match(r'[(\d"]|-\d|L"', stands[name])]
        write("show.c", SHOW + "".join("    SHOW(%s)\n" % name for name in values) + "    return 0;\n}\n")
        must(command + ["-o", "show", "show.c"], cwd=work)
        shown = dict(line.split(" ", 1) for line in must([os.path.join(work, "show")]).splitlines())
        return {name: shown.get(name, "stands for " + (" ".join(stands[name].split()) or "nothing")) for name in names}


def read_macros():
    with open(MACROS, encoding="utf-8") as text:
        return dict(line.split(" ", 1) for line in text.read().splitlines())


def compare_macros(old, new):
    """What programs would notice, and what was added, both as lines."""
    broken = ["%s is gone" % name for name in sorted(old.keys() - new.keys())]
    broken += ["%s was %s, now %s" % (name, old[name], new[name]) for name in sorted(old.keys() & new.keys()) if old[name] != new[name]]
    return broken, ["%s %s" % (name, new[name]) for name in sorted(new.keys() - old.keys())]


def check_macros():
    broken, added = compare_macros(read_macros(), macros(INCLUDE))
    for line in broken:
        print("FAIL macro: programs that are already built know another value: " + line)
    for line in added:
        print("FAIL macro: new; make abi writes it into tests/abi/macros.txt: " + line)
    if not broken and not added:
        print("macros as in tests/abi/macros.txt")
    return len(broken) + len(added)


def update_macros(even_incompatible):
    now = macros(INCLUDE)
    broken = compare_macros(read_macros(), now)[0] if os.path.exists(MACROS) else []
    if broken and not even_incompatible:
        sys.exit("abi: macros have other values; nothing is written\n" + "\n".join(broken))
    with open(MACROS, "w", encoding="utf-8") as out:
        out.write("".join("%s %s\n" % item for item in sorted(now.items())))
    print("wrote %s" % os.path.relpath(MACROS, ROOT))


def spoiled(work, header, before, after):
    """A copy of the headers with one change."""
    include = os.path.join(work, "include")
    shutil.rmtree(include, ignore_errors=True)
    shutil.copytree(INCLUDE, include)
    with open(os.path.join(include, header), encoding="utf-8") as text:
        content = text.read()
    if content.count(before) == 0:
        sys.exit("abi: %s no longer has %r" % (header, before))
    with open(os.path.join(include, header), "w", encoding="utf-8") as out:
        out.write(content.replace(before, after, 1))
    return include


def prove_macros():
    """Each spoiled macro must be found, the other way round what was gone is new, and the same headers are equal."""
    then, missed = macros(INCLUDE), 0
    with tempfile.TemporaryDirectory(prefix="msipc-abi-") as work:
        for what, header, before, after in SPOILED_MACROS:
            now = macros(spoiled(work, header, before, after))
            caught = len(compare_macros(then, now)[0]) == 1
            missed += not caught
            print("%s %s" % ("ok   caught:" if caught else "FAIL missed:", what))
            if not after:
                allowed = [len(lines) for lines in compare_macros(now, then)] == [0, 1]
                missed += not allowed
                print("%s a constant that is new" % ("ok   allowed:" if allowed else "FAIL refused:"))
    if compare_macros(then, then) != ([], []):
        missed += 1
        print("FAIL the same macros are not the same")
    return missed


def compare(old, new):
    """Whether the new dump breaks programs built for the old one, whether it differs at all, and what abidiff says."""
    done = run(["abidiff", "--non-reachable-types", "--no-show-locs", old, new])
    if done.returncode & TROUBLE:
        sys.exit("abi: abidiff: %s" % done.stdout)
    different = done.returncode & DIFFERENT != 0
    totals = TOTALS.findall(done.stdout)
    broken = any(number not in ("", "0") for total in totals for number in total)
    return broken or (different and not totals), different, done.stdout


def dumped_symbols(path):
    """Soname and {name: version} of a dump."""
    with open(path, encoding="utf-8") as text:
        content = text.read()
    soname = re.search(r"<abi-corpus [^>]*soname='([^']*)'", content).group(1)
    return soname, dict(re.findall(r"<elf-symbol name='([^']*)' version='([^']*)'", content))


def library_symbols(path):
    soname = re.search(r"SONAME\)\s+Library soname: \[(.*?)\]", must(["readelf", "-dW", path], env=dict(os.environ, LC_ALL="C")))
    found = {}
    for line in must(["readelf", "--dyn-syms", "-W", path], env=dict(os.environ, LC_ALL="C")).splitlines():
        words = line.split()
        if len(words) == 8 and words[6] not in ("UND", "ABS", "Ndx") and words[4] != "LOCAL":
            name, _, version = words[7].partition("@")
            found[name] = version.lstrip("@")
    return soname and soname.group(1), found


def check_library(path, name):
    """Problems of a built library beside the dump."""
    soname, expected = dumped_symbols(DUMP)
    expected_soname = soname.replace("libmsipc.", "lib%s." % name)
    expected.update(dict.fromkeys(link_library.width_names(name), link_library.WIDTH_VERSION))
    found_soname, found = library_symbols(path)
    problems = [] if found_soname == expected_soname else ["soname %s, expected %s" % (found_soname, expected_soname)]
    problems += ["%s is gone" % item for item in sorted(expected.keys() - found.keys())]
    problems += ["%s has the version %s, expected %s" % (item, found[item] or "none", expected[item])
                 for item in sorted(expected.keys() & found.keys()) if expected[item] != found[item]]
    problems += ["%s is new: make abi writes it into tests/abi/msipc.abi" % item for item in sorted(found.keys() - expected.keys())]
    for problem in problems:
        print("FAIL %s: %s" % (os.path.basename(path), problem))
    print("%s: %s, %d symbols with their versions, %d problems" % (os.path.basename(path), found_soname, len(found), len(problems)))
    return len(problems)


def check_headers():
    with tempfile.TemporaryDirectory(prefix="msipc-abi-") as work:
        now = os.path.join(work, "now.abi")
        dump(INCLUDE, now)
        broken, different, said = compare(DUMP, now)
    if broken:
        print("FAIL programs that are already built would break:\n" + said)
    elif different:
        print("FAIL something was added; make abi writes it into tests/abi/msipc.abi:\n" + said)
    else:
        print("interface as in tests/abi/msipc.abi")
    return different


def update(even_incompatible):
    with tempfile.TemporaryDirectory(prefix="msipc-abi-") as work:
        now = os.path.join(work, "now.abi")
        dump(INCLUDE, now)
        if os.path.exists(DUMP):
            broken, _, said = compare(DUMP, now)
            if broken and not even_incompatible:
                sys.exit("abi: programs that are already built would break; nothing is written\n" + said)
        shutil.copyfile(now, DUMP)
    print("wrote %s" % os.path.relpath(DUMP, ROOT))


def prove():
    """Each spoiled header must be found incompatible, and the unspoiled one equal."""
    missed = 0
    with tempfile.TemporaryDirectory(prefix="msipc-abi-") as work:
        now, then = os.path.join(work, "now.abi"), os.path.join(work, "then.abi")
        dump(INCLUDE, then)
        for what, header, before, after in SPOILED:
            dump(spoiled(work, header, before, after), now)
            caught = compare(then, now)[0]
            missed += not caught
            print("%s %s" % ("ok   caught:" if caught else "FAIL missed:", what))
        # The other way round the last change adds a function, which breaks nothing.
        broken, different, _ = compare(now, then)
        if broken or not different:
            missed += 1
            print("FAIL a function that is new counts as %s" % ("incompatible" if broken else "nothing"))
        else:
            print("ok   allowed: a function that is new")
        if compare(then, then)[1]:
            missed += 1
            print("FAIL the same headers are not the same")
    return missed


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--library")
    parser.add_argument("--library-utf16")
    parser.add_argument("--update", action="store_true")
    parser.add_argument("--even-incompatible", action="store_true")
    parser.add_argument("--prove", action="store_true")
    args = parser.parse_args()
    without = "abigail" in os.environ.get("MSIPC_WITHOUT", "").split()
    types = args.update or args.prove or args.library
    if types and not without and not (shutil.which("abidw") and shutil.which("abidiff")):
        sys.exit("abi: abidw and abidiff are missing: run scripts/setup.sh (Debian: abigail-tools)")
    failed = 0
    if args.update:
        update_macros(args.even_incompatible)
    if args.prove:
        failed += prove_macros()
    if args.library:
        failed += check_macros()
    if types and without:
        print("abi: types are not compared (MSIPC_WITHOUT)")
    elif types:
        if args.update:
            update(args.even_incompatible)
        if args.prove:
            failed += prove()
        if args.library:
            failed += check_headers()
    if args.library:
        failed += check_library(args.library, "msipc")
    if args.library_utf16:
        failed += check_library(args.library_utf16, "msipc16")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
