"""Work that tells its shares: finished it returns what it made, as a part of more it lies between, left off it tidies up."""

import pytest

from genmodels.progress import finish, within


def work(log):
    try:
        yield 0.5
        yield 1.0
        return "made"
    finally:
        log.append("tidied")


def test_work_done_to_its_end_tells_every_share_and_returns_what_it_made():
    output: list[float] = []
    assert finish(work([]), output.append) == finish(work([])) == "made"
    assert output == [0.5, 1.0]


def test_a_part_of_more_is_laid_between_its_ends():
    output: list[float] = []
    assert finish(within(0.2, 0.6, work([])), output.append) == "made"
    assert output == pytest.approx([0.4, 0.6])


def test_work_that_is_left_off_tidies_up_at_once():
    log: list[str] = []

    def stop(share):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt) as kept:  # the traceback holds every frame: nothing is tidied by chance
        finish(within(0, 1, within(0, 1, work(log))), stop)
    assert log == ["tidied"]
    assert kept.value.__traceback__ is not None
