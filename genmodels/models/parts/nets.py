"""Networks shared by the models, their hyperparameters, initialisation and optimiser."""

import itertools
import math
from collections.abc import Iterable, Sequence
from typing import Any, Literal

import torch
from torch import Tensor, nn

from genmodels.config import UserError, knob
from genmodels.models.parts.optimisers import Adam, HalfCosine

Body = Literal["mlp", "conv"]
Activation = Literal["silu", "tanh"]
ACTIVATIONS: dict[Activation, type[nn.Module]] = {"silu": nn.SiLU, "tanh": nn.Tanh}


def body_knob() -> Any:
    """Declare the kind of network."""
    return knob("mlp", "mlp: every pixel with every other; conv: neighbours first, for pictures.")


def hidden_dim_knob(default: int) -> Any:
    """Declare the width of the hidden layers."""
    help = "Width of each hidden layer; a convolution's channels are an eighth of it, doubled at each."
    return knob(default, help, ge=4, le=1024, log=True, label="hidden width")


def activation_knob() -> Any:
    """Declare the activation of an encoder and its decoder."""
    return knob("silu", "The bend between layers. tanh, flat far out, is blurrier but decodes codes that are new to it better.")


def octaves_knob() -> Any:
    """Declare how many octaves of Fourier features a discriminator is given."""
    help = "Sines and cosines of the data given to the discriminator, each of twice the frequency."
    return knob(0, help, ge=0, le=6, label="Fourier octaves")


def unusual(activation: Activation) -> str:
    """Return the activation as part of a summary, empty for the default."""
    return "" if activation == "silu" else f", {activation}"


def mlp(sizes: Sequence[int], activation: type[nn.Module]) -> nn.Sequential:
    """Return linear layers of the given sizes with `activation` between them, none after the last."""
    layers: list[nn.Module] = []
    for inputs, outputs in itertools.pairwise(sizes):
        layers += [nn.Linear(inputs, outputs), activation()]
    return nn.Sequential(*layers[:-1])


CHANNELS = 8  # hidden units per channel of the first convolution: width 128 gives 16, 32, ... channels


def encoder(
    body: str, shape: Sequence[int], hidden_dim: int, depth: int, n_out: int, activation: type[nn.Module] = nn.SiLU
) -> nn.Sequential:
    """Return a network from flat examples (B, D) to (B, n_out): an MLP, or `depth` convolutions that halve the picture each."""
    if body == "mlp":
        return mlp([math.prod(shape), *[hidden_dim] * depth, n_out], activation)
    channels, height, width = shape
    layers: list[nn.Module] = [nn.Unflatten(1, (channels, height, width))]
    for wider in _channels(hidden_dim, depth):
        layers += [nn.Conv2d(channels, wider, 4, stride=2, padding=1), activation()]
        channels = wider
    flat = channels * (height >> depth) * (width >> depth)
    return nn.Sequential(*layers, nn.Flatten(), nn.Linear(flat, n_out))


def decoder(
    body: str, n_in: int, hidden_dim: int, depth: int, shape: Sequence[int], activation: type[nn.Module] = nn.SiLU
) -> nn.Sequential:
    """Return the mirror of `encoder`: a network from codes (B, n_in) to flat examples (B, D)."""
    if body == "mlp":
        return mlp([n_in, *[hidden_dim] * depth, math.prod(shape)], activation)
    channels, height, width = shape
    widths = _channels(hidden_dim, depth)[::-1]
    small = (widths[0], height >> depth, width >> depth)
    layers: list[nn.Module] = [nn.Linear(n_in, math.prod(small)), activation(), nn.Unflatten(1, small)]
    for wide, narrower in itertools.pairwise([*widths, channels]):
        layers += [nn.ConvTranspose2d(wide, narrower, 4, stride=2, padding=1), activation()]
    return nn.Sequential(*layers[:-1], nn.Flatten())


def check_body(where: str, body: str, depth: int, shape: Sequence[int]) -> None:
    """Refuse convolutions of points, and of pictures that cannot be halved `depth` times."""
    if body == "mlp":
        return
    if len(shape) != 3:
        raise UserError(f"{where}: body=conv needs pictures, these are points: give mlp")
    if depth < 1 or any(side % 2**depth for side in shape[1:]):
        raise UserError(
            f"{where}: body=conv halves {shape[1]}x{shape[2]} pictures depth = {depth} times, which it cannot: lower depth, from 1"
        )


def _channels(hidden_dim: int, depth: int) -> list[int]:
    return [max(1, hidden_dim // CHANNELS) * 2**i for i in range(depth)]


def initialise(module: nn.Module, rng: torch.Generator) -> None:
    """Initialise every layer from `rng`: weights uniform with variance 2 / inputs, biases zero (He 2015)."""
    for layer in module.modules():
        if isinstance(layer, nn.Linear | nn.Conv2d | nn.ConvTranspose2d):
            inputs = layer.weight[0].numel()
            if isinstance(layer, nn.ConvTranspose2d):  # with a stride, an output depends on part of the kernel
                inputs = layer.weight.shape[0] * math.prod(layer.kernel_size) // math.prod(layer.stride)
            bound = math.sqrt(6 / inputs)
            nn.init.uniform_(layer.weight, -bound, bound, generator=rng)
            assert layer.bias is not None
            nn.init.zeros_(layer.bias)


def fourier_features(x: Tensor, octaves: int) -> Tensor:
    """Return sin and cos of 2^k pi/2 x for each of x (B, D) and k < octaves, (B, 2 D octaves): a network learns detail sooner."""
    return torch.cat([f(x * (math.pi / 2 * 2**k)) for k in range(octaves) for f in (torch.sin, torch.cos)] or [x[:, :0]], 1)


def with_fourier_features(x: Tensor, octaves: int) -> Tensor:
    """Return x (B, D) and its Fourier features, (B, D (1 + 2 octaves))."""
    return torch.cat([x, fourier_features(x, octaves)], 1)


def average_decay(half_life: float, step: float = math.inf) -> float:
    """Return the factor by which an average of weights keeps what it has at an update, 0 where `half_life` is 0.

    With `step`, the number of updates done, the half-life is at most a tenth of them: the first weights mean nothing.
    """
    return 0.5 ** (1 / half_life + 10 / step) if half_life else 0.0


@torch.no_grad()
def update_average(average: nn.Module, net: nn.Module, decay: float) -> None:
    """Move the exponential moving average of a network's weights: average = decay average + (1 - decay) net."""
    torch._foreach_lerp_(list(average.parameters()), list(net.parameters()), 1 - decay)


def noisy(x: Tensor, deviation: float, rng: torch.Generator) -> Tensor:
    """Return x plus Gaussian noise of this standard deviation; x itself where it is 0."""
    return x + deviation * torch.randn(x.shape, generator=rng, device=x.device) if deviation else x


def batches(x: Tensor, batch_size: int, rng: torch.Generator) -> "itertools.chain[Tensor]":
    """Yield minibatches (B, *shape) of fresh permutations of x, for ever; an incomplete last batch of an epoch is dropped."""
    size = min(batch_size, len(x))

    def epoch() -> list[Tensor]:
        order = torch.randperm(len(x), generator=rng, device=x.device)
        return [x[order[i : i + size]] for i in range(0, len(x) - size + 1, size)]

    return itertools.chain.from_iterable(epoch() for _ in itertools.count())


def examples(x: Tensor, shape: Sequence[int]) -> Tensor:
    """Return flat x (N, D) as examples (N, *shape), pictures clipped to [0, 1]."""
    return (x.clamp(0, 1) if len(shape) == 3 else x).reshape(-1, *shape)


def identity(*shape: int) -> Tensor:
    """Return identity matrices; torch.eye would load torch's compiler where contents are left out (the meta device), for 1 s."""
    matrices = torch.zeros(shape)
    matrices.diagonal(dim1=-2, dim2=-1).fill_(1)
    return matrices


class Standardise(nn.Module):
    """Standardises data: zero mean, and one scale for all dimensions, so that their mean variance is 1."""

    mean: Tensor
    scale: Tensor

    def __init__(self, dim: int):
        super().__init__()
        self.register_buffer("mean", torch.zeros(dim))
        self.register_buffer("scale", torch.ones(()))

    def learn(self, x: Tensor) -> None:
        """Set mean and scale to those of x, (N, D)."""
        self.mean.copy_(x.mean(0))
        self.scale.copy_((x - self.mean).square().mean().sqrt())

    def forward(self, x: Tensor) -> Tensor:
        """Return (x - mean) / scale."""
        return (x - self.mean) / self.scale

    def inverse(self, x: Tensor) -> Tensor:
        """Return x in data units again."""
        return x * self.scale + self.mean


def adam_with_cosine(
    parameters: Iterable[nn.Parameter], learning_rate: float, steps: int, betas: tuple[float, float] = (0.9, 0.999)
) -> tuple[Adam, HalfCosine]:
    """Return Adam and a schedule that decreases its step size to zero along half a cosine."""
    optimiser = Adam(parameters, learning_rate, betas)
    return optimiser, HalfCosine(optimiser, steps)
