"""The work of a computation, counted from its sizes before it runs: operations and bytes (`cost.py` has the rates)."""

import math
import operator
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Self

from torch import nn

from genmodels.models.parts.losses import SpectralNorm

NEAR = 2**14  # numbers of the largest tensor that stays in the processor's cache
CONVOLUTION, BLOCK = 25, 16  # overhead of a convolution in calls of other operations; channels in a block


@dataclass(frozen=True)
class Work:
    """Amounts of operations by kind; a machine does each kind at a rate of its own."""

    products: float = 0.0  # floating-point operations of matrix products, two to a multiply-add
    convolutions: float = 0.0  # the same of convolutions
    padding: float = 0.0  # the same of the padding channels in a convolution's blocks
    doubles: float = 0.0  # the same of products and factorisations in float64
    near: float = 0.0  # numbers of 4 bytes read or written, of small tensors
    far: float = 0.0  # the same of larger tensors
    transcendentals: float = 0.0  # evaluations of exp, tanh, silu, sine and the like
    draws: float = 0.0  # random numbers
    calls: float = 0.0  # operations started, whatever their size

    def __add__(self, other: "Work") -> Self:
        return type(self)(*map(operator.add, vars(self).values(), vars(other).values()))

    def __mul__(self, times: float) -> Self:
        return type(self)(*(times * amount for amount in vars(self).values()))

    def dot(self, seconds: "Work") -> float:
        """Return the time of these amounts, given the seconds per operation of each kind."""
        return sum(map(operator.mul, vars(self).values(), vars(seconds).values()))


@dataclass(frozen=True)
class Sizes:
    """How many examples are learned from, and how many a snapshot of the training scores, draws, encodes and rebuilds."""

    train: int
    test: int
    scored: int  # test examples, and training examples in their place
    samples: int
    codes: int
    reconstructions: int


@dataclass(frozen=True)
class Fit:
    """The work before the first update, of an update and of a snapshot, and the numbers of 4 bytes that are held at once."""

    start: Work
    step: Work
    snapshot: Work
    memory: float


@dataclass(frozen=True)
class Layer:
    """A linear or convolutional layer, per example."""

    flops: float
    inputs: int
    outputs: int
    weights: int
    padding: float | None  # of a convolution: operations on padding channels per operation on others
    activation: bool  # whether an activation follows


def passing(*sizes: float, calls: float = 1) -> Work:
    """Return the work of reading or writing tensors of these sizes, in numbers, by `calls` operations."""
    near = sum(size for size in sizes if size <= NEAR)
    return Work(near=near, far=sum(sizes) - near, calls=calls)


def pointwise(n: float, calls: float) -> Work:
    """Return `calls` elementwise sums, products and the like of n numbers each: two read, one written."""
    return passing(n) * (3 * calls) + Work(calls=-2 * calls)


def transcendental(n: float, calls: float = 1) -> Work:
    """Return `calls` elementwise functions such as exp or silu of n numbers."""
    return (passing(n, n) + Work(transcendentals=n)) * calls


def drawing(n: float) -> Work:
    """Return n random numbers."""
    return passing(n) + Work(draws=n)


def product(n: float, inputs: float, outputs: float) -> Work:
    """Return the product of (n, inputs) and (inputs, outputs)."""
    return Work(products=2 * n * inputs * outputs) + passing(n * inputs, inputs * outputs, n * outputs)


def em(n: float, k: float, d: float) -> Work:
    """Return one step of expectation maximisation with full covariances, of n examples in d dimensions, in float64."""
    return Work(doubles=4 * k * n * d * d + 2 * k * d**3, calls=60) + pointwise(2 * k * n * d, 4)


def layers(net: nn.Module) -> list[Layer]:
    """Return the layers of a network of `nets.encoder` or `nets.decoder`."""
    result: list[Layer] = []
    shape: tuple[int, ...] = ()
    for child in net.children():
        part = child.layer if isinstance(child, SpectralNorm) else child
        if isinstance(part, nn.Unflatten):
            shape = tuple(part.unflattened_size)
        elif isinstance(part, nn.Linear):
            n_in, n_out = part.in_features, part.out_features
            result.append(Layer(2 * n_in * n_out, n_in, n_out, n_in * n_out, None, False))
        elif isinstance(part, nn.Conv2d | nn.ConvTranspose2d):
            result.append(_convolution(part, shape))
            side = (2 * n if isinstance(part, nn.ConvTranspose2d) else n // 2 for n in shape[1:])
            shape = (part.out_channels, *side)
        elif not isinstance(part, nn.Flatten):
            result[-1] = replace(result[-1], activation=True)
    return result


def _convolution(layer: nn.Conv2d | nn.ConvTranspose2d, shape: tuple[int, ...]) -> Layer:
    transposed = isinstance(layer, nn.ConvTranspose2d)
    n_in = math.prod(shape)
    n_out = layer.out_channels * math.prod(shape[1:]) * (4 if transposed else 1) // (1 if transposed else 4)
    positions = math.prod(shape[1:]) if transposed else math.prod(shape[1:]) // 4
    weights = layer.weight.numel()
    full = (math.ceil(n / BLOCK) * BLOCK / n for n in (layer.in_channels, layer.out_channels))
    return Layer(2 * weights * positions, n_in, n_out, weights, math.prod(full) - 1, False)


def forward(net: Sequence[Layer], n: float) -> Work:
    """Return one pass of n examples."""
    total = Work()
    for layer in net:
        total += _matrix(layer, n)
        total += transcendental(n * layer.outputs) if layer.activation else Work()
    return total


def backward(net: Sequence[Layer], n: float, to_inputs: bool = True) -> Work:
    """Return the backward pass after `forward`: the gradient by all weights, and by the inputs if `to_inputs`."""
    total = Work()
    for i, layer in enumerate(net):
        total += _matrix(layer, n) * (2 if i or to_inputs else 1) + passing(n * layer.outputs, layer.outputs)
        total += transcendental(n * layer.outputs) + passing(n * layer.outputs, calls=0) if layer.activation else Work()
    return total


def slope(net: Sequence[Layer], n: float) -> Work:
    """Return the gradient by the inputs alone."""
    return _sum(_matrix(layer, n) + (transcendental(n * layer.outputs) if layer.activation else Work()) for layer in net)


def penalty(net: Sequence[Layer], n: float) -> Work:
    """Return the work of a gradient penalty beside `forward` and `backward`: the slopes, and their gradient by all weights."""
    nonlinear = _sum(transcendental(n * layer.outputs, 2) + pointwise(n * layer.outputs, 6) for layer in net if layer.activation)
    return slope(net, n) + nonlinear + _sum(_matrix(layer, n) * 2 for layer in net)


def adam(*nets: nn.Module) -> Work:
    """Return one fused step of Adam over all weights, which reads four numbers a weight and writes three."""
    sizes = [p.numel() for net in nets for p in net.parameters()]
    return _sum(passing(*[size] * 7, calls=4) for size in sizes) + Work(calls=20)


def average(net: nn.Module) -> Work:
    """Return one step of a running average of the weights."""
    return _sum(passing(*[p.numel()] * 3, calls=0.5) for p in net.parameters())


def weights(*nets: nn.Module) -> float:
    """Return how many weights there are."""
    return float(sum(p.numel() for net in nets for p in net.parameters()))


def activations(net: Sequence[Layer], n: float) -> float:
    """Return how many numbers a pass of n examples stores for its gradient: each layer's outputs before and after activation."""
    return n * sum(layer.outputs * (2 if layer.activation else 1) for layer in net)


def widest(net: Sequence[Layer], n: float) -> float:
    """Return how many numbers a pass of n examples without gradient holds at once."""
    return n * max(layer.inputs + layer.outputs * (2 if layer.activation else 1) for layer in net)


def _matrix(layer: Layer, n: float) -> Work:
    flops = n * layer.flops
    traffic = passing(n * layer.inputs, layer.weights, n * layer.outputs)
    if layer.padding is None:
        return traffic + Work(products=flops)
    return traffic + Work(convolutions=flops, padding=layer.padding * flops, calls=CONVOLUTION)


def _sum(parts: Iterable[Work]) -> Work:
    return sum(parts, Work())
