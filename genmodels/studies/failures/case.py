"""A failure as data: its settings, a question to the viewer, the indicator that shows it, and the setting that mends it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from genmodels.runs import RunSpec
from genmodels.studies.failures.indicators import INDICATORS, Indicator, IndicatorName


@dataclass(frozen=True)
class Case:
    """One failure: `common` settings with those of `cause` fail, with those of `cure` they do not."""

    patient: str  # a name that does not give it away
    epithet: str
    name: str  # the diagnosis
    question: str  # how is it made, and what will the viewer see?
    answers: tuple[str, str, str]
    right_answer: int
    symptom: str
    why: str  # one or two sentences with a formula
    remedy: str
    dataset: str
    model: str
    indicator: IndicatorName
    ill: float  # every failing run reads this or worse
    well: float  # every mended run reads this or better
    common: Mapping[str, Any] = field(default_factory=dict)
    cause: Mapping[str, Any] = field(default_factory=dict)
    cure: Mapping[str, Any] = field(default_factory=dict)
    cure_model: str = ""  # another model, where no setting mends it

    def failing(self, seed: int = 0) -> RunSpec:
        """Return the run that fails."""
        return RunSpec.make(self.dataset, self.model, {**self.common, **self.cause}, seed)

    def mended(self, seed: int = 0) -> RunSpec:
        """Return the run that is mended."""
        return RunSpec.make(self.dataset, self.cure_model or self.model, {**self.common, **self.cure}, seed)

    def measure(self) -> Indicator:
        """Return the number that shows it."""
        return INDICATORS[self.indicator]

    def is_ill(self, value: float) -> bool:
        """Whether a value of the indicator is that of a failing run."""
        return value <= self.ill if self.ill < self.well else value >= self.ill

    def is_well(self, value: float) -> bool:
        """Whether it is that of a mended run."""
        return value >= self.well if self.ill < self.well else value <= self.well
