"""The error and the realism of one picture drawn by hand, measured as the gallery measures its own."""

from collections.abc import Mapping
from dataclasses import dataclass

import torch
from torch import Tensor

from genmodels.datasets.base import Dataset
from genmodels.metrics.probes.features import Extractor
from genmodels.metrics.probes.judge import Judges, folds, verdict
from genmodels.metrics.realism_plane import realism_apart, root_mean_square
from genmodels.models.base import Judges as HasDiscriminator


@dataclass(frozen=True)
class Place:
    """Errors and realisms of one picture, by the names of the gallery's columns."""

    errors: Mapping[str, float]
    realisms: Mapping[str, float]


@torch.no_grad()
def place(
    picture: Tensor,
    original: int,
    n: int,
    data: Dataset,
    extract: Extractor,
    finding: Mapping[str, Tensor],
    discriminators: Mapping[str, HasDiscriminator],
) -> Place:
    """Return where a picture (C, H, W), made of the test picture with that number, lies among n; `finding` holds judges, reference.

    The judges are those that have not learnt from what was made of that test picture.
    """
    x = data.test[original : original + 1]
    made = picture[None].to(x)
    state = {name: tensor for name, tensor in finding.items() if name != "reference"}
    judges = Judges.restored(data.source.shape, state).to(x.device)
    seen, own = extract(made), extract(x)
    realisms = {
        "judge": verdict(judges(made), folds(original + 1, x.device)[-1:]),
        "neighbours": realism_apart(seen, finding["reference"].to(x.device)),
    }
    for name, model in discriminators.items():
        realisms[name] = model.judge(made) - model.judge(data.test[:n]).mean()
    errors = {"pixels": root_mean_square(made, x), "features": root_mean_square(seen, own)}
    return Place({k: float(v) for k, v in errors.items()}, {k: float(v) for k, v in realisms.items()})
