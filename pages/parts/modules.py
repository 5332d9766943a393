"""Links the ES modules of a component into one, the single JavaScript text that Streamlit takes: no build step, no Node.

Each module becomes a function scope that returns its exports, after those that it imports. Understood are `import { a, b as c }
from "./file.js"` and `export` before a named function, a named default function, a class or a const. Cycles are refused.
"""

import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import NamedTuple

IMPORT = re.compile(r'^import \{\s*([^{}]*?),?\s*\} from "(\.[^"]*)";', re.M)
EXPORT = re.compile(r"^export (default )?(?:async )?(?:function|class|const) (\w+)", re.M)
ANY_IMPORT, ANY_EXPORT = re.compile(r"^import\b", re.M), re.compile(r"^export\b", re.M)

TOKEN = re.compile(
    r"""(?P<skip>\s+|//[^\n]*|/\*.*?\*/)
    |(?P<string>"(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])*')
    |(?P<number>\.?\d[\w.]*)
    |(?P<name>[A-Za-z_$][\w$]*)
    |(?P<mark>=>|\?\.|\.\.\.|.)""",
    re.X | re.S,
)
TEMPLATE = re.compile(r"(?:\\.|[^`\\$]|\$(?!\{))*(`|\$\{)", re.S)
REGEX = re.compile(r"/(?:\\.|\[(?:\\.|[^\]\\])*\]|[^/\\\[\n])+/\w*")


def _words(text: str) -> set[str]:
    return set(text.split())


OPEN, CLOSE = "([{", ")]}"
CONTROL = {"if", "for", "while", "switch"}
KEYWORDS = CONTROL | _words(
    """async await break case catch class const continue default delete do else export extends false finally function get import
    in instanceof let new null of return set static super this throw true try typeof undefined var void yield"""
)
BROWSER = _words(
    """Array Boolean CustomEvent Date Element Error Float32Array Float64Array Image ImageData Infinity Int16Array JSON Map Math
    NaN Number Object OffscreenCanvas Path2D Promise ResizeObserver Set String SVGElement Uint16Array Uint8Array
    Uint8ClampedArray WeakMap atob btoa cancelAnimationFrame clearInterval clearTimeout document getComputedStyle globalThis
    localStorage parseInt performance requestAnimationFrame setInterval setTimeout window"""
)


class LinkError(Exception):
    """Modules that do not fit together; says which file and which name."""


class Token(NamedTuple):
    """A word of JavaScript: a name, a mark (punctuation) or a value (text, number, regular expression)."""

    kind: str
    text: str


@dataclass(frozen=True)
class Module:
    """A module as it is written: what it imports, by file and local name, what it exports, and its tokens without imports."""

    path: Path
    text: str
    imports: dict[Path, dict[str, str]]
    exports: dict[str, str]
    tokens: tuple[Token, ...]


def link(entry: Path) -> str:
    """Return one module with the default export of `entry`, all that it imports before it, each once."""
    order: list[Module] = []
    _visit(entry.resolve(), [], order)
    if "default" not in order[-1].exports:
        raise LinkError(f"{_short(entry)} has no default export, `export default function name(...)`")
    return "\n".join([*map(_scope, order), f"export default {_scope_name(order[-1].path)}.default;\n"])


def read(path: Path) -> Module:
    """Return the module that a file holds."""
    try:
        return _parse(path.resolve(), path.read_text())
    except FileNotFoundError as error:
        raise LinkError(f"there is no module {_short(path)}") from error


def tokens(text: str) -> Iterator[Token]:
    """Yield the tokens of a JavaScript text, also those within its template strings."""
    at, depth, templates, before = 0, 0, [-1], Token("mark", ";")
    while at < len(text):
        if text[at] == "`" or (text[at] == "}" and depth == templates[-1]):
            if text[at] == "}":
                templates.pop()
            piece = TEMPLATE.match(text, at + 1)
            if piece is None:
                raise LinkError(f"a template string does not end: {text[at : at + 40]!r}")
            if piece[1] == "${":
                templates.append(depth)
            at, before = piece.end(), Token("mark", "(") if piece[1] == "${" else Token("value", "``")
            yield Token("value", piece[0])
            continue
        match = REGEX.match(text, at) if text[at] == "/" and _starts_value(before) and text[at + 1] not in "/*" else None
        kind = "value"
        if match is None:
            match = TOKEN.match(text, at)
            assert match is not None
            kind = match.lastgroup or ""
        at = match.end()
        if kind == "skip":
            continue
        depth += (match[0] == "{") - (match[0] == "}")
        before = Token(kind if kind in ("name", "mark") else "value", match[0])
        yield before


def declared(words: tuple[Token, ...]) -> set[str]:
    """Return the names that a module declares anywhere: variables, parameters, functions and classes."""
    names: set[str] = set()
    ends = closing(words)
    for i, word in enumerate(words[:-1]):
        after = words[i + 1]
        if word.text in ("const", "let", "var"):
            names |= _declarators(words, i + 1, ends)
        elif word.text in ("function", "class") and after.kind == "name":
            names.add(after.text)
        elif word.kind == "name" and after.text == "=>":
            names.add(word.text)
        elif word.text == "(" and _is_parameters(words, i, ends):
            names |= _pattern(words[i : ends[i]])
    return names


def used(words: tuple[Token, ...]) -> set[str]:
    """Return the names that a module reads or declares: no properties, keys, methods or keywords."""
    names = set()
    ends = closing(words)
    for i, word in enumerate(words):
        if word.kind != "name" or word.text in KEYWORDS:
            continue
        before, after = (words[k].text if 0 <= k < len(words) else "" for k in (i - 1, i + 1))
        is_key = after == ":" and before in ("{", ",")
        is_method = after == "(" and before != "function" and _text(words, ends[i + 1] + 1) == "{"
        if before not in (".", "?.") and not is_key and not is_method:
            names.add(word.text)
    return names


def closing(words: tuple[Token, ...]) -> dict[int, int]:
    """Return for the place of each opening bracket that of its closing one."""
    ends, opened = {}, []
    for i, (kind, text) in enumerate(words):
        if kind != "mark":
            continue
        if text in OPEN:
            opened.append(i)
        elif text in CLOSE and opened:
            ends[opened.pop()] = i
    return ends


def _visit(path: Path, above: list[Path], order: list[Module]) -> None:
    if path in above:
        raise LinkError(f"{' imports '.join(map(_short, [*above[above.index(path) :], path]))}: a cycle")
    if any(module.path == path for module in order):
        return
    module = read(path)
    for file, names in module.imports.items():
        _visit(file, [*above, path], order)
        exports = next(other.exports for other in order if other.path == file)
        for name in names.values():
            if name not in exports or name == "default":
                raise LinkError(f"{_short(path)} imports {name}, which {_short(file)} does not export")
    order.append(module)


@cache
def _parse(path: Path, text: str) -> Module:
    for known, every, kind in ((IMPORT, ANY_IMPORT, "import"), (EXPORT, ANY_EXPORT, "export")):
        if len(known.findall(text)) != len(every.findall(text)):
            raise LinkError(f"{_short(path)} has an {kind} of a form that is not understood")
    imports: dict[Path, dict[str, str]] = {}
    for listed, file in IMPORT.findall(text):
        pairs = [re.split(r"\s+as\s+", name.strip()) for name in listed.split(",")]
        imports.setdefault((path.parent / file).resolve(), {}).update({pair[-1]: pair[0] for pair in pairs})
    exports = {"default" if default else name: name for default, name in EXPORT.findall(text)}
    module = Module(path, text, imports, exports, tuple(tokens(IMPORT.sub("", text))))
    _check(module)
    return module


def _check(module: Module) -> None:
    """Refuse an import that is not used, and a name that is neither declared, imported nor the browser's."""
    local = {name for names in module.imports.values() for name in names}
    names, own = used(module.tokens), declared(module.tokens)
    if unused := sorted(local - names):
        raise LinkError(f"{_short(module.path)} imports {', '.join(unused)} and does not use it")
    if hidden := sorted(local & own):
        raise LinkError(f"{_short(module.path)} declares {', '.join(hidden)} and imports it too")
    if unknown := sorted(names - local - own - BROWSER):
        raise LinkError(f"{_short(module.path)} uses {', '.join(unknown)}, which it neither declares nor imports")


def _scope(module: Module) -> str:
    """Return a module's text as a constant that holds its exports."""

    def destructured(match: re.Match[str]) -> str:
        names = re.sub(r"\s+as\s+", ": ", match[1])
        return f"const {{ {names} }} = {_scope_name((module.path.parent / match[2]).resolve())};"

    body = EXPORT.sub(lambda match: match[0].removeprefix("export ").removeprefix("default "), module.text)
    body = IMPORT.sub(destructured, body)
    exports = ", ".join(name if name == key else f"{key}: {name}" for key, name in module.exports.items())
    return f"// ---- {_short(module.path)}\nconst {_scope_name(module.path)} = (() => {{\n{body}\nreturn {{ {exports} }};\n}})();"


def _scope_name(path: Path) -> str:
    return "$" + re.sub(r"\W", "_", _short(path))


def _short(path: Path) -> str:
    return os.path.join(path.parent.name, path.name)


def _starts_value(before: Token) -> bool:
    """Whether a slash after this token begins a regular expression; else it divides."""
    return (before.kind == "mark" and before.text not in CLOSE) or before.text in ("return", "typeof", "case")


def _text(words: tuple[Token, ...], i: int) -> str:
    return words[i].text if i < len(words) else ""


def _is_parameters(words: tuple[Token, ...], i: int, ends: dict[int, int]) -> bool:
    before = words[i - 1].text if i else ""
    return i in ends and _text(words, ends[i] + 1) in ("=>", "{") and before not in CONTROL


def _pattern(words: tuple[Token, ...]) -> set[str]:
    """Return the names that a parameter list or a destructuring pattern binds; the first token is its bracket."""
    pairs = zip(words, words[1:], [*words[2:], Token("mark", "")])
    return {
        word.text
        for before, word, after in pairs
        if word.kind == "name" and after.text != ":" and before.text in ("(", "[", "{", ",", ":", "...")
    }


def _declarators(words: tuple[Token, ...], i: int, ends: dict[int, int]) -> set[str]:
    """Return the names bound by the declaration whose first declarator stands at `i`."""
    names: set[str] = set()
    expected = True  # a declarator is: at the start, and after a comma
    while i < len(words) and words[i].text not in (";", "of", *CLOSE):
        if expected and words[i].kind == "name":
            names.add(words[i].text)
        if words[i].text in OPEN and i in ends:
            if expected:
                names |= _pattern(words[i : ends[i]])
            i = ends[i]
        expected = words[i].text == ","
        i += 1
    return names
