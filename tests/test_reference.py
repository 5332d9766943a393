"""The API reference: every public function has a docstring, and pdoc renders all of it without a warning."""

import inspect
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

import genmodels as gm

ROOT = Path(__file__).resolve().parent.parent


@pytest.mark.parametrize("name", gm.__all__)
def test_every_public_name_and_each_of_its_methods_has_a_docstring(name):
    entry = getattr(gm, name)
    assert inspect.getdoc(entry)
    for method, function in vars(entry).items() if inspect.isclass(entry) else ():
        if not method.startswith("_") and (inspect.isfunction(function) or isinstance(function, property | classmethod)):
            assert inspect.getdoc(function), f"{name}.{method}"


@pytest.mark.slow
def test_the_reference_is_rendered_without_a_warning(tmp_path):
    command = [sys.executable, "-W", "error", "-W", "ignore::DeprecationWarning", "-m", "docs.reference", str(tmp_path)]
    done = subprocess.run(command, cwd=ROOT, env={**os.environ}, capture_output=True, text=True, timeout=240, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    page = (tmp_path / "genmodels.html").read_text()
    assert set(gm.__all__) - {"datasets", "models", "runs"} <= set(re.findall(r'id="(\w+)"', page))
    assert 'id="Run.sample"' in page
    assert "equal seeds give equal samples" in page
    assert (tmp_path / "genmodels" / "models" / "vae.html").is_file()
