"""The arrows of the architecture, the things that are nowhere, and that this very test would see them."""

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
LAYERS = [  # rooms: each may import those before it, and its own
    {"config", "device", "registry", "progress"},
    {"store"},
    {"datasets"},
    {"models"},
    {"metrics"},
    {"runs"},
    {"studies"},
    {"engine"},
    {"views"},
    {"cli", "__main__", "__init__"},
    {"pages"},
]
RANK = {name: rank for rank, names in enumerate(LAYERS) for name in names}
PLACES = {"root", "path", "folder", "data_root", "parent", "file"}
PICKLES = {"pickle", "cPickle", "_pickle", "cloudpickle", "dill", "joblib", "shelve", "marshal"}


def imports(source):
    """The dotted names that a module imports, those given as text to importlib or to discover() among them."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield from (f"{'.' * node.level}{node.module or ''}.{alias.name}" for alias in node.names)
        elif isinstance(node, ast.Constant) and isinstance(node.value, str) and re.fullmatch(r"[a-z_]+(\.\w+)*", node.value):
            top = node.value.partition(".")[0]
            if top in PICKLES or (top in {"genmodels", "streamlit", "pages"} and "." in node.value):
                yield node.value


def names(node):
    """The names and attributes in an expression, but for those whose own name alone is told, as in path.stem or path.name."""
    if isinstance(node, ast.Attribute) and node.attr in ("stem", "name"):
        return set()
    own = {node.id} if isinstance(node, ast.Name) else {node.attr} if isinstance(node, ast.Attribute) else set()
    return own.union(*map(names, ast.iter_child_nodes(node)))


def faults(module, source):
    """What the module `genmodels.<module>` or `pages...` does that none of its layer may do, one line each."""
    layer = "pages" if module.startswith("pages") else module.split(".")[1] if "." in module else "__init__"
    if layer not in RANK:
        return [f"{module}: {layer} stands in no layer; give it one in {Path(__file__).name}"]
    found = []
    for name in imports(source):
        parts = name.split(".")
        if name.startswith("."):
            found.append(f"{module} imports {name}: name it in full, from genmodels")
        elif parts[0] in ("streamlit", "pages") and layer != "pages":
            found.append(f"{module} imports {name}: only pages know of pages")
        elif parts[0] == "genmodels" and len(parts) > 1 and RANK.get(parts[1], 99) > RANK[layer]:
            found.append(f"{module} imports {name}: against the arrows")
        elif parts[0] in PICKLES:
            found.append(f"{module} imports {name}: no pickle anywhere")
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Attribute) and ast.unparse(node) == "torch.load":
            found.append(f"{module} calls torch.load: weights are safetensors")
        if isinstance(node, ast.keyword) and node.arg == "allow_pickle" and ast.unparse(node.value) != "False":
            found.append(f"{module} sets allow_pickle")
        if isinstance(node, ast.Call) and ast.unparse(node.func) == "UserError" and layer != "cli":
            parts = {part for value in ast.walk(node) if isinstance(value, ast.FormattedValue) for part in names(value)}
            found += [f"{module} tells viewers where things lie on the server: {part}" for part in sorted(parts & PLACES)]
    if "cuda" in source.lower() and module != "genmodels.device":
        found.append(f"{module} names cuda: ask genmodels.device")
    return found


FILES = [p for folder in ("genmodels", "pages") for p in sorted((ROOT / folder).rglob("*.py"))] + [ROOT / "app.py"]


def module_name(path):
    if path.name == "app.py":
        return "pages.app"
    return ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")


@pytest.mark.parametrize("path", [p for p in FILES if p.exists()], ids=module_name)
def test_the_arrows_hold(path):
    assert faults(module_name(path), path.read_text()) == []


@pytest.mark.parametrize(
    ("module", "source", "fault"),
    [
        ("genmodels.store", "from genmodels import models", "imports genmodels.models: against the arrows"),
        ("genmodels.store", "def f():\n    import genmodels.runs", "imports genmodels.runs: against the arrows"),
        ("genmodels.datasets.digits", "from genmodels.models.base import Model", "against the arrows"),
        ("genmodels.models.gan", "import importlib\nimportlib.import_module('genmodels.runs')", "against the arrows"),
        ("genmodels.runs.run", "from genmodels.views.tiles import tile", "against the arrows"),
        ("genmodels.metrics.modes", "from genmodels.engine.engine import engine", "against the arrows"),
        ("genmodels.views.curves", "import genmodels.__main__", "against the arrows"),
        ("genmodels.runs", "import streamlit as st", "only pages know of pages"),
        ("genmodels.views.curves", "from pages.parts import cards", "only pages know of pages"),
        ("genmodels.runs", "from .store import Store", "name it in full"),
        ("genmodels.runs", "WHERE = 'cuda:0'", "names cuda"),
        ("pages.compare.samples", "import torch\ntorch.load('x')", "calls torch.load"),
        ("pages.compare.samples", "import numpy as np\nnp.load('x', allow_pickle=True)", "sets allow_pickle"),
        ("genmodels.store", "import pickle", "no pickle"),
        ("genmodels.store", "from joblib import dump", "no pickle"),
        ("genmodels.store", "__import__('dill')", "no pickle"),
        ("genmodels.store", "raise UserError(f'{self.root} is full')", "where things lie on the server: root"),
        ("pages.parts.state", "UserError('no ' + f'{path.parent} there')", "where things lie on the server: parent"),
        ("genmodels.helpers", "", "stands in no layer"),
    ],
)
def test_a_fault_is_seen(module, source, fault):
    line = faults(module, source)[0]
    assert line.startswith(module)
    assert fault in line


@pytest.mark.parametrize(
    ("module", "source"),
    [
        ("genmodels.runs", "from genmodels import datasets, device, models\nfrom genmodels.store import Store"),
        ("genmodels.device", "import torch\ntorch.cuda.is_available()"),
        ("genmodels.runs.model_cache", "from genmodels.models.base import Model"),
        ("genmodels.__main__", "from genmodels import engine"),
        ("pages.compare.samples", "import streamlit as st\nfrom genmodels.views import tiles\nfrom pages.parts import cards"),
        ("genmodels.store", "import numpy as np\nnp.load('x', allow_pickle=False)"),
    ],
)
def test_what_is_allowed_is_no_fault(module, source):
    assert faults(module, source) == []


def test_the_files_are_really_read():
    assert {"genmodels.store", "genmodels.models.gan", "genmodels.__main__"} <= {module_name(p) for p in FILES}


# ---- the house: rooms, floors, no way back --------------------------------------------------------------------------------


MODULES = {module_name(path).replace("pages.app", "app"): path for path in FILES}
MODULES |= {f"benchmarks.{path.stem}": path for path in sorted((ROOT / "benchmarks").glob("*.py"))}
ROOMS_AT_MOST, FLOORS_AT_MOST = 17, 9


def room_of(module):
    """A room is a folder or a loose module of genmodels, and app, pages and benchmarks one each."""
    parts = module.split(".")
    return ".".join(parts[:2]) if parts[0] == "genmodels" and len(parts) > 1 else parts[0]


def needed(module):
    """The modules of the project that a module imports when it is imported itself."""
    for node in ast.walk(ast.parse(MODULES[module].read_text())):
        if isinstance(node, ast.ImportFrom) and node.module:
            for alias in node.names:
                yield from {f"{node.module}.{alias.name}", node.module} & MODULES.keys()


def rooms():
    """The rooms, each with those that it imports from; the library's surface, which names all lazily, is none."""
    arrows = {room_of(module): set() for module in MODULES if module != "genmodels"}
    for module in MODULES.keys() - {"genmodels"}:
        arrows[room_of(module)] |= {room_of(name) for name in needed(module)} - {room_of(module), "genmodels"}
    return arrows


def floor(room, arrows, above=()):
    assert room not in above, f"a way back: {' <- '.join([*above, room])}"
    return 1 + max((floor(other, arrows, (*above, room)) for other in arrows[room]), default=0)


def test_the_house_has_few_rooms_on_few_floors_and_no_way_back():
    arrows = rooms()
    assert len(arrows) <= ROOMS_AT_MOST, sorted(arrows)
    assert max(floor(room, arrows) for room in arrows) <= FLOORS_AT_MOST


def test_inside_a_room_too_no_module_needs_one_that_needs_it():
    packages = {module for module, path in MODULES.items() if path.name == "__init__.py"}

    def eager(module):  # what a module imports at its top level, but from a package's surface
        for node in ast.parse(MODULES[module].read_text()).body:
            if isinstance(node, ast.ImportFrom) and node.module:
                names = {f"{node.module}.{alias.name}" for alias in node.names} & MODULES.keys()
                yield from (names or {node.module} & MODULES.keys()) - packages

    def visit(module, above):
        assert module not in above, f"a way back: {' <- '.join([*above, module])}"
        if module not in visited:
            for other in eager(module):
                visit(other, (*above, module))
            visited.add(module)

    visited = set()
    for module in MODULES:
        visit(module, ())
    assert len(visited) > 150
