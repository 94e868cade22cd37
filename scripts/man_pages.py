#!/usr/bin/env python3
"""Writes the manual pages from the comments of the public headers, and checks pages with the formatters that are there.

  man_pages.py --out FOLDER     man3/FUNCTION.3 for every function; man7/msipc.7, an overview; man7/msipc_types.7 and
                                man7/msipc_constants.7; man1/ipcprotect.1 from the help text of the program
  man_pages.py --check FOLDER   formats each page of the folder with groff, all warnings on, and with mandoc where it is installed

The headers say everything: a page that is wrong is put right in src/ffi.
"""
import argparse
import concurrent.futures
import glob
import os
import re
import shutil
import subprocess
import sys

ROOT = os.path.normpath(os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
sys.path.insert(0, os.path.join(ROOT, "scripts"))
import header_docs  # noqa: E402
import link_library  # noqa: E402
from header_docs import blocks  # noqa: E402

HEADINGS = {"Returns": "RETURN VALUE", "Safety": "POINTERS"}


class Page:
    """One page in the macros of man(7)."""

    def __init__(self, name, section, title):
        package = link_library.package()
        self.name, self.section = name, section
        self.lines = ['.TH %s %s "%s" "msipc %s" "%s"' % (name, section, package["manual-date"], package["version"], title), ".nh", ".ad l"]

    def heading(self, text):
        self.lines.append('.SH "%s"' % text)

    def paragraphs(self, blocks):
        for kind, text in blocks:
            if kind == "item":
                self.lines += [".IP \\(bu 3", inline(text)]
            else:
                self.lines += [".PP", inline(text)]

    def tagged(self, tag, text):
        self.lines += [".TP", tag, inline(text)]

    def code(self, lines):
        self.lines += [".PP", ".nf"] + [literal(line) or "\\&" for line in lines] + [".fi"]

    def text(self):
        """The page; a heading begins a paragraph by itself."""
        lines = [line for before, line in zip([""] + self.lines, self.lines)
                 if not (line == ".PP" and before.startswith((".SH", ".SS")))]
        return "\n".join(lines) + "\n"

    def write(self, folder):
        place = os.path.join(folder, "man" + self.section)
        os.makedirs(place, exist_ok=True)
        with open(os.path.join(place, "%s.%s" % (self.name, self.section)), "w", encoding="utf-8") as out:
            out.write(self.text())


def escape(text):
    return text.replace("\\", "\\e")


def literal(line):
    """A line of code, as it stands."""
    line = escape(line).replace("-", "\\-").replace("'", "\\(aq").replace("`", "\\(ga").replace("^", "\\(ha").replace("~", "\\(ti")
    return "\\&" + line if line.startswith(".") else line


def inline(text):
    """A paragraph: code in bold, emphasis in italics, each sentence on a line of its own."""
    parts = re.split(r"(`[^`]+`)", text)
    shown = ""
    for part in parts:
        if part.startswith("`") and len(part) > 2:
            shown += "\\fB" + literal(part[1:-1]) + "\\fR"
        else:
            shown += re.sub(r"(?<!\w)\*([^*\s][^*]*)\*(?!\w)", r"\\fI\1\\fR", escape(part))
    lines = re.sub(r"(?<=[^A-Z.][.:])\s+(?=[A-Z\\])", "\n", shown).split("\n")
    return "\n".join("\\&" + line if line[:1] in (".", "'") else line for line in lines)


def summary(text):
    """The first sentence, as the line that says what a page is about."""
    first = header_docs.summary(text)
    return re.sub(r"[`*]", "", first[0].lower() + first[1:] if first[:2] != first[:2].upper() else first)


class Function:
    def __init__(self, function):
        self.name, self.header, self.result, self.parameters, parts = function
        self.parts = [(heading, blocks(lines)) for heading, lines in parts]
        self.about = self.parts[0][1][0][1]

    def page(self, known):
        page = Page(self.name, "3", "Rights management")
        page.heading("NAME")
        page.lines.append("%s \\- %s" % (self.name, escape(summary(self.about))))
        page.heading("LIBRARY")
        page.lines.append("Rights management (\\fIlibmsipc\\fR, \\fI\\-lmsipc\\fR; with 16-bit text \\fIlibmsipc16\\fR, \\fI\\-lmsipc16\\fR)")
        page.heading("SYNOPSIS")
        page.code(["#include <%s>" % self.header])
        if self.parameters == ["void"]:
            page.code(["%s %s(void);" % (self.result, self.name)])
        else:
            page.code(["%s %s(" % (self.result, self.name)] + ["    " + item + "," for item in self.parameters[:-1]]
                      + ["    " + self.parameters[-1] + ");"])
        for heading, body in self.parts:
            page.heading(HEADINGS.get(heading, heading.upper()) if heading else "DESCRIPTION")
            if heading == "Returns":
                page.lines.append("One of these, or a code that \\fBmsipc\\fR(7) names for all functions.")
            page.paragraphs(body)
        page.heading("SEE ALSO")
        text = " ".join(body for _, part in self.parts for _, body in part)
        others = sorted((set(re.findall(r"\bIpc\w+", text)) & known) - {self.name})
        page.lines.append(",\n".join("\\fB%s\\fR(%s)" % item for item in [(other, 3) for other in others]
                                     + [("msipc", 7), ("msipc_constants", 7), ("msipc_types", 7)]))
        return page


def functions():
    found = [Function(function) for function in header_docs.functions()]
    names = [function.name for function in found]
    exported = link_library.exported_names()
    if sorted(names) != sorted(exported):
        sys.exit("man_pages: without a comment or a prototype: %s" % ", ".join(sorted(set(exported) ^ set(names))))
    return found


def overview(every):
    page = Page("msipc", "7", "Rights management")
    page.heading("NAME")
    page.lines.append("msipc \\- " + escape(link_library.package()["description"].lower().replace("rms sdk", "RMS SDK").replace(" c ", " C ")))
    page.heading("SYNOPSIS")
    page.code(["#include <msipc.h>", "#include <msipc_ext.h>", "",
               "cc program.c $(pkg-config --cflags --libs msipc)",
               "cc program.c $(pkg-config --cflags --libs --static msipc) -static",
               "cc program.c $(pkg-config --cflags --libs msipc16)"])
    page.heading("DESCRIPTION")
    page.paragraphs([("text", "The library lists policies, makes licenses that say who may do what, checks rights, and encrypts and decrypts "
                      "content and files under them. It has its licensing authority within it; no service is needed."),
                     ("text", "What follows holds for every function; its own page says what is special to it.")])
    for word, text in header_docs.contract():
        page.tagged(".B " + word, text)
    for header, title in (("msipc.h", "FUNCTIONS OF THE RMS SDK 2.1"), ("msipc_ext.h", "FUNCTIONS BESIDE IT")):
        page.heading(title)
        for function in sorted((item for item in every if item.header == header), key=lambda item: item.name):
            page.tagged(".BR %s (3)" % function.name, summary(function.about)[0].upper() + summary(function.about)[1:] + ".")
    page.heading("ENVIRONMENT")
    for name, text in (("MSIPC_HOME", "Folder of the store and its key, in place of those of the account."),
                       ("MSIPC_ORGANIZATION", "Name of the organization, when the store is made."),
                       ("MSIPC_IDENTITY", "The account that asks, where the program names none."),
                       ("MSIPC_PASSPHRASE_FILE", "A file with the passphrase of the store, in place of its key file.")):
        page.tagged(".B " + name, text)
    page.paragraphs([("text", "Programs that run with the rights of another account ignore all of them.")])
    page.heading("FILES")
    page.tagged(".I $XDG_DATA_HOME/msipc", "The store; `~/.local/share/msipc` where the variable is not set.")
    page.tagged(".I $XDG_CONFIG_HOME/msipc", "The key of the store; `~/.config/msipc` where the variable is not set.")
    page.heading("SEE ALSO")
    page.lines.append("\\fBipcprotect\\fR(1),\n\\fBmsipc_constants\\fR(7),\n\\fBmsipc_types\\fR(7)")
    return page


def collection(name, what, entries, show, other):
    """A page of everything of one sort, by header."""
    page = Page(name, "7", "Rights management")
    page.heading("NAME")
    page.lines.append("%s \\- %s of msipc" % (name, what))
    for header in header_docs.HEADERS:
        page.heading("OF " + header.upper())
        for entry in entries:
            if entry.header == header:
                show(page, entry)
    page.heading("SEE ALSO")
    page.lines.append("\\fBmsipc\\fR(7),\n\\fB%s\\fR(7)" % other)
    return page


def constants():
    def show(page, constant):
        page.lines += [".TP", "\\fB%s\\fR  %s" % (constant.name, literal(constant.value))]
        for number, (_, text) in enumerate(blocks(constant.lines)):
            page.lines += ([".IP"] if number else []) + [inline(text)]
    return collection("msipc_constants", "constants and codes", header_docs.constants(), show, "msipc_types")


def types():
    def show(page, kind):
        page.lines.append('.SS "%s"' % kind.name)
        page.paragraphs(blocks(kind.lines))
        page.code(kind.code.split("\n"))
    return collection("msipc_types", "structures and callbacks", header_docs.types(), show, "msipc_constants")


def ipcprotect():
    """The page of the program, from the text that it prints as help."""
    with open(os.path.join(ROOT, "c-examples", "ipcprotect.c"), encoding="utf-8") as source:
        body = re.search(r"HELP\[\] =\n(.*?);\n", source.read(), re.S).group(1)
    lines = [line.encode().decode("unicode_escape").rstrip("\n") for line in re.findall(r'"((?:[^"\\]|\\.)*)"', body)]
    page = Page("ipcprotect", "1", "Rights management")
    page.heading("NAME")
    page.lines.append("ipcprotect \\- protects, opens and inspects files")
    page.heading("SYNOPSIS")
    usage = lines[0].replace("usage: ", "")
    page.code([usage])
    page.heading("DESCRIPTION")
    command, text = None, []

    def flush():
        if command:
            page.tagged("\\fB%s\\fR" % literal(command), " ".join(text))
        elif text:
            page.paragraphs([("text", " ".join(text))])

    for line in lines[1:] + [""]:
        indent = len(line) - len(line.lstrip())
        if indent == 2:
            flush()
            command, text = line.strip(), []
        elif not line:
            flush()
            command, text = None, []
        else:
            text.append(line.strip())
    page.heading("SEE ALSO")
    page.lines.append("\\fBmsipc\\fR(7)")
    return page


def pages():
    every = functions()
    known = {function.name for function in every}
    return [function.page(known) for function in every] + [overview(every), constants(), types(), ipcprotect()]


def names():
    """Paths of all pages below the folder of manual pages."""
    return ["man%s/%s.%s" % (page.section, page.name, page.section) for page in pages()]


def complaints(path):
    found = []
    done = subprocess.run(["groff", "-wall", "-man", "-Tutf8", "-z", path], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    found += done.stdout.splitlines() + ([] if done.returncode == 0 else ["%s: groff: status %d" % (path, done.returncode)])
    if shutil.which("mandoc"):
        done = subprocess.run(["mandoc", "-T", "lint", "-W", "warning", path], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        found += done.stdout.splitlines()
    return found


def check(folder):
    """How many pages have complaints, or None without a formatter."""
    if not shutil.which("groff"):
        return None
    paths = sorted(glob.glob(os.path.join(folder, "man*", "*.[0-9]")))
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count() or 2) as pool:
        every = list(pool.map(complaints, paths))
    for line in (line for found in every for line in found):
        print("FAIL " + line)
    print("%d manual pages, %d with complaints" % (len(paths), sum(1 for found in every if found)))
    return sum(1 for found in every if found) if paths else 1


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--out")
    parser.add_argument("--check")
    args = parser.parse_args()
    if args.out:
        written = pages()
        shutil.rmtree(args.out, ignore_errors=True)
        for page in written:
            page.write(args.out)
        print("wrote %d manual pages to %s" % (len(written), args.out))
    if args.check:
        bad = check(args.check)
        if bad is None:
            print("manual pages are not checked: groff is not installed")
        return 1 if bad else 0
    return 0


if __name__ == "__main__":
    sys.exit(main())
