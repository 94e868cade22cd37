"""Reads what the public headers say: functions, structures, constants and the contract of the interface, with their comments.

The headers are generated from src/ffi and hold everything that manual pages and the documentation site say about functions;
nothing else may take them apart. Comments come as lines without their stars, in Markdown.
"""
import os
import re
from collections import namedtuple

ROOT = os.path.normpath(os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
HEADERS = ("msipc.h", "msipc_ext.h")

FUNCTION = re.compile(r"/\*\*\n((?: \*[^\n]*\n)+?) \*/\nMSIPC_API ([\w ]+?) WINAPI (Ipc\w+)\(([^)]*)\)[^;]*;")
DOCUMENTED = re.compile(r"/\*\*(?P<one> [^\n]*?) \*/\n(?P<a>[^\n]+)|/\*\*\n(?P<many>(?: \*[^\n]*\n)+?) \*/\n(?P<b>[^\n]+)")
HANDLE = re.compile(r"/\* ([^\n]*) \*/\n(DECLARE_HANDLE\((\w+)\);)")
MACRO = re.compile(r"/\* ((?:[^*]|\*(?!/))*?) \*/\n(#define (IPCX_\w+)\(\w+\) .+)")
CONSTANT = re.compile(r"#define (IPC\w+) (.+)")

# `parts`: (heading, lines) of the comment, the first heading is empty. `parameters`: one text for each.
Function = namedtuple("Function", "name header result parameters parts")
# `code`: the declaration as it stands.
Type = namedtuple("Type", "name header code lines")
Constant = namedtuple("Constant", "name header value lines")


def read(name):
    """The text of a file of include/."""
    with open(os.path.join(ROOT, "include", name), encoding="utf-8") as text:
        return text.read()


def exported_names():
    """What the library exports: the names of the version script."""
    return re.findall(r"^\s+(Ipc\w+);", read("msipc.map"), re.M)


def strip_stars(comment):
    return [re.sub(r"^ \* ?", "", line) for line in comment.rstrip("\n").split("\n")]


def sections(lines):
    """The lines of a comment as (heading, lines); the first heading is empty."""
    parts = [("", [])]
    for line in lines:
        if line.startswith("# "):
            parts.append((line[2:].strip(), []))
        else:
            parts[-1][1].append(line)
    return parts


def blocks(lines):
    """Paragraphs and items of a comment: ("text", ...) and ("item", ...), each on one line."""
    found, opened = [], False
    for line in lines:
        text = line.strip()
        if not text:
            opened = False
        elif text.startswith("- "):
            found.append(["item", text[2:]])
            opened = True
        elif opened:
            found[-1][1] += " " + text
        else:
            found.append(["text", text])
            opened = True
    return [tuple(block) for block in found]


def summary(text):
    """The first sentence of a paragraph."""
    return re.split(r"(?<=[^.])[.:](?:\s|$)", text)[0]


def about(function):
    """The first sentence about a function, Markdown without a full stop."""
    return summary(blocks(function.parts[0][1])[0][1])


def functions():
    """Every function with a comment and a prototype, in the order of the headers."""
    return [Function(name, header, result, [part.strip() for part in parameters.split(",")], sections(strip_stars(comment)))
            for header in HEADERS for comment, result, name, parameters in FUNCTION.findall(read(header))]


def documented(header):
    """(lines, the line it stands before, text of the header, where that line begins) of everything with a comment."""
    text = read(header)
    for match in DOCUMENTED.finditer(text):
        lines = [match.group("one").strip()] if match.group("one") else strip_stars(match.group("many"))
        group = "a" if match.group("one") else "b"
        yield lines, match.group(group), text, match.start(group)


def constants():
    """Every constant with a comment, in the order of the headers."""
    found = []
    for header in HEADERS:
        for lines, declaration, _, _ in documented(header):
            match = CONSTANT.fullmatch(declaration.rstrip())
            if match:
                value = re.sub(r"^IPC_RESULT_\((0x[0-9A-F]{8})\)$", r"((HRESULT)\1)", match.group(2))
                found.append(Constant(match.group(1), header, value, lines))
    return found


def types():
    """Structures and callbacks, in the order of the headers."""
    found = []
    for header in HEADERS:
        for lines, declaration, text, at in documented(header):
            if declaration.startswith("#pragma pack(push"):
                at = text.index("\n", at) + 1
                declaration = text[at:text.index("\n", at)]
            if declaration.startswith("typedef struct ") and declaration.endswith("{"):
                end = text.index("\n", text.index("\n}", at) + 1)
            elif re.match(r"typedef \w+\(CALLBACK", declaration):
                end = text.index(";", at) + 1
            else:
                continue
            name = re.search(r"(\w+)(?=;$)|\*(\w+)\)", text[at:end].replace("\n", " "))
            found.append(Type(name.group(1) or name.group(2), header, text[at:end], lines))
    return found


def handles():
    """The kinds of handles."""
    return [Type(name, header, code, [comment]) for header in HEADERS for comment, code, name in HANDLE.findall(read(header))]


def macros():
    """Macros that take an argument."""
    return [Type(name, header, code, [re.sub(r"\n \* ?", " ", comment)])
            for header in HEADERS for comment, code, name in MACRO.findall(read(header))]


def pointers():
    """Names of pointers and aliases, each with the type that it leads to."""
    found = {}
    for header in HEADERS:
        for left, name in re.findall(r"^typedef (?:const )?(?:struct _)?(\w+) \*?(\w+);$", read(header), re.M):
            found[name] = left
    return found


def contract():
    """The comment that opens msipc.h, as (word, text): what holds for all functions."""
    lines = strip_stars(re.match(r"/\*\n(.*?)\n \*/", read("msipc.h"), re.S).group(1))
    for _, text in blocks(lines):
        word, dot, rest = text.partition(". ")
        if dot and re.fullmatch(r"[A-Z][a-z]+", word):
            yield word, rest
        elif text.startswith("Calls back"):
            yield "Callbacks", text


def base_codes():
    """Codes of ipcbase.h: E_ and the like with their HRESULT, ERROR_ with their number, as numbers."""
    codes = {}
    for name, value in re.findall(r"^#define ([A-Z]+_[A-Z0-9_]+) IPC_RESULT_\((0x[0-9A-F]{8})\)$", read("ipcbase.h"), re.M):
        codes[name] = int(value, 16)
    for name, value in re.findall(r"^#define (ERROR_[A-Z0-9_]+) (\d+)$", read("ipcbase.h"), re.M):
        codes[name] = int(value)
    return codes
