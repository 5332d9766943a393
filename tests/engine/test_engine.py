"""Jobs: trained once for all, stopped when the last viewer leaves, and no death leaves a half-written run or an orphan."""

import asyncio
import logging
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import psutil
import pytest
import torch
from distributed import Client

import genmodels.engine.warmup  # noqa: F401 - else the first training in this process imports for seconds, and nothing else gets its turn
from genmodels.config import UserError
from genmodels.datasets import upload
from genmodels.engine import cluster, jobs
from genmodels.engine import engine as engines
from genmodels.engine.engine import Engine
from genmodels.engine.jobs import JobState
from genmodels.engine.worker import task_name
from genmodels.runs import Run, RunSpec, record
from genmodels.store import Store

pytestmark = pytest.mark.slow  # each starts processes of its own

ROOT = Path(__file__).resolve().parents[2]


def short(seed=0):
    return RunSpec.make("ring", "vae", {"steps": 200, "hidden_dim": 8}, seed)


def endless(seed=0):
    """Minutes of training: it ends because somebody ends it."""
    return RunSpec.make("ring", "vae", {"steps": 100_000, "hidden_dim": 8}, seed)


def until(condition, seconds=60.0):
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.01)


def reach(engine, spec, state, viewer="ada", seconds=60.0):
    """Watch a job, as a page does, until it is in this state; one that ended otherwise never will be."""

    def reached():
        engine.watch(spec.key, viewer)
        now = engine.state(spec.key)
        assert now.state in ("queued", "running", state), now
        return now.state == state

    until(reached, seconds)
    return engine.state(spec.key)


def growing(engine):
    return list((engine.store.root / "growing").glob("*"))


def rests(engine, spec, seconds=0.6):
    """Wait until nobody trains it: twice what passes between two signs of life goes by without one."""
    before = None
    for _ in range(12):
        if before == (before := step(engine, spec)):
            return
        time.sleep(seconds)
    raise AssertionError("it goes on")


def step(engine, spec):
    run = Run.growing(spec, engine.store)
    return run.status().step if run else 0


def opened(store, scheduler, monkeypatch, slots=2):
    monkeypatch.setenv("GENMODELS_SCHEDULER", scheduler)
    monkeypatch.setenv("GENMODELS_SLOTS", str(slots))
    return Engine(store)


@pytest.fixture
def inproc(store, monkeypatch):
    engine = opened(store, "inproc", monkeypatch)
    yield engine
    engine.close()
    assert growing(engine) == []


@pytest.fixture(scope="module")
def two_workers():
    """Two worker processes that stand for a cluster elsewhere: the address, and the process that owns them."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("GENMODELS_SLOTS", "2")
        child, address = cluster.spawn()
    yield address, child
    cluster.end(child)


@pytest.fixture
def remote(store, two_workers, monkeypatch):
    engine = opened(store, two_workers[0], monkeypatch)
    yield engine
    engine.close()


def all_gone(processes, seconds=20.0):
    """Whether these processes end within the time; a zombie, whose own parent has yet to look, has ended."""
    return not [p for p in psutil.wait_procs(processes, timeout=seconds)[1] if p.status() != psutil.STATUS_ZOMBIE]


def children():
    return set(psutil.Process().children())


def test_a_short_run_is_trained_elsewhere_and_found_in_the_store(remote):
    spec = short()
    assert remote.state(spec.key) is None
    remote.submit(spec, "ada")
    assert reach(remote, spec, "finished") == JobState("finished")
    assert Run.open(spec.key, remote.store).status().step == 200


def test_what_is_in_the_store_is_finished_at_once_and_nothing_is_started(store, monkeypatch):
    engine = opened(store, "inproc", monkeypatch)
    engine.submit(short(), "ada")
    reach(engine, short(), "finished")
    engine.close()
    other = opened(store, "nonsense that would be refused", monkeypatch)
    other.submit(short(), "ada")
    assert other.state(short().key) == JobState("finished")
    other.close()


def test_a_worker_finds_an_upload_where_the_servers_store_is(remote, store):
    """The workers were started with another cache than the one that the server names."""
    points = np.random.default_rng(0).normal(size=(120, 2))
    spec = RunSpec.make(upload.add([("p.csv", "\n".join(f"{a},{b}" for a, b in points).encode())]), "gmm", {"steps": 2})
    remote.submit(spec, "ada")
    reach(remote, spec, "finished")
    assert Run.find(spec, store) is not None


def test_two_viewers_of_two_servers_share_one_training_and_one_leaving_does_not_stop_the_other(
    remote, store, two_workers, monkeypatch
):
    spec, second = endless(), opened(store, two_workers[0], monkeypatch)
    remote.submit(spec, "ada")
    remote.submit(spec, "bob")
    second.submit(spec, "eve")
    reach(remote, spec, "running")
    reach(second, spec, "running", "eve")
    assert len(growing(remote)) == 1
    remote.stop(spec.key, "ada")
    remote.watch(spec.key, "ada")  # her page goes on looking: that is no wish to have it
    assert remote.state(spec.key).state == "running"
    remote.stop(spec.key, "bob")
    assert remote.state(spec.key) == JobState("stopped")
    before = step(second, spec)
    until(lambda: step(second, spec) > before)
    assert second.state(spec.key).state == "running"
    assert len(growing(second)) == 1
    second.stop(spec.key, "eve")
    rests(second, spec)
    assert store.keys() == []
    second.close()


@pytest.mark.parametrize("place", ["inproc", "remote"])
def test_stopped_it_rests_within_a_moment_and_asked_for_again_goes_on_from_there(place, request):
    engine, spec = request.getfixturevalue(place), endless()
    engine.submit(spec, "ada")
    reach(engine, spec, "running")
    until(lambda: step(engine, spec) > 0)
    for _ in range(2):
        engine.stop(spec.key, "ada")
        assert engine.state(spec.key) == JobState("stopped")
        rests(engine, spec)
        before = step(engine, spec)
        engine.submit(spec, "ada")
        reach(engine, spec, "running")
        until(lambda: step(engine, spec) > before)  # noqa: B023
        assert len(growing(engine)) == 1
    engine.stop(spec.key, "ada")
    rests(engine, spec)
    engine.forget(spec.key)
    assert engine.state(spec.key) is None


def test_a_run_that_was_paused_is_what_it_had_been_without_a_pause(inproc, tmp_path):
    spec = RunSpec.make("ring", "vae", {"steps": 1500, "hidden_dim": 8})
    inproc.submit(spec, "ada")
    reach(inproc, spec, "running")
    until(lambda: step(inproc, spec) > 100)
    inproc.stop(spec.key, "ada")
    rests(inproc, spec)
    assert 100 < step(inproc, spec) < 1500
    inproc.submit(short(), "ada")  # other work on the same threads meanwhile
    reach(inproc, short(), "finished")
    inproc.submit(spec, "ada")
    reach(inproc, spec, "finished")
    straight = Store(tmp_path / "straight")
    record(spec, straight)
    one, other = (Run.open(spec.key, store) for store in (inproc.store, straight))
    for name in ("history", "evaluation"):
        columns = other.columns(name)
        assert {n: c.tolist() for n, c in one.columns(name).items()} == {n: c.tolist() for n, c in columns.items()}
    weights = other.recording.tensors("model.safetensors")
    assert all(torch.equal(value, weights[name]) for name, value in one.recording.tensors("model.safetensors").items())
    assert one.status().seconds < 3 * other.status().seconds + 1  # the pause is no time of its training


def test_what_is_paused_goes_on_in_its_own_worker_though_another_is_free(remote):
    spec = endless()
    remote.submit(spec, "ada")
    reach(remote, spec, "running")
    until(lambda: step(remote, spec) > 0)
    for _ in range(3):  # by chance it would be the same worker thrice in one of eight
        remote.stop(spec.key, "ada")
        rests(remote, spec)
        before, folder = step(remote, spec), growing(remote)
        remote.submit(spec, "ada")
        reach(remote, spec, "running")
        until(lambda: step(remote, spec) > before)  # noqa: B023
        assert growing(remote) == folder


def test_stopped_and_asked_for_again_at_any_moment_the_last_wish_counts(inproc):
    spec = RunSpec.make("ring", "vae", {"steps": 500, "hidden_dim": 8})
    for pause in (0, 0.001, 0.01, 0.05, 0.1, 0.15):
        inproc.submit(spec, "ada")
        time.sleep(pause)
        inproc.stop(spec.key, "ada")
    inproc.submit(spec, "ada")
    reach(inproc, spec, "finished")
    assert Run.open(spec.key, inproc.store).status().step == 500


def test_the_last_viewer_leaving_stops_it_and_one_that_stays_keeps_it(inproc, monkeypatch):
    monkeypatch.setattr(jobs, "LEASE_SECONDS", 2.0)
    kept, left = endless(0), endless(1)
    for spec in (kept, left):
        inproc.submit(spec, "ada")
        inproc.submit(spec, "bob")
    until(lambda: (inproc.watch(kept.key, "bob"), inproc.state(left.key).state == "stopped")[1], 5)
    for _ in range(30):
        inproc.watch(kept.key, "bob")
        time.sleep(0.05)
    assert inproc.state(kept.key).state == "running"
    rests(inproc, left)
    until(lambda: inproc.state(kept.key).state == "stopped", 5)
    rests(inproc, kept)


def test_an_outcome_is_remembered_for_a_while_only(inproc, monkeypatch):
    monkeypatch.setattr(engines, "KEEP_SECONDS", 0.3)
    inproc.submit(short(), "ada")
    inproc.submit(endless(), "ada")
    reach(inproc, short(), "finished")
    until(lambda: inproc.state(short().key) is None, 5)
    assert inproc.state(endless().key) == JobState("running")


def test_the_queue_is_in_order_and_what_waits_can_be_stopped(inproc):
    specs = [endless(i) for i in range(5)]
    for spec in specs:
        inproc.submit(spec, "ada")
    reach(inproc, specs[0], "running")
    reach(inproc, specs[1], "running")
    assert [inproc.state(s.key).position for s in specs] == [0, 0, 1, 2, 3]
    inproc.stop(specs[2].key, "ada")
    assert [inproc.state(s.key).position for s in specs] == [0, 0, 0, 1, 2]
    inproc.submit(specs[2], "ada")  # asked for again, it queues again
    assert [inproc.state(s.key).position for s in specs] == [0, 0, 3, 1, 2]
    inproc.stop(specs[0].key, "ada")
    reach(inproc, specs[3], "running")
    assert inproc.state(specs[4].key) == JobState("queued", position=1)
    assert inproc.state(specs[2].key) == JobState("queued", position=2)


def test_a_page_may_ask_for_as_many_as_it_shows_and_each_has_its_place(inproc):
    for i in range(15):
        inproc.submit(endless(i), "ada")
    reach(inproc, endless(0), "running")
    reach(inproc, endless(1), "running")
    assert [inproc.state(endless(i).key).position for i in range(2, 15)] == list(range(1, 14))


def test_of_what_is_asked_for_by_hand_eight_are_allowed_and_what_others_watch_too_does_not_count(inproc):
    for i in range(engines.JOBS_PER_VIEWER):
        inproc.submit(endless(i), "ada", by_hand=True)
    inproc.submit(endless(0), "ada", by_hand=True)
    with pytest.raises(UserError, match="you have 8 trainings of your own running or waiting, and 8 are allowed at a time: stop"):
        inproc.submit(endless(8), "ada", by_hand=True)
    assert inproc.state(endless(8).key) is None
    inproc.submit(endless(0), "bob")
    inproc.submit(endless(8), "ada", by_hand=True)


def test_a_newcomers_first_goes_before_the_second_of_whoever_came_before(inproc):
    for i in range(6):
        inproc.submit(endless(i), "ada")
    reach(inproc, endless(1), "running")
    inproc.submit(endless(10), "bob")
    assert inproc.state(endless(10).key).position == 1
    inproc.stop(endless(0).key, "ada")
    reach(inproc, endless(10), "running", "bob")
    assert [inproc.state(endless(i).key).position for i in (2, 3)] == [1, 2]


def test_what_a_viewer_no_longer_looks_at_gives_way_at_once_and_what_it_looks_at_again_stays(inproc):
    old, new = [endless(i) for i in range(4)], endless(10)
    for spec in old:
        inproc.submit(spec, "ada")
    inproc.submit(old[3], "bob")
    reach(inproc, old[0], "running")
    reach(inproc, old[3], "running")  # bob's first
    inproc.attend("ada", set())  # a page in the middle of being drawn anew, which was interrupted
    for spec in old:
        inproc.watch(spec.key, "ada")
    time.sleep(jobs.LEAVE_SECONDS + 0.3)
    assert inproc.state(old[0].key).state == "running"
    inproc.submit(new, "ada")
    inproc.attend("ada", {new.key})
    before = time.monotonic()
    reach(inproc, new, "running")
    assert time.monotonic() - before < jobs.LEAVE_SECONDS + 2
    assert [inproc.state(spec.key).state for spec in old] == ["stopped"] * 3 + ["running"]


def test_a_quiet_page_keeps_its_training_while_it_is_open_and_a_closed_one_soon_loses_it(inproc, monkeypatch):
    monkeypatch.setattr(engines, "RECONNECT_SECONDS", 1.0)
    closed = set()
    inproc.is_connected = lambda viewer: viewer not in closed
    for i, viewer in enumerate(("ada", "bob")):
        inproc.submit(endless(i), viewer)
    reach(inproc, endless(1), "running", "bob")
    closed.add("bob")
    until(lambda: inproc.state(endless(1).key).state == "stopped", 3)
    assert inproc.state(endless(0).key).state == "running"
    assert jobs.LEASE_SECONDS > 2 * 60  # a page in the background may speak once a minute only


def test_the_time_told_counts_the_queue_and_the_rate_measured_so_far(inproc):
    specs = [RunSpec.make("ring", "vae", {"steps": 6000, "hidden_dim": 8}, i) for i in range(3)]
    for spec in specs:
        inproc.submit(spec, "ada", estimate=1000.0)
    reach(inproc, specs[0], "running")
    reach(inproc, specs[1], "running")
    assert inproc.state(specs[2].key).begins_in > 500
    assert inproc.state(specs[2].key).ends_in == pytest.approx(inproc.state(specs[2].key).begins_in + 1000, abs=1)
    until(lambda: (inproc.watch(specs[0].key, "ada"), inproc.state(specs[0].key).progress > 0.1)[1])
    assert inproc.state(specs[0].key).ends_in < 600  # it takes seconds, and has shown so


def test_the_line_of_a_user_error_crosses_from_the_worker_and_trying_again_starts_anew(remote):
    spec, blocker = short(), remote.store.root / "growing"
    remote.store.root.mkdir()
    blocker.touch()  # a file where the store needs a folder
    remote.submit(spec, "ada")
    state = reach(remote, spec, "failed")
    assert state.error.startswith("the cache cannot be written (")
    assert "\n" not in state.error
    blocker.unlink()
    remote.submit(spec, "ada")
    reach(remote, spec, "finished")


def test_an_unforeseen_error_is_one_line_for_the_viewer_and_a_traceback_in_the_log(store, monkeypatch, caplog):
    engine = opened(Store(store.root, limit_bytes="many"), "inproc", monkeypatch)
    engine.submit(short(), "ada")
    state = reach(engine, short(), "failed")
    assert state.error.startswith("training failed: TypeError: unsupported operand")
    assert "\n" not in state.error
    records = [r for r in caplog.records if r.name == "genmodels.engine.worker" and r.levelno == logging.ERROR]
    assert [r.exc_info[0] for r in records] == [TypeError]
    engine.close()


def test_a_task_that_ended_without_a_recording_is_tried_again_and_then_told(remote, two_workers):
    spec = short()
    with Client(two_workers[0], set_as_default=False) as other:
        held = other.submit(str, "an outcome that somebody else still holds", key=task_name(spec.key))
        until(held.done)
        remote.submit(spec, "ada")
        assert reach(remote, spec, "failed").error == ("it was trained, but the cache holds no recording of it; train it again")
        remote.submit(spec, "ada")
        held.release()
        reach(remote, spec, "finished")


def test_a_killed_worker_is_told_within_a_second_and_the_rest_goes_on(remote):
    specs = [endless(i) for i in range(3)]
    remote.start()
    until(lambda: sum(remote._connection.workers().values()) == 2)
    first, second = remote._connection._client.run(os.getpid).values()
    for spec in specs:
        remote.submit(spec, "ada")
    for spec in specs[:2]:
        reach(remote, spec, "running")
    os.kill(first, signal.SIGKILL)
    until(lambda: "failed" in [remote.state(s.key).state for s in specs[:2]], 1)
    dead = next(s for s in specs[:2] if remote.state(s.key).state == "failed")
    alive = next(s for s in specs[:2] if s is not dead)
    assert remote.state(dead.key).error == "the worker that trained this died (killed, or out of memory); train it again"
    assert Run.growing(dead, remote.store) is None
    assert remote.store.find(dead.key) is None
    assert remote.state(alive.key).state == "running"
    assert remote.state(specs[2].key) == JobState("queued", position=1)
    remote.stop(specs[2].key, "ada")
    remote.submit(dead, "ada")
    reach(remote, dead, "running")
    assert psutil.pid_exists(second)


def test_the_embedded_processes_killed_are_replaced_at_the_next_submit(store, monkeypatch):
    others = children()
    engine = opened(store, "", monkeypatch, slots=1)
    specs = [endless(i) for i in range(3)]
    engine.start()
    for spec in specs:
        engine.submit(spec, "ada")
    until(lambda: ([engine.watch(s.key, "ada") for s in specs], engine.state(specs[0].key).state == "running")[1])
    (child,) = children() - others
    family = [child, *child.children(recursive=True)]
    child.kill()
    for spec in specs:
        state = reach(engine, spec, "failed", seconds=2)
        assert state.error == "the training process ended, and this training with it; train it again"
    assert all_gone(family)
    until(lambda: growing(engine) == [], 2)
    engine.submit(short(), "ada")
    reach(engine, short(), "finished")
    engine.close()
    assert children() == others


PARENT = """
import sys, time
from genmodels.engine.engine import engine
from genmodels.runs import RunSpec

spec = RunSpec.make("ring", "vae", {"steps": 100_000, "hidden_dim": 8})
engine().submit(spec, "ada")
while engine().state(spec.key).state != "running":
    engine().watch(spec.key, "ada")
    time.sleep(0.01)
print("running", flush=True)
if sys.argv[1] == "wait":
    time.sleep(60)
"""


def parent(what, store, scheduler, **streams):
    environment = {
        **os.environ,
        "PYTHONPATH": str(ROOT),
        "GENMODELS_CACHE": str(store.root),
        "GENMODELS_SCHEDULER": scheduler,
        "GENMODELS_SLOTS": "1",
    }
    command = [sys.executable, "-W", "error", "-c", PARENT, what]
    return subprocess.Popen(command, cwd=store.root.parent, stdout=subprocess.PIPE, env=environment, **streams)


def test_a_killed_server_leaves_no_process_and_no_half_written_run(store):
    process = parent("wait", store, "", stderr=subprocess.DEVNULL)
    assert process.stdout.readline() == b"running\n"
    family = psutil.Process(process.pid).children(recursive=True)
    assert len(family) >= 2
    process.kill()
    process.wait()
    process.stdout.close()
    assert all_gone(family)
    assert list((store.root / "growing").glob("*")) == []
    assert store.keys() == []


def test_a_server_that_starts_sweeps_what_dead_writers_left(store):
    writer = store.writer(short().key)
    os.close(writer.lock)  # as the kernel does when its process ends
    engine = Engine(store)
    until(lambda: not writer.path.exists())
    engine.close()


def test_a_program_that_ends_in_the_middle_of_a_training_in_its_own_process_ends_quietly(store):
    process = parent("end", store, "inproc", stderr=subprocess.PIPE)
    out, errors = process.communicate(timeout=100)
    assert (process.returncode, out, errors) == (0, b"running\n", b"")
    assert list((store.root / "growing").glob("*")) == []


def test_it_can_be_started_and_ended_from_within_an_event_loop(store, monkeypatch):
    monkeypatch.setenv("GENMODELS_SCHEDULER", "inproc")

    async def lifespan():
        assert engines.engine() is engines.engine()
        engines.engine().start()
        engines.engine().submit(short(), "ada")
        engines.shutdown()
        engines.shutdown()

    asyncio.run(lifespan())
    assert store.keys() == []


@pytest.mark.parametrize("name", ["yes", "tcp://", "tcp://host", "http://127.0.0.1:80", "tcp://127.0.0.1:99x", "inproc://1"])
def test_a_scheduler_that_is_none_is_one_line_that_says_what_is_allowed(store, monkeypatch, name):
    engine = opened(store, name, monkeypatch)
    with pytest.raises(
        UserError, match=r"^GENMODELS_SCHEDULER=.* is not allowed: leave it unset .*inproc.*tcp://host:port"
    ) as caught:
        engine.submit(short(), "ada")
    assert "\n" not in str(caught.value)
    assert engine.state(short().key) is None
    engine.close()


def test_a_scheduler_that_does_not_answer_is_told_soon_with_the_remedy(store, monkeypatch):
    engine = opened(store, "tcp://127.0.0.1:9", monkeypatch)
    before = time.monotonic()
    with pytest.raises(
        UserError, match=r"^no dask scheduler answers at tcp://127.0.0.1:9: start one there .*unset GENMODELS_SCHEDULER"
    ):
        engine.submit(short(), "ada")
    with pytest.raises(UserError, match="^no dask scheduler answers"):
        engine.submit(short(1), "ada")
    assert time.monotonic() - before < 8
    engine.close()


def test_once_closed_nothing_new_is_trained(inproc):
    inproc.close()
    with pytest.raises(UserError, match="shutting down"):
        inproc.submit(short(), "ada")


def test_asking_for_a_state_is_nearly_free(inproc):
    for i in range(8):
        inproc.submit(endless(i), "ada")
    before = time.perf_counter()
    for _ in range(1000):
        inproc.state(endless(7).key)
    assert time.perf_counter() - before < 1.0  # a millisecond each, on a machine that trains two models meanwhile
