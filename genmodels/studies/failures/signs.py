"""The numbers that show a failure: each a pure function of a fitted model, its data and chance."""

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

N = 1000  # samples that are looked at
RARE = 0.01  # share of the samples from which a class counts as drawn

SignName = Literal["classes", "on-mode", "pull", "accuracy", "critic", "frechet", "active", "told", "explained", "gap"]
Measure = Callable[[Model, Dataset, torch.Generator], float]


@dataclass(frozen=True)
class Sign:
    """A number that tells whether a model is ill."""

    title: str
    note: str  # what it is measured on
    form: str  # of the number, for `str.format`
    measure: Measure
    unit: str = ""

    def text(self, *values: float) -> str:
        """Return the number as it is shown, or the numbers before and after."""
        return " → ".join(self.form.format(value) for value in values).replace("-", "−") + self.unit


def draws(model: Model, n: int, rng: torch.Generator) -> Tensor:
    """Return n samples; of a model that has no p(z) but decodes, what z ~ N(0, I) decodes to, which nothing has prepared it for."""
    if isinstance(model, Samples):
        return model.sample(n, rng)
    if not isinstance(model, Decodes):
        raise UserError(f"{model.name} neither samples nor decodes: choose another model")
    return model.decode(torch.randn(n, int(model.settings.latent_dim), generator=rng, device=rng.device))


def classes(model: Model, data: Dataset, rng: torch.Generator) -> float:
    """Return of how many classes at least a hundredth of the samples is, the class being that of the nearest training example."""
    if data.train_labels is None:
        raise UserError(f"{data.source.title} has no classes to be counted: choose labelled pictures")
    _, nearest = nearest_training(draws(model, N, rng).flatten(1), data.train.flatten(1))
    share = torch.bincount(data.train_labels[nearest]).double() / N
    return float((share >= RARE).sum())


def on_mode(model: Model, data: Dataset, rng: torch.Generator) -> float:
    """Return the share of samples within 3 standard deviations of a mode."""
    modes, std = data.source.modes, data.source.mode_std
    if modes is None or std is None:
        raise UserError(f"{data.source.title} has no known modes: choose 8 or 25 Gaussians")
    return mode_coverage(draws(model, N, rng), modes, std).high_quality


def pull(model: Model, data: Dataset, rng: torch.Generator) -> float:
    """Return the mean length of the gradient of G's own loss at each of its samples, per data unit."""
    _judge_of(model)
    x = draws(model, N, rng)
    with torch.enable_grad():
        fake = x.detach().requires_grad_(True)
        real_logits, fake_logits = _judge_of(model)(data.test[:N]).detach(), _judge_of(model)(fake)
        # The loss is a mean over fakes: times their number, each has the gradient of its own.
        loss = generator_loss(model.settings.loss, real_logits[: len(fake_logits)], fake_logits) * len(fake)
        (slope,) = torch.autograd.grad(loss, fake)
    return float(slope.flatten(1).norm(dim=1).double().mean())


def accuracy(model: Model, data: Dataset, rng: torch.Generator) -> float:
    """Return how often D gives a held-out real example a higher logit than a sample, a tie by half."""
    real = _judge_of(model)(data.test)
    return float(pair_accuracy(real, _judge_of(model)(draws(model, len(data.test), rng))))


def critic(model: Model, data: Dataset, rng: torch.Generator) -> float:
    """Return E D(x) - E D(G(z)) on held-out x: what Wasserstein's critic maximises, and what is finite only for a bounded slope."""
    real = _judge_of(model)(data.test)
    return float(real.double().mean() - _judge_of(model)(draws(model, N, rng)).double().mean())


def frechet(model: Model, data: Dataset, rng: torch.Generator) -> float:
    """Return the Fréchet ratio of samples in pixels, taken as Gaussians: held-out from training pictures is 1."""
    x = draws(model, len(data.test), rng)
    return frechet_ratio(x.flatten(1), data.test.flatten(1), data.train.flatten(1))


def active(model: Model, data: Dataset, rng: torch.Generator) -> float:
    """Return how many dimensions of the code vary over held-out examples: Var(E[z|x]) > .01."""
    if not isinstance(model, Encodes):
        raise UserError(f"{model.name} has no code: choose a VAE")
    return float(active_units(model.encode(data.test)))


def told(model: Model, data: Dataset, rng: torch.Generator) -> float:
    """Return the mean D[Q(z|x) || N(0, I)] of held-out examples, nats: z cannot tell more of x than that."""
    return float(_evaluated(model, data, rng, "kl"))


def explained(model: Model, data: Dataset, rng: torch.Generator) -> float:
    """Return 1 less the squared error of reconstructions over that of the mean training example, on held-out ones."""
    if not isinstance(model, Reconstructs):
        raise UserError(f"{model.name} cannot reconstruct: choose an autoencoder")
    x = data.test.double()
    error = (model.reconstruct(data.test).double() - x).square().sum()
    return float(1 - error / (x - data.train.double().mean(0)).square().sum())


def gap(model: Model, data: Dataset, rng: torch.Generator) -> float:
    """Return by how many nats the log-likelihood (of a VAE the ELBO) of training examples exceeds that of held-out ones."""
    names = model.evaluate(data, rng)
    name = "elbo" if "elbo" in names else "log_likelihood"
    return float(_evaluated(model, replace(data, test=data.train), rng, name) - _evaluated(model, data, rng, name))


def _evaluated(model: Model, data: Dataset, rng: torch.Generator, name: str) -> Tensor:
    found = model.evaluate(data, rng)
    if name not in found:
        raise UserError(f"{model.name} has no {name}: choose another model")
    return found[name].double()


def _judge_of(model: Model) -> Callable[[Tensor], Tensor]:
    if not isinstance(model, Judges):
        raise UserError(f"{model.name} has no discriminator: choose a GAN")
    return model.judge


SIGNS: dict[SignName, Sign] = {
    "classes": Sign(
        "Digits that it draws",
        f"Those with 1 % of {N:,} samples or more; a sample's class is that of the nearest training picture.",
        "{:.0f}",
        classes,
        " of 10",
    ),
    "on-mode": Sign(
        "Samples on a mode", f"Within 3 standard deviations of one, of {N:,}; the true density reads 98.9 %.", "{:.0%}", on_mode
    ),
    "pull": Sign(
        "Pull on a fake", f"Mean length of the gradient of G's loss at {N:,} of its samples, per unit of x.", "{:.3g}", pull
    ),
    "accuracy": Sign(
        "D's accuracy", "How often D tells a held-out real example from a sample; ½ is a fooled D.", "{:.1%}", accuracy
    ),
    "critic": Sign(
        "The distance that D claims",
        f"Mean of D over held-out pictures less that over {N:,} samples, in the training's units of x if D's slope is 1.",
        "{:,.1f}",
        critic,
    ),
    "frechet": Sign(
        "Fréchet ratio of samples",
        "In pixels, to held-out pictures, both taken as Gaussians; other real pictures read 1.",
        "{:.1f}",
        frechet,
    ),
    "active": Sign(
        "Active dimensions of z",
        "Those whose posterior mean varies over held-out pictures: Var(E[z|x]) > .01.",
        "{:.0f}",
        active,
        " of 8",
    ),
    "told": Sign(
        "What z tells: D[Q‖P(z)]",
        "Mean over held-out pictures; z tells no more of x. To name one of ten digits takes log 10 = 2.3 nats.",
        "{:.2f}",
        told,
        " nats",
    ),
    "explained": Sign(
        "Variance explained",
        "Of held-out pictures, by their reconstructions; the training mean in place of each reads 0.",
        "{:z.0%}",
        explained,
    ),
    "gap": Sign(
        "Training less held-out",
        "Log-likelihood per example, of a VAE its ELBO: what it has learnt by heart.",
        "{:,.0f}",
        gap,
        " nats",
    ),
}
