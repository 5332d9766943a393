"""The page of scores in a real browser: more seeds are trained and shown as ranges, a name opens its meaning, the CSV is whole."""

import csv
import re
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from genmodels.runs import RunSpec, record
from genmodels.store import Store
from genmodels.studies.scores import study as scores
from genmodels.studies.scores.finding import ScoreTable
from tests.browser.server import PHONE, Server, settled

Window = Callable[..., Page]
QUERY = "scores?data=digits&models=gmm,vae&gmm.steps=2&vae.steps=5"


def specs(seeds: int) -> list[RunSpec]:
    return [RunSpec.make("digits", model, {"steps": n}, seed) for model, n in (("gmm", 2), ("vae", 5)) for seed in range(seeds)]


@pytest.fixture(scope="module")
def server(dashboard: Server) -> Server:
    for spec in specs(1):
        record(scores.spec(spec), Store(dashboard.cache))
    return dashboard


def test_a_second_seed_is_trained_when_asked_for_and_the_csv_holds_every_number(
    server: Server, window: Window, tmp_path: Path
) -> None:
    page = window()
    page.goto(f"{server.url}/{QUERY}")
    settled(page)
    expect(page.locator("table.scores thead th")).to_have_count(5)
    expect(page.get_by_text(re.compile(r"mean of \d+ trainings"))).to_have_count(0)  # the glossary: "mean of log p(x)"
    page.get_by_role("slider", name="seeds").press("ArrowRight")
    page.wait_for_url("**seeds=2**")
    expect(page.get_by_text("mean of 2 trainings, seeds 0 to 1")).to_be_visible(timeout=60_000)
    with page.expect_download() as download:
        page.get_by_role("button", name="Download as CSV").click()
    download.value.save_as(tmp_path / "scores.csv")
    read = list(csv.DictReader((tmp_path / "scores.csv").read_text().splitlines()))
    recordings = [Store(server.cache).find(scores.spec(spec).key) for spec in specs(2)]
    tables = [ScoreTable.read(recording) for recording in recordings if recording]
    assert [(int(row["seed"]), row["score"], row["value"]) for row in read] == [
        (table.run.seed, score.name, "" if score.value is None else str(score.value)) for table in tables for score in table
    ]


def test_on_a_phone_every_column_is_within_the_screen_and_a_name_opens_its_meaning(server: Server, window: Window) -> None:
    page = window(PHONE, dark=True)
    page.goto(f"{server.url}/{QUERY}")
    settled(page)
    name = page.locator("table.scores summary", has_text="Precision")
    meaning = page.get_by_text("Share of generated examples that lie where real ones lie")
    expect(name).to_be_visible()
    expect(meaning).to_be_hidden()
    name.click()
    expect(meaning).to_be_visible()
    for cell in page.locator("table.scores tr", has_text="Recall").locator("td").all():
        box = cell.bounding_box()
        assert box is not None
        assert box["x"] >= 0
        assert box["x"] + box["width"] <= PHONE["width"]
