"""The ring's runs with few steps, for the tests of pages."""

from collections.abc import Mapping

from genmodels.runs import RunSpec
from genmodels.studies import ring

USUAL = ring.specs  # before a test takes its place
SMALL = {"gmm": {}, "vae": {"hidden_dim": 4, "depth": 1}, "gan": {}}  # a net so small that its bound costs next to nothing


def few_steps(k: int, budget: str, steps: Mapping[str, int]) -> list[RunSpec]:
    """The page's runs, each with so many steps."""
    return [
        RunSpec.make(run.dataset, run.model, run.settings.model_dump() | {"steps": steps[run.model]} | SMALL[run.model])
        for run in USUAL(k, budget)
    ]
