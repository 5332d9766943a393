"""`score` prints one JSON object, or a table, of what the study found; a wrong key is one line."""

import json
from dataclasses import asdict

import pytest

from genmodels.cli.main import main
from genmodels.runs import RunSpec, record
from genmodels.studies.scores import reference
from genmodels.studies.scores import study as scores
from genmodels.studies.scores.finding import ScoreTable


@pytest.fixture
def key(store, monkeypatch):
    monkeypatch.setattr(reference, "FLOORS", 1)  # sooner
    return record(RunSpec.make("moons", "gmm", {"steps": 2}), store).key


@pytest.mark.slow
def test_score_prints_one_json_object_that_is_the_finding(store, key, capsys):
    assert main(["score", key, "--json"]) == 0
    first = json.loads(capsys.readouterr().out)
    assert main(["score", key, "--json"]) == 0
    again = json.loads(capsys.readouterr().out)
    assert (first.pop("cached"), again.pop("cached")) == (False, True)
    assert first == again
    spec = scores.spec(RunSpec.make("moons", "gmm", {"steps": 2}))
    assert first.pop("key") == spec.key
    assert first == asdict(ScoreTable.read(store.find(spec.key)))
    assert first["run"]["key"] == key
    assert main(["score", key]) == 0
    table = capsys.readouterr().out.splitlines()
    assert table[0].split() == ["real", "model", "noise"]
    assert len(table) == 1 + len(first["rows"])
    likelihood = next(row for row in first["rows"] if row["name"] == "log-likelihood")
    (line,) = [line for line in table if line.startswith("log p(x)")]
    assert f"{likelihood['value']:.3g}" in line


def test_a_key_that_is_none_is_one_line(store, capsys):
    assert main(["score", "0" * 64]) == 2
    assert "no run 000000000000..." in capsys.readouterr().err
