"""What pip installs: a wheel with the library and the command line, used in an environment that has nothing else of the project."""

import os
import re
import shutil
import subprocess
import sys
import sysconfig
import tomllib
import venv
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
USE = """
import sys
import genmodels as gm
assert "torch" not in sys.modules
assert gm.__file__.startswith(sys.prefix), gm.__file__
run = gm.train("moons", "gmm", steps=3, store=sys.argv[1])
assert run.sample(4, seed=0).shape == (4, 2)
x = gm.load("moons").test[:8]
assert run.reconstruct(x).shape == x.shape
assert [one.spec for one in gm.runs(sys.argv[1])] == [run.spec]
print(gm.__version__)
"""


def call(*command, **options):
    done = subprocess.run(list(map(str, command)), check=False, capture_output=True, text=True, timeout=200, **options)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The `bin/` of an environment with the wheel; what it depends on is seen in the environment of the tests."""
    folder = tmp_path_factory.mktemp("wheel")
    for name in ("pyproject.toml", "README.md", "LICENSE"):  # built from a copy: setuptools leaves a build/ behind
        shutil.copy(ROOT / name, folder)
    shutil.copytree(ROOT / "genmodels", folder / "genmodels", ignore=shutil.ignore_patterns("__pycache__"))
    call(sys.executable, "-m", "pip", "wheel", "--no-build-isolation", "--no-deps", "--no-index", "-w", folder, folder)
    (wheel,) = folder.glob("*.whl")
    venv.create(folder / "venv", with_pip=False, symlinks=True)
    python = folder / "venv" / "bin" / "python"
    (site,) = (folder / "venv").glob("lib/*/site-packages")
    (site / "dependencies.pth").write_text(sysconfig.get_path("purelib"))
    call(sys.executable, "-m", "pip", "--python", python, "install", "--no-deps", "--no-index", wheel)
    return python.parent


@pytest.mark.slow
def test_the_wheel_is_installed_and_used_in_an_empty_environment(installed, tmp_path):
    environment = {n: v for n, v in os.environ.items() if n not in ("PYTHONPATH", "GENMODELS_CACHE")}
    environment |= {"XDG_CACHE_HOME": str(tmp_path / "home")}
    version = call(installed / "python", "-c", USE, tmp_path / "cache", cwd=tmp_path, env=environment).strip()
    assert re.fullmatch(r"\d+\.\d+\.\d+", version)
    listed = call(installed / "genmodels", "list", "models", cwd=tmp_path, env=environment)
    assert "vae: " in listed
    trained = call(installed / "genmodels", "train", "moons", "gmm", "--set", "steps=2", cwd=tmp_path, env=environment)
    key = trained.split()[1]
    assert (tmp_path / "home" / "genmodels" / "runs" / key / "manifest.json").is_file()  # not beside the installed package
    app = subprocess.run(
        [installed / "genmodels", "app"], check=False, capture_output=True, text=True, cwd=tmp_path, env=environment, timeout=60
    )
    assert (app.returncode, app.stderr.count("\n")) == (2, 1)
    assert "the dashboard is no part of the installed package" in app.stderr


def bounds(requirement: str) -> tuple[str, tuple[int, ...], tuple[int, ...]]:
    match = re.fullmatch(r"([\w-]+)>=([\d.]+)(?:,<([\d.]+))?", requirement)
    assert match, requirement
    name, low, high = match.groups()
    return name.lower(), version(low), version(high or "9999")


def version(text: str) -> tuple[int, ...]:
    return tuple(map(int, text.split(".")))


def test_every_version_that_is_tested_lies_within_the_ranges_that_the_wheel_asks_for():
    pins = dict(re.findall(r"^([\w-]+)==([\d.]+)", (ROOT / "requirements.txt").read_text().lower(), re.MULTILINE))
    extras = PROJECT["optional-dependencies"]
    asked = [bounds(text) for text in (*PROJECT["dependencies"], *extras["dashboard"])]
    for name, low, high in asked:
        if name in pins:
            assert low <= version(pins[name]) < high, name
    assert set(pins) <= {name for name, _, _ in asked}


def test_every_package_that_the_library_imports_is_asked_for():
    code = "\n".join(path.read_text() for path in (ROOT / "genmodels").rglob("*.py"))
    imported = set(re.findall(r"^\s*(?:import|from) (\w+)", code, re.MULTILINE)) - sys.stdlib_module_names
    names = {"scikit-learn": "sklearn", "pillow": "pil", "distributed": "distributed"}
    asked = [bounds(text)[0] for text in (*PROJECT["dependencies"], *PROJECT["optional-dependencies"]["dashboard"])]
    packages = {names.get(name, name) for name in asked} | {"dask", "psutil"}  # which distributed brings
    assert {name.lower() for name in imported} - {"genmodels"} <= packages
