"""What a failure is, as data: what makes it, what it is asked about, the number that shows it, and the setting that mends it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from genmodels.runs import RunSpec
from genmodels.studies.failures.signs import SIGNS, Sign, SignName


@dataclass(frozen=True)
class Case:
    """One failure. `cause` are the settings that make it, `cure` those that take their place, on the same `common` ones."""

    patient: str  # a name that does not give it away
    epithet: str
    name: str  # the diagnosis
    asked: str  # how it was made, and what will be seen
    answers: tuple[str, str, str]
    right: int
    symptom: str  # what is seen
    why: str  # one or two sentences with a formula
    remedy: str
    dataset: str
    model: str
    sign: SignName
    ill: float  # the sign of every failing run is here or beyond
    well: float  # and of every mended run here or beyond, on the other side
    common: Mapping[str, Any] = field(default_factory=dict)
    cause: Mapping[str, Any] = field(default_factory=dict)
    cure: Mapping[str, Any] = field(default_factory=dict)
    cured_by: str = ""  # another model, where no setting mends it

    def failing(self, seed: int = 0) -> RunSpec:
        """Return the run that fails."""
        return RunSpec.make(self.dataset, self.model, {**self.common, **self.cause}, seed)

    def mended(self, seed: int = 0) -> RunSpec:
        """Return the run that is mended."""
        return RunSpec.make(self.dataset, self.cured_by or self.model, {**self.common, **self.cure}, seed)

    def shown_by(self) -> Sign:
        """Return the number that shows it."""
        return SIGNS[self.sign]

    def is_ill(self, value: float) -> bool:
        """Whether this number is that of the failure."""
        return value <= self.ill if self.ill < self.well else value >= self.ill

    def is_well(self, value: float) -> bool:
        """Whether this number is that of a mended run."""
        return value >= self.well if self.ill < self.well else value <= self.well
