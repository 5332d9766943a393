"""A viewer's own data: uploaded or drawn, chosen at once, found by its link, and in nobody else's list."""

from pathlib import Path

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from genmodels import datasets
from genmodels.datasets import upload
from genmodels.runs import RunSpec, record
from genmodels.store import Store
from pages.parts.choice import Choice
from pages.parts.session import KEY, widget_key
from tests.pages import shell

pytestmark = pytest.mark.usefixtures("cache")

POINTS = np.random.default_rng(0).normal([3, -5], [2, 0.5], (300, 2))
TABLE = ("points.csv", "\n".join(f"{a},{b}" for a, b in POINTS).encode(), "text/csv")
DRAWING = "drawn-" + "8" * 96


def opened(page: str = "compare/samples.py", **query: str) -> AppTest:
    return shell.opened(page, {"auto": "0"} | query)


def uploading(at: AppTest, *files: tuple[str, bytes, str]) -> AppTest:
    at.session_state[widget_key("own-data", str(at.session_state[KEY].own_data.popover))] = True  # the popover, opened
    at.run()
    at.file_uploader[0].set_value(list(files))
    return next(button for button in at.button if button.label == "Use these").click().run()


def test_an_upload_is_chosen_at_once_and_its_link_holds_it() -> None:
    at = uploading(opened(), TABLE)
    assert [e.value for e in at.error] == []
    name = at.query_params["data"]
    assert name == upload.add([TABLE[:2]])
    assert at.selectbox(key="dataset").value == name
    assert any("300 uploaded points: 250 to train on, 50 held out." in c.value for c in at.caption)
    assert len(at.file_uploader) == 0  # closed again
    again = opened(data=name)
    assert [w.value for w in again.warning] == []
    assert again.selectbox(key="dataset").value == name


def test_a_fault_is_one_line_and_nothing_is_lost() -> None:
    at = opened(data="moons", seed="4")
    uploading(at, ("notes.png", b"no picture", "image/png"))
    assert len(at.error) == 1
    assert "notes.png is no picture" in at.error[0].value
    assert (at.query_params["data"], at.query_params["seed"]) == ("moons", "4")
    assert len(at.file_uploader) == 1
    uploading(at, TABLE)
    assert [e.value for e in at.error] == []
    assert at.query_params["data"].startswith("own-")
    assert at.query_params["seed"] == "4"


def test_nothing_sent_is_told_too() -> None:
    at = uploading(opened())
    assert "no file is there" in at.error[0].value


def test_ones_own_stay_in_ones_own_list_and_come_to_no_other() -> None:
    usual = list(datasets.sources())
    at = uploading(opened(), TABLE)
    name = at.query_params["data"]
    at.selectbox(key="dataset").set_value("moons").run()
    titles = [datasets.source(n).title for n in (*usual, name)]
    assert at.selectbox(key="dataset").options == titles
    assert opened().selectbox(key="dataset").options == titles[:-1]
    at.selectbox(key="dataset").set_value(name).run()
    assert at.query_params["data"] == name
    at.selectbox(key="dataset").set_value("moons").run()
    (Store.from_environment().root / "uploads" / f"{name}.safetensors").unlink()
    assert at.run().selectbox(key="dataset").options == titles[:-1]


def test_a_drawing_is_opened_by_its_link_alone() -> None:
    at = opened(data=DRAWING)
    assert [w.value for w in at.warning] == []
    assert at.selectbox(key="dataset").value == DRAWING
    assert any("A density drawn by hand" in c.value for c in at.caption)
    assert Choice.from_query(Choice(dataset=DRAWING).to_query()) == (Choice(dataset=DRAWING), [])


@pytest.mark.parametrize("name", ["own-" + "0" * 32, "own-../x", "drawn-" + "A" * 96, "drawn-x"])
def test_a_link_to_what_is_not_there_is_one_line_and_the_page_stands(name: str) -> None:
    at = opened(data=name)
    assert len(at.warning) == 1
    assert "no dataset" in at.warning[0].value
    assert at.selectbox(key="dataset").value == "digits"


def test_the_list_of_runs_tells_of_drawings_and_not_of_uploads(cache: Path) -> None:
    private = upload.add([TABLE[:2]])
    for name in (private, DRAWING, "moons"):
        record(RunSpec.make(name, "gmm", {"steps": 2}), Store(cache))
    at = opened("labbook/runs.py")
    assert not at.exception
    assert [e.value for e in at.error] == []
    assert set(at.dataframe[0].value["dataset"]) == {"Moons", datasets.source(DRAWING).title}
    assert private not in str(at.dataframe[0].value)
