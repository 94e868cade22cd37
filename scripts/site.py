#!/usr/bin/env python3
"""Builds the documentation as plain static pages: the Markdown of docs/, and a reference from the comments of the headers.

  site.py --out FOLDER

The pages need no script and no server. Markdown is rendered by the library of that name (Debian: python3-markdown).
check_site.py checks what is written here.
"""
import argparse
import html
import os
import posixpath
import re
import shutil
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import doc_sources  # noqa: E402
import header_docs  # noqa: E402
from header_docs import ROOT  # noqa: E402

try:
    import markdown
except ImportError:
    # The system's interpreter may have what the one in the path has not; it runs this file in place of it.
    if os.path.exists("/usr/bin/python3") and os.path.realpath(sys.executable) != os.path.realpath("/usr/bin/python3"):
        os.execv("/usr/bin/python3", ["/usr/bin/python3"] + sys.argv)
    sys.exit("site: Python has no module 'markdown': run scripts/setup.sh site (Debian: apt-get install python3-markdown)")

MESSAGE_TEXTS = "src/ffi/message_text.rs"
HEADINGS = {"Safety": "Pointers"}
# Codes of the system that have a name of their own as HRESULT, and their texts with that of the system.
SAME = {"E_ACCESSDENIED": "ERROR_ACCESS_DENIED", "E_HANDLE": "ERROR_INVALID_HANDLE", "E_OUTOFMEMORY": "ERROR_OUTOFMEMORY",
        "E_INVALIDARG": "ERROR_INVALID_PARAMETER"}
ENDINGS = (".c", ".h", ".cc", ".hpp", ".map", ".toml", ".sh", ".py")  # files that get a page when a page names them
NAME = re.compile(r"\b(?:Ipc\w+|P?C?IPC\w*_\w+|IPCERROR_\w+|E_[A-Z]+|ERROR_[A-Z_]+)\b")

MARKED = re.compile(r"\bHRESULT_FROM_WIN32\(\w+\)|\b(?:Ipc[fx]?[A-Z]\w+|[A-Z]+_[A-Z_0-9]+|[a-z]+_t|WCHAR|DWORD|BOOL|FILETIME|HRESULT|"
                    r"cbSize|NULL|FALSE|TRUE)\b")


def github_slug(text, separator):
    """The anchor of a heading, as forges make it, so that links work there too."""
    return re.sub(r"\s", separator, re.sub(r"[^\w\s-]", "", text.strip().lower()))


class Site:
    def __init__(self, out):
        self.out = out
        self.pages = {}  # path -> (title, text, contents)
        self.sources = {}  # file of the repository -> page
        self.wanted = []
        self.functions = header_docs.functions()
        self.examples = {name: example for example in doc_sources.marked("example") for name in example.names}
        self.shared = doc_sources.marked("shared")
        self.texts = message_texts()
        self.places = {}  # name -> page and anchor
        for function in self.functions:
            self.places[function.name] = "reference/%s.html" % function.name
        for kind in header_docs.types() + header_docs.handles() + header_docs.macros():
            self.places[kind.name] = "reference/types.html#" + kind.name
        for name, target in header_docs.pointers().items():
            while target in header_docs.pointers():
                target = header_docs.pointers()[target]
            if target in self.places:
                self.places[name] = self.places[target]
        self.constant_names = {constant.name for constant in header_docs.constants()}
        for constant in header_docs.constants():
            page = "errors" if constant.name.startswith("IPCERROR_") else "constants"
            self.places[constant.name] = "reference/%s.html#%s" % (page, constant.name)
        for code in self.named_codes():
            self.places[code] = "reference/errors.html#" + code
        for path in doc_sources.pages() + doc_sources.PROJECT:
            self.sources[path] = posixpath.splitext(path.replace("docs/", "", 1).lower())[0] + ".html"

    # What is said where

    def comment(self, function):
        return "\n".join(line for _, lines in function.parts for line in lines)

    def named_codes(self):
        """Codes of the base types that a function names or that have a text, in the order of the header."""
        named = set(NAME.findall("\n".join(self.comment(function) for function in self.functions))) | set(self.texts)
        return [name for name in header_docs.base_codes() if name in named]

    def subject_of(self, function):
        return self.examples[function.name].path if function.name in self.examples else ""

    # Markdown and links

    def render(self, text, page, source=None):
        """(HTML, contents) of Markdown. `source` is the file it came from, against which its links are resolved."""
        text = re.sub(r"^(\s*(?:```+|~~~+))[ ]*(\w+)[ \w]*$", r"\1\2", text, flags=re.M)
        renderer = markdown.Markdown(extensions=["tables", "fenced_code", "toc", "sane_lists"],
                                     extension_configs={"toc": {"slugify": github_slug}}, output_format="xhtml")
        body = renderer.convert(text)
        if source:
            body = re.sub(r'href="([^"]+)"', lambda match: 'href="%s"' % self.target(match.group(1), page, source), body)
        body = re.sub(r"<table>.*?</table>", lambda match: '<div class="wide">%s</div>' % match.group(0), body, flags=re.S)
        return self.link_names(body, page), renderer.toc_tokens

    def target(self, link, page, source):
        """Where a link of a Markdown file leads on the site."""
        link = html.unescape(link)
        if re.match(r"[a-z]+:", link) or link.startswith("#"):
            return html.escape(link)
        path, _, anchor = link.partition("#")
        path = posixpath.normpath(posixpath.join(posixpath.dirname(source), path))
        place = self.page_of(path)
        if not place:
            raise SystemExit("%s: link to %s, which is no file of the repository" % (source, link))
        return html.escape(relative(place, page) + ("#" + anchor if anchor else ""))

    def page_of(self, path):
        """The page of a file of the repository, which is made for sources that something names."""
        if path == doc_sources.EXAMPLES:
            return "reference/index.html"
        if path not in self.sources and os.path.isfile(os.path.join(ROOT, path)):
            self.sources[path] = "source/" + path + ".html"
            self.wanted.append(path)
        return self.sources.get(path)

    def link_names(self, body, page):
        """Links names of the interface and of files, where they stand in code and in no link."""
        depth = {"a": 0, "code": 0, "pre": 0}
        parts = re.split(r"(<[^>]+>)", body)
        for index, part in enumerate(parts):
            tag = re.match(r"<(/?)(a|code|pre)\b", part)
            if tag:
                depth[tag.group(2)] += -1 if tag.group(1) else 1
            elif not part.startswith("<") and depth["code"] and not depth["a"]:
                parts[index] = NAME.sub(lambda match: self.link(match.group(0), page), part)
                if not depth["pre"] and (part in self.sources or part.startswith(("c-examples/", "include/", "docs/")) and part.endswith(ENDINGS)):
                    place = self.page_of(part)
                    parts[index] = '<a href="%s">%s</a>' % (relative(place, page), part) if place else part
        return "".join(parts)

    def link(self, name, page):
        place = self.places.get(name)
        if not place and name.endswith("_"):  # the first of the constants that begin so
            place = next((place for other, place in self.places.items() if other.startswith(name) and other in self.constant_names), None)
        if not place or place.split("#")[0] == page and "#" not in place:
            return name
        return '<a href="%s">%s</a>' % (relative(place, page), name)

    def code(self, text, page, language="c"):
        """C with its comments set apart and its names linked."""
        shown = html.escape(text.rstrip("\n"), quote=False)
        if language in ("c", "cpp"):
            shown = re.sub(r"/\*.*?\*/|//[^\n]*", lambda match: '<span class="comment">%s</span>' % match.group(0), shown, flags=re.S)
        return self.link_names("<pre><code>%s</code></pre>\n" % shown, page)

    def inline(self, text, page):
        """A comment of one paragraph."""
        return re.sub(r"^<p>|</p>$", "", self.render(text, page)[0])

    # Pages

    def add(self, path, title, body, contents=()):
        self.pages[path] = (title, body, list(contents))

    def guide(self):
        for path in doc_sources.pages() + doc_sources.PROJECT:
            text = doc_sources.read(path)
            page = self.sources[path]
            body, contents = self.render(text, page, path)
            contents = contents[0]["children"] if len(contents) == 1 else contents
            self.add(page, doc_sources.title(text), body, [(item["name"], item["id"]) for item in contents])

    def function(self, function):
        page = self.places[function.name]
        contents = []
        body = ["<h1>%s</h1>\n" % function.name]

        def heading(text):
            contents.append((text, github_slug(text, "-")))
            body.append('<h2 id="%s">%s</h2>\n' % (contents[-1][1], text))

        parts = dict(function.parts)
        lead, rest = split_lead(parts[""])
        body.append('<div class="lead">%s</div>\n' % self.render(lead, page)[0])
        if function.parameters == ["void"]:
            prototype = "%s %s(void);" % (function.result, function.name)
        else:
            prototype = "%s %s(\n    %s);" % (function.result, function.name, ",\n    ".join(function.parameters))
        body.append(self.code("#include <%s>\n\n%s" % (function.header, prototype), page))
        body.append(self.render(rest, page)[0])
        if "Returns" in parts:
            heading("Returns")
            body.append(self.render("\n".join(parts["Returns"]), page)[0])
            body.append('<p class="small">Any function may also return the codes that <a href="%s">the contract</a> names.</p>\n'
                        % relative("reference/contract.html", page))
        example = self.examples.get(function.name)
        if example:
            heading("Example")
            for shared in self.shared:
                if any(re.search(r"\b%s\(" % name, example.code) for name in shared.names):
                    body.append(self.code(shared.code, page))
            said, code = split_comment(example.code)
            body.append("<p>%s</p>\n" % self.inline(said, page))
            body.append(self.code(code, page))
            body.append('<p class="small">From <a href="%s"><code>%s</code></a>.</p>\n'
                        % (relative(self.page_of(example.path), page), example.path))
        for name, lines in function.parts:
            if name and name != "Returns":
                heading(HEADINGS.get(name, name))
                body.append(self.render("\n".join(lines), page)[0])
        heading("See also")
        named = [name for name in dict.fromkeys(re.findall(r"\bIpc\w+", self.comment(function)))
                 if name in self.places and name != function.name]
        same = [other.name for other in self.functions if self.subject_of(other) == self.subject_of(function)
                and other.name != function.name and other.name not in named]
        body.append("<p>%s</p>\n" % ", ".join("<code>%s</code>" % self.link(name, page) for name in named + same))
        self.add(page, function.name, "".join(body), contents)

    def function_list(self):
        page = "reference/index.html"
        body, contents = ["<h1>Functions</h1>\n", self.render(
            "%d functions, by subject. [What holds for all of them](contract.html) is said once; each page says what is special to "
            "its function. Names that begin with `Ipcx` are declared in `msipc_ext.h` and are of this library; all others are those "
            "of the RMS SDK 2.1, in `msipc.h`." % len(self.functions), page)[0]], []
        for subject, path in doc_sources.subjects():
            contents.append((subject, github_slug(subject, "-")))
            body.append('<h2 id="%s">%s</h2>\n<dl>\n' % (contents[-1][1], subject))
            for function in self.functions:
                if self.subject_of(function) == path:
                    body.append("<dt><code>%s</code></dt>\n<dd>%s.</dd>\n"
                                % (self.link(function.name, page), self.inline(header_docs.about(function), page)))
            body.append("</dl>\n")
        contents.append(("All by name", "all-by-name"))
        body.append('<h2 id="all-by-name">All by name</h2>\n<ul class="columns">\n%s</ul>\n' % "".join(
            "<li><code>%s</code></li>\n" % self.link(name, page) for name in sorted(function.name for function in self.functions)))
        self.add(page, "Functions", "".join(body), contents)

    def contract(self):
        page = "reference/contract.html"
        body, contents = ["<h1>What holds for every function</h1>\n"], []
        for word, text in header_docs.contract():
            contents.append((word, word.lower()))
            body.append('<h2 id="%s">%s</h2>\n%s' % (word.lower(), word, self.render(mark_names(text), page)[0]))
        self.add(page, "What holds for every function", "".join(body), contents)

    def types(self):
        page = "reference/types.html"
        body, contents = ["<h1>Structures, callbacks and handles</h1>\n"], []
        groups = [("Handles", header_docs.handles()),
                  ("Structures and callbacks of the RMS SDK 2.1", [kind for kind in header_docs.types() if kind.header == "msipc.h"]),
                  ("Structures and callbacks of this library", [kind for kind in header_docs.types() if kind.header != "msipc.h"]),
                  ("Macros", header_docs.macros())]
        for title, kinds in groups:
            contents.append((title, github_slug(title, "-")))
            body.append('<h2 id="%s">%s</h2>\n' % (contents[-1][1], title))
            for kind in kinds:
                contents.append(("<code>%s</code>" % kind.name, kind.name))
                body.append('<h3 id="%s"><code>%s</code></h3>\n%s%s' % (
                    kind.name, kind.name, self.render(mark_names("\n".join(kind.lines)), page)[0], self.code(kind.code, page)))
                by = self.users_of(kind.name)
                if by:
                    body.append('<p class="small">Used by %s.</p>\n' % ", ".join("<code>%s</code>" % self.link(name, page) for name in by))
        self.add(page, "Structures, callbacks and handles", "".join(body), contents)

    def users_of(self, kind):
        """Functions that take or give a type, or a pointer to it; none when nearly all do."""
        names = {kind} | {name for name in header_docs.pointers() if self.places.get(name) == self.places[kind]}
        by = [function.name for function in self.functions if names & set(re.findall(r"\w+", " ".join(function.parameters)))]
        return by if len(by) <= 16 else []

    def constants(self):
        page = "reference/constants.html"
        body, contents = ["<h1>Constants</h1>\n"], []
        groups = {}
        for constant in header_docs.constants():
            if not constant.name.startswith("IPCERROR_"):
                text = constant.value.startswith("IPC_TEXT(") and not constant.name.startswith("IPC_USER_ID_")
                group = "Names of rights" if text else "<code>%s_</code>" % "_".join(constant.name.split("_")[:2])
                groups.setdefault(group, []).append(constant)
        alone = [group for group in groups if len(groups[group]) == 1]
        groups["Others"] = [groups.pop(group)[0] for group in alone]
        for group, members in groups.items():
            anchor = "group-" + re.sub(r"<.*?>| ", "", group)
            contents.append((group, anchor))
            body.append('<h2 id="%s">%s</h2>\n<dl class="values">\n' % (anchor, group))
            for constant in members:
                body.append('<dt id="%s"><code>%s</code> <code class="value">%s</code></dt>\n<dd>%s</dd>\n' % (
                    constant.name, constant.name, html.escape(constant.value, quote=False), self.render("\n".join(constant.lines), page)[0]))
            body.append("</dl>\n")
        self.add(page, "Constants", "".join(body), contents)

    def errors(self):
        """Every code that a function names: its number, what it means, who returns it."""
        page = "reference/errors.html"
        base = header_docs.base_codes()
        body = ["<h1>Codes</h1>\n", self.render(
            "What each code means, and what to do about it, is the text that `IpcGetErrorMessageText` gives out. With each code stand the "
            "functions whose page names it. A code is compared as a whole: `hr == HRESULT_FROM_WIN32(ERROR_NOT_FOUND)`.", page)[0]]

        def entry(name, number, text, shown=""):
            pattern = re.compile(r"\b%s\b" % name)
            by = [function.name for function in self.functions if pattern.search(self.comment(function))]
            body.append('<dt id="%s"><code>%s</code> <code class="value">0x%08X</code></dt>\n<dd>%s' % (
                name, shown or name, number, "<p>%s</p>" % html.escape(text) if text else ""))
            if 0 < len(by) <= 12:
                body.append('<p class="small">%s</p>' % ", ".join("<code>%s</code>" % self.link(other, page) for other in by))
            elif by:
                body.append('<p class="small">%d functions</p>' % len(by))
            body.append("</dd>\n")

        body.append('<h2 id="of-this-interface">Of this interface</h2>\n<dl class="values">\n')
        for constant in header_docs.constants():
            if constant.name.startswith("IPCERROR_"):
                entry(constant.name, int(re.search(r"0x\w+", constant.value).group(0), 16),
                      self.texts.get(constant.name) or header_docs.blocks(constant.lines)[0][1].replace("`", ""))
        body.append('</dl>\n<h2 id="of-every-interface">Of every interface</h2>\n<dl class="values">\n')
        for name in self.named_codes():
            if not name.startswith("ERROR_"):
                entry(name, base[name], self.texts.get(name) or self.texts.get(SAME.get(name)))
        body.append('</dl>\n<h2 id="of-the-system">Of the system</h2>\n<dl class="values">\n')
        for name in self.named_codes():
            if name.startswith("ERROR_"):
                entry(name, 0x80070000 | base[name], self.texts.get(name), "HRESULT_FROM_WIN32(%s)" % name)
        body.append("</dl>\n")
        self.add(page, "Codes", "".join(body), [("Of this interface", "of-this-interface"), ("Of every interface", "of-every-interface"),
                                                ("Of the system", "of-the-system")])

    def source_pages(self):
        while self.wanted:
            path = self.wanted.pop()
            page = self.sources[path]
            language = "c" if path.endswith((".c", ".h", ".cc", ".hpp")) else ""
            self.add(page, path, "<h1><code>%s</code></h1>\n%s" % (path, self.code(doc_sources.read(path), page, language)))

    # Frame

    def navigation(self, page):
        reference = [("Functions", "reference/index.html"), ("For every function", "reference/contract.html"),
                     ("Types", "reference/types.html"), ("Constants", "reference/constants.html"), ("Codes", "reference/errors.html")]
        guide = [(self.pages[self.sources[path]][0], self.sources[path]) for path in doc_sources.pages()]
        project = [(self.pages[self.sources[path]][0] if path != "README.md" else "Read me first", self.sources[path])
                   for path in doc_sources.PROJECT]
        functions, shown = {self.places[function.name] for function in self.functions}, []
        for title, entries in (("Guide", guide), ("Reference", reference), ("Project", project)):
            shown.append("<h2>%s</h2>\n<ul>\n" % title)
            for name, place in entries:
                here = ' aria-current="page"' if place == (page if page not in functions else "reference/index.html") else ""
                shown.append('<li><a href="%s"%s>%s</a></li>\n' % (relative(place, page), here, html.escape(name, quote=False)))
            shown.append("</ul>\n")
        return "".join(shown)

    def write(self):
        for page, (title, body, contents) in self.pages.items():
            place = os.path.join(self.out, page)
            os.makedirs(os.path.dirname(place), exist_ok=True)
            aside = ""
            if len(contents) > 1:
                aside = '<nav class="contents" aria-label="On this page">\n<h2>On this page</h2>\n<ul>\n%s</ul>\n</nav>\n' % "".join(
                    '<li><a href="#%s">%s</a></li>\n' % (anchor, name) for name, anchor in contents)
            with open(place, "w", encoding="utf-8") as out:
                out.write(FRAME % {"title": html.escape(title if title == "msipc" else title + " - msipc", quote=False),
                                   "style": relative("style.css", page), "home": relative("index.html", page), "list": relative("reference/index.html", page),
                                   "navigation": self.navigation(page), "contents": aside, "body": body})
        shutil.copyfile(os.path.join(ROOT, "docs", "style.css"), os.path.join(self.out, "style.css"))


FRAME = """<!DOCTYPE html>
<html xmlns="http://www.w3.org/1999/xhtml" lang="en">
<head>
<meta charset="utf-8" />
<meta name="viewport" content="width=device-width, initial-scale=1" />
<title>%(title)s</title>
<link rel="stylesheet" href="%(style)s" />
</head>
<body>
<header>
<a href="%(home)s"><strong>msipc</strong> rights management</a>
<a href="%(list)s">All functions</a>
<a class="narrow" href="#pages">Pages</a>
</header>
<div class="page">
%(contents)s<main>
%(body)s
</main>
<nav id="pages" class="pages" aria-label="Pages">
%(navigation)s</nav>
</div>
</body>
</html>
"""


def relative(place, page):
    path, _, anchor = place.partition("#")
    path = "" if path == page and anchor else posixpath.relpath(path, posixpath.dirname(page) or ".")
    return path + ("#" + anchor if anchor else "")


def split_lead(lines):
    """The first paragraph, and what follows it."""
    end = lines.index("") if "" in lines else len(lines)
    return "\n".join(lines[:end]), "\n".join(lines[end:]).strip("\n")


def split_comment(code):
    """The comment that an example begins with, and its code."""
    match = re.match(r"/\* (.*?) \*/\n", code, re.S)
    return (mark_names(match.group(1)), code[match.end():]) if match else ("", code)


def mark_names(text):
    """Comments without marks of code: names and codes are set as code."""
    if "`" in text:
        return text
    return MARKED.sub(lambda match: "`%s`" % match.group(0), text)


def message_texts():
    """What IpcGetErrorMessageText says about each code."""
    found = {}
    entry = re.compile(r'\(\s*(\w+),\s*"((?:[^"\\]|\\.|\\\n\s*)*)",?\s*\)', re.S)
    for name, text in entry.findall(doc_sources.read(MESSAGE_TEXTS)):
        found[name] = re.sub(r"\\(.)", r"\1", re.sub(r"\\\n\s*", "", text))
    if len(found) < 40:
        raise SystemExit("%s: the texts are not found" % MESSAGE_TEXTS)
    return found


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--out", required=True)
    args = parser.parse_args()
    site = Site(args.out)
    site.guide()
    for function in site.functions:
        site.function(function)
    site.function_list()
    site.contract()
    site.types()
    site.constants()
    site.errors()
    site.source_pages()
    shutil.rmtree(args.out, ignore_errors=True)
    site.write()
    print("wrote %d pages to %s/index.html" % (len(site.pages), args.out))
    return 0


if __name__ == "__main__":
    sys.exit(main())
