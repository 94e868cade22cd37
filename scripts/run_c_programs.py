#!/usr/bin/env python3
"""Compiles the C and C++ programs against the public headers and the shared library, and runs each of them.

  run_c_programs.py --library FILE [--library-utf16 FILE] [--library-clock FILE] --out DIR
                    [--valgrind | --sanitize NAMES [--runtime FILE]] [--threaded]
                    [--wide FLAG] [--document FILE] [--only NAME,...] [--cases] [--jobs N] [--seconds N]
                    [--windows [--link FILE ...]] FOLDER...

Programs are the *.c, *.cc and *.cpp files of the folders, compiled with all warnings as errors:
- `common*` and `harness*` are linked into every program of their folder and language;
- a file without a `main` is only compiled; that it compiles is its check;
- a name that ends in `_utf16` is compiled with MSIPC_UTF16 and linked with the 16-bit library, and left out without one;
- a name that ends in `_clock` is linked with the library that lets tests set the time, and left out without one;
- a name that ends in `_noexcept` is compiled with -fno-exceptions;
- a name that ends in `_careless` frees nothing on purpose: valgrind and the sanitizers look for errors in it, not for leaks;
- a name that ends in `_windows` is for Windows, and left out elsewhere;
- a name that begins with `noticed_by_` and goes on with a sanitizer's is for a library that this sanitizer watches, and left out
  elsewhere. It does what must not be, and passes when the sanitizer says so in the library.

With --wide every program is compiled with that flag too (-fshort-wchar or -DMSIPC_UTF16) and the libraries are of the 16-bit flavour.
C++ takes MSIPC_UTF16 in any case, because its library is built for the usual wchar_t; programs that hand wide text to the C library
are left out.

With --sanitize the programs are compiled with -fsanitize=NAMES. With --runtime they carry that runtime of the sanitizer, whole,
instead of the compiler's: the one of the toolchain that built the library, which is instrumented itself and must agree with it.
With --threaded only programs that work with several threads run: those that start some, or have the library cut long calls, in
their own text or in a header beside them. Threads that the library starts by itself are not looked for.

With --windows the programs are made for Windows, by the compilers that CC and CXX name, and run by wine (WINE, else
wine). They are linked with --link FILE (again for more), each taken beside the library of the program; without one with
libmsipc.dll.a. Those in ffi-tests/windows/not_for_windows.txt are left out, with the reason that stands there.

Every program runs in an empty folder with an MSIPC_HOME of its own: an empty one, and under valgrind one with a store that
was made before, because the keys of a new one take valgrind seconds. Programs that set the clock begin with an
empty one there, too. These variables are set:
  MSIPC_TEST_LIBRARY   the shared library, for dlopen
  MSIPC_TEST_SOURCE    the root of the repository
  MSIPC_TEST_VALGRIND  set (to 1) under valgrind and the address sanitizer, for loops that should then be shorter and memory that says nothing
A program named `demo` gets the document as its argument. A program with a script beside it, `NAME.c` and `NAME_test.py`, is run
by that: the script gets the command of the program as its arguments, and its status and sum count. A program fails when its status is not zero, when it reports
failures, or when it runs out of time. One that prints no `N passed, M failed` line counts as one check.
The last line printed is the sum, `N passed, M failed`.
"""
import argparse
import concurrent.futures
import glob
import itertools
import os
import re
import shlex
import shutil
import subprocess
import sys
import tempfile
import time

ROOT = os.path.normpath(os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
WARNINGS = ["-Wall", "-Wextra", "-Wpedantic", "-Werror"]
STANDARDS = {".c": "-std=c11", ".cc": "-std=c++17", ".cpp": "-std=c++17"}
SUMMARY = re.compile(r"^(\d+) passed, (\d+) failed\s*$", re.MULTILINE)
CASE = re.compile(r"^\S+ \.\.\. ok$", re.MULTILINE)
MAIN = re.compile(r"\b\w*main\s*\(", re.IGNORECASE)  # also a macro that stands for it
SHARED_NAMES = ("common", "harness")
WIDE_OF_THE_C_LIBRARY = re.compile(r"%ls|\bwcs\w+\(|\bf?putws\(")
THREADED = re.compile(r"\bpthread_create\b|\bstd::thread\b|\bIpcxSetThreads\b")
BESIDE = re.compile(r'^\s*#\s*include\s+"([^"]+)"', re.MULTILINE)
NOTICED = "noticed_by_"
IN_LIBRARY = re.compile(r"Sanitizer: .*\n(?:.*\n)*? *#\d+ .* %s/" % re.escape(os.path.join(ROOT, "src")))
# Where nothing of LLVM is at hand, addr2line tells places in the source; it comes with every compiler.
SYMBOLS = "allow_addr2line=1"
SUPPRESSIONS = os.path.join(ROOT, "ffi-tests", "valgrind.supp")
# What the runtime of a sanitizer needs beside the C library.
RUNTIME_LIBRARIES = ["-lpthread", "-lrt", "-lm", "-ldl", "-lresolv"]
NOT_FOR_WINDOWS = os.path.join(ROOT, "ffi-tests", "windows", "not_for_windows.txt")
VALGRIND_FOUND = 99
SECONDS, SECONDS_UNDER_VALGRIND = 180, 900


class Outcome:
    def __init__(self, name, passed=0, failed=0, text="", problem="", seconds=0.0):
        self.name, self.passed, self.failed = name, passed, failed
        self.text, self.problem, self.seconds = text, problem, seconds


def stem(path):
    return os.path.splitext(os.path.basename(path))[0]


def has_main(path):
    with open(path, encoding="utf-8") as source:
        return MAIN.search(source.read()) is not None


def sources(folder):
    """Programs and shared sources of one folder."""
    found = sorted(path for ending in STANDARDS for path in glob.glob(os.path.join(folder, "*" + ending)))
    shared = [path for path in found if stem(path).startswith(SHARED_NAMES)]
    return [path for path in found if path not in shared], shared


def needs_wide(path):
    """Whether the program relies on the width that the C library was built with."""
    with open(path, encoding="utf-8") as source:
        text = source.read()
    # C++ is not compiled with a short wchar_t, so its wide literals keep the usual width.
    return WIDE_OF_THE_C_LIBRARY.search(text) is not None or (not path.endswith(".c") and re.search(r'\bL"', text) is not None)


def is_threaded(path):
    """Whether the program, or a header of its folder that it includes, works with several threads."""
    waiting, known = [path], set()
    while waiting:
        here = waiting.pop()
        known.add(here)
        with open(here, encoding="utf-8") as source:
            text = source.read()
        if THREADED.search(text):
            return True
        beside = (os.path.join(os.path.dirname(here), name) for name in BESIDE.findall(text))
        waiting += [header for header in beside if header not in known and os.path.exists(header)]
    return False


def is_utf16(path):
    return stem(path).endswith("_utf16")


def compiler(path):
    if path.endswith(".c"):
        return shlex.split(os.environ.get("CC") or "cc")
    return shlex.split(os.environ.get("CXX") or "c++")


def for_windows_alone(path):
    return stem(path).endswith("_windows")


def noticed_by(path):
    """The sanitizer that must complain of the program, if one must."""
    return stem(path)[len(NOTICED):] if stem(path).startswith(NOTICED) else ""


def not_for_windows():
    """Reasons by the name of the program."""
    with open(NOT_FOR_WINDOWS, encoding="utf-8") as lines:
        rows = [line.split(None, 1) for line in lines if line.strip() and not line.startswith("#")]
    return {name: reason.strip() for name, reason in rows}


def library_for(path, args):
    if stem(path).endswith("_clock"):
        return args.library_clock
    return args.library_utf16 if is_utf16(path) else args.library


def complaint_of(command):
    """None, or what the compiler said when it failed."""
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, errors="replace")
    return "%s\n%s" % (shlex.join(command), done.stdout) if done.returncode != 0 else None


def compile_program(path, shared, args):
    """The program's file and None, or None and the compiler's complaint. None and None: compiled, has no main."""
    ending = os.path.splitext(path)[1]
    output = os.path.join(args.out, stem(path) + ending.replace(".", "_"))
    standard = STANDARDS[ending]
    command = compiler(path) + WARNINGS + ["-g", "-pthread", "-D_POSIX_C_SOURCE=200809L"]
    # The C library of Windows hides what is not in the standard from strictly standard programs.
    command += [standard.replace("=c", "=gnu"), "-D__USE_MINGW_ANSI_STDIO=1"] if args.windows else [standard]
    sanitized = ["-fsanitize=" + args.sanitize, "-fno-sanitize-recover=undefined", "-fno-sanitize=vptr"] if args.sanitize else []
    command += sanitized if not args.runtime else []
    command += ["-fno-exceptions"] if stem(path).endswith("_noexcept") else []
    command += ["-DMSIPC_UTF16"] if is_utf16(path) or (args.wide and ending != ".c") else shlex.split(args.wide)
    command += ["-I", os.path.join(ROOT, "include"), "-I", os.path.dirname(path) or ".", path]
    program = has_main(path)
    if program and args.runtime:
        # Compiled apart, because a compiler that links with -fsanitize takes its own runtime.
        objects = []
        for source in [path] + [item for item in shared if os.path.splitext(item)[1] == ending]:
            objects.append("%s.%d.o" % (output, len(objects)))
            complaint = complaint_of(command[:-1] + sanitized + ["-c", source, "-o", objects[-1]])
            if complaint:
                return None, complaint
        library = os.path.dirname(library_for(path, args))
        command = compiler(path) + objects + ["-pthread", "-Wl,--export-dynamic", "-Wl,--whole-archive", args.runtime]
        command += ["-Wl,--no-whole-archive", "-L", library, "-Wl,-rpath," + library, "-l:" + os.path.basename(library_for(path, args))]
        command += RUNTIME_LIBRARIES + ["-o", output]
    elif program:
        library = os.path.dirname(library_for(path, args))
        command += [item for item in shared if os.path.splitext(item)[1] == ending]
        if args.windows:
            output += ".exe"
            command += [os.path.join(library, name) if name.endswith(".a") or name.endswith(".lib") else name for name in args.link]
            command += ["-luuid", "-static", "-o", output]
        else:
            command += ["-L", library, "-Wl,-rpath," + library, "-l:" + os.path.basename(library_for(path, args)), "-ldl", "-o", output]
    else:
        command += ["-c", "-o", output + ".o"]
    complaint = complaint_of(command)
    return (output if program and not complaint else None), complaint


def windows_path(path):
    """A path as programs under wine see it: the root of this system is their drive Z."""
    return "Z:" + path.replace("/", "\\")


def as_text(output):
    """What a program that was stopped had printed: bytes or text, depending on the version of Python."""
    return output.decode(errors="replace") if isinstance(output, bytes) else output or ""


def found_store(library, home):
    """Makes the store of an MSIPC_HOME, by asking for the templates."""
    os.mkdir(home, 0o700)
    ask = "import ctypes, sys; sys.exit(ctypes.CDLL(sys.argv[1]).IpcGetTemplateList(None, 0, 0, None, None, ctypes.byref(ctypes.c_void_p())))"
    environment = {name: value for name, value in os.environ.items() if not name.startswith("MSIPC_")}
    if subprocess.run([sys.executable, "-c", ask, library], env=dict(environment, MSIPC_HOME=home)).returncode != 0:
        sys.exit("no store could be made with %s" % library)
    return home


def run_program(path, program, args):
    work = tempfile.mkdtemp(prefix="msipc-")  # mode 0700, as the store demands of its folder
    try:
        home, here = os.path.join(work, "home"), os.path.join(work, "work")
        if args.founded and not stem(path).endswith("_clock"):
            shutil.copytree(args.founded, home)
        else:
            os.mkdir(home, 0o700)
        os.mkdir(here)
        environment = {name: value for name, value in os.environ.items() if not name.startswith("MSIPC_")}
        told = windows_path if args.windows else str
        environment.update(MSIPC_HOME=told(home), MSIPC_TEST_LIBRARY=told(library_for(path, args)), MSIPC_TEST_SOURCE=told(ROOT))
        command, log, limit = [program], os.path.join(work, "valgrind.%p.log"), args.seconds
        if args.windows:
            command = shlex.split(os.environ.get("WINE") or "wine") + command
            beside = "" if args.link_alone else windows_path(os.path.dirname(library_for(path, args))) + ";"
            environment["WINEPATH"] = beside + os.environ.get("WINEPATH", "")
        if args.sanitize == "thread":
            environment["TSAN_OPTIONS"] = SYMBOLS + ":second_deadlock_stack=1:die_after_fork=0"
        elif args.sanitize:
            leaks = 0 if stem(path).endswith("_careless") else 1
            environment["MSIPC_TEST_VALGRIND"] = "1"
            environment["ASAN_OPTIONS"] = SYMBOLS + ":detect_leaks=%d:strict_string_checks=1:detect_stack_use_after_return=1" % leaks
        if args.valgrind:
            environment["MSIPC_TEST_VALGRIND"] = "1"
            command = ["valgrind", "--quiet", "--log-file=" + log, "--error-exitcode=%d" % VALGRIND_FOUND, "--leak-check=full",
                       "--show-leak-kinds=definite,indirect,possible", "--errors-for-leak-kinds=definite,indirect,possible", "--num-callers=30"]
            if stem(path).endswith("_careless"):
                command.append("--leak-check=no")
            command += ["--suppressions=" + SUPPRESSIONS] if os.path.exists(SUPPRESSIONS) else []
            command, limit = command + [program], SECONDS_UNDER_VALGRIND
        if stem(path) == "demo":
            command.append(told(args.document))
        script = os.path.splitext(path)[0] + "_test.py"
        if os.path.exists(script):
            command = [sys.executable, script] + command
        began = time.monotonic()
        try:
            done = subprocess.run(command, cwd=here, env=environment, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                                  stderr=subprocess.STDOUT, text=True, errors="replace", timeout=limit)
            text, status, problem = done.stdout, done.returncode, ""
        except subprocess.TimeoutExpired as late:
            text, status, problem = as_text(late.stdout), None, "no end after %d seconds" % limit
        seconds = time.monotonic() - began
        for written in glob.glob(log.replace("%p", "*")):  # one of each process
            with open(written, encoding="utf-8", errors="replace") as found:
                complaints = found.read()
            if complaints:
                text, problem = text + complaints, problem or "valgrind has complaints"
        if noticed_by(path):
            seen = status and IN_LIBRARY.search(text)
            return Outcome(os.path.relpath(path, ROOT), 1 if seen else 0, 0 if seen else 1, text, "" if seen else "was not noticed", seconds)
        summaries = SUMMARY.findall(text)
        passed, failed = (int(summaries[-1][0]), int(summaries[-1][1])) if summaries else (0, 0)
        if summaries and passed + failed == 0:
            problem = problem or "no check was made"
        if status and not problem:
            problem = "ended by signal %d" % -status if status < 0 else "status %d" % status
        if not summaries and not problem:
            passed = 1
        if failed and not problem:
            problem = "checks failed"
        # A program that fails in a way its own sum does not show adds one failure, so that the total shows it.
        return Outcome(os.path.relpath(path, ROOT), passed, max(failed, 1) if problem else 0, text, problem, seconds)
    finally:
        shutil.rmtree(work, ignore_errors=True)


def check(path, shared, args):
    name = os.path.relpath(path, ROOT)
    program, complaint = compile_program(path, shared, args)
    if complaint:
        return Outcome(name, failed=1, text=complaint, problem="does not compile")
    if program is None:
        return Outcome(name, passed=1)
    return run_program(path, program, args)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--library", required=True)
    parser.add_argument("--out", required=True, help="folder for the compiled programs")
    parser.add_argument("--library-utf16", default="")
    parser.add_argument("--library-clock", default="")
    parser.add_argument("--wide", default="", help="flag that makes wide text 16 bits; the libraries are of that flavour")
    parser.add_argument("--document", default=os.path.join(ROOT, "c-examples", "data", "tidal-report.docx"))
    parser.add_argument("--valgrind", action="store_true")
    parser.add_argument("--sanitize", default="", help="compile the programs with -fsanitize=SANITIZE")
    parser.add_argument("--runtime", default="", help="the sanitizer's runtime, a static library")
    parser.add_argument("--threaded", action="store_true", help="only programs that work with several threads")
    parser.add_argument("--only", default="", help="run the programs whose name contains one of these, parted by commas")
    parser.add_argument("--cases", action="store_true", help="print the line of every test, also of those that pass")
    parser.add_argument("--seconds", type=int, default=SECONDS, help="time that a program has, except under valgrind")
    parser.add_argument("--windows", action="store_true", help="programs for Windows, run by wine")
    parser.add_argument("--link", action="append", help="what programs for Windows are linked with")
    parser.add_argument("--link-alone", action="store_true", help="programs for Windows find the library by themselves")
    parser.add_argument("--jobs", type=int, default=min(4, os.cpu_count() or 1))
    parser.add_argument("folders", nargs="+")
    args = parser.parse_args()
    args.library, args.out, args.document = (os.path.abspath(path) for path in (args.library, args.out, args.document))
    args.runtime = args.runtime and os.path.abspath(args.runtime)
    args.library_utf16 = args.library_utf16 and os.path.abspath(args.library_utf16)
    args.library_clock = args.library_clock and os.path.abspath(args.library_clock)

    args.link = args.link or ["libmsipc.dll.a"]

    names = args.only.split(",")
    work, left_out = [], not_for_windows() if args.windows else {}
    for folder in args.folders:
        programs, shared = sources(os.path.abspath(folder))
        programs = [path for path in programs if any(name in os.path.basename(path) for name in names) and library_for(path, args)]
        for path in (path for path in programs if args.wide and needs_wide(path)):
            print("not  %s: uses wide functions or literals of the C library, whose characters have 32 bits" % os.path.relpath(path, ROOT))
        programs = [path for path in programs if not (args.wide and needs_wide(path))]
        programs = [path for path in programs if not args.threaded or is_threaded(path)]
        programs = [path for path in programs if not noticed_by(path) or (args.runtime and noticed_by(path) in args.sanitize.split(","))]
        for path in programs:
            if args.windows and stem(path) in left_out:
                print("not  %s: %s" % (os.path.relpath(path, ROOT), left_out[stem(path)]))
            elif args.windows or not for_windows_alone(path):
                work.append((path, shared))
    idle = [name for name in names if not any(name in os.path.basename(path) for path, _ in work)]
    if not work or idle:
        sys.exit("no program to run in %s: %s" % (", ".join(args.folders), ", ".join(idle)))
    for library in {library_for(path, args) for path, _ in work}:
        if not os.path.exists(library):
            sys.exit("no library at %s" % library)
    os.makedirs(args.out, exist_ok=True)

    with tempfile.TemporaryDirectory(prefix="msipc-") as folder:
        args.founded = found_store(args.library, os.path.join(folder, "home")) if args.valgrind else ""
        return run_all(work, args)


def run_all(work, args):
    passed = failed = 0
    # Those for Windows change the registry of the machine, which the others read: one by one, after the others.
    alone = [item for item in work if for_windows_alone(item[0])]
    with concurrent.futures.ThreadPoolExecutor(args.jobs) as pool:
        together = pool.map(lambda item: check(item[0], item[1], args), [item for item in work if item not in alone])
        for outcome in itertools.chain(together, (check(path, shared, args) for path, shared in alone)):
            passed, failed = passed + outcome.passed, failed + outcome.failed
            if outcome.problem:
                print("FAIL %s: %s" % (outcome.name, outcome.problem))
                print("".join("     | %s\n" % line for line in outcome.text.splitlines()), end="")
            else:
                if args.cases:
                    print("".join("     %s: %s\n" % (stem(outcome.name), case) for case in CASE.findall(outcome.text)), end="")
                print("ok   %s: %d passed, %.1f s" % (outcome.name, outcome.passed, outcome.seconds))
            sys.stdout.flush()
    print("%d passed, %d failed" % (passed, failed))
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
