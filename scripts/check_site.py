#!/usr/bin/env python3
"""Checks the documentation: what it shows compiles, what it names exists, what it links to is there.

  check_site.py --site FOLDER [--library FILE]      the folder that site.py wrote; a library to run whole programs with

- Every exported function has one example that calls it, and a page that shows it; the examples compile as C11 and C++17 with all
  warnings as errors, and after <windows.h> where the cross compiler is installed.
- Every fenced block of docs/*.md and README.md names its language, and holds for it. `c` and `cpp` are compiled: as they stand when
  they include something, else in a function that has `hr`, `key`, `license`, `bytes`, `template_id` and `path`; `c linux` and
  `c windows` on one system alone. With a library, those that are a whole program also run, in an empty store, and end well. `sh` is
  read by bash, and its make targets and files exist. `toml`, `json` and `xml` are parsed. What `cmake` names of the library is named by
  the project that is built from installed files (tests/consumers). `text` is not looked at.
- Functions, constants, files and make targets that pages set as code exist.
- The pages are well-formed, every link and anchor on them leads somewhere, and every page can be reached from the first.
"""
import argparse
import concurrent.futures
import glob
import json
import os
import posixpath
import re
import shlex
import shutil
import subprocess
import sys
import tempfile
import xml.etree.ElementTree as tree

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import doc_sources  # noqa: E402
import header_docs  # noqa: E402
import link_library  # noqa: E402
from header_docs import ROOT  # noqa: E402

WARNINGS = ["-Wall", "-Wextra", "-Werror", "-I", os.path.join(ROOT, "include")]
STANDARDS = {"c": ["-x", "c", "-std=c11"], "cpp": ["-x", "c++", "-std=c++17"]}
MINGW = "x86_64-w64-mingw32"
FOLDERS = "c-examples|docs|scripts|ffi-tests|tests|src|fuzz|bench|package"
# Of the original library, and named because they are not of this one.
FOREIGN = {"IpcCreateRepublishingLicense", "IpcDecryptWithHash", "IpcEncryptWithHash", "IpcGetLastErrorCode",
           "IpcGetLastErrorMessageText", "IpcIsFeatureSupported", "IpcfDecryptFileStreamWithKey"}
FRAGMENT = """#include <msipc.h>
#include <msipc_ext.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
HRESULT fragment(IPC_KEY_HANDLE key, IPC_LICENSE_HANDLE license, PIPC_BUFFER bytes, LPCWSTR template_id, LPCWSTR path);
HRESULT fragment(IPC_KEY_HANDLE key, IPC_LICENSE_HANDLE license, PIPC_BUFFER bytes, LPCWSTR template_id, LPCWSTR path)
{
    HRESULT hr = S_OK;
    (void)key, (void)license, (void)bytes, (void)template_id, (void)path;
%s
    return hr;
}
"""

problems = []


def complain(where, what):
    problems.append("%s: %s" % (where, what))


# What compiles


def compilers(language, words=()):
    """Commands that compile from standard input, one for each system."""
    host = os.environ.get("CC") or "cc" if language == "c" else os.environ.get("CXX") or "c++"
    cross = MINGW + ("-gcc" if language == "c" else "-g++")
    if "windows" not in words:
        yield shlex.split(host) + STANDARDS[language] + WARNINGS + ["-D_POSIX_C_SOURCE=200809L", "-fsyntax-only", "-"]
    if "linux" not in words and shutil.which(cross):
        yield [cross] + STANDARDS[language] + WARNINGS + ["-include", "windows.h", "-fsyntax-only", "-"]


def compile_text(job):
    where, command, text, folder = job
    done = subprocess.run(command, input=text, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, cwd=folder)
    return where, command, done.returncode, done.stdout


def compilations():
    together = "".join('#include "%s"\n' % place for place in doc_sources.example_files())  # one start of the compiler
    for language in STANDARDS:
        for command in compilers(language):
            yield doc_sources.EXAMPLES, command, together, ROOT
    for block in blocks():
        if block.language in STANDARDS:
            text = block.text if "#include" in block.text else FRAGMENT % block.text
            if "msipc::" in text and "#include <msipc.hpp>" not in text:
                text = "#include <msipc.hpp>\n" + text
            for command in compilers(block.language, block.words):
                yield "%s:%d" % (block.path, block.line), command, text, ROOT


def compile_all():
    jobs = list(compilations())
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count() or 2) as pool:
        for where, command, status, output in pool.map(compile_text, jobs):
            if status:
                complain(where, "does not compile with %s\n%s" % (command[0], output))
    if not shutil.which(MINGW + "-gcc"):
        print("note: %s-gcc is not installed, nothing is compiled for Windows" % MINGW)
    return len(jobs)


def run_programs(library):
    """Runs the blocks that are a whole program; how many there are."""
    count = 0
    for block in blocks():
        if block.language not in STANDARDS or "int main(" not in block.text or "windows" in block.words:
            continue
        where, count = "%s:%d" % (block.path, block.line), count + 1
        with tempfile.TemporaryDirectory(prefix="msipc-") as folder:  # mode 0700, as the store demands of its folder
            place = os.path.dirname(os.path.abspath(library))
            command = [word for word in next(compilers(block.language)) if word not in ("-", "-fsyntax-only")]
            command += ["-", "-o", os.path.join(folder, "program"), "-L", place, "-Wl,-rpath," + place, "-lmsipc"]
            done = subprocess.run(command, input=block.text, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, cwd=ROOT)
            if done.returncode == 0:
                environment = {name: value for name, value in os.environ.items() if not name.startswith("MSIPC_")}
                done = subprocess.run([os.path.join(folder, "program")], env=dict(environment, MSIPC_HOME=os.path.join(folder, "home")),
                                      stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, cwd=folder, timeout=120)
            if done.returncode:
                complain(where, "the program fails with status %d\n%s" % (done.returncode, done.stdout))
    return count


# Examples


def examples():
    exported = header_docs.exported_names()
    written = [function.name for function in header_docs.functions()]
    for name in sorted(set(exported) ^ set(written)):
        complain("include", "%s is exported without a comment, or has a comment and is not exported" % name)
    seen = {}
    for example in doc_sources.marked("example"):
        where = "%s:%d" % (example.path, example.line)
        for name in example.names:
            if name not in exported:
                complain(where, "an example of %s, which is not exported" % name)
            elif not re.search(r"\b%s\(" % name, example.code):
                complain(where, "the example of %s does not call it" % name)
            if name in seen:
                complain(where, "%s has an example at %s" % (name, seen[name]))
            seen[name] = where
    for name in exported:
        if name not in seen:
            complain(name, "has no example in %s" % doc_sources.EXAMPLES)
    for place in doc_sources.example_files():
        text = doc_sources.read(os.path.relpath(place, ROOT))
        if text.count("/* end */") != len(re.findall(r"/\* (?:example|shared): ", text)):
            complain(os.path.relpath(place, ROOT), "a mark has no end, or an end has no mark")
    return len(seen)


# Code blocks and names on pages


def blocks():
    return [block for path in doc_sources.pages() + doc_sources.PROJECT for block in doc_sources.blocks(path)]


def make_targets():
    found = set()
    for path in ["Makefile"] + sorted(glob.glob(os.path.join(ROOT, "*", "*.mk"))):
        with open(os.path.join(ROOT, path), encoding="utf-8") as text:
            for names in re.findall(r"^([a-z0-9][a-z0-9 -]*):(?!=)", text.read(), re.M):
                found |= set(names.split())
    return found


def named_targets(text):
    """Targets of the calls of make in shell text."""
    for call in re.findall(r"(?:^|[;&|(]|&&)\s*(?:[A-Z_]+=(?:\"[^\"]*\"|'[^']*'|\S*)\s+)*make\b([^;&|#\n)]*)", text, re.M):
        for word in shlex.split(call):
            if re.fullmatch(r"[a-z][a-z0-9-]*", word):
                yield word


def missing_files(text):
    for path in re.findall(r"(?<![\w/.$-])((?:%s)/[\w./*-]*[\w*]|include/[\w/]+\.[a-z]+)" % FOLDERS, text):
        if not glob.glob(os.path.join(ROOT, path)):
            yield path


def shell(block, targets):
    where = "%s:%d" % (block.path, block.line)
    done = subprocess.run(["bash", "-n"], input=block.text, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    if done.returncode:
        complain(where, "bash does not read this: " + done.stdout.strip())
    for target in named_targets(block.text):
        if target not in targets:
            complain(where, "there is no make target %s" % target)
    for path in missing_files(block.text):
        complain(where, "there is no %s" % path)


def toml(block):
    try:
        import tomllib
    except ImportError:  # before 3.11
        return
    try:
        tomllib.loads(block.text)
    except tomllib.TOMLDecodeError as error:
        complain("%s:%d" % (block.path, block.line), error)


def json_text(block):
    try:
        json.loads(block.text)
    except ValueError as error:
        complain("%s:%d" % (block.path, block.line), error)


def xml(block):
    try:
        tree.fromstring(block.text)
    except tree.ParseError as error:
        complain("%s:%d" % (block.path, block.line), error)


def cmake(block):
    """Packages and targets that it names are those that a project of tests/consumers is built with."""
    have = set()
    for path in glob.glob(os.path.join(ROOT, "tests", "consumers", "*", "CMakeLists.txt")):
        with open(path, encoding="utf-8") as text:
            have |= set(re.findall(r"\bmsipc\w*", text.read()))
    for name in re.findall(r"\bmsipc\w*", block.text):
        if name not in have:
            complain("%s:%d" % (block.path, block.line), "no project in tests/consumers names %s" % name)


def code_blocks(targets):
    kinds = {"sh": lambda block: shell(block, targets), "toml": toml, "json": json_text, "xml": xml, "cmake": cmake}
    checked = blocks()
    for block in checked:
        if block.language in kinds:
            kinds[block.language](block)
        elif block.language not in STANDARDS and block.language != "text":
            complain("%s:%d" % (block.path, block.line), "a code block without a language that is checked: '%s'" % block.language)
    return len(checked)


def known_names():
    names = set(FOREIGN) | set(header_docs.pointers()) | set(header_docs.exported_names())
    for kind in header_docs.types() + header_docs.handles() + header_docs.macros() + header_docs.constants():
        names.add(kind.name)
    for header in glob.glob(os.path.join(ROOT, "include", "*.h*")):
        names |= set(re.findall(r"\b(?:Ipc|IPC)\w+", header_docs.read(os.path.basename(header))))
    return names | set(link_library.width_names("msipc") + link_library.width_names("msipc16"))


def names_on_pages(targets):
    """Functions, constants, files and targets that stand in code spans."""
    known = known_names()
    for path in doc_sources.pages() + ["README.md"]:
        text = re.sub(r"^(```+|~~~+).*?^\1\s*$", lambda match: "\n" * match.group(0).count("\n"), doc_sources.read(path), flags=re.M | re.S)
        for match in re.finditer(r"`([^`\n]+)`", text):
            where = "%s:%d" % (path, text.count("\n", 0, match.start()) + 1)
            code = match.group(1)
            for name in re.findall(r"(?<![\w/.])(?:Ipc[fx]?[A-Z]\w+|P?C?IPC[A-Z]?_\w+|IPCERROR_\w+)", code):
                if name not in known and not (name.endswith("_") and any(other.startswith(name) for other in known)):
                    complain(where, "%s is not in the headers" % name)
            for missing in missing_files(code):
                complain(where, "there is no %s" % missing)
            for target in named_targets(code):
                if target not in targets:
                    complain(where, "there is no make target %s" % target)


# The pages that were written


def page_links(site):
    found, links = {}, {}
    for place in sorted(glob.glob(os.path.join(site, "**", "*.html"), recursive=True)):
        page = os.path.relpath(place, site).replace(os.sep, "/")
        try:
            root = tree.parse(place).getroot()
        except tree.ParseError as error:
            complain(page, "is not well-formed: %s" % error)
            continue
        ids = [item.get("id") for item in root.iter() if item.get("id")]
        for one in sorted({one for one in ids if ids.count(one) > 1}):
            complain(page, "two places have the anchor %s" % one)
        found[page] = set(ids)
        links[page] = [item.get("href") for item in root.iter() if item.get("href")]
        if not any(item.tag.endswith("}h1") for item in root.iter()):
            complain(page, "has no title")
    return found, links


def links_lead_somewhere(site):
    found, links = page_links(site)
    count, reached, waiting = 0, set(), ["index.html"]
    for page, targets in links.items():
        for link in targets:
            if re.match(r"[a-z]+:", link):
                continue
            count += 1
            path, _, anchor = link.partition("#")
            target = posixpath.normpath(posixpath.join(posixpath.dirname(page), path)) if path else page
            if target not in found and not os.path.exists(os.path.join(site, target)):
                complain(page, "the link to %s leads nowhere" % link)
            elif anchor and anchor not in found.get(target, ()):
                complain(page, "there is no anchor %s" % link)
    while waiting:
        page = waiting.pop()
        if page in links and page not in reached:
            reached.add(page)
            waiting += [posixpath.normpath(posixpath.join(posixpath.dirname(page), link.partition("#")[0]))
                        for link in links[page] if link.partition("#")[0]]
    for page in sorted(set(found) - reached):
        complain(page, "no page leads here")
    for name in header_docs.exported_names():
        if "example" not in found.get("reference/%s.html" % name, ()):
            complain(name, "has no page with an example")
    return len(found), count


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--site", required=True)
    parser.add_argument("--library")
    args = parser.parse_args()
    targets = make_targets()
    shown = examples()
    checked = code_blocks(targets)
    names_on_pages(targets)
    pages, links = links_lead_somewhere(args.site)
    compiled = compile_all()
    if args.library:
        print("%d programs of the pages were run" % run_programs(args.library))
    else:
        print("note: no library, programs of the pages are not run")
    for problem in problems:
        print("FAIL " + problem)
    print("%d pages, %d links, %d functions with examples, %d code blocks, %d compilations: %d problems"
          % (pages, links, shown, checked, compiled, len(problems)))
    return 1 if problems or not pages else 0


if __name__ == "__main__":
    sys.exit(main())
