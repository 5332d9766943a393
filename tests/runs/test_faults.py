"""Whatever a numerical library raises while a recording is made is one line that blames what is to blame."""

import numpy as np
import pytest
import torch

from genmodels.config import UserError
from genmodels.models.gmm import GMM
from genmodels.runs import RunSpec, record
from genmodels.runs.faults import explained
from genmodels.studies.findings import StudySpec
from genmodels.studies.opinion import Opinion

FAULTS = [
    np.linalg.LinAlgError("Singular matrix in /srv/secret/place.py"),
    torch.linalg.LinAlgError("the input is not positive-definite"),
    ValueError("Out of range float values are not JSON compliant: inf"),
    FloatingPointError("overflow"),
    ZeroDivisionError("division by zero"),
]


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: type(fault).__name__)
@pytest.mark.parametrize(
    ("settings", "blame"), [({}, "these data are more than its preset can fit"), ({"steps": 3}, "does not set steps$")]
)
def test_a_librarys_fault_in_a_fit_blames_the_settings_or_the_data(fault, settings, blame, store, monkeypatch):
    def fit(self, data, rng):
        raise fault
        yield

    monkeypatch.setattr(GMM, "fit", fit)
    with pytest.raises(UserError, match=f"^gmm on moons cannot be computed .*{blame}") as refused:
        record(RunSpec.make("moons", "gmm", settings), store)
    assert "secret" not in str(refused.value)
    assert not list((store.root / "growing").glob("*"))


def test_a_librarys_fault_in_a_study_is_one_line(store, monkeypatch):
    def perform(self, context):
        raise ValueError("inf")
        yield

    monkeypatch.setattr(Opinion, "perform", perform)
    run = RunSpec.make("digits", "gan", {"steps": 2})
    with pytest.raises(UserError, match=r"^What D thinks of each sample: .* cannot be computed \(ValueError: inf\)"):
        record(StudySpec.make("opinion", [run]), store)


def test_what_is_said_already_and_what_is_no_librarys_fault_pass():
    with pytest.raises(UserError, match="^mine$"), explained("x", "y"):
        raise UserError("mine")
    with pytest.raises(MemoryError), explained("x", "y"):
        raise MemoryError
    with pytest.raises(TypeError), explained("x", "y"):
        raise TypeError("a fault of ours")
