"""What the tests of pages share: a cache of their own, and workers within the test's process."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from genmodels.config import Config
from genmodels.engine import engine
from pages.parts import jobs


@pytest.fixture
def use_cache(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[Path], None]]:
    """Let the pages read and fill the cache at a path, by workers that are gone when the test ends."""

    def use(root: Path) -> None:
        monkeypatch.setenv("GENMODELS_CACHE", str(root))
        jobs.store.cache_clear()

    monkeypatch.setenv("GENMODELS_SCHEDULER", "inproc")
    monkeypatch.setattr(type(Config), "_scripts", {})  # a test may patch the range of a page's control: no other test meets it
    yield use
    engine.shutdown()
    jobs.store.cache_clear()


@pytest.fixture
def cache(tmp_path: Path, use_cache: Callable[[Path], None]) -> Path:
    """An empty cache that the pages use."""
    use_cache(tmp_path)
    return tmp_path
