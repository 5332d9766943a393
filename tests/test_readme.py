"""What the README shows is what happens."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent


def test_the_six_lines_in_the_readme_run_as_they_stand(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("GENMODELS_CACHE", str(tmp_path))
    (code,) = re.findall(r"```python\n(.*?)```", (ROOT / "README.md").read_text(), re.DOTALL)
    assert len([line for line in code.splitlines() if line.strip()]) == 6
    exec(compile(code, "README.md", "exec"), {})
    assert "log_likelihood" in capsys.readouterr().out


def test_the_readme_names_every_variable_that_the_code_reads_and_no_other() -> None:
    code = "".join(p.read_text() for p in (ROOT / "genmodels").rglob("*.py"))
    named = set(re.findall(r"GENMODELS_[A-Z_]+", (ROOT / "README.md").read_text()))
    assert named == set(re.findall(r"GENMODELS_[A-Z_]+", code))
