"""What the documentation is made from, beside the headers: Markdown pages with their code blocks, and the marked examples.

An example is the text between `/* example: FUNCTION... */` and `/* end */` in docs/reference/*.c, for the functions that it
names. `/* shared: NAME */` marks in the same way what is shown with every example that calls NAME.
"""
import glob
import os
import re
from collections import namedtuple

from header_docs import ROOT

# The order of the pages in the list beside every page; one that is not there is left out, one that is not named follows.
GUIDE = ["docs/index.md", "docs/getting-started-linux.md", "docs/getting-started-windows.md", "docs/windows.md",
         "docs/cpp.md", "docs/installing.md", "docs/migrating.md", "docs/security-model.md", "docs/formats.md", "docs/files.md",
         "docs/authenticated-pfile.md", "docs/how-rights-are-decided.md", "docs/diagnostics.md", "docs/performance.md"]
PROJECT = ["README.md", "DESIGN.md", "CONTRIBUTING.md", "CHANGELOG.md"]
EXAMPLES = "docs/reference"

# `language` and `words` are what stands behind the fence; `line` is the line of the fence, from 1.
Block = namedtuple("Block", "path line language words text")
Example = namedtuple("Example", "names path line code")

FENCE = re.compile(r"^(\s*)(```+|~~~+)\s*(.*)$")
MARKED = re.compile(r"^/\* (example|shared): ([\w ]+?) \*/\n(.*?)^/\* end \*/\n", re.M | re.S)


def read(path):
    with open(os.path.join(ROOT, path), encoding="utf-8") as text:
        return text.read()


def pages():
    """Markdown files that become pages, in the order of the list of pages."""
    found = ["docs/" + os.path.basename(path) for path in sorted(glob.glob(os.path.join(ROOT, "docs", "*.md")))]
    return [path for path in GUIDE if path in found] + [path for path in found if path not in GUIDE]


def title(text):
    """The first heading of a page."""
    return re.search(r"^# (.+)$", text, re.M).group(1)


def blocks(path):
    """The fenced code blocks of a page."""
    found, opened = [], None
    for number, line in enumerate(read(path).split("\n"), 1):
        fence = FENCE.match(line)
        if opened is None and fence:
            words = fence.group(3).split()
            opened = (fence.group(2), number, words[0] if words else "", words[1:], [])
        elif opened is not None and fence and fence.group(2).startswith(opened[0]) and not fence.group(3):
            found.append(Block(path, opened[1], opened[2], opened[3], "\n".join(opened[4]) + "\n"))
            opened = None
        elif opened is not None:
            opened[4].append(line)
    if opened is not None:
        raise SystemExit("%s:%d: this fence has no end" % (path, opened[1]))
    return found


def example_files():
    return sorted(glob.glob(os.path.join(ROOT, EXAMPLES, "*.c")))


def marked(kind):
    """Marked parts of the example files and of their header."""
    found = []
    for place in example_files() + sorted(glob.glob(os.path.join(ROOT, EXAMPLES, "*.h"))):
        path = os.path.relpath(place, ROOT)
        text = read(path)
        found += [Example(match.group(2).split(), path, text.count("\n", 0, match.start()) + 2, match.group(3).rstrip("\n") + "\n")
                  for match in MARKED.finditer(text) if match.group(1) == kind]
    return found


def subjects():
    """(what the examples of a file are about, path of the file), from the first line of each."""
    order = ["process", "errors", "diagnostics", "templates", "licenses", "keys", "files", "streams", "open_files", "tracking", "credentials",
             "template_administration", "directory"]
    found = {}
    for place in example_files():
        path = os.path.relpath(place, ROOT)
        heading = re.match(r"/\* Examples: (.+)\. \*/\n", read(path))
        if not heading:
            raise SystemExit("%s: does not begin with /* Examples: SUBJECT. */" % path)
        found[os.path.splitext(os.path.basename(place))[0]] = (heading.group(1)[0].upper() + heading.group(1)[1:], path)
    return [found[name] for name in order if name in found] + [found[name] for name in sorted(found) if name not in order]
