#!/usr/bin/env python3
"""Compares the copied vectors, tools and the ABI kit in tests/ with the folder they were copied from.

  check_shared.py       reads MSIPC_SHARED, else ../shared beside the repository

A missing folder is fine unless MSIPC_SHARED names it: a clone alone has all that `make check` needs, and the comparison
only finds copies that have fallen behind. What is never copied: vectors/xrml/real.
"""
import os
import sys

ROOT = os.path.normpath(os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
COPIES = (  # folder beside the clone, folder in the repository, names compared (None: all)
    ("vectors/cipher", "tests/vectors/cipher", None),
    ("vectors/xrml", "tests/vectors/xrml", None),
    ("abi", "tests/abi", ("check_abi.py", "msipc.json")),
    ("tools", "tests/tools", ("check_office_irm.py",)),
)
NEVER_COPIED = "real"
OURS = {"README.md"}  # a note on a folder may differ


def files(folder, names):
    found = {}
    for path, folders, here in os.walk(folder):
        folders[:] = [name for name in folders if name not in (NEVER_COPIED, "__pycache__")]
        for name in here:
            relative = os.path.relpath(os.path.join(path, name), folder)
            if name not in OURS and (names is None or relative in names):
                found[relative] = os.path.join(path, name)
    return found


def same(left, right):
    with open(left, "rb") as a, open(right, "rb") as b:
        return a.read() == b.read()


def main():
    named = os.environ.get("MSIPC_SHARED")
    shared = named or os.path.join(ROOT, "..", "shared")
    if not os.path.isdir(shared):
        if named:
            sys.exit("check-shared: MSIPC_SHARED names no folder: %s" % named)
        print("check-shared: nothing beside the clone to compare with")
        return 0
    compared, problems = 0, []
    for source, copy, names in COPIES:
        original, copied = files(os.path.join(shared, source), names), files(os.path.join(ROOT, copy), names)
        if not original:
            problems.append("%s: nothing to compare with" % source)
        for name in sorted(set(original) | set(copied)):
            compared += 1
            if name not in copied:
                problems.append("%s/%s: not copied" % (copy, name))
            elif name not in original:
                problems.append("%s/%s: no longer in %s" % (copy, name, source))
            elif not same(original[name], copied[name]):
                problems.append("%s/%s: differs from %s" % (copy, name, source))
    if os.path.isdir(os.path.join(ROOT, "tests/vectors/xrml", NEVER_COPIED)):
        problems.append("tests/vectors/xrml/%s: published licenses must not be in the repository" % NEVER_COPIED)
    for problem in problems:
        print("check-shared: " + problem)
    print("check-shared: %d files compared, %d differ" % (compared, len(problems)))
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
