"""Scores: how many seeds."""

from genmodels.config import knob
from genmodels.runs import MAX_SEED, RunSpec, Spec
from genmodels.studies.scores import study as scores
from pages.parts.choice import Choice
from pages.parts.views.base import PageView


class View(PageView):
    """The page's own controls."""

    seeds: int = knob(1, "Trainings of each model, with this seed and the following ones: how much is chance?", ge=1, le=5)

    def columns(self, choice: Choice) -> list[list[RunSpec]]:
        """Return each model's runs, one a seed."""
        seeds = [min(choice.seed, MAX_SEED - self.seeds + 1) + i for i in range(self.seeds)]
        return [[choice.with_values(seed=seed).spec(model) for seed in seeds] for model in choice.models]

    def needs(self, choice: Choice) -> list[Spec]:
        """Return the scores of every run; each needs the reference."""
        return [scores.spec(run) for column in self.columns(choice) for run in column]
