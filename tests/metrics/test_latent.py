"""Active units: counted by hand."""

import torch

from genmodels.metrics.latent import active_units


def test_a_unit_is_active_when_its_posterior_mean_varies_by_more_than_a_hundredth() -> None:
    """Two examples at +-a have a sample variance of 2 a^2, whatever their common mean."""
    deviations = torch.tensor([0.0, 0.07, 0.0708, 1.0])  # 2 a^2 = 0, .0098, .01003, 2
    mu = torch.stack([5 + deviations, 5 - deviations])
    assert active_units(mu) == 2


def test_no_unit_of_a_collapsed_posterior_is_active_however_far_from_zero_it_lies() -> None:
    assert active_units(torch.full((100, 7), 3.0)) == 0
