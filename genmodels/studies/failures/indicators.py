"""The numbers that show a failure: each a pure function of a fitted model, its data and a random generator."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Literal

import torch
from torch import Tensor

from genmodels.config import UserError
from genmodels.datasets.base import Dataset
from genmodels.metrics.frechet import frechet_ratio
from genmodels.metrics.latent import active_units
from genmodels.metrics.memorisation import nearest_training
from genmodels.metrics.modes import mode_coverage
from genmodels.models.base import Decodes, Encodes, Judges, Model, Reconstructs, Samples
from genmodels.models.parts.losses import generator_loss, pair_accuracy

N = 1000  # samples measured
LEAST_SHARE = 0.01  # of the samples: a class with fewer does not count as drawn

IndicatorName = Literal["classes", "on-mode", "pull", "accuracy", "critic", "frechet", "active", "kl", "explained", "gap"]
Measure = Callable[[Model, Dataset, torch.Generator], float]


@dataclass(frozen=True)
class Indicator:
    """A number by which a failing model differs from a healthy one."""

    title: str
    note: str  # how it is measured
    form: str  # of the number, for `str.format`
    measure: Measure
    unit: str = ""

    def text(self, *values: float) -> str:
        """Return the number, or the numbers before and after, with the unit."""
        return " → ".join(self.form.format(value) for value in values).replace("-", "−") + self.unit


def samples_of(model: Model, n: int, rng: torch.Generator) -> Tensor:
    """Return n samples, (n, *shape); of a model without p(z), decodes of z ~ N(0, I), for which it was not trained."""
    if isinstance(model, Samples):
        return model.sample(n, rng)
    if not isinstance(model, Decodes):
        raise UserError(f"{model.name} neither samples nor decodes: choose another model")
    return model.decode(torch.randn(n, int(model.settings.latent_dim), generator=rng, device=rng.device))


def classes(model: Model, data: Dataset, rng: torch.Generator) -> float:
    """Return how many classes at least a hundredth of the samples has; a sample's class is that of its nearest training example."""
    if data.train_labels is None:
        raise UserError(f"{data.source.title} has no classes to be counted: choose labelled pictures")
    _, nearest = nearest_training(samples_of(model, N, rng).flatten(1), data.train.flatten(1))
    share = torch.bincount(data.train_labels[nearest]).double() / N
    return float((share >= LEAST_SHARE).sum())


def on_mode(model: Model, data: Dataset, rng: torch.Generator) -> float:
    """Return the fraction of samples within 3 standard deviations of a mode."""
    modes, std = data.source.modes, data.source.mode_std
    if modes is None or std is None:
        raise UserError(f"{data.source.title} has no known modes: choose 8 or 25 Gaussians")
    return mode_coverage(samples_of(model, N, rng), modes, std).high_quality


def pull(model: Model, data: Dataset, rng: torch.Generator) -> float:
    """Return the mean length of the gradient of G's own loss at each of its samples, per data unit."""
    _logits_of(model)
    x = samples_of(model, N, rng)
    with torch.enable_grad():
        fake = x.detach().requires_grad_(True)
        real_logits, fake_logits = _logits_of(model)(data.test[:N]).detach(), _logits_of(model)(fake)
        # The loss is a mean over fakes: times their number, each has the gradient of its own.
        loss = generator_loss(model.settings.loss, real_logits[: len(fake_logits)], fake_logits) * len(fake)
        (slope,) = torch.autograd.grad(loss, fake)
    return float(slope.flatten(1).norm(dim=1).double().mean())


def accuracy(model: Model, data: Dataset, rng: torch.Generator) -> float:
    """Return how often D gives a held-out real example a higher logit than a sample, ties by half."""
    real = _logits_of(model)(data.test)
    return float(pair_accuracy(real, _logits_of(model)(samples_of(model, len(data.test), rng))))


def critic(model: Model, data: Dataset, rng: torch.Generator) -> float:
    """Return E D(x) - E D(G(z)) on held-out x: Wasserstein's critic maximises it, and it is bounded only if D's slope is."""
    real = _logits_of(model)(data.test)
    return float(real.double().mean() - _logits_of(model)(samples_of(model, N, rng)).double().mean())


def frechet(model: Model, data: Dataset, rng: torch.Generator) -> float:
    """Return the Fréchet ratio of samples to held-out pictures, in pixels; training pictures read 1."""
    x = samples_of(model, len(data.test), rng)
    return frechet_ratio(x.flatten(1), data.test.flatten(1), data.train.flatten(1))


def active(model: Model, data: Dataset, rng: torch.Generator) -> float:
    """Return how many dimensions of the code vary over held-out examples: Var(E[z|x]) > .01."""
    if not isinstance(model, Encodes):
        raise UserError(f"{model.name} has no code: choose a VAE")
    return float(active_units(model.encode(data.test)))


def kl(model: Model, data: Dataset, rng: torch.Generator) -> float:
    """Return the mean D[Q(z|x) || N(0, I)] of held-out examples, nats: an upper bound on what z tells of x."""
    return float(_evaluated(model, data, rng, "kl"))


def explained(model: Model, data: Dataset, rng: torch.Generator) -> float:
    """Return the variance of held-out examples that reconstructions explain; the mean training example explains 0."""
    if not isinstance(model, Reconstructs):
        raise UserError(f"{model.name} cannot reconstruct: choose an autoencoder")
    x = data.test.double()
    error = (model.reconstruct(data.test).double() - x).square().sum()
    return float(1 - error / (x - data.train.double().mean(0)).square().sum())


def gap(model: Model, data: Dataset, rng: torch.Generator) -> float:
    """Return by how many nats the log-likelihood (for a VAE the ELBO) of training examples exceeds that of held-out ones."""
    name = "elbo" if "elbo" in model.evaluate(data, rng) else "log_likelihood"
    return float(_evaluated(model, replace(data, test=data.train), rng, name) - _evaluated(model, data, rng, name))


def _evaluated(model: Model, data: Dataset, rng: torch.Generator, name: str) -> Tensor:
    scores = model.evaluate(data, rng)
    if name not in scores:
        raise UserError(f"{model.name} has no {name}: choose another model")
    return scores[name].double()


def _logits_of(model: Model) -> Callable[[Tensor], Tensor]:
    if not isinstance(model, Judges):
        raise UserError(f"{model.name} has no discriminator: choose a GAN")
    return model.judge


INDICATORS: dict[IndicatorName, Indicator] = {
    "classes": Indicator(
        "Digits that it draws",
        f"Those with 1 % of {N:,} samples or more; a sample's class is that of the nearest training picture.",
        "{:.0f}",
        classes,
        " of 10",
    ),
    "on-mode": Indicator(
        "Samples on a mode", f"Within 3 standard deviations of one, of {N:,}; the true density reads 98.9 %.", "{:.0%}", on_mode
    ),
    "pull": Indicator(
        "Pull on a fake", f"Mean length of the gradient of G's loss at {N:,} of its samples, per unit of x.", "{:.3g}", pull
    ),
    "accuracy": Indicator(
        "D's accuracy", "How often D tells a held-out real example from a sample; ½ is a fooled D.", "{:.1%}", accuracy
    ),
    "critic": Indicator(
        "The distance that D claims",
        f"Mean of D over held-out pictures less that over {N:,} samples, in the training's units of x if D's slope is 1.",
        "{:,.1f}",
        critic,
    ),
    "frechet": Indicator(
        "Fréchet ratio of samples",
        "In pixels, to held-out pictures, both taken as Gaussians; other real pictures read 1.",
        "{:.1f}",
        frechet,
    ),
    "active": Indicator(
        "Active dimensions of z",
        "Those whose posterior mean varies over held-out pictures: Var(E[z|x]) > .01.",
        "{:.0f}",
        active,
        " of 8",
    ),
    "kl": Indicator(
        "What z tells: D[Q‖P(z)]",
        "Mean over held-out pictures; z tells no more of x. To name one of ten digits takes log 10 = 2.3 nats.",
        "{:.2f}",
        kl,
        " nats",
    ),
    "explained": Indicator(
        "Variance explained",
        "Of held-out pictures, by their reconstructions; the training mean in place of each reads 0.",
        "{:z.0%}",
        explained,
    ),
    "gap": Indicator(
        "Training less held-out",
        "Log-likelihood per example, of a VAE its ELBO: what it has learnt by heart.",
        "{:,.0f}",
        gap,
        " nats",
    ),
}
