"""What a parameter costs; that the whole is scikit-learn's is tested with the study of mixtures."""

import numpy as np
import pytest

from genmodels.metrics.bic import bic


def test_a_component_more_must_pay_for_its_numbers():
    assert bic(-1.0, 11, 100) - bic(-1.0, 5, 100) == pytest.approx(6 * np.log(100))
    assert bic(-1.0, 5, 100) - bic(-1.5, 5, 100) == pytest.approx(-100)
