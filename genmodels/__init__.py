"""Train small generative models and compare them honestly.

```python
import genmodels as gm

run = gm.train("digits", "vae", budget="quick", beta=4)  # trains once; the second time its recording is read
x = run.sample(64, seed=0)  # (64, 1, 8, 8), in data units
x_hat = run.reconstruct(gm.load("digits").test[:8])
z = run.encode(x)
for score in gm.score(run):
    print(score.title, score.floor, score.value, score.ceiling, score.note)
```

`gm.datasets()` and `gm.models()` list what there is, `gm.runs()` the finished runs. Recordings lie in the folder that `store=` or
GENMODELS_CACHE names. A fault that the caller can mend is a `UserError` of one line. Modules are imported when they are first used:
importing genmodels imports no torch.
"""

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from genmodels.config import Budget, UserError
    from genmodels.datasets import Listing as _Datasets
    from genmodels.datasets.base import Dataset, Source
    from genmodels.models import Listing as _Models
    from genmodels.models.base import Model
    from genmodels.runs import Listing as _Runs
    from genmodels.runs import Run, RunSpec
    from genmodels.store import Place, Store
    from genmodels.studies.scores.finding import Score, ScoreTable

    datasets: _Datasets
    models: _Models
    runs: _Runs

__version__ = "1.0.0"
__all__ = [
    "Dataset",
    "Model",
    "Run",
    "RunSpec",
    "Score",
    "ScoreTable",
    "Source",
    "Store",
    "UserError",
    "datasets",
    "load",
    "models",
    "runs",
    "score",
    "train",
]

_MODULES = {  # where each name is that is imported when it is first used
    "Dataset": "genmodels.datasets.base",
    "Model": "genmodels.models.base",
    "Run": "genmodels.runs",
    "RunSpec": "genmodels.runs",
    "Score": "genmodels.studies.scores.finding",
    "ScoreTable": "genmodels.studies.scores.finding",
    "Source": "genmodels.datasets.base",
    "Store": "genmodels.store",
    "UserError": "genmodels.config",
}


def __getattr__(name: str) -> Any:
    if name in _MODULES:
        globals()[name] = value = getattr(importlib.import_module(_MODULES[name]), name)
        return value
    if name in ("datasets", "models", "runs"):
        return importlib.import_module(f"genmodels.{name}")
    raise AttributeError(f"module 'genmodels' has no attribute {name!r}")


def __dir__() -> list[str]:
    return [*__all__, "__version__"]


def train(
    dataset: str, model: str, /, *, budget: "Budget" = "quick", seed: int = 0, store: "Place | None" = None, **settings: Any
) -> "Run":
    """Train a model on a dataset, unless its recording is there already, and return the run.

    `settings` go over the model's preset for the dataset and the budget (about 10, 60 or 300 s); `gm.models()` lists them.
    """
    from genmodels.engine import preload
    from genmodels.runs import Run, RunSpec
    from genmodels.store import Store

    place = Store.of(store)
    spec = RunSpec.make(dataset, model, settings, seed, budget)
    preload.make(spec, place)
    return Run.open(spec.key, place)


def load(name: str) -> "Dataset":
    """Return a dataset: its training and test examples, (N, *shape), and what is known of them, on one device.

    Points of one's own are kept about their mean and in units of their spread: `source.in_data(x)` gives them in data units.
    """
    from genmodels import datasets, device

    return datasets.load(name, device.choose_device())


def score(run: "Run", *, n: int = 2000, store: "Place | None" = None) -> "ScoreTable":
    """Return every score of a run between its floor, what other real examples read, and its ceiling, what noise reads.

    `n` examples of each kind are compared, or as many as there are test examples. Scores are computed once and kept in the store,
    by default that of the run.
    """
    from genmodels.runs import record
    from genmodels.store import Store
    from genmodels.studies.scores import study
    from genmodels.studies.scores.finding import ScoreTable

    return ScoreTable.read(record(study.spec(run.spec, n), Store.of(store or run.recording.path.parents[1])))
