"""Gaussians of a mixture and their moments, for scikit-learn's four kinds of covariance: full, tied, diag and spherical.

All in float64. Of many dimensions, products in float32, twice as fast, tell first which components matter to an example at all.
"""

import math

import torch
from torch import Tensor

AT_ONCE = 2**11  # examples whose products stay in the processor's cache
SCREENED = 16  # the least dimension at which products in float32 save more than they cost
MARGIN = 50.0  # nats below the likeliest component: e^-50 is less than float64 resolves in the sum, by a wide margin
ROUNDING = 1e-4  # of a squared distance, at most, in float32: it widens the margin of outliers
NEGLIGIBLE = 1e-12  # of a component's mass: examples of less responsibility take no part in its covariance
EMPTY = 10 * torch.finfo(torch.float64).eps  # added to every mass, as scikit-learn does


def log_joint(x: Tensor, weights: Tensor, means: Tensor, whiteners: Tensor, kind: str) -> Tensor:
    """Return log pi_k + log N(x; mu_k, Sigma_k), (N, K), of x (N, D), with Sigma_k^-1 = W_k W_k^T.

    A component more than `MARGIN` nats below an example's likeliest has the value of float32.
    """
    centre = weights @ means  # centred products lose fewer digits
    x, means, d = x - centre, means - centre, x.shape[1]
    log_det = _log_det(whiteners, kind, d)
    const = weights.log() + log_det - d * math.log(2 * math.pi) / 2  # (K,)
    if kind == "full" and d >= SCREENED:
        return torch.cat([_screened(part, const, means, whiteners) for part in x.split(AT_ONCE)], 1).T
    if kind == "full":
        return const - _squares(x, means, whiteners).T / 2
    if kind == "tied":
        return const - torch.cdist(x @ whiteners, means @ whiteners).square() / 2
    precisions = whiteners.square() if kind == "diag" else whiteners.square()[:, None].expand(-1, d)  # (K, D)
    linear = x @ (means * precisions).T - (means.square() * precisions).sum(1) / 2
    return const + linear - x.square() @ precisions.T / 2


def moments(x: Tensor, responsibilities: Tensor, kind: str) -> tuple[Tensor, Tensor, Tensor]:
    """Return the mass (K,), mean (K, D) and covariance, by `kind`, of x (N, D) weighted by each column of (N, K)."""
    centre = x.mean(0)
    x, mass = x - centre, responsibilities.sum(0) + EMPTY
    means = responsibilities.T @ x / mass[:, None]
    if kind == "full":
        covariances = _covariances(x, responsibilities, mass, means)
    elif kind == "tied":
        covariances = (x.T @ x - (mass[:, None] * means).T @ means) / mass.sum()
    else:
        covariances = (responsibilities.T @ x.square() / mass[:, None] - means.square()).clamp(min=0)
        covariances = covariances if kind == "diag" else covariances.mean(1)
    return mass, means + centre, covariances


def _log_det(whiteners: Tensor, kind: str, d: int) -> Tensor:
    """Return log |W_k|, (K,), or of all."""
    if kind == "spherical":
        return d * whiteners.log()
    return (whiteners if kind == "diag" else whiteners.diagonal(dim1=-2, dim2=-1)).log().sum(-1)


def _screened(x: Tensor, const: Tensor, means: Tensor, whiteners: Tensor) -> Tensor:
    """Return `const` less half the squared distances, (K, N): in float64 of the components that matter to an example."""
    squares = _squares(x.float(), means.float(), whiteners.float()).double()
    joint = const[:, None] - squares / 2
    best, index = joint.max(0)
    near = joint > best - MARGIN - ROUNDING * squares.gather(0, index[None])
    for k, row in enumerate(near):
        indices = row.nonzero()[:, 0]
        joint[k, indices] = const[k] - ((x[indices] - means[k]) @ whiteners[k]).square_().sum(1) / 2
    return joint


def _squares(x: Tensor, means: Tensor, whiteners: Tensor) -> Tensor:
    """Return |W_k^T (x - mu_k)|^2, (K, N), one component after the other, so that both buffers stay in the cache."""
    squares, centred, white = x.new_empty(len(means), len(x)), torch.empty_like(x), torch.empty_like(x)
    for mean, whitener, row in zip(means, whiteners, squares, strict=True):
        torch.sub(x, mean, out=centred)
        torch.mm(centred, whitener, out=white)
        torch.sum(white.square_(), 1, out=row)
    return squares


def _covariances(x: Tensor, responsibilities: Tensor, mass: Tensor, means: Tensor) -> Tensor:
    """Return the full covariances, (K, D, D), each of the examples that have part in it: on pictures few of all."""
    covariances = x.new_empty(len(means), x.shape[1], x.shape[1])
    for k, row in enumerate(responsibilities.T.contiguous()):
        indices = (row > NEGLIGIBLE * mass[k]).nonzero()[:, 0]
        centred = x[indices] - means[k]
        torch.mm((centred * row[indices, None]).T, centred, out=covariances[k])
    return covariances / mass[:, None, None]
