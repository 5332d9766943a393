"""The net by whose features a dataset's pictures are compared, trained once for each dataset; other studies need it.

Points are compared as they are, in units of their spread: they need no net.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from torch import Tensor

from genmodels import datasets
from genmodels.config import Config, UserError, knob
from genmodels.datasets.base import Dataset
from genmodels.metrics.probes import features
from genmodels.metrics.probes.features import Extractor, Points
from genmodels.store import Store
from genmodels.studies.base import Study, StudyContext
from genmodels.studies.finding import Finding
from genmodels.studies.findings import StudySpec


@dataclass(frozen=True, eq=False)
class FeaturesFinding(Finding):
    """The net."""

    quality: float  # on test data: accuracy, R² or explained variance
    weights: dict[str, Tensor]  # its state_dict


class FeaturesConfig(Config):
    """Which dataset."""

    data: str = knob(datasets.OPENING, "The dataset.", pattern=r"^[0-9A-Za-z_-]+$")
    edition: int = knob(1, "The dataset's edition: for other arrays the net is trained anew.", ge=0, le=1_000_000)


class Features(Study):
    """Trains the net and records its weights."""

    name = "features"
    title = "The net that pictures are compared by"
    version = features.VERSION
    Settings = FeaturesConfig
    seconds = 3.0
    settings: FeaturesConfig

    def check(self) -> None:
        """Refuse points, which need no net."""
        if not datasets.source(self.settings.data).is_image:
            raise UserError(f"{self.settings.data} holds points, which are compared as they are: give a dataset of pictures")

    def perform(self, context: StudyContext) -> Iterator[float]:
        """Train the net; write its weights and its quality on test data."""
        extractor = yield from features.learning(context.data(self.settings.data))
        FeaturesFinding(extractor.quality, extractor.state_dict()).write(context)


def spec(dataset: str) -> StudySpec:
    """Return the finding for a dataset of pictures."""
    return StudySpec.make("features", [], {"data": dataset, "edition": datasets.source(dataset).edition})


def needs(dataset: str) -> tuple[StudySpec, ...]:
    """Return what must be there before examples of a dataset are compared: the net for pictures, nothing for points."""
    return (spec(dataset),) if datasets.source(dataset).is_image else ()


def extractor(data: Dataset, store: Store) -> Extractor:
    """Return what this dataset's examples are compared by, on its device; the net of pictures must be in the store."""
    if not data.source.is_image:
        return Points(data.train)
    recording = store.find(spec(data.source.name).key)
    if recording is None:
        raise UserError(f"the features of {data.source.title} vanished from the cache: raise GENMODELS_CACHE_GB, then try again")
    finding = FeaturesFinding.read(recording)
    return features.restored(data, finding.weights, finding.quality)
