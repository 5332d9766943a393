"""The indicator of one run; for a model without p(z), also decodes of z ~ N(0, I)."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from torch import Tensor

from genmodels.config import Config, UserError, knob
from genmodels.models.base import Samples
from genmodels.runs import RunSpec
from genmodels.runs.recorder import N_SAMPLES
from genmodels.studies.base import Study, StudyContext
from genmodels.studies.failures.case import Case
from genmodels.studies.failures.cases import CASES
from genmodels.studies.failures.indicators import INDICATORS, IndicatorName, samples_of
from genmodels.studies.finding import Finding
from genmodels.studies.findings import StudySpec


@dataclass(frozen=True, eq=False)
class FailureFinding(Finding):
    """The indicator of one run."""

    value: float
    decoded: Tensor | None  # (N_SAMPLES, C, H, W) decodes of z ~ N(0, I), of a model of pictures that cannot sample


class FailuresConfig(Config):
    """Which indicator."""

    indicator: IndicatorName = knob("classes", "The number that shows the failure.")


class Failures(Study):
    """The indicator of a failing or a mended run."""

    name = "failures"
    title = "The number that shows it"
    version = 2
    Settings = FailuresConfig
    seconds = 0.5
    settings: FailuresConfig

    @classmethod
    def opening(cls) -> list[tuple[list[RunSpec], dict[str, Any]]]:
        """Return every failure and its mended run."""
        return [([run], {"indicator": case.indicator}) for case in CASES.values() for run in run_specs(case, 0)]

    def check(self) -> None:
        """Refuse anything but one run."""
        if len(self.runs) != 1:
            raise UserError(f"failures measures one run, got {len(self.runs)}: ask for each alone")

    def perform(self, context: StudyContext) -> Iterator[float]:
        """Measure, and decode noise where the model cannot sample."""
        (spec,) = self.runs
        model, data, decoded = context.model(spec), context.data(spec.dataset), None
        yield 0.1
        if data.source.is_image and not isinstance(model, Samples):
            decoded = samples_of(model, N_SAMPLES, context.rng(0, "decoded noise"))
        value = INDICATORS[self.settings.indicator].measure(model, data, context.rng(0, "failures"))
        FailureFinding(value, decoded).write(context)
        yield 1.0


def run_specs(case: Case, seed: int) -> list[RunSpec]:
    """Return the failing and the mended run."""
    return [case.failing(seed), case.mended(seed)]


def indicator_specs(case: Case, seed: int) -> list[StudySpec]:
    """Return the findings of both runs."""
    return [StudySpec.make("failures", [run], {"indicator": case.indicator}) for run in run_specs(case, seed)]
