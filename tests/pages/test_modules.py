"""The linker of the components' modules: what it puts together, in which order, and what it refuses by file and name."""

import re
from pathlib import Path

import pytest

from pages.parts import component, modules

PARTS = Path(component.__file__).parent
FILES = sorted(PARTS.rglob("*.js"))


@pytest.fixture
def folder(tmp_path: Path):
    """Write modules by name into a folder `parts`."""

    def write(**texts: str) -> Path:
        for name, text in texts.items():
            (tmp_path / f"{name}.js").write_text(text)
        return tmp_path

    return write


def test_modules_stand_before_those_that_import_them_each_once(folder):
    at = folder(
        main='import { area } from "./area.js";\nimport { square as power } from "./square.js";\n\n'
        "export default function mount() { return area(power(2)); }\n",
        area='import { square } from "./square.js";\nexport const area = (r) => 3 * square(r);\n',
        square="export function square(x) { return x * x; }\n",
    )
    linked = modules.link(at / "main.js")
    order = re.findall(r"^// ---- \S+/(\w+)\.js$", linked, re.M)
    assert order == ["square", "area", "main"]
    assert "return { square };" in linked
    assert re.search(r"const \{ square: power \} = \$\w*square_js;", linked)
    assert not re.search(r"^import|^export (?!default \$)", linked, re.M)
    assert linked.endswith("main_js.default;\n")


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ('import { nothing } from "./other.js";\nnothing();', r"main\.js imports nothing, which \S*other\.js does not export"),
        ('import { one } from "./other.js";', r"main\.js imports one and does not use it"),
        ('import { one } from "./missing.js";\none();', r"there is no module \S*missing\.js"),
        ('import { one } from "./other.js";\nconst f = (one) => one;', r"main\.js declares one and imports it too"),
        ("one();", r"main\.js uses one, which it neither declares nor imports"),
        ("const f = (x) => `${x} ${y + `${z}`}`;", r"main\.js uses y, z, which"),
        ('import * as other from "./other.js";', r"main\.js has an import of a form that is not understood"),
        ("export { f };", r"main\.js has an export of a form that is not understood"),
        ("export default function () {}", r"main\.js has an export of a form that is not understood"),
        ("const f = 1;", r"main\.js has no default export"),
        ('import { a } from "./cycle.js";\na();', r"main\.js imports \S*cycle\.js imports \S*main\.js: a cycle"),
        ("const f = `never ends;", "a template string does not end"),
    ],
)
def test_what_does_not_fit_together_is_refused_with_file_and_name(folder, text, words):
    at = folder(
        main=text,
        other="export function one() {}",
        cycle='import { b } from "./main.js";\nexport const a = () => b();',
    )
    with pytest.raises(modules.LinkError, match=words):
        modules.link(at / "main.js")


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("a.b?.c(d)", {"a", "d"}),
        ("({ a: b, c, ...d })", {"b", "c", "d"}),
        ("x ? y : z", {"x", "y", "z"}),
        ("\"a\" + 'b' // c\n/* d */ + e", {"e"}),
        ("`a ${b} ${`c ${d({ e: f })}`} g` + h", {"b", "d", "f", "h"}),
        ("/a[/]b/g.test(c) / d / 1e3", {"c", "d"}),
        ("a / b / c", {"a", "b", "c"}),
        ("class A { get b() { return c; } d(e) { if (f) { } } }", {"A", "c", "e", "f"}),
        ("for (const a of b) async (c) => { await d; }", {"a", "b", "c", "d"}),
        ("0.5 - .25 - 0xff - 1_000 - 2n", set()),
    ],
)
def test_the_names_that_a_text_uses_are_found(text, names):
    assert modules.used(tuple(modules.tokens(text))) == names


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("const a = b, { c: d, e = f } = g(h, i), [j, ...k] = l;", {"a", "d", "e", "j", "k"}),
        ("for (const [a, { b }] of c) { let d, e; }", {"a", "b", "d", "e"}),
        ("function f(a, { b: c }, d = e) {} class G { h(i) {} }", {"f", "a", "c", "d", "G", "i"}),
        ("a => (b, [c]) => { if (d) { e(); } }", {"a", "b", "c"}),
        ("try { a(); } catch (b) { while (c) {} }", {"b"}),
        ("const a = (b) => { const c = 1; }; d = e;", {"a", "b", "c"}),
    ],
)
def test_the_names_that_a_text_declares_are_found(text, names):
    assert modules.declared(tuple(modules.tokens(text))) == names


def test_every_module_is_part_of_a_component():
    entries = [file for file in FILES if "export default" in file.read_text()]
    reached = {file.resolve() for entry in entries for file in reachable(entry)}
    assert len(entries) > 10
    assert [file.name for file in FILES if file.resolve() not in reached] == []


def reachable(entry: Path) -> list[Path]:
    return [entry, *(file for path in modules.read(entry).imports for file in reachable(path))]


def test_every_export_is_used_by_another_module_or_tested():
    parsed = [modules.read(file) for file in FILES]
    imported = {(file, name) for module in parsed for file, names in module.imports.items() for name in names.values()}
    exported = {(module.path, name) for module in parsed for name in module.exports if name != "default"}
    assert len(exported) > 10
    tests = "".join(file.read_text() for file in (Path(__file__).parents[1] / "browser").glob("*.py"))
    assert [(file.name, name) for file, name in exported - imported if f"m.{name}" not in tests] == []


def test_no_two_modules_hold_the_same_function():
    homes: dict[tuple[str, ...], set[str]] = {}
    for file in FILES:
        for body in bodies(modules.read(file).tokens):
            homes.setdefault(body, set()).add(file.name)
    assert len(homes) > 150
    assert [(names, " ".join(body)) for body, names in homes.items() if len(names) > 1] == []


def bodies(words: tuple[modules.Token, ...]) -> list[tuple[str, ...]]:
    """What each function of 16 tokens or more does: its tokens."""
    ends = modules.closing(words)
    starts = [i for i in ends if words[i].text == "{" and words[i - 1].text in (")", "=>") and ends[i] - i > 18]
    return [tuple(word.text for word in words[i + 1 : ends[i]]) for i in starts]


def test_a_module_that_shares_a_name_with_a_shared_one_imports_it():
    shared = {name: file.name for file in component.SHARED.glob("*.js") for name in modules.read(file).exports}
    own = [(file, name) for file in FILES for name in modules.EXPORT.findall(file.read_text()) + defined(file)]
    assert [(file.name, name) for file, name in own if name in shared and shared[name] != file.name] == []


def defined(file: Path) -> list[str]:
    """The names that a module gives at its top."""
    return re.findall(r"^(?:async )?(?:function|class|const|let) (\w+)", file.read_text(), re.M)
