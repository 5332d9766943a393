"""A run that was tried, in a line: what is unusual of it and its first scores."""

import pytest

from genmodels.runs import Run, RunSpec, record
from genmodels.store import Store
from genmodels.views import board, tried

TINY = {"gmm": {"steps": 5, "n_components": 4}, "vae": {"steps": 12, "beta": 4.0}, "gan": {"steps": 12}}


@pytest.mark.parametrize(
    ("dataset", "model", "names"),
    [
        ("digits", "vae", "error {} · sharpness {}"),
        ("digits", "gan", "sharpness {}"),
        ("gaussians-8", "gan", "modes {}"),
        ("moons", "gmm", "error {} · log p(x) {}"),
    ],
)
def test_a_line_has_the_first_two_scores_that_the_board_shows(tmp_path, dataset: str, model: str, names: str) -> None:
    run = Run.open(record(RunSpec.make(dataset, model, TINY[model]), Store(tmp_path)).key, Store(tmp_path))
    facts = {fact.name: fact.value for fact in board.facts(run)}
    order = ("reconstruction error", "sharpness", "modes found", "log p(x)")
    values = [facts[name] for name in order if facts.get(name, "—") != "—"]
    line = tried.line(run)
    assert line["scores"] == names.format(*values)
    assert line["key"] == run.spec.key
    assert all(value in line["about"] for value in values[:2])


def test_a_line_says_what_is_unusual_of_its_run_or_that_nothing_is(tmp_path) -> None:
    spec = RunSpec.make("moons", "vae", TINY["vae"], seed=3)
    assert tried.line(Run.open(record(spec, Store(tmp_path)).key, Store(tmp_path)))["settings"] == "β 4, steps 12, seed 3"
