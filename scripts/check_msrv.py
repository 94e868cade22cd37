#!/usr/bin/env python3
"""Checks the oldest Rust that Cargo.toml names (rust-version).

No package that the library is made of may ask for a newer one. Where rustup has that toolchain, the library is checked with it;
elsewhere clippy says whether something newer of the standard library is used. To have it: rustup toolchain install VERSION.
"""
import os
import re
import subprocess
import sys

ROOT = os.path.normpath(os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
sys.path.insert(0, os.path.join(ROOT, "scripts"))
import link_library  # noqa: E402
import sbom  # noqa: E402

PLACES = ("README.md", "CONTRIBUTING.md", "scripts/setup.sh")


def numbers(version):
    """Three numbers; those that are not stated are zero."""
    return tuple(([int(part) for part in version.split(".")] + [0, 0])[:3])


def installed(version):
    """The toolchain of that version, if rustup has it."""
    try:
        listed = subprocess.run(["rustup", "toolchain", "list"], stdout=subprocess.PIPE, text=True, check=True).stdout
    except (OSError, subprocess.CalledProcessError):
        return None
    found = [line.split()[0] for line in listed.splitlines() if re.match(r"%s(\.\d+)?-" % re.escape(version), line)]
    return found[0] if found else None


def main():
    stated = link_library.package()["rust-version"]
    problems = ["%s %s asks for Rust %s" % (item["name"], item["version"], item["rust_version"]) for item in sbom.Graph().packages.values()
                if item.get("rust_version") and numbers(item["rust_version"]) > numbers(stated)]
    for place in PLACES:
        with open(os.path.join(ROOT, place), encoding="utf-8") as text:
            named = set(re.findall(r"Rust \(?(1\.\d+)", text.read()))
        if named != {stated}:
            problems.append("%s names Rust %s and not %s" % (place, ", ".join(sorted(named)) or "nowhere", stated))
    for problem in problems:
        print("FAIL " + problem)
    toolchain, cargo = installed(stated), os.environ.get("CARGO") or "cargo"
    if toolchain:
        target = os.environ.get("CARGO_TARGET_DIR") or os.path.join(ROOT, "target")
        command = [cargo, "+" + toolchain, "check", "--locked", "--lib", "--features", "utf16", "--target-dir", os.path.join(target, "msrv")]
    else:
        print("Rust %s is not installed; clippy looks for what is newer" % stated)
        command = [cargo, "clippy", "--locked", "--lib", "--quiet", "--", "-D", "clippy::incompatible_msrv"]
    print(" ".join(command))
    sys.stdout.flush()
    status = subprocess.run(command, cwd=ROOT, env={name: value for name, value in os.environ.items() if name != "RUSTUP_TOOLCHAIN"}).returncode
    print("oldest Rust %s: %d problems%s" % (stated, len(problems), "" if status == 0 else ", and it does not build"))
    return 1 if problems or status else 0


if __name__ == "__main__":
    sys.exit(main())
