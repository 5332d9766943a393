"""The queue, without workers: rounds of one job a viewer, and times that add up."""

import pytest

from genmodels.engine.jobs import Job, service_order, start_times
from genmodels.runs import RunSpec
from genmodels.runs.work import Part


def job(seed: int, *viewers: str, dispatched: bool = False, **known: float) -> Job:
    made = Job(RunSpec.make("ring", "gmm", {"steps": 3}, seed), **known)
    for viewer in viewers:
        made.watch(viewer)
    made.future = object() if dispatched else None
    return made


def seeds(jobs: list[Job]) -> list[int]:
    return [j.spec.seed for j in jobs]


def test_fifteen_jobs_of_one_viewer_do_not_stand_before_the_first_of_another():
    many = [job(i, "ada") for i in range(15)]
    assert seeds(service_order([*many, job(100, "bob"), job(101, "bob")]))[:5] == [0, 100, 1, 101, 2]


def test_whoever_has_workers_already_has_had_a_turn_for_each():
    running = [job(i, "ada", dispatched=True) for i in range(2)]
    for one in running:
        one.state = "running"
    waiting = [job(i, "ada") for i in (2, 3)] + [job(i, "bob") for i in (10, 11, 12)]
    assert seeds(service_order([*running, *waiting])) == [10, 11, 2, 12, 3]


def test_a_job_of_two_comes_with_the_first_of_them_and_is_a_turn_of_both():
    assert seeds(service_order([job(0, "ada"), job(1, "ada"), job(2, "ada", "bob"), job(3, "bob")])) == [0, 2, 1, 3]


def test_what_a_worker_is_about_to_take_stands_first():
    assert seeds(service_order([job(0, "ada"), job(1, "bob"), job(2, "ada", dispatched=True)])) == [2, 1, 0]


@pytest.mark.parametrize(
    ("slots", "running", "queue", "expected"),
    [
        (1, [], [10, 10, 10], [0, 10, 20]),
        (2, [4.0, 7.0], [5, 5, 5], [4, 7, 9]),
        (2, [4.0], [5, 5], [0, 4]),
        (1, [3.0, 8.0], [1], [8]),  # two run still where one will
        (2, [1.0], [], []),
    ],
)
def test_each_begins_when_the_slot_that_is_free_first_has_come_to_it(slots, running, queue, expected):
    assert start_times(slots, running, queue) == expected


def test_what_is_left_is_the_estimate_at_first_and_then_what_was_measured():
    assert job(0, estimate=10.0).seconds_left() == 10.0
    slow = job(0, estimate=10.0, progress=0.5, seconds=50.0)  # five times as slow as was thought
    assert slow.seconds_left() == pytest.approx(50, rel=0.1)
    slow.progress, slow.seconds = 0.9, 90.0
    assert slow.seconds_left() == pytest.approx(10, rel=0.06)


def test_progress_and_time_are_of_all_that_was_missing():
    needed, spec = (RunSpec.make("ring", "gmm", {"steps": 3}, seed) for seed in (0, 1))
    made = Job(spec, estimate=10.0, parts=[Part(needed, 0.0, 0.25), Part(spec, 0.25, 1.0)])
    made.measure(0, {"progress": 0.4, "seconds": 2.0})
    assert (made.progress, made.seconds) == (pytest.approx(0.1), 2)
    made.measure(0, {"progress": 1.0, "seconds": 5.0})
    made.measure(1, {"progress": 0.5, "seconds": 3.0})
    assert (made.progress, made.seconds) == (pytest.approx(0.625), 8)
    again = Job(spec)
    again.resume(made)
    again.measure(1, {"progress": 1.0, "seconds": 6.0})
    assert (again.progress, again.seconds) == (1, 11)
