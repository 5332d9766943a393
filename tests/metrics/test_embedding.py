"""How far a map can be trusted: against brute force, scikit-learn's neighbours and its exact t-SNE."""

import math

import numpy as np
import pytest
import torch
from scipy.spatial.distance import pdist, squareform
from scipy.special import rel_entr
from sklearn.manifold import TSNE
from sklearn.neighbors import NearestNeighbors
from torch import Tensor

from genmodels.config import UserError
from genmodels.metrics.embedding import map_divergence, neighbours_kept
from genmodels.metrics.parts import distances
from genmodels.studies.latents.embedding import Map


def normal(n: int, f: int, seed: int) -> Tensor:
    return torch.randn(n, f, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)


def by_scikit_learn(x: Tensor, k: int) -> list[set[int]]:
    result = NearestNeighbors(n_neighbors=k).fit(x.numpy()).kneighbors(return_distance=False)
    return [set(row.tolist()) for row in result]


@pytest.mark.parametrize("k", [1, 5, 20])
def test_the_neighbours_kept_are_those_that_scikit_learn_finds_in_both(k: int) -> None:
    z = normal(120, 6, 0)
    y = z[:, :2] + 0.3 * normal(120, 2, 1)
    shared = [len(a & b) / k for a, b in zip(by_scikit_learn(z, k), by_scikit_learn(y, k), strict=True)]
    assert neighbours_kept(z, y, k) == pytest.approx(sum(shared) / len(shared), abs=1e-12)
    assert 0 < neighbours_kept(z, y, k) < 0.9


def test_a_turned_and_scaled_map_keeps_all_and_a_map_of_chance_keeps_chance() -> None:
    z = normal(400, 2, 0)
    turn = torch.tensor([[math.cos(1), -math.sin(1)], [math.sin(1), math.cos(1)]], dtype=torch.float64)
    assert neighbours_kept(z, 1e3 * z @ turn + 5) == 1
    assert neighbours_kept(z, normal(400, 2, 1)) == pytest.approx(10 / 399, abs=0.01)


def test_of_equal_codes_any_may_be_near_on_the_map() -> None:
    z = torch.eye(4, dtype=torch.float64).repeat_interleave(30, 0)  # a mixture's certainties: four places
    apart = torch.tensor([[0.0, 0.0], [9.0, 0.0], [0.0, 9.0], [9.0, 9.0]], dtype=torch.float64).repeat_interleave(30, 0)
    y = apart + normal(120, 2, 0) / 10
    assert neighbours_kept(z, y) == 1
    assert neighbours_kept(z, y.roll(15, 0)) == pytest.approx(0.5, abs=0.03)


def test_the_number_does_not_depend_on_blocks(monkeypatch: pytest.MonkeyPatch) -> None:
    z, y = normal(101, 5, 0), normal(101, 2, 0)
    whole = neighbours_kept(z, y)
    monkeypatch.setattr(distances, "BLOCK", 700)
    assert neighbours_kept(z, y) == whole


def test_a_map_that_does_not_fit_its_codes_is_one_line() -> None:
    with pytest.raises(UserError, match="5 dots cannot be held against 6"):
        neighbours_kept(torch.zeros(6, 2), torch.zeros(5, 2))
    with pytest.raises(UserError, match="not those of a map of 5 dots"):
        map_divergence(torch.zeros(6, 6), torch.zeros(5, 2))


def test_the_divergence_is_zero_where_affinities_are_the_maps_own_and_known_for_three_dots() -> None:
    y = normal(30, 2, 0)
    q = 1 / (1 + torch.cdist(y, y) ** 2)
    q.fill_diagonal_(0)
    assert map_divergence(q / q.sum(), y) == pytest.approx(0, abs=1e-12)
    line = torch.tensor([[0.0, 0.0], [1.0, 0.0], [2.0, 0.0]])  # q of the pairs: 1/2, 1/2, 1/5 of 6/5
    p = (torch.ones(3, 3) - torch.eye(3)) / 6
    expected = (2 * math.log((1 / 3) / (5 / 12)) + math.log((1 / 3) / (1 / 6))) / 3
    assert map_divergence(p, line) == pytest.approx(expected, rel=1e-6)


def test_the_divergence_is_scipys_relative_entropy_and_about_what_scikit_learns_exact_t_sne_reads() -> None:
    """With a perplexity of a third of the codes all others are neighbours, for both; theirs is read before its last update."""
    z = normal(40, 4, 0)
    theirs = TSNE(2, perplexity=13, init="pca", method="exact", random_state=0, max_iter=500)
    y = torch.from_numpy(theirs.fit_transform(z.numpy())).double()
    p = torch.from_numpy(Map(z, 13, seed=0).affinities())
    q = 1 / (1 + squareform(pdist(y.numpy(), "sqeuclidean"))) - np.eye(40)
    assert map_divergence(p, y) == pytest.approx(rel_entr(p.numpy() / p.numpy().sum(), q / q.sum()).sum(), rel=1e-9)
    assert map_divergence(p, y) == pytest.approx(theirs.kl_divergence_, rel=0.02)
