"""What components share stands in one file: each function and each family's colour; and every component says what it shares."""

import ast
import re
from pathlib import Path

import pytest

from genmodels.views import colours
from pages.parts import component, scores_style

PARTS = Path(component.__file__).parent
SHARED = sorted(component.SHARED.glob("*.js"))
OWN = sorted(set(PARTS.rglob("*.js")) - set(SHARED))
DEFINED = re.compile(r"^(?:async )?(?:function|class|const|let) (\w+)", re.M)


def mounts():
    """Every component: its folder, its name, and the shared files that it asks for."""
    for file in sorted(PARTS.rglob("*.py")):
        for node in ast.walk(ast.parse(file.read_text())):
            if isinstance(node, ast.Call) and ast.unparse(node.func) == "component.mount":
                name, *shared = [ast.literal_eval(argument) for argument in node.args[1:]]
                yield pytest.param(file.parent, name, shared, id=name)


MOUNTS = list(mounts())


def code(js):
    """Source without its comments, strings of one line among what stays."""
    return re.sub(r"(^|\s)//.*", "", js)


def used(js):
    """By shared file, the names of it that a component's own code calls, reads or extends."""
    names = {file.name: DEFINED.findall(file.read_text()) for file in SHARED}
    return {file: {n for n in own if re.search(rf"(?<![.\w]){n}[(\[]|extends {n}\b", code(js))} for file, own in names.items()}


def bodies(js):
    """What each function of three lines or more does, at the top or in a class: its text without its name."""
    for start in re.finditer(r"^( *)(?:async )?(?:function )?(?:get )?\w+\(([^)]*)\) \{$", code(js), re.M):
        rest = code(js)[start.end() :]
        end = rest.find(f"\n{start[1]}}}\n")
        lines = [line.strip() for line in rest[:end].strip().splitlines()]
        if len(lines) > 2:
            yield (start[2], *lines)


def test_every_component_is_found():
    assert {mount.values[1] for mount in MOUNTS} == {file.stem for file in OWN}
    assert len(OWN) > 10


@pytest.mark.parametrize(("folder", "name", "shared"), MOUNTS)
def test_a_component_asks_for_what_it_uses_and_names_it_at_its_top(folder, name, shared):
    js = (folder / f"{name}.js").read_text()
    uses = {file: names for file, names in used(js).items() if names}
    assert {file for file in shared if file.endswith(".js")} >= set(uses)
    (said,) = [line for line in js.splitlines() if line.startswith("// From ")] or [""]
    told = {file: set(names.split(", ")) for file, names in re.findall(r"\.\./shared/([\w.]+): ([\w, ]+)", said)}
    assert told == uses


@pytest.mark.parametrize(("folder", "name", "shared"), MOUNTS)
def test_no_name_is_given_twice_in_what_the_browser_gets(folder, name, shared):
    js = "\n".join([*component.texts(tuple(shared), ".js"), (folder / f"{name}.js").read_text()])
    names = DEFINED.findall(js)
    assert sorted(names) == sorted(set(names))


def test_no_component_writes_anew_what_is_shared():
    shared = {name for file in SHARED for name in DEFINED.findall(file.read_text())}
    assert {"isDark", "text", "factNode", "Pen"} <= shared
    assert {(file.name, name) for file in OWN for name in DEFINED.findall(file.read_text()) if name in shared} == set()


def test_no_two_components_hold_the_same_function():
    homes = {}
    for file in [*SHARED, *OWN]:
        for body in bodies(file.read_text()):
            homes.setdefault(body, set()).add(file.name)
    assert len(homes) > 100
    assert [(names, body) for body, names in homes.items() if len(names) > 1] == []


def test_a_models_colour_is_written_once():
    every = {colour for pair in colours.COLOURS.values() for colour in pair}
    styles = [file for file in PARTS.rglob("*") if file.suffix == ".css" or file.name == "scores_style.py"]
    assert len(styles) > 10
    assert {(file.name, colour) for file in styles for colour in every if colour in file.read_text()} == set()
    tables = re.compile(rf'"({"|".join(colours.COLOURS)})": \(?"#')
    assert [file.name for file in Path(colours.__file__).parent.glob("*.py") if tables.search(file.read_text())] == ["colours.py"]


def test_the_style_gives_a_model_its_colour_by_ground():
    rules = dict(re.findall(r"(.+) \{ (.*) \}", colours.css(".day", ".night", ".of-{}")))
    assert "--vae: #2b6cb0;" in rules[".day"]
    assert "--vae: #6fa8e6;" in rules[".night"]
    assert rules[".of-vae-gan"] == "--model: var(--vae-gan);"
    assert scores_style.CSS.startswith(".scores-part {")


def test_every_colour_that_a_style_names_is_given_somewhere():
    files = [file for file in PARTS.rglob("*") if file.suffix in (".css", ".js", ".html", ".py")]
    files += Path(colours.__file__).parent.glob("*.py")
    text = "\n".join([component.MODELS, *(file.read_text() for file in files)])
    used = set(re.findall(r"var\((--(?!st-)[a-z-]*[a-z])[,)]", text))
    given = set(re.findall(r"(--[a-z-]*[a-z])[\"'`]?\s*[:,]", re.sub(r"var\(--[a-z-]+,", "", text)))
    assert used
    assert used - given == set()
