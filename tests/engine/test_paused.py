"""Work that is left off goes on as if it had not been, elsewhere and later; what is too much is ended, and leaves nothing."""

import threading

import pytest

from genmodels import models
from genmodels.engine import paused
from genmodels.runs import Run, RunSpec
from genmodels.store import Store

STEPS = 6


def in_another_thread(work):
    thread = threading.Thread(target=next, args=(work, None))
    thread.start()
    thread.join()


def columns(spec, store):
    return {name: values.tolist() for name, values in Run.open(spec.key, store).columns("history").items()}


@pytest.mark.parametrize("model", list(models.models()))
def test_two_trainings_that_take_turns_in_threads_of_their_own_learn_what_each_learns_alone(model, tmp_path):
    specs = [RunSpec.make("moons", model, {"steps": STEPS}, seed) for seed in (0, 1)]
    alone, together = Store(tmp_path / "alone"), Store(tmp_path / "together")
    for spec in specs:
        assert list(spec.work(alone))[-1] == 1
    works = [spec.work(together) for spec in specs]
    for _ in range(STEPS + 2):
        for work in works:
            in_another_thread(work)
    assert [columns(spec, together) for spec in specs] == [columns(spec, alone) for spec in specs]


def test_of_more_than_there_is_room_for_the_one_paused_longest_is_ended_and_leaves_nothing(store):
    specs = [RunSpec.make("moons", "gmm", {"steps": STEPS}, seed) for seed in range(paused.MOST + 1)]
    for spec in specs:
        work = spec.work(store)
        next(work)
        paused.keep(str(store.root), spec.key, work)
    assert {path.name[:64] for path in (store.root / "growing").glob("*")} == {spec.key for spec in specs[1:]}
    assert paused.take(str(store.root), specs[0].key) is None
    assert paused.take("another cache", specs[1].key) is None
    assert list(paused.take(str(store.root), specs[1].key))[-1] == 1
    assert Run.find(specs[1], store)
    paused.close_all()
    assert list((store.root / "growing").glob("*")) == []


def test_where_memory_is_short_nothing_is_kept(store, monkeypatch):
    monkeypatch.setattr(paused, "MOST_BYTES", 1)
    work = RunSpec.make("moons", "gmm", {"steps": STEPS}).work(store)
    next(work)
    paused.keep(str(store.root), "key", work)
    assert list((store.root / "growing").glob("*")) == []


def test_after_a_while_it_is_ended(store, monkeypatch):
    monkeypatch.setattr(paused, "SECONDS", 0.05)
    work = RunSpec.make("moons", "gmm", {"steps": STEPS}).work(store)
    next(work)
    paused.keep(str(store.root), "key", work)
    (timer,) = [thread for thread in threading.enumerate() if isinstance(thread, threading.Timer) and thread.interval == 0.05]
    timer.join()
    assert paused.take(str(store.root), "key") is None
    assert list((store.root / "growing").glob("*")) == []
