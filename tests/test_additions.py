"""What CONTRIBUTING.md tells how to add works, word by word: its files are written into a copy of the project and used there."""

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
FILES = dict(re.findall(r"```python\n# (\S+)\n(.*?)```", (ROOT / "CONTRIBUTING.md").read_text(), re.DOTALL))
USE = """
import json
import genmodels as gm
from genmodels.metrics import metrics
from genmodels.metrics.mean_shift import mean_shift
from genmodels.runs import RunSpec, record
from genmodels.store import Store
from genmodels.studies.averages import AveragesFinding
from genmodels.studies.findings import StudySpec
from streamlit.testing.v1 import AppTest

run = gm.train("stripes", "one-gaussian", shrinkage=0.5)
x = run.sample(4000, seed=1)
store = Store.from_environment()
finding = AveragesFinding.read(record(StudySpec.make("averages", [RunSpec.make("stripes", "one-gaussian")]), store))
page = AppTest.from_file("pages/lecture/averages.py", default_timeout=100).run()
print(json.dumps({
    "variance": x.var(0).tolist(),
    "scores": {score.title: score.value for score in gm.score(run, n=500)},
    "metric": "mean-shift" in metrics(),
    "shift": mean_shift(x, x + 3),
    "gap": float((finding.samples - finding.training).norm()),
    "page": [element.value for element in page.markdown if element.value.startswith("Samples")],
    "faults": [element.value for element in [*page.exception, *page.error]],
}))
"""


@pytest.fixture(scope="module")
def project(tmp_path_factory):
    """A copy of the project with the files of CONTRIBUTING.md."""
    folder = tmp_path_factory.mktemp("project")
    for name in ("genmodels", "pages", ".streamlit"):
        shutil.copytree(ROOT / name, folder / name, ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("app.py", "pyproject.toml"):
        shutil.copy(ROOT / name, folder / name)
    if (ROOT / ".mypy_cache").is_dir():  # what is known of torch's types need not be inferred anew; files are compared by content
        shutil.copytree(ROOT / ".mypy_cache", folder / ".mypy_cache")
    for name, text in FILES.items():
        assert not (folder / name).exists()
        (folder / name).write_text(text)
    return folder


def test_there_is_one_file_of_each_kind():
    kinds = [Path(name).parent.as_posix() for name in FILES]
    assert kinds == ["genmodels/datasets", "genmodels/models", "genmodels/metrics", "genmodels/studies", "pages/lecture"]


@pytest.mark.slow
def test_the_five_files_are_found_and_used(project, tmp_path):
    environment = {**os.environ, "GENMODELS_CACHE": str(tmp_path), "PYTHONPATH": str(project), "GENMODELS_SCHEDULER": "inproc"}
    done = subprocess.run(
        [sys.executable, "-c", USE], cwd=project, env=environment, capture_output=True, text=True, timeout=200, check=False
    )
    assert done.returncode == 0, done.stderr[-2000:]
    result = json.loads(done.stdout.splitlines()[-1])
    low, high = 1 / 12, 0.2**2 / 12 + 1 / 4  # variances of a uniform number, and of one of two stripes
    assert result["variance"] == pytest.approx([low + (high - low) / 4, high - (high - low) / 4], rel=0.1)
    assert result["metric"]
    assert result["shift"] == pytest.approx(3 * 2**0.5, rel=1e-5)
    assert result["gap"] < 0.05
    assert result["faults"] == []
    assert len(result["page"]) == 1


@pytest.mark.slow
def test_they_are_typed_and_in_style(project):
    files = [str(project / name) for name in FILES]
    for command in (["ruff", "check", *files], ["ruff", "format", "--check", *files], ["mypy", *files[:-1]]):
        done = subprocess.run(
            [sys.executable, "-m", *command], cwd=project, capture_output=True, text=True, timeout=200, check=False
        )
        assert done.returncode == 0, done.stdout[-2000:]
