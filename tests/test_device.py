"""The device is chosen in one place, and chance is an argument."""

import numpy as np
import pytest
import torch
from torch import nn

from genmodels import device
from genmodels.config import UserError

CPU = torch.device("cpu")


def test_the_environment_names_the_device(monkeypatch):
    for name in ("cpu", " CPU "):
        monkeypatch.setenv("GENMODELS_DEVICE", name)
        assert device.choose_device() == CPU


@pytest.mark.parametrize("name", ["", "auto", None])
def test_without_a_name_it_is_the_gpu_if_there_is_one(name, monkeypatch):
    monkeypatch.delenv("GENMODELS_DEVICE")
    if name is not None:
        monkeypatch.setenv("GENMODELS_DEVICE", name)
    assert (device.choose_device() == CPU) == (torch.accelerator.device_count() == 0)


@pytest.mark.parametrize("name", ["tpu", "meta", "mps", "cpu:", "cuda:-1", "cuda:x", "gpu" * 1000])
def test_what_is_no_device_is_one_line(name, monkeypatch):
    monkeypatch.setenv("GENMODELS_DEVICE", name)
    with pytest.raises(UserError, match=r"^GENMODELS_DEVICE=.* is no device: give auto, cpu, cuda or cuda:N$"):
        device.choose_device()


def test_a_gpu_that_is_not_there_is_one_line(monkeypatch):
    monkeypatch.setenv("GENMODELS_DEVICE", "cuda:99")
    with pytest.raises(UserError, match=r"'cuda:99' is not on this machine \(\d+ GPUs seen\): give cpu"):
        device.choose_device()


def test_one_seed_and_purpose_is_one_stream():
    first, again = (torch.randn(100, generator=device.generator(CPU, 7, "fit")) for _ in range(2))
    assert torch.equal(first, again)


@pytest.mark.parametrize("other", [(8, "fit"), (7, "sample")])
def test_another_seed_or_purpose_is_an_independent_stream(other):
    n = 100_000
    a = torch.randn(n, generator=device.generator(CPU, 7, "fit"))
    b = torch.randn(n, generator=device.generator(CPU, *other))
    assert abs(np.corrcoef(a, b)[0, 1]) < 4 / n**0.5


def test_a_generator_leaves_the_global_state_alone():
    before = torch.get_rng_state()
    torch.randn(3, generator=device.generator(CPU, 0, "fit"))
    assert torch.equal(before, torch.get_rng_state())


def test_bytes_are_counted_by_number_and_width():
    assert device.byte_size([torch.zeros(10, dtype=torch.float64), torch.zeros(2, 3, dtype=torch.uint8)]) == 86
    assert device.byte_size(nn.Linear(10, 4).parameters()) == 4 * 44


def test_every_run_has_the_same_number_of_threads():
    torch.set_num_threads(2)
    device.limit_threads()
    assert torch.get_num_threads() == device.THREADS_PER_RUN


def test_the_processor_is_described_for_people():
    assert device.describe(CPU).startswith("CPU (")
    assert device.describe(CPU).endswith(" cores)")
