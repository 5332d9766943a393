"""The Gaussians of a mixture against dense ones: exact where a component matters, whatever the scale, place and outliers."""

import math

import pytest
import torch
from torch.distributions import MultivariateNormal

from genmodels.models.parts import gaussians

K, D = 6, 20


def mixture(rng, spread=1.0, offset=0.0):
    """Weights, means and full covariances of K Gaussians in D dimensions, of this spread, their means a hundred times as far."""
    means = 100 * spread * torch.randn(K, D, generator=rng, dtype=torch.float64) / math.sqrt(D) + offset
    factors = spread * (torch.randn(K, D, D, generator=rng, dtype=torch.float64) / math.sqrt(D) + 0.3 * torch.eye(D))
    weights = torch.rand(K, generator=rng, dtype=torch.float64) + 0.1
    return weights / weights.sum(), means, factors @ factors.mT


def whiteners(covariances):
    return torch.linalg.inv(torch.linalg.cholesky(covariances)).mT


def dense(x, weights, means, covariances):
    return weights.log() + torch.stack([MultivariateNormal(m, c).log_prob(x) for m, c in zip(means, covariances, strict=True)], 1)


@pytest.mark.parametrize(("spread", "offset"), [(1.0, 0.0), (1e-4, 0.0), (1e-4, 1.0), (1e6, 1e9)])
def test_the_density_is_the_dense_one_in_many_dimensions_too_whatever_the_units(spread, offset, rng):
    """Products in float32 alone would be off by .01 nats or, far from the origin, by everything."""
    weights, means, covariances = mixture(rng, spread, offset)
    noise = spread * torch.randn(3000, D, generator=rng, dtype=torch.float64)
    x = means[torch.arange(3000) % K] + noise * torch.linspace(0.1, 30, 3000)[:, None]  # the last are outliers
    expected = dense(x, weights, means, covariances)
    joint = gaussians.log_joint(x, weights, means, whiteners(covariances), "full")
    torch.testing.assert_close(joint.logsumexp(1), expected.logsumexp(1), rtol=1e-9, atol=1e-6)
    torch.testing.assert_close(joint.softmax(1), expected.softmax(1), rtol=0, atol=1e-6)


def test_components_that_do_not_matter_are_screened_off_and_others_are_not(rng, monkeypatch):
    """Of two equal components both are exact; of components far away none is computed twice."""
    weights, means, covariances = mixture(rng)
    means[1], covariances[1] = means[0], covariances[0]
    x = means[torch.arange(600) % K] + 0.1 * torch.randn(600, D, generator=rng, dtype=torch.float64)
    exact = gaussians.log_joint(x, weights, means, whiteners(covariances), "full")
    far = exact < exact.max(1, keepdim=True).values - 1000
    assert far.sum() == 600 * K - 600 - 200  # but its own, and the twin's where there is one
    torch.testing.assert_close(exact[~far], dense(x, weights, means, covariances)[~far], rtol=0, atol=1e-9)
    monkeypatch.setattr(gaussians, "SCREENED", D + 1)
    torch.testing.assert_close(gaussians.log_joint(x, weights, means, whiteners(covariances), "full"), exact, rtol=1e-4, atol=1e-9)


@pytest.mark.parametrize("kind", ["full", "tied", "diag", "spherical"])
def test_moments_are_those_of_a_loop_over_all_examples(kind, rng):
    """Also of a component that has next to nothing, and far from the origin."""
    x = torch.randn(200, 3, generator=rng, dtype=torch.float64) + 1e4
    r = torch.rand(200, 4, generator=rng, dtype=torch.float64)
    r[:, 3] *= 1e-9
    r /= r.sum(1, keepdim=True)
    mass, means, covariances = gaussians.moments(x, r, kind)
    torch.testing.assert_close(mass, r.sum(0), rtol=1e-6, atol=0)
    expected = []
    for k in range(4):
        mean = sum(r[n, k] * x[n] for n in range(200)) / r[:, k].sum()
        torch.testing.assert_close(means[k], mean, rtol=0, atol=1e-5)
        off = x - mean
        expected.append(sum(r[n, k] * torch.outer(off[n], off[n]) for n in range(200)) / r[:, k].sum())
    full = torch.stack(expected)
    diagonal = full.diagonal(dim1=1, dim2=2)
    tied = torch.einsum("k,kij->ij", r.sum(0), full) / 200
    by_kind = {"full": full, "tied": tied, "diag": diagonal, "spherical": diagonal.mean(1)}
    torch.testing.assert_close(covariances, by_kind[kind], rtol=1e-5, atol=1e-5)
