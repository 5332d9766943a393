"""The gallery's finding: errors, realisms and correlations; the pictures; and what places a further picture among them."""

from dataclasses import dataclass

from torch import Tensor

from genmodels.metrics.realism_plane import Correlation
from genmodels.studies.finding import Finding
from genmodels.studies.gallery.sources import Source


@dataclass(frozen=True)
class Measure:
    """One way to measure realism."""

    label: str
    run: int | None = None  # of a discriminator: the index of its run among the study's


@dataclass(frozen=True)
class Correlations:
    """Rank correlations of one error with one realism."""

    models: Correlation  # over all pictures that models made, invertible models excepted
    all: float | None  # over all pictures
    each: list[float | None]  # over each source's pictures


@dataclass(frozen=True, eq=False)
class Plane(Finding):
    """Errors and realisms of S sources' pictures of the same n test pictures."""

    stem = "plane"

    dataset: str
    n: int
    labels: list[int] | None  # of the test pictures
    sources: list[Source]
    measures: dict[str, Measure]  # of realism, by their columns in the table
    correlations: dict[str, Correlations]  # by error and realism
    table: dict[str, Tensor]  # an error or a realism each, (S, n)
    n_judged: int  # test pictures whose reconstructions the judges learned from
    n_reference: int  # training pictures that the score by neighbours compares with
    features: str  # what the features are, in words

    @property
    def names(self) -> list[str]:
        """The sources' names."""
        return [source.name for source in self.sources]

    def correlation(self, error: str, realism: str) -> Correlations:
        """Return the rank correlations of an error with a realism."""
        return self.correlations[pair(error, realism)]

    def correlated(self) -> list[int]:
        """Return the indices of the sources that the models' correlation is over."""
        return [i for i, source in enumerate(self.sources) if source.correlated]

    def discriminator(self) -> str | None:
        """Return the column of the first discriminator, or None where no run has one."""
        return next((name for name, measure in self.measures.items() if measure.run is not None), None)


@dataclass(frozen=True, eq=False)
class Pictures(Finding):
    """The pictures themselves, uint8."""

    stem = "pictures"

    pictures: Tensor  # (S, n, C, H, W)
    originals: Tensor  # (n, C, H, W)


@dataclass(frozen=True, eq=False)
class Critics(Finding):
    """What measures the realism of a further picture."""

    stem = "critics"

    judges: dict[str, Tensor]  # the state of `Judges`
    reference: Tensor  # (R, F) features of training pictures


def pair(error: str, realism: str) -> str:
    """Return the key of the correlation of an error with a realism."""
    return f"{error} {realism}"
