"""A short form of benchmarks/load.py: many viewers over the real protocol, with as few open files as a Mac allows."""

import asyncio
from pathlib import Path

import pytest

from benchmarks import load
from genmodels.runs import RunSpec, record
from genmodels.store import Store
from tests.serving import serve

pytestmark = pytest.mark.slow

QUERY = "data=moons&models=gmm,vae&gmm.steps=3&vae.steps=3"


@pytest.fixture(scope="module")
def cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A cache with what the page shows."""
    root = tmp_path_factory.mktemp("load") / "cache"
    for model in ("gmm", "vae"):
        record(RunSpec.make("moons", model, {"steps": 3}), Store(root))
    return root


def test_sixty_viewers_meet_no_error_at_a_soft_limit_of_256_open_files(cache: Path) -> None:
    with serve(cache, "-Sn 256") as server:
        before = load.Cost.of(server)
        tally = asyncio.run(load.crowd(server.url, viewers=60, seconds=2, every=2, arrivals=30, query=QUERY))
        seconds = load.Cost.of(server).seconds - before.seconds
        assert tally.faults == []
        assert len(tally.opens) == 60
        assert len(tally.reruns) >= 60
        assert seconds / (len(tally.opens) + len(tally.reruns)) < 0.03  # of processor time: .013, and .04 while pages were parsed
        assert "Too many open files" not in server.log.read_text()


def test_with_128_open_files_and_no_more_some_are_turned_away_and_the_others_served(cache: Path) -> None:
    with serve(cache, "-n 128") as server:
        tally = asyncio.run(load.crowd(server.url, viewers=30, seconds=1, every=1, arrivals=30, query=QUERY))
        assert set(tally.faults) == {"InvalidStatus: server rejected WebSocket connection: HTTP 403"}
        assert 8 <= len(tally.opens) < 30
        visits, _ = asyncio.run(load.come_and_go(server, opens=20, arrivals=10, query=QUERY, marks=1))
        assert (visits.faults, len(visits.opens)) == ([], 20)
        assert "Too many open files" not in server.log.read_text()
