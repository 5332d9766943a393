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
from genmodels.studies.gallery.finding import Critics


@dataclass(frozen=True)
class Place:
    """Errors and realisms of one picture, by the names of the gallery's columns."""

    errors: Mapping[str, float]
    realisms: Mapping[str, float]


@torch.no_grad()
def place(
    picture: Tensor, index: int, n: int, data: Dataset, extract: Extractor, critics: Critics, models: Mapping[str, HasDiscriminator]
) -> Place:
    """Return the place of a picture (C, H, W), 0 to 1, that was made from test picture `index` of the n in the gallery.

    Only judges that have not learned from reconstructions of that test picture count. `models` are discriminators by column.
    """
    x = data.test[index : index + 1]
    x_hat = picture[None].to(x)
    judges = Judges.restored(data.source.shape, critics.judges).to(x.device)
    own, features = extract(x), extract(x_hat)
    realisms = {
        "judge": verdict(judges(x_hat), folds(index + 1, x.device)[-1:]),
        "neighbours": realism_apart(features, critics.reference.to(x.device)),
    }
    realisms |= {column: relative_logits(model, x_hat[None], data.test[:n]) for column, model in models.items()}
    errors = {"pixels": root_mean_square(x_hat, x), "features": root_mean_square(features, own)}
    return Place({k: float(v) for k, v in errors.items()}, {k: float(v) for k, v in realisms.items()})


def relative_logits(model: HasDiscriminator, pictures: Tensor, real: Tensor) -> Tensor:
    """Return a discriminator's logits of pictures (S, n, C, H, W), less its mean logit of the real ones (N, C, H, W), (S, n)."""
    return model.judge(pictures.flatten(0, 1)).unflatten(0, pictures.shape[:2]) - model.judge(real).mean()
