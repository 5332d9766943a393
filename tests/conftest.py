"""What every test shares: a cache of its own, one thread, known numbers on the CPU, and models fitted for a few steps."""

import os
import shutil
import tempfile
from collections.abc import Callable
from functools import cache
from pathlib import Path

CACHE = tempfile.mkdtemp(prefix="genmodels-tests-")
os.environ["GENMODELS_CACHE"] = CACHE  # no test reads or writes the recordings of the person who runs it
os.environ.setdefault("GENMODELS_DEVICE", "cpu")
os.environ["GENMODELS_OFFLINE"] = "1"  # no test downloads anything: what is not there is skipped with the reason

import pytest
import torch

from genmodels import datasets, device
from genmodels.datasets.base import Arrays, Dataset, Source
from genmodels.models.base import Model
from genmodels.runs import RunSpec
from genmodels.store import Store

FEW_STEPS = 4
device.limit_threads()  # as a run does: a test's numbers do not depend on the tests before it


def pytest_unconfigure(config):
    shutil.rmtree(CACHE, ignore_errors=True)


@pytest.fixture
def store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Store:
    """An empty store, which GENMODELS_CACHE names."""
    monkeypatch.setenv("GENMODELS_CACHE", str(tmp_path / "cache"))
    return Store(tmp_path / "cache")


@pytest.fixture
def rng() -> torch.Generator:
    return device.generator(device.choose_device(), 0, "tests")


@pytest.fixture(scope="session")
def fitted() -> Callable[..., Model]:
    """`fitted(dataset, model, **settings)`: that model after its whole fit, of a few steps unless told; one fit for all who ask."""

    @cache
    def fit(dataset: str, model: str, **settings: object) -> Model:
        spec = RunSpec.make(dataset, model, {"steps": FEW_STEPS, **settings})
        where = device.choose_device()
        fresh = spec.kind(spec.settings, spec.source.shape).to(where)
        for _ in fresh.fit(datasets.load(dataset, where), device.generator(where, 0, "fit")):
            pass
        return fresh.eval().requires_grad_(False)

    return fit


@pytest.fixture(scope="session")
def linear_gaussian() -> Dataset:
    """A dataset made by hand, x = W z + m + .8 eps in five dimensions with a z of two: its best models are known exactly."""
    rng = device.generator(torch.device("cpu"), 0, "linear Gaussian")
    loadings = torch.tensor([[1.5, 0.2], [-1.0, 0.8], [0.0, 1.0], [0.7, -0.3], [0.0, 0.0]])
    z, eps = torch.randn(5000, 2, generator=rng), torch.randn(5000, 5, generator=rng)
    x = z @ loadings.T + torch.tensor([3.0, 0.0, -1.0, 0.5, 10.0]) + 0.8 * eps
    source = Source("linear", "Linear", (5,), lambda: Arrays(x[:3000], x[3000:]), "Made by hand.", "none")
    where = device.choose_device()
    return Dataset(source, x[:3000].to(where), x[3000:].to(where), None, None)
