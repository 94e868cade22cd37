#!/usr/bin/env python3
"""Runs the example application on files and folders as people do, and looks at what it leaves behind.

  ipcprotect_test.py PROGRAM...    the command that runs it, perhaps through valgrind or wine

Works in the current folder with the MSIPC_HOME of the environment; prints `N passed, M failed` last.
"""
import hashlib
import os
import re
import shutil
import signal
import struct
import subprocess
import sys
import time

COMMAND = sys.argv[1:]
IN_VALGRIND = "MSIPC_TEST_VALGRIND" in os.environ
IN_WINE = COMMAND[-1].endswith(".exe")
DOCUMENT = os.path.join(os.path.dirname(os.path.abspath(__file__)), "data", "tidal-report.docx")
ANNA, BEN, CHRIS = "anna@contoso.example", "ben@contoso.example", "chris@fabrikam.example"
FILES = {
    "plan.txt": b"the plan",
    "archive.zip": bytes(range(256)) * 40,
    "without": b"no extension",
    "empty.txt": b"",
    "sub/März/Bericht Δ 漢字 🚢.txt": "für alle".encode(),
    "sub/.hidden": b"a hidden one",
    "sub/-u.txt": b"a name like an option",
}
PROTECTED = {
    "plan.ptxt", "archive.zip.pfile", "without.pfile", "empty.ptxt", "sub/März/Bericht Δ 漢字 🚢.ptxt", "sub/.hidden.pfile",
    "sub/-u.ptxt", "sub/report.docx",
}
# What is skipped: links. Wine takes them for what they lead to.
LINKS = set() if IN_WINE else {"link"}
CHECKER = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "tests", "tools", "check_office_irm.py")
TESTS = []
# Under valgrind a program takes seconds to start; these reach every function of the application.
ENOUGH_FOR_VALGRIND = ("a_folder_there_and_back", "inspection", "one_failure_does_not_stop_the_others")


# Wine has no terminals that Python could read, and no signals of this system.
NOT_FOR_WINE = ("a_bar_on_a_terminal_only", "interruption_leaves_the_file_as_it_was")


def test(function):
    if IN_WINE and function.__name__ in NOT_FOR_WINE:
        return function
    if not IN_VALGRIND or function.__name__ in ENOUGH_FOR_VALGRIND:
        TESTS.append(function)
    return function


def run(*words, expect=0):
    done = subprocess.run(COMMAND + list(words), stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=300)
    assert done.returncode == expect, "%s: status %d\n%s%s" % (words, done.returncode, done.stdout, done.stderr)
    return done


def make_folder(name="papers"):
    shutil.rmtree(name, ignore_errors=True)
    for path, content in FILES.items():
        path = os.path.join(name, path)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "wb") as file:
            file.write(content)
    shutil.copy(DOCUMENT, os.path.join(name, "sub", "report.docx"))
    for link in LINKS:
        os.symlink("plan.txt", os.path.join(name, link))
    return name


def listed(folder):
    return {os.path.relpath(os.path.join(at, name), folder) for at, _, names in os.walk(folder) for name in names}


def read(*path):
    with open(os.path.join(*path), "rb") as file:
        return file.read()


def check_plain(folder):
    assert listed(folder) - LINKS == set(FILES) | {"sub/report.docx"}, listed(folder)
    for path, content in FILES.items():
        assert read(folder, path) == content, path
    assert read(folder, "sub/report.docx") == read(DOCUMENT)


def field(text, name):
    return re.search(r"^  %-14s (.*)$" % name, text, re.MULTILINE).group(1)


@test
def a_folder_there_and_back():
    folder = make_folder()
    done = run("--as", ANNA, "protect", "-u", BEN + ":VIEW,PRINT", folder)
    assert done.stdout.endswith("8 protected, %d skipped, 0 failed\n" % len(LINKS)) and done.stderr == "", done.stdout + done.stderr
    assert listed(folder) == PROTECTED | LINKS, listed(folder)
    for path, content in FILES.items():
        if len(content) > 4:
            assert not any(content in read(folder, name) for name in PROTECTED), path
    refused = run("--as", BEN, "open", folder, expect=1)
    assert "0 opened, %d skipped, 8 failed" % len(LINKS) in refused.stdout and "EXTRACT" in refused.stderr, refused.stdout + refused.stderr
    assert listed(folder) == PROTECTED | LINKS
    run("--as", ANNA, "open", folder)
    check_plain(folder)


@test
def results_in_another_folder():
    folder = make_folder()
    shutil.rmtree("results", ignore_errors=True)
    shutil.rmtree("again", ignore_errors=True)
    run("--as", ANNA, "protect", "-u", BEN + ":VIEW", "-o", "results/here", folder)
    assert listed("results/here") == PROTECTED and listed(folder) == LINKS, listed("results")
    run("--as", ANNA, "open", "-o", "again/", "results")
    check_plain("again/here")


@test
def inspection():
    folder = make_folder()
    files = [os.path.join(folder, name) for name in ("plan.txt", "archive.zip", "sub/report.docx")]
    run("--as", ANNA, "protect", "-u", BEN + ":VIEW,PRINT", "-u", "ANYONE:VIEW", *files)
    texts = [run("--as", BEN, "inspect", os.path.join(folder, name)).stdout for name in ("plan.ptxt", "archive.zip.pfile", "sub/report.docx")]
    for text in texts:
        assert field(text, "owner") == ANNA and field(text, "your rights") == "VIEW PRINT" and field(text, "you are") == BEN, text
        assert field(text, "policy") == "Rights given one by one" and field(text, "template") == "none" and "granted to" not in text, text
        assert re.match(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d UTC$", field(text, "protected at")), text
    assert len({field(text, "content id") for text in texts}) == 3, "each can be revoked alone"
    assert [field(text, "content").split(":")[0] for text in texts] == ["authenticated", "authenticated", "compatible"]
    assert ["pfile" in field(text, "status") for text in texts] == [False, True, False]
    assert "granted to     %s: VIEW PRINT\n                 ANYONE: VIEW\n" % BEN in run("--as", ANNA, "inspect", folder).stdout
    plain = run("inspect", os.path.join(folder, "without")).stdout
    assert plain.endswith("  status         not protected\n"), plain


@test
def a_stranger_learns_that_there_is_nothing_for_it():
    folder = make_folder()
    run("--as", ANNA, "protect", "-u", BEN + ":VIEW", os.path.join(folder, "plan.txt"))
    text = run("--as", CHRIS, "inspect", os.path.join(folder, "plan.ptxt")).stdout
    assert field(text, "your rights") == "none" and field(text, "owner") == ANNA, text


@test
def templates_by_name_and_id():
    lines = [line for line in run("templates").stdout.splitlines() if not line.startswith(" ")]
    assert len(lines) == 2 and all(re.match(r"\{[-0-9a-f]{36}\}  \S", line) for line in lines), lines
    folder = make_folder()
    for line, name in zip(lines, ("plan", "empty")):
        identity, title = line.split("  ", 1)
        run("--as", ANNA, "protect", "-t", title if name == "plan" else identity, os.path.join(folder, name + ".txt"))
        text = run("--as", BEN, "inspect", os.path.join(folder, name + ".ptxt")).stdout
        assert field(text, "template") == identity and field(text, "policy") == title, text
    wrong = run("protect", "-t", "No such template", folder, expect=1)
    assert "No such template" in wrong.stderr and "plan.ptxt" in listed(folder) and "without" in listed(folder)


@test
def containers_can_be_chosen():
    folder = make_folder()
    document, text = os.path.join(folder, "sub/report.docx"), os.path.join(folder, "archive.zip")
    run("--as", ANNA, "protect", "-u", BEN + ":VIEW", "--pfile", document)
    run("--as", ANNA, "protect", "-u", BEN + ":VIEW", "--native", text)
    assert {"sub/report.docx.pfile", "archive.pzip"} < listed(folder), listed(folder)


def compound_file(stream, content):
    """A document of Office 97-2003 as far as its container goes: one stream of whole sectors, at least 4096 bytes."""
    sectors = len(content) // 512
    assert len(content) >= 4096 and len(content) % 512 == 0
    end, free, none = 0xFFFFFFFE, 0xFFFFFFFF, 0xFFFFFFFF
    header = struct.pack("<8s16xHHHHH6xIIIIIIIIII", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", 0x3E, 3, 0xFFFE, 9, 6, 0, 1, 1, 0, 4096, end, 0, end, 0, 0)
    table = [0xFFFFFFFD, end] + list(range(3, 2 + sectors)) + [end]

    def entry(name, kind, child, start, size):
        wide = (name + "\0").encode("utf-16-le")
        return struct.pack("<64sHBBIII16xI16xIQ", wide, len(wide), kind, 1, none, none, child, 0, start, size)

    folder = entry("Root Entry", 5, 1, end, 0) + entry(stream, 2, none, 2, len(content)) + entry("", 0, none, 0, 0)[64:].rjust(128, b"\0") * 2
    return header.ljust(512, b"\xff") + struct.pack("<%dI" % len(table), *table).ljust(512, b"\xff") + folder + content


def stream_of(name, stream):
    done = subprocess.run(
        [python_with_olefile(), "-c", "import sys, olefile; sys.stdout.buffer.write(olefile.OleFileIO(sys.argv[1]).openstream(sys.argv[2]).read())", name, stream],
        capture_output=True, check=True)
    return done.stdout


def python_with_olefile():
    """The interpreter in the path, or the system's."""
    for python in ("python3", "/usr/bin/python3"):
        if subprocess.run([python, "-c", "import olefile"], capture_output=True).returncode == 0:
            return python
    raise AssertionError("python3 with olefile: run `make setup`")


@test
def office_documents_of_every_kind_pass_an_independent_check():
    shutil.rmtree("office", ignore_errors=True)
    os.makedirs("office")
    content = bytes(range(256)) * 32
    packages = ["a.docx", "b.docm", "c.dotx", "d.xlsx", "e.xlsm", "f.pptx", "g.potx"]
    binaries = {"h.doc": "WordDocument", "i.xls": "Workbook", "j.ppt": "PowerPoint Document"}
    for name in packages:
        shutil.copy(DOCUMENT, os.path.join("office", name))
    for name, stream in binaries.items():
        with open(os.path.join("office", name), "wb") as file:
            file.write(compound_file(stream, content))
    before = {name: read("office", name) for name in packages}
    run("--as", ANNA, "protect", "-u", BEN + ":VIEW", "office")
    assert listed("office") == set(packages) | set(binaries), listed("office")
    for name in sorted(listed("office")):
        path = os.path.join("office", name)
        done = subprocess.run([python_with_olefile(), CHECKER, "--strict", path], capture_output=True, text=True)
        assert done.returncode == 0, done.stdout + done.stderr
        assert content[:512] not in read(path) and field(run("--as", BEN, "inspect", path).stdout, "status").startswith("protected, in the format"), path
    run("--as", ANNA, "open", "office")
    assert {name: read("office", name) for name in packages} == before
    for name, stream in binaries.items():
        assert stream_of(os.path.join("office", name), stream) == content, name


@test
def what_is_protected_can_be_kept():
    folder = make_folder()
    run("--as", ANNA, "protect", "-u", BEN + ":VIEW", os.path.join(folder, "plan.txt"))
    before = read(folder, "plan.ptxt")
    done = run("--as", CHRIS, "protect", "-u", BEN + ":EDIT", "--keep", folder)
    assert "7 protected, %d skipped, 0 failed" % (len(LINKS) + 1) in done.stdout and read(folder, "plan.ptxt") == before, done.stdout


@test
def one_failure_does_not_stop_the_others():
    folder = make_folder()
    with open(os.path.join(folder, "broken.pfile"), "wb") as file:
        file.write(b".pfile" + b"\x03\0\0\0" + b"\xff" * 100)
    with open(os.path.join(folder, "without.pfile"), "wb") as file:
        file.write(b"in the way")
    done = run("protect", "-u", BEN + ":VIEW", folder, expect=1)
    assert "8 protected, %d skipped, 2 failed" % len(LINKS) in done.stdout, done.stdout
    assert done.stderr.count("ipcprotect: papers/") == 2 and "exists already" in done.stderr, done.stderr
    assert read(folder, "without") == FILES["without"]
    assert {"plan.ptxt", "without.pfile.pfile", "broken.pfile"} < listed(folder), listed(folder)
    missing = run("open", os.path.join(folder, "gone.pfile"), expect=1)
    assert "gone.pfile" in missing.stderr and "0x8" in missing.stderr, missing.stderr
    plain = run("open", os.path.join(folder, "without"), expect=1)
    assert "not protected" in plain.stderr, "a file that was named"


@test
def wrong_commands():
    make_folder()
    for words in (
        [], ["encrypt", "papers"], ["protect", "papers"], ["protect", "-u", BEN + ":VIEW"], ["protect", "-u", BEN, "papers"],
        ["protect", "-u", BEN + ":,", "papers"], ["protect", "-u", ":VIEW", "papers"], ["open", "-t", "x", "papers"],
        ["protect", "-t", "x", "-u", BEN + ":VIEW", "papers"], ["inspect", "-o", "x", "papers"], ["inspect"], ["open", "papers", "-o"],
        ["protect", "-u", BEN + ":VIEW", "--pfile", "--native", "papers"], ["templates", "x"], ["open", "--keep", "papers"],
        ["open", "--what", "papers"],
    ):
        done = run(*words, expect=2)
        assert "usage:" in done.stderr and done.stdout == "", words
    check_plain("papers")
    assert run("--help").stdout.startswith("usage:")
    wrong = run("--as", "", "inspect", "papers", expect=1)
    assert "--as" in wrong.stderr, wrong.stderr
    odd = run("protect", "-u", BEN + ":VIEW", "--", "papers/sub/-u.txt")
    assert "-> " in odd.stdout, odd.stdout


def large_file(mebibytes):
    with open("large.bin", "wb") as file:
        block = os.urandom(1 << 20)
        for _ in range(mebibytes):
            file.write(block)


@test
def a_bar_on_a_terminal_only():
    large_file(200)
    before = hashlib.sha256(read("large.bin")).digest()
    quiet = run("--as", ANNA, "protect", "-u", BEN + ":VIEW", "large.bin")
    assert quiet.stderr == ""
    import pty  # not on every system

    terminal, other_end = pty.openpty()
    done = subprocess.Popen(COMMAND + ["--as", ANNA, "open", "large.bin.pfile"], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=other_end)
    os.close(other_end)
    seen = b""
    while True:
        try:
            piece = os.read(terminal, 65536)
        except OSError:
            break
        if not piece:
            break
        seen += piece
    os.close(terminal)
    output = done.communicate(timeout=300)[0]
    assert done.returncode == 0 and b"opened: large.bin.pfile" in output, output
    assert hashlib.sha256(read("large.bin")).digest() == before
    assert b" %  " in seen and b"#" in seen and seen.endswith(b"\r\x1b[K"), seen


@test
def interruption_leaves_the_file_as_it_was():
    with open("large.bin", "wb") as file:
        file.truncate(64 << 30)  # a hole, which no machine has protected before the signal comes
    before = os.stat("large.bin")
    done = subprocess.Popen(COMMAND + ["--as", ANNA, "protect", "-u", BEN + ":VIEW", "large.bin", "papers"], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    time.sleep(0.5)
    assert done.poll() is None
    done.send_signal(signal.SIGINT)
    output, errors = done.communicate(timeout=60)
    assert done.returncode == 1 and "cancelled; the file is as it was" in errors, (done.returncode, output, errors)
    assert "not begun" in output, output
    after = os.stat("large.bin")
    assert (before.st_ino, before.st_size, before.st_mtime_ns) == (after.st_ino, after.st_size, after.st_mtime_ns)
    assert [name for name in os.listdir(".") if name.startswith("large")] == ["large.bin"], os.listdir(".")
    assert not [name for name in os.listdir(".") if name.startswith(".msipc")], os.listdir(".")


def main():
    failed = 0
    for case in TESTS:
        try:
            case()
            print("%s ... ok" % case.__name__)
        except Exception as problem:  # any is a failure of this case alone
            failed += 1
            print("%s ... FAILED\n%s: %s" % (case.__name__, type(problem).__name__, problem))
        for name in ("large.bin", "large.bin.pfile"):
            if os.path.exists(name):
                os.remove(name)
    print("%d passed, %d failed" % (len(TESTS) - failed, failed))
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
