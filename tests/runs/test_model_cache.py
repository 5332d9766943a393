"""The models in memory: bounded in bytes, the longest unused leaves first, and the same model as on disk to the last bit."""

import threading

import pytest
import torch
from torch import nn

from genmodels import device, models
from genmodels.config import UserError
from genmodels.runs import Run, RunSpec, model_cache, record
from genmodels.runs.model_cache import ModelCache

SIZE = 4 * 110  # bytes of a linear layer from 10 to 10


def layer():
    return nn.Linear(10, 10)


def must_not_load():
    raise AssertionError("it is held already")


def test_what_is_held_is_not_loaded_again():
    cache = ModelCache(SIZE)
    first = cache.get("a", layer)
    assert cache.get("a", must_not_load) is first
    assert cache.bytes() == SIZE


def test_buffers_count_as_well_as_parameters():
    cache = ModelCache(10_000)
    cache.get("a", lambda: nn.BatchNorm1d(5))  # weight, bias, running mean and variance, and an int64 counter
    assert cache.bytes() == 4 * 20 + 8


def test_the_longest_unused_leaves_first_and_only_when_there_is_no_room():
    cache = ModelCache(3 * SIZE)
    for key in "abc":
        cache.get(key, layer)
    cache.get("a", must_not_load)
    assert [key in cache for key in "abc"] == [True, True, True]
    cache.get("d", layer)
    assert [key in cache for key in "abcd"] == [True, False, True, True]
    cache.get("big", lambda: nn.Linear(10, 20))  # twice the size
    assert [key in cache for key in ("a", "c", "d", "big")] == [False, False, True, True]
    assert cache.bytes() == 3 * SIZE


def test_a_model_larger_than_the_bound_is_given_but_drives_nobody_out():
    cache = ModelCache(2 * SIZE)
    cache.get("a", layer)
    assert cache.get("giant", lambda: nn.Linear(100, 100)).out_features == 100
    assert "giant" not in cache
    assert "a" in cache


def test_a_load_that_fails_leaves_nothing_and_can_be_tried_again():
    cache = ModelCache(SIZE)
    with pytest.raises(OSError, match="gone"):
        cache.get("a", lambda: (_ for _ in ()).throw(OSError("gone")))
    assert "a" not in cache
    assert cache.get("a", layer) is cache.get("a", must_not_load)


def test_many_who_ask_at_once_cause_one_load():
    cache, gate, loads, got = ModelCache(SIZE), threading.Barrier(16), [], []

    def slow():
        loads.append(threading.get_ident())
        threading.Event().wait(0.05)
        return layer()

    def ask():
        gate.wait()
        got.append(cache.get("a", slow))

    askers = [threading.Thread(target=ask) for _ in range(16)]
    for asker in askers:
        asker.start()
    for asker in askers:
        asker.join()
    assert len(loads) == 1
    assert len(set(map(id, got))) == 1


@pytest.mark.parametrize("name", [n for n, kind in models.models().items() if hasattr(kind, "sample")])
def test_samples_from_disk_and_from_the_cache_are_equal_to_the_last_bit(store, name):
    where = device.choose_device()
    run = Run.open(record(RunSpec.make("moons", name, {"steps": 2}), store).key, store)

    def draw(model):
        return model.sample(50, device.generator(where, 0, "tests"))

    cache = ModelCache(2**30)
    from_disk = draw(run.load_model(where))
    assert torch.equal(from_disk, draw(cache.get(run.spec.key, lambda: run.load_model(where))))
    assert torch.equal(from_disk, draw(cache.get(run.spec.key, must_not_load)))


@pytest.mark.parametrize("size", ["", "-1", "1.5", "many", "\N{SUPERSCRIPT TWO}"])
def test_a_bound_that_is_no_number_is_one_line(size, monkeypatch):
    model_cache.shared.cache_clear()
    monkeypatch.setenv("GENMODELS_DEVICE_CACHE_MB", size)
    with pytest.raises(UserError, match=r"^GENMODELS_DEVICE_CACHE_MB=.* is no whole number of megabytes: give for example 512$"):
        model_cache.shared()


def test_the_process_shares_one_cache_of_the_size_that_the_environment_names(monkeypatch):
    model_cache.shared.cache_clear()
    monkeypatch.setenv("GENMODELS_DEVICE_CACHE_MB", "3")
    assert model_cache.shared() is model_cache.shared()
    assert model_cache.shared().limit_bytes == 3 * 2**20
    model_cache.shared.cache_clear()
