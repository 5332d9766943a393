"""How long a viewer waits, in a browser: from a knob's release to the picture that moves, and to one that is recorded.

    python -m benchmarks.latency [--data digits moons] [--models gmm vae ...] [--repeats 10] [--first 3]

A server of its own, with a cache that holds each model as it is preset and nothing else, and one Chromium on the same machine.
*first*: the new run's first picture is there, before any update; *moving*: the first after an update; *recorded*: the knob turned
back to a setting whose run is there. *Empty cache*: from the click on a link to a new server, started and silent, until the first
column, and until every column, shows a picture after an update.
"""

import argparse
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
from playwright.sync_api import Browser, Page

from benchmarks.common import machine
from genmodels import models
from genmodels.runs import RunSpec, record
from genmodels.store import Store
from tests.browser.server import DESK, chromium, new_page, settled
from tests.serving import Server, serve

PATIENCE = 60.0  # seconds after which a viewer has given up
REST = 1.5  # seconds between two turns, in which what was begun is paused

TURN = """(control, [index, patience]) => new Promise((resolve, reject) => {
    const section = control.closest("section"), { key } = section.dataset, start = performance.now();
    let first = null;
    const look = () => {
        const seconds = (performance.now() - start) / 1000;
        const step = /step ([\\d,]+) of/.exec(section.querySelector(".step").textContent);
        const isNew = section.dataset.key !== key && !section.classList.contains("ghost") && step;
        if (isNew) first ??= seconds;
        if (isNew && step[1] !== "0") return resolve([first, seconds]);
        if (seconds > patience) return reject(new Error(`nothing moved in ${patience} s`));
        requestAnimationFrame(look);
    };
    control.value = index;
    control.dispatchEvent(new Event("input"));
    control.dispatchEvent(new Event("change"));
    look();
})"""


def main() -> None:
    """Print a table of waits for each model and dataset, and those of a first comparison."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", nargs="+", default=["digits", "moons"])
    parser.add_argument("--models", nargs="+", default=list(models.models()))
    parser.add_argument("--repeats", type=int, default=10)
    parser.add_argument("--first", type=int, default=3, help="how many new servers are opened, each with an empty cache")
    options = parser.parse_args()
    print(machine())
    with chromium() as browser:
        _knobs(browser, options.data, options.models, options.repeats)
        _first_comparisons(browser, options.data, options.first)


def _knobs(browser: Browser, data: list[str], names: list[str], repeats: int) -> None:
    with _cache() as cache:
        for name in data:
            for model in {*names, "gmm", "vae"}:
                record(RunSpec.make(name, model), Store(cache))
        with serve(cache) as server:
            _line("seconds, median (p95)", "first", "moving", "recorded")
            for name in data:
                for model in names:
                    waits = _turns(browser, server, name, model, repeats)
                    _line(f"{name}, {model}", *map(_words, waits))


def _turns(browser: Browser, server: Server, data: str, model: str, repeats: int) -> list[list[float]]:
    """Turn the model's last front slider to a new value and back, so many times; return the three lists of waits."""
    page = new_page(browser, DESK)
    other = "vae" if model == "gmm" else "gmm"
    page.goto(f"{server.url}/?data={data}&models={model},{other}")
    settled(page)
    slider = page.locator(".board section", has=page.get_by_role("heading", name=models.model(model).title, exact=True))
    slider = slider.locator(".knob input").last
    home, end = int(slider.input_value()), int(slider.get_attribute("max") or 0)
    values = [*range(home + 1, end + 1), *range(home - 1, -1, -1)]
    waits: list[list[float]] = [[], [], []]
    for index in [home + 1, *values][: repeats + 1]:  # the first warms up
        first, moving = _turn(page, slider, index)
        recorded, _ = _turn(page, slider, home)
        for times, seconds in zip(waits, (first, moving, recorded), strict=True):
            times.append(seconds)
    page.context.close()
    return [times[1:] for times in waits]


def _turn(page: Page, slider: Any, index: int) -> tuple[float, float]:
    page.wait_for_timeout(1000 * REST)
    first, moving = slider.evaluate(TURN, [index, PATIENCE])
    return first, moving


def _first_comparisons(browser: Browser, data: list[str], repeats: int) -> None:
    _line("first comparison, empty cache", "one column", "all columns")
    for name in data:
        waits = [_first_comparison(browser, name) for _ in range(repeats)]
        if waits:
            _line(name, *(_words([wait[i] for wait in waits]) for i in (0, 1)))


def _first_comparison(browser: Browser, data: str) -> tuple[float, float]:
    with _cache() as cache, serve(cache) as server:
        page = new_page(browser, DESK)
        page.goto("about:blank")
        time.sleep(5)  # the server has loaded what it loads ahead
        start, one = time.monotonic(), 0.0
        page.goto(f"{server.url}/?data={data}")
        while time.monotonic() - start < PATIENCE:
            steps = page.locator(".board section .step").all_text_contents()
            moving = [words.startswith("step") and not words.startswith("step 0 ") for words in steps]
            one = one or (time.monotonic() - start if any(moving) else 0.0)
            if moving and all(moving):
                break
            page.wait_for_timeout(20)
        page.context.close()
        return one, time.monotonic() - start


@contextmanager
def _cache() -> Iterator[Path]:
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        yield Path(folder) / "cache"


def _words(seconds: list[float]) -> str:
    return f"{np.median(seconds):.2f} ({np.percentile(seconds, 95):.2f})"


def _line(name: str, *cells: str) -> None:
    print(f"{name:<32}" + "".join(f"{cell:>16}" for cell in cells), flush=True)


if __name__ == "__main__":
    main()
