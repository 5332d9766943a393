"""Components are made of their own and shared files; a model's colour is written once, and every colour is given."""

import re
from pathlib import Path

import pytest

from genmodels.views import colours
from pages.parts import component, modules, scores_style

PARTS = Path(component.__file__).parent
BROWSER = Path(__file__).parents[1] / "browser"


@pytest.fixture
def folder(tmp_path):
    """The files of a component called thing."""
    for name, text in (("thing.html", "<p></p>"), ("thing.css", "p { }"), ("thing.js", "export default function mount() {}")):
        (tmp_path / name).write_text(text)
    return tmp_path


def test_a_component_has_its_shared_styles_before_its_own_and_its_modules_linked(folder, monkeypatch):
    given = {}
    monkeypatch.setattr(component.st.components.v2, "component", lambda name, **files: given.update(files, name=name))
    component.mount(folder, "thing", "page.css", "columns.css")
    shared = [(component.SHARED / file).read_text() for file in ("page.css", "columns.css")]
    assert given["css"] == "\n".join([component.MODELS, *shared, "p { }"])
    assert (given["name"], given["html"]) == ("genmodels_thing", "<p></p>")
    assert given["js"] == modules.link(folder / "thing.js")


def test_a_component_calls_back_with_what_the_browser_sends(folder, monkeypatch):
    calls, values = {}, []
    monkeypatch.setattr(component.st.components.v2, "component", lambda name, **files: lambda **options: calls.update(options))
    monkeypatch.setattr(component.st, "session_state", {"place": {"frame": 3, "act": "vae"}})
    component.mount(folder, "thing")("place", {"x": 1}, frame=values.append, act=values.append)
    assert (calls.pop("key"), calls.pop("data")) == ("place", {"x": 1})
    for name in ("on_act_change", "on_frame_change"):
        calls[name]()
    assert values == ["vae", 3]


def test_no_line_of_javascript_or_style_is_longer_than_120_characters():
    files = [file for kind in ("*.js", "*.css") for file in [*PARTS.rglob(kind), *BROWSER.rglob(kind)]]
    assert len(files) > 40
    assert {str(file): long for file in files if (long := sum(len(line) > 120 for line in file.read_text().splitlines()))} == {}


def test_a_models_colour_is_written_once():
    every = {colour for pair in colours.COLOURS.values() for colour in pair}
    styles = [file for file in PARTS.rglob("*") if file.suffix == ".css" or file.name == "scores_style.py"]
    assert len(styles) > 10
    assert {(file.name, colour) for file in styles for colour in every if colour in file.read_text()} == set()
    tables = re.compile(rf'"({"|".join(colours.COLOURS)})": \(?"#')
    assert [file.name for file in Path(colours.__file__).parent.rglob("*.py") if tables.search(file.read_text())] == ["colours.py"]


def test_the_style_gives_a_model_its_colour_by_ground():
    rules = dict(re.findall(r"(.+) \{ (.*) \}", colours.css(".day", ".night", ".of-{}")))
    assert "--vae: #2b6cb0;" in rules[".day"]
    assert "--vae: #6fa8e6;" in rules[".night"]
    assert rules[".of-vae-gan"] == "--model: var(--vae-gan);"
    assert scores_style.CSS.startswith(".scores-part {")


def test_every_colour_that_a_style_names_is_given_somewhere():
    files = [file for file in PARTS.rglob("*") if file.suffix in (".css", ".js", ".html", ".py")]
    files += Path(colours.__file__).parent.rglob("*.py")
    text = "\n".join([component.MODELS, *(file.read_text() for file in files)])
    used = set(re.findall(r"var\((--(?!st-)[a-z-]*[a-z])[,)]", text))
    given = set(re.findall(r"(--[a-z-]*[a-z])[\"'`]?\s*[:,]", re.sub(r"var\(--[a-z-]+,", "", text)))
    assert used
    assert used - given == set()


def test_no_source_holds_the_marks_of_a_conflict():
    files = [file for kind in ("*.py", "*.js", "*.css", "*.html") for file in PARTS.parent.rglob(kind)]
    assert [file.name for file in files if re.search(r"^(<{7}|>{7}|={7}$)", file.read_text(), re.M)] == []
