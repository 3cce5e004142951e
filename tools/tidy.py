#!/usr/bin/env python3
"""The rules of the house that a machine can check; style.md's wishes that it can't are not here.

Usage: tidy.py [FOLDER]. Prints "file:line: message" per finding and exits 1 if there is one.
To add a rule: a generator `name(file)` of (line number, message), listed in RULES at the end.
"""

import functools
import pathlib
import re
import sys

LINES_WARN, LINES_MAX, PUBLIC_HEADER_LINES_MAX = 400, 600, 250
FUNCTION_LINES_MAX = 70
COLUMNS_MAX = 100

CODE = {".cpp", ".hpp", ".ipp", ".c", ".h"}
HEADERS = {".hpp", ".ipp", ".h"}
SCRIPTS = {".py", ".sh", ".cmake", ".txt", ""}
SKIPPED_FOLDERS = {".git", "build", "corpus", "__pycache__", ".cache", "results", "data"}

# Headers of libraries, and the layers that may include them; public headers never do.
LIBRARY_HEADERS = {
    r"liburing(\.h|/)": {"ring", "probe", "lab"},
    r"llhttp\.h": {"wire", "http"},
    r"CLI/": {"cli"},
    r"ncursesw/": {"cli"},
    r"nlohmann/": {"cli", "guard", "lab"},
    r"ngtcp2/": {"quic"},
    r"nghttp3/": {"http"},
    r"(zlib\.h|zstd\.h|brotli/)": {"wire"},
    r"(bpf/|[a-z_]+\.skel\.h)": {"bpf", "xdp", "guard", "monitor"},
    r"fmt/": {"probe", "bpf", "xdp", "guard", "monitor", "tls", "quic", "observe", "files",
               "lab", "cli"},
}

# Who may not write it (a pattern for the path), what (a pattern for the code), and why.
BANNED = [
    (r"", r"auto&*\s*\[[^\]]*\]\s*=\s*co_await", "name the result before taking it apart"),
    (r"\.(hpp|ipp)$", r"\busing namespace\b", "using namespace in a header"),
    (r"^(?!bpf/)", r"(?<!asm )\bvolatile\b", "volatile is for device memory; use std::atomic"),
    (r"^(include|src/(?!cli/))", r"\bthrow\b", "we never throw: return a result"),
    (r"^src/", r"\bfmt::print\(", "it throws when the disk is full: use print_text"),
    (r"^(include/|src/(ring|runtime|http)/)", r"\bstd::function\b",
     "std::function allocates; use std::move_only_function, a template or a plain pointer"),
    (r"^tests/unit/", r"this_thread::sleep|\b(u|nano)sleep\(|(?<![\w.>])sleep\(",
     "a unit test does not sleep"),
]
BANNED_ANYWHERE = [
    (r"\b(TO" r"DO|FIX" r"ME|X" r"XX)\b", "do it, or open an entry where work is tracked"),
    (r"(?<![\w.$}])/(home|Users|root)/\w", "an absolute path of somebody's machine"),
]


class File:
    """One text file: where it is, its lines, and its lines without comments and literals."""

    def __init__(self, root, path):
        self.root = root
        self.path = path.relative_to(root).as_posix()
        self.suffix = path.suffix
        self.text = path.read_text(encoding="utf-8", errors="replace")
        self.lines = self.text.splitlines()

    @functools.cached_property
    def code(self):
        return blank_out_comments_and_literals(self.text).splitlines()

    @property
    def is_code(self):
        return self.suffix in CODE

    @property
    def is_public_header(self):
        return self.path.startswith("include/")

    @property
    def layer(self):
        match = re.match(r"(?:include/ringway|src)/(\w+)/", self.path)
        return match[1] if match else None


def blank_out_comments_and_literals(text):
    """The text with comments and the insides of literals replaced by spaces, lines kept."""
    token = re.compile(
        r'//[^\n]*|/\*.*?\*/|R"([^(\s]*)\(.*?\)\1"'
        r"|\"(?:\\.|[^\"\\\n])*\"|(?<![0-9a-fA-F])'(?:\\.|[^'\\\n])+'", re.DOTALL)
    include = re.compile(r"^\s*#\s*include\b")

    def blank(match):
        start = text.rfind("\n", 0, match.start()) + 1
        if match[0][0] == '"' and include.match(text[start:match.start()]):
            return match[0]
        return re.sub(r"[^\n]", " ", match[0])

    return token.sub(blank, text)


def numbered(lines):
    return enumerate(lines, start=1)


def text_form(file):
    """Lines fit, end cleanly, and hold nothing that is banned in any file."""
    if file.text and not file.text.endswith("\n"):
        yield len(file.lines), "no newline at the end of the file"
    for number, line in numbered(file.lines):
        if file.suffix in CODE | SCRIPTS and len(line) > COLUMNS_MAX and "http" not in line:
            yield number, f"{len(line)} columns; {COLUMNS_MAX} is the most"
        if line != line.rstrip():
            yield number, "space at the end of the line"
        if "\t" in line and file.suffix in CODE | {".py"}:
            yield number, "tab"
        if str(file.root) in line:
            yield number, "an absolute path of this machine"
        for pattern, why in BANNED_ANYWHERE:
            if re.search(pattern, line):
                yield number, why


def file_size(file):
    if file.suffix not in CODE | {".py", ".sh"}:
        return
    most = PUBLIC_HEADER_LINES_MAX if file.is_public_header else LINES_MAX
    if len(file.lines) > most:
        yield len(file.lines), f"{len(file.lines)} lines; {most} is the most"


def function_size(file):
    """Finds bodies by their braces: a block whose head has a `)` and is no type, namespace or
    initialiser. clang-tidy counts exactly; this one is quick and needs no build."""
    if not file.is_code:
        return
    stack = []  # One entry per open brace: the line its head starts on if it is a function body.
    head, head_line, in_function = "", None, False
    for number, line in numbered(file.code):
        if line.lstrip().startswith("#") or (number > 1 and file.code[number - 2].endswith("\\")):
            continue
        for character in line:
            if character == "{":
                is_function = not in_function and is_function_head(head)
                in_function = in_function or is_function
                stack.append(head_line or number if is_function else None)
            elif character == "}" and stack:
                start = stack.pop()
                if start is not None:
                    in_function = False
                    if number - start + 1 > FUNCTION_LINES_MAX:
                        yield start, (f"a function of {number - start + 1} lines; "
                                      f"{FUNCTION_LINES_MAX} is the most")
            if character in "{};":
                head, head_line = "", None
            elif head or not character.isspace():
                head += character
                head_line = head_line or number
        head += " " if head else ""


def is_function_head(head):
    if ")" not in head or head.rstrip().endswith(("=", ",", "(")):
        return False
    bare = re.sub(r"template\s*<.*?>\s*(?=class|struct|union|enum)|alignas\(.*?\)", "", head)
    return not re.match(r"\s*(inline\s+)?(namespace|class|struct|union|enum|extern\s*$)\b", bare)


def banned_forms(file):
    if not file.is_code:
        return
    for where, pattern, why in BANNED:
        if re.search(where, file.path):
            for number, line in numbered(file.code):
                if re.search(pattern, line):
                    yield number, why


def header_form(file):
    """A header starts with what it is for, then #pragma once."""
    if file.suffix not in HEADERS or file.suffix == ".ipp":
        return
    if not file.lines or not file.lines[0].startswith(("//", "/*")):
        yield 1, "the first line of a header says what the header is for"
    first = next((n for n, line in numbered(file.code) if line.strip()), 1)
    if not file.code or file.code[first - 1].strip() != "#pragma once":
        yield first, "#pragma once comes before everything but the comment"


@functools.cache
def layers_of(root):
    """Each layer with all layers it may use, from the ringway_layer() lines of src/."""
    closure = {}
    names = re.findall(r"add_subdirectory\((\w+)\)", read(root / "src/CMakeLists.txt"))
    for name in names:
        declared = re.search(r"USES ([\w\s]+?)(?:\s+LIBRARIES|\))",
                             read(root / "src" / name / "CMakeLists.txt"))
        uses = declared[1].split() if declared else []
        closure[name] = {name}.union(*(closure.get(used, {used}) for used in uses))
    return closure


def read(path):
    return path.read_text(encoding="utf-8") if path.exists() else ""


def layer_edges(file):
    """A layer includes itself and what is left of it."""
    layers = layers_of(file.root)
    if not file.is_code or file.layer not in layers:
        return
    for number, line in numbered(file.code):
        match = re.match(r'\s*#\s*include\s*(<ringway/|")(\w+)/', line)
        if match and match[2] in layers and match[2] not in layers[file.layer]:
            yield number, f"layer {file.layer} may not use layer {match[2]}"
        if match and match[1] == '"' and file.is_public_header:
            yield number, "a public header includes public headers, <ringway/...>"
        for header, allowed in LIBRARY_HEADERS.items():
            if re.match(rf'\s*#\s*include\s*[<"]{header}', line):
                if file.is_public_header:
                    yield number, "a public header does not show the libraries below it"
                elif file.layer not in allowed:
                    yield number, f"only {', '.join(sorted(allowed))} may use this library"


def markdown_links(file):
    if file.suffix != ".md":
        return
    fenced = False
    for number, line in numbered(file.lines):
        fenced ^= line.lstrip().startswith("```")
        for target in [] if fenced else re.findall(r"\]\(([^)\s]+)\)", line):
            target = target.split("#")[0]
            if target and not re.match(r"[a-z]+:", target):
                if not (file.root / file.path).parent.joinpath(target).exists():
                    yield number, f"the link leads nowhere: {target}"


def mirrors(root):
    """Each src/<layer>/x.cpp has tests/unit/<layer>/x_test.cpp, or a reason in untested.txt."""
    excused = {}
    for number, line in numbered(read(root / "tools/untested.txt").splitlines()):
        path, _, reason = line.partition("#")
        if path.strip():
            excused[path.strip()] = number
            if not reason.strip():
                yield "tools/untested.txt", number, "a reason is missing"
    for source in sorted((root / "src").glob("*/*.cpp")):
        path = source.relative_to(root).as_posix()
        test = root / "tests/unit" / source.parent.name / f"{source.stem}_test.cpp"
        if not test.exists() and path not in excused:
            yield path, 1, f"{test.relative_to(root)} is missing"
        if test.exists() and path in excused:
            yield "tools/untested.txt", excused[path], f"{path} has a test now"
    for path, number in excused.items():
        if not (root / path).exists():
            yield "tools/untested.txt", number, f"{path} does not exist"


RULES = [text_form, file_size, function_size, banned_forms, header_form, layer_edges,
         markdown_links]


def project_files(root):
    for path in sorted(root.rglob("*")):
        parts = set(path.relative_to(root).parts[:-1])
        if parts & SKIPPED_FOLDERS or not path.is_file() or path.is_symlink():
            continue
        if path.name in ("LICENSE", ".git") or b"\0" in path.read_bytes()[:4096]:
            continue
        if path.suffix in CODE | SCRIPTS | {".md", ".json", ".yml", ".1", ".toml"}:
            yield File(root, path)


def findings(root):
    """All findings of the project in `root`, as (path, line, message)."""
    layers_of.cache_clear()
    for file in project_files(root):
        for rule in RULES:
            for number, message in rule(file):
                yield file.path, number, message
    yield from mirrors(root)


def main(arguments):
    here = pathlib.Path(__file__).resolve().parent.parent
    root = pathlib.Path(arguments[0]).resolve() if arguments else here
    found = sorted(findings(root))
    for path, number, message in found:
        print(f"{path}:{number}: {message}")
    files = list(project_files(root))
    for file in files:
        if file.is_code and LINES_WARN < len(file.lines) <= LINES_MAX:
            print(f"{file.path}: {len(file.lines)} lines, time to split it (a warning)")
    print(f"tidy: {len(files)} files, {len(found)} findings")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
