"""Features for metrics: points in units of the training set's spread, pictures by a small network of their dataset.

A picture's features are the last hidden layer of a network that is trained once per dataset, on the training part, with a fixed
seed: to predict the class where there are labels, else the named attributes. Pictures with neither are projected on their principal
axes, not whitened. The network's features are centred and scaled by one number to a mean variance of 1.

The network of a dataset is a finding: `studies/features.py` records it and reads it back.
"""

import math
from collections.abc import Generator, Mapping
from typing import Literal

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from genmodels import device
from genmodels.config import UserError
from genmodels.datasets.base import Dataset
from genmodels.models.parts import nets
from genmodels.progress import finish

VERSION = 2  # of the recipe: raise it when equal data give other features, or more than those
WIDTH = 64  # features of a picture, at most
HIDDEN_DIM, BATCH_SIZE, LEARNING_RATE, STEPS = 64, 128, 3e-3, 1000
CHUNK = 500  # pictures in the net at once: memory stays small

Aim = Literal["classes", "attributes", "axes"]


class Extractor(nn.Module):
    """Maps examples (N, *shape) to features (N, F), float32; `quality` is its score on test data, `about` a description."""

    dtype = torch.float32  # in which the body computes

    def __init__(self, shape: tuple[int, ...], body: nn.Module, quality: float, about: str):
        super().__init__()
        self.shape, self.body, self.quality, self.about = shape, body, quality, about
        self.eval().requires_grad_(False)

    def forward(self, x: Tensor) -> Tensor:
        """Return the features of x, (N, F), of each example independently."""
        if tuple(x.shape[1:]) != self.shape or not len(x):
            raise UserError(f"features of examples (N, {_commas(self.shape)}), N at least 1, were asked for, got {tuple(x.shape)}")
        if not bool(torch.isfinite(x).all()):
            raise UserError(f"of {len(x)} examples some are NaN or infinite: they have no features; leave such a model out")
        return torch.cat([self.body(part) for part in x.flatten(1).to(self.dtype).split(CHUNK)]).float()


class Points(Extractor):
    """The extractor of points: each dimension standardised by the training set's mean and standard deviation."""

    dtype = torch.float64  # far from zero, float32 would round the spread away

    def __init__(self, train: Tensor):
        units = _Units(train)
        super().__init__(tuple(train.shape[1:]), units, 1.0, "the points themselves, in units of the training set's spread")


class _Units(nn.Module):
    """Maps each number of points (N, D) to zero mean and unit variance in the training set, in float64."""

    mean: Tensor
    std: Tensor

    def __init__(self, train: Tensor):
        super().__init__()
        self.register_buffer("mean", train.double().mean(0))
        self.register_buffer("std", train.double().std(0))
        if not bool((self.std > 0).all()):
            raise UserError("the training points are all alike in one of their numbers: it has no spread to be measured by")

    def forward(self, x: Tensor) -> Tensor:
        """Return (x - mean) / std."""
        return (x - self.mean) / self.std


class Classifier(Extractor):
    """The extractor of pictures with labels: `head` predicts the class from its features."""

    def __init__(self, shape: tuple[int, ...], body: nn.Module, head: nn.Module, quality: float, about: str):
        super().__init__(shape, body, quality, about)
        self.head = head.requires_grad_(False)

    def classify(self, x: Tensor) -> Tensor:
        """Return the class logits of x, (N, K); those of given features are `head(features)`."""
        return self.head(self(x))


def learn(data: Dataset) -> Extractor:
    """Return the extractor of a dataset, on its device; for pictures with labels a `Classifier`."""
    return finish(learning(data))


def learning(data: Dataset) -> Generator[float, None, Extractor]:
    """Yield the progress of the training, where there is one, 0 to 1; return the extractor."""
    if not data.source.is_image:
        return Points(data.train)
    aim = _aim(data)
    body, head = _body(data, aim).to(data.device), _head(data, aim).to(data.device)
    device.limit_threads()
    quality = _learn_axes(body, data) if aim == "axes" else (yield from _learn_net(body, head, data, aim))
    return _extractor(data, aim, body, head, quality)


def restored(data: Dataset, weights: Mapping[str, Tensor], quality: float) -> Extractor:
    """Return an extractor of pictures from its `state_dict` and its quality."""
    aim = _aim(data)
    extractor = _extractor(data, aim, _body(data, aim), _head(data, aim), quality)
    extractor.load_state_dict(weights)
    return extractor.to(data.device)


def _extractor(data: Dataset, aim: Aim, body: nn.Module, head: nn.Module, quality: float) -> Extractor:
    shape, about = data.source.shape, _about(data, aim, quality)
    return Classifier(shape, body, head, quality, about) if aim == "classes" else Extractor(shape, body, quality, about)


def noise(data: Dataset, n: int, rng: torch.Generator) -> Tensor:
    """Return n examples of noise, the ceiling of scores: uniform in the training data's range, (n, *shape)."""
    flat = data.train.flatten(1)
    low, high = (flat.min(), flat.max()) if data.source.is_image else (flat.amin(0), flat.amax(0))
    u = torch.rand(n, flat.shape[1], generator=rng, device=rng.device).to(flat)
    return (low + (high - low) * u).reshape(n, *data.source.shape)


def _aim(data: Dataset) -> Aim:
    if data.train_labels is not None and len(data.train_labels.unique()) > 1:
        return "classes"
    return "axes" if data.train_attributes is None else "attributes"


def _about(data: Dataset, aim: Aim, quality: float) -> str:
    if aim == "axes":
        return f"principal axes of the training pictures, which keep {quality:.1%} of the test pictures' variance"
    if aim == "attributes":
        return f"last hidden layer of a small net that tells the named attributes (R² = {quality:.3f} on test pictures)"
    return f"last hidden layer of a small classifier ({quality:.1%} of the test pictures named right)"


def _body(data: Dataset, aim: Aim) -> nn.Sequential:
    """Return the untrained map from flat pictures (B, D) to features (B, F)."""
    shape = data.source.shape
    n_in = math.prod(shape)
    if aim == "axes":
        n_axes = max(1, min(WIDTH, n_in - 1))
        return nn.Sequential(nets.Standardise(n_in), nn.Linear(n_in, n_axes, bias=False), nets.Standardise(n_axes))
    depth = max((d for d in (1, 2, 3) if all(side % 2**d == 0 and side >> d >= 2 for side in shape[1:])), default=0)
    net = nets.encoder("conv" if depth else "mlp", shape, HIDDEN_DIM, depth or 2, WIDTH)
    return nn.Sequential(nets.Standardise(n_in), net, nn.SiLU(), nets.Standardise(WIDTH))


def _head(data: Dataset, aim: Aim) -> nn.Module:
    """Return the untrained linear layer from features to the targets; none for principal axes."""
    return nn.Identity() if aim == "axes" else nn.Linear(WIDTH, _targets(data, aim)[2])


def _learn_net(body: nn.Sequential, head: nn.Module, data: Dataset, aim: Aim) -> Generator[float, None, float]:
    """Train the network with the linear layer on top, yielding the progress; return accuracy or mean R² on test data."""
    x, x_test = data.train.flatten(1), data.test.flatten(1)
    target, target_test, _ = _targets(data, aim)
    rng = device.generator(data.device, 0, f"features {data.source.name}")
    nets.initialise(body, rng)
    nets.initialise(head, rng)
    _learn_scale(body[0], x)
    hidden = body[:-1]  # the last module only rescales, after training
    optimiser, schedule = nets.adam_with_cosine([*hidden.parameters(), *head.parameters()], LEARNING_RATE, STEPS)
    indices = nets.batches(torch.arange(len(x), device=data.device), BATCH_SIZE, rng)
    for step, i in zip(range(STEPS), indices):
        with torch.enable_grad():  # a study runs without gradients
            out = head(hidden(x[i]))
            loss = F.cross_entropy(out, target[i]) if aim == "classes" else F.mse_loss(out, target[i])
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
        schedule.step()
        yield (step + 1) / STEPS
    with torch.no_grad():
        _learn_scale(body[-1], torch.cat([hidden(part) for part in x.split(CHUNK)]))
        _absorb_scale(head, body[-1])
        out = torch.cat([head(body(part)) for part in x_test.split(CHUNK)])
    if aim == "classes":
        return float((out.argmax(1) == target_test).double().mean())
    return float(1 - ((out - target_test).square().mean(0) / target_test.var(0, correction=0)).mean())


def _absorb_scale(head: nn.Module, rescale: nn.Module) -> None:
    """Change a head trained on hidden units so that it gives the same output on the rescaled ones."""
    assert isinstance(head, nn.Linear)
    assert isinstance(rescale, nets.Standardise)
    head.bias.add_(head.weight @ rescale.mean)
    head.weight.mul_(rescale.scale)


def _targets(data: Dataset, aim: Aim) -> tuple[Tensor, Tensor, int]:
    """Return the targets of train and test, labels or standardised attributes, and their dimension."""
    if aim == "classes":
        assert data.train_labels is not None
        assert data.test_labels is not None
        return data.train_labels, data.test_labels, int(data.train_labels.max()) + 1
    assert data.train_attributes is not None
    assert data.test_attributes is not None
    mean, std = data.train_attributes.mean(0), data.train_attributes.std(0).clamp(min=1e-6)
    return (data.train_attributes - mean) / std, (data.test_attributes - mean) / std, len(mean)


def _learn_axes(body: nn.Sequential, data: Dataset) -> float:
    """Set the principal axes; return the fraction of the test data's variance that they explain."""
    centre, rotate, rescale = body
    assert isinstance(rotate, nn.Linear)
    _learn_scale(centre, data.train.flatten(1))
    x = body[0](data.train.flatten(1)).double()
    axes = torch.linalg.eigh(x.T @ x / len(x)).eigenvectors[:, -len(rotate.weight) :].flip(1)  # (D, F), the longest first
    signs = axes.gather(0, axes.abs().argmax(0, keepdim=True)).sign()  # an axis' sign is arbitrary: fix it for all machines
    with torch.no_grad():
        rotate.weight.copy_((axes * signs).T)
        _learn_scale(rescale, rotate(x.float()))
    rest = body[0](data.test.flatten(1)).double()
    return float((rest @ axes).square().sum() / rest.square().sum().clamp(min=1e-12))


def _learn_scale(standardise: nn.Module, x: Tensor) -> None:
    """Set mean and scale to those of x; refuse constant data."""
    assert isinstance(standardise, nets.Standardise)
    standardise.learn(x)
    if not float(standardise.scale) > 1e-6:
        raise UserError(
            "the training pictures are all alike or not finite: nothing tells one from another, so there are no features"
        )


def _commas(shape: tuple[int, ...]) -> str:
    return ", ".join(map(str, shape))
