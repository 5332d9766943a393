"""One number of one run: what shows a failure, or that it is mended. Of a model without p(z), also what N(0, I) decodes to."""

from collections.abc import Iterator
from typing import Any

from genmodels.config import Config, UserError, knob
from genmodels.models.base import Samples
from genmodels.runs import RunSpec
from genmodels.runs.recorder import N_SAMPLES
from genmodels.studies.base import Study, StudyContext
from genmodels.studies.failures.case import Case
from genmodels.studies.failures.cases import CASES
from genmodels.studies.failures.signs import SIGNS, SignName, draws
from genmodels.studies.findings import StudySpec


class FailuresConfig(Config):
    """What is measured."""

    sign: SignName = knob("classes", "The number that shows the failure.")


class Failures(Study):
    """The sign of a failure."""

    name = "failures"
    title = "The number that shows it"
    Settings = FailuresConfig
    seconds = 0.5
    settings: FailuresConfig

    @classmethod
    def opening(cls) -> list[tuple[list[RunSpec], dict[str, Any]]]:
        """Return every failure and its mended run."""
        return [([run], {"sign": case.sign}) for case in CASES.values() for run in (case.failing(), case.mended())]

    def check(self) -> None:
        """Refuse anything but one run."""
        if len(self.runs) != 1:
            raise UserError(f"failures measures one run, got {len(self.runs)}: ask for each alone")

    def perform(self, context: StudyContext) -> Iterator[float]:
        """Measure, and decode noise where nothing is sampled."""
        (spec,) = self.runs
        model, data = context.model(spec), context.data(spec.dataset)
        yield 0.1
        if data.source.is_image and not isinstance(model, Samples):
            x = draws(model, N_SAMPLES, context.rng(0, "decoded noise"))
            context.tensors("decoded.safetensors", {"x": x})
        value = SIGNS[self.settings.sign].measure(model, data, context.rng(0, "failures"))
        context.json("sign.json", {"value": value})
        yield 1.0


def specs(case: Case, seed: int) -> list[RunSpec]:
    """Return the failing and the mended run."""
    return [case.failing(seed), case.mended(seed)]


def signs(case: Case, seed: int) -> list[StudySpec]:
    """Return the findings of the number that shows it, for both runs."""
    return [StudySpec.make("failures", [run], {"sign": case.sign}) for run in specs(case, seed)]
