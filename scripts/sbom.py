#!/usr/bin/env python3
"""Writes what the library is made of as a CycloneDX 1.5 document, from cargo metadata and Cargo.lock.

  sbom.py --out FILE      write
  sbom.py --check FILE    compare with Cargo.lock, with what a build compiles, and with the rules of the format

Components with scope `required` are in the library; those with `excluded` only build it. C sources that packages bring along
are components of their own, because advisories are about them. The same lock file gives the same document.
"""
import argparse
import json
import os
import re
import subprocess
import sys
import urllib.parse
import uuid

ROOT = os.path.normpath(os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
CARGO = os.environ.get("CARGO") or "cargo"
# C libraries inside packages: package, name, file that tells the version, and how.
BUNDLED = [
    ("libsqlite3-sys", "sqlite", "sqlite3/sqlite3.h", r'#define SQLITE_VERSION\s+"([^"]+)"', "blessing"),
    ("aws-lc-sys", "aws-lc", "aws-lc/include/openssl/base.h", r'#define AWSLC_VERSION_NUMBER_STRING\s+"([^"]+)"', "ISC AND (Apache-2.0 OR ISC)"),
]


def cargo(*arguments):
    command = [CARGO, *arguments]
    done = subprocess.run(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    if done.returncode != 0:
        sys.exit("sbom: %s\n%s" % (" ".join(command), done.stderr))
    return done.stdout


def host():
    version = subprocess.run([os.environ.get("RUSTC") or "rustc", "-vV"], cwd=ROOT, stdout=subprocess.PIPE, text=True, check=True)
    return re.search(r"^host: (.+)$", version.stdout, re.M).group(1)


def lock():
    """{(name, version): checksum or None} of Cargo.lock."""
    with open(os.path.join(ROOT, "Cargo.lock"), encoding="utf-8") as text:
        packages = text.read().split("[[package]]\n")[1:]
    fields = [dict(re.findall(r'^(name|version|checksum) = "([^"]*)"$', package, re.M)) for package in packages]
    return {(item["name"], item["version"]): item.get("checksum") for item in fields}


def tree(edges):
    """{(name, version)} of what cargo resolves for the library itself; its tests turn on more than that."""
    shown = cargo("tree", "--locked", "--edges", edges, "--prefix", "none", "--format", "{p}", "--target", host())
    return set(re.findall(r"^(\S+) v(\S+)", shown, re.M))


class Graph:
    """Who needs whom, on this platform, with the features of the default build."""

    def __init__(self):
        data = json.loads(cargo("metadata", "--locked", "--format-version", "1", "--filter-platform", host()))
        self.root = data["resolve"]["root"]
        every, linked = tree("normal,build"), tree("normal,no-proc-macro")
        self.packages = {item["id"]: item for item in data["packages"] if (item["name"], item["version"]) in every}
        self.linked = {item for item, package in self.packages.items() if (package["name"], package["version"]) in linked}
        self.needs = {node["id"]: sorted(item["pkg"] for item in node["deps"] if item["pkg"] in self.packages
                                         and any(kind["kind"] != "dev" for kind in item["dep_kinds"]))
                      for node in data["resolve"]["nodes"] if node["id"] in self.packages}


def purl(package):
    return "pkg:cargo/%s@%s" % (package["name"], urllib.parse.quote(package["version"]))


def library_packages():
    """The packages that are in the library, without itself."""
    graph = Graph()
    return [graph.packages[item] for item in sorted(graph.linked) if item != graph.root]


def component(package, checksum, scope):
    made = {"type": "library", "bom-ref": purl(package), "name": package["name"], "version": package["version"], "scope": scope}
    if package.get("description"):
        made["description"] = " ".join(package["description"].split())
    if checksum:
        made["hashes"] = [{"alg": "SHA-256", "content": checksum}]
    if package.get("license"):
        made["licenses"] = [{"expression": package["license"].replace("/", " OR ")}]
    made["purl"] = purl(package)
    return made


def bundled(graph):
    """(id of the package, component) of C sources in packages that are linked."""
    for name, library, file, pattern, license_expression in BUNDLED:
        for item in sorted(graph.linked):
            package = graph.packages[item]
            if package["name"] == name:
                with open(os.path.join(os.path.dirname(package["manifest_path"]), file), encoding="utf-8", errors="replace") as text:
                    version = re.search(pattern, text.read()).group(1)
                reference = "pkg:generic/%s@%s" % (library, version)
                yield item, {"type": "library", "bom-ref": reference, "name": library, "version": version, "scope": "required",
                             "licenses": [{"expression": license_expression}], "purl": reference}


def document():
    graph, checksums = Graph(), lock()
    components, edges = [], {}
    for item, package in graph.packages.items():
        edges[purl(package)] = [purl(graph.packages[other]) for other in graph.needs[item]]
        if item != graph.root:
            scope = "required" if item in graph.linked else "excluded"
            components.append(component(package, checksums.get((package["name"], package["version"])), scope))
    for item, extra in bundled(graph):
        components.append(extra)
        edges[purl(graph.packages[item])].append(extra["bom-ref"])
        edges[extra["bom-ref"]] = []
    root = graph.packages[graph.root]
    made = {
        "bomFormat": "CycloneDX", "specVersion": "1.5", "version": 1,
        "metadata": {"component": dict(component(root, None, "required"), type="library")},
        "components": sorted(components, key=lambda item: item["bom-ref"]),
        "dependencies": [{"ref": reference, "dependsOn": edges[reference]} for reference in sorted(edges)],
    }
    made["serialNumber"] = "urn:uuid:%s" % uuid.uuid5(uuid.NAMESPACE_URL, json.dumps(made, sort_keys=True))
    return made


def form_problems(made):
    """What breaks the rules of the format."""
    problems = [] if (made.get("bomFormat"), made.get("specVersion"), made.get("version")) == ("CycloneDX", "1.5", 1) else ["head"]
    if not re.fullmatch(r"urn:uuid:[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", made.get("serialNumber", "")):
        problems.append("serialNumber")
    every = made["components"] + [made["metadata"]["component"]]
    references = [item["bom-ref"] for item in every]
    problems += ["%s is there twice" % item for item in sorted(set(references)) if references.count(item) > 1]
    for item in every:
        if not all(isinstance(item.get(field), str) and item[field] for field in ("type", "name", "version", "purl")) or \
                item["type"] != "library" or item.get("scope") not in ("required", "excluded"):
            problems.append("%s: fields" % item.get("bom-ref"))
        if any(not re.fullmatch(r"[0-9a-f]{64}", digest["content"]) for digest in item.get("hashes", [])):
            problems.append("%s: hashes" % item["bom-ref"])
        if not item.get("licenses"):
            problems.append("%s: no license" % item["bom-ref"])
    for edge in made["dependencies"]:
        problems += ["%s depends on %s, which is no component" % (edge["ref"], other)
                     for other in [edge["ref"]] + edge["dependsOn"] if other not in references]
    problems += ["%s is not in the dependencies" % item for item in sorted(set(references) - {edge["ref"] for edge in made["dependencies"]})]
    return problems


def content_problems(made):
    """What differs from the lock file and from what cargo tree says is linked."""
    problems, locked = [], lock()
    of_cargo = [item for item in made["components"] if item["purl"].startswith("pkg:cargo/")]
    for item in of_cargo:
        key = (item["name"], item["version"])
        if key not in locked:
            problems.append("%s is not in Cargo.lock" % item["purl"])
        elif [digest["content"] for digest in item.get("hashes", [])] != [locked[key]]:
            problems.append("%s has another checksum than in Cargo.lock" % item["purl"])
    # What the compiler was really given, and for what: the messages of a build, which is finished in a moment if there was one.
    stated = {item["purl"]: item["scope"] for item in of_cargo}
    built = {}
    for line in cargo("build", "--locked", "--lib", "--message-format", "json").splitlines():
        message = json.loads(line)
        if message.get("reason") == "compiler-artifact":
            name, version = re.search(r"([^/#@]+)[#@]v?([0-9][^#@]*)$", message["package_id"]).groups()
            built.setdefault(purl({"name": name, "version": version}), set()).update(message["target"]["kind"])
    built.pop(made["metadata"]["component"]["purl"], None)
    problems += ["%s was built and is no component" % item for item in sorted(built.keys() - stated.keys())]
    problems += ["%s is a component and was not built" % item for item in sorted(stated.keys() - built.keys())]
    problems += ["%s is a macro and not in the library" % item for item in sorted(built.keys() & stated.keys())
                 if "proc-macro" in built[item] and stated[item] == "required"]
    for name, library, *_ in BUNDLED:
        if any("/%s@" % name in item for item in built) and not any(item["name"] == library for item in made["components"]):
            problems.append("the C sources of %s are missing" % name)
    return problems


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--out")
    parser.add_argument("--check")
    args = parser.parse_args()
    if args.out:
        made = document()
        os.makedirs(os.path.dirname(os.path.abspath(args.out)), exist_ok=True)
        with open(args.out, "w", encoding="utf-8") as out:
            json.dump(made, out, indent=1, sort_keys=True)
            out.write("\n")
        required = sum(1 for item in made["components"] if item["scope"] == "required")
        print("wrote %s: %d components in the library, %d that build it" % (args.out, required, len(made["components"]) - required))
    problems = []
    if args.check:
        with open(args.check, encoding="utf-8") as text:
            made = json.load(text)
        problems = form_problems(made) + content_problems(made)
        for problem in problems:
            print("FAIL " + problem)
        print("%d components, %d problems" % (len(made["components"]), len(problems)))
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
