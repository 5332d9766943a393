"""The adjusted Rand index is scikit-learn's."""

import pytest
import torch
from sklearn.metrics import adjusted_rand_score

from genmodels.config import UserError
from genmodels.metrics.clustering import adjusted_rand


def test_the_rand_index_is_that_of_scikit_learn_and_does_not_care_for_names(rng):
    a, b = torch.randint(5, (300,), generator=rng), torch.randint(3, (300,), generator=rng)
    mixed = torch.where(torch.rand(300, generator=rng) < 0.5, a, b)
    for result, labels in ((a, b), (mixed, a), (a, (a + 2) % 5), (torch.zeros(300), torch.zeros(300))):
        assert adjusted_rand(result, labels) == pytest.approx(adjusted_rand_score(labels.numpy(), result.numpy()), abs=1e-12)
    assert adjusted_rand(a, (a + 2) % 5) == 1.0


def test_groupings_of_other_examples_are_refused():
    with pytest.raises(UserError, match="got 3 and 2"):
        adjusted_rand(torch.zeros(3), torch.zeros(2))
