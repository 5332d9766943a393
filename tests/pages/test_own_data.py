"""A viewer's own data: uploaded or drawn, chosen at once, found by its link, and in nobody else's list."""

import io
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image
from streamlit.testing.v1 import AppTest

from genmodels import datasets
from genmodels.datasets import upload
from genmodels.runs import RunSpec, record
from genmodels.store import Store
from pages.parts import own_preview
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
    at.file_uploader[0].set_value(list(files)).run()
    use = [button for button in at.button if button.label == "Use these"]
    return use[0].click().run() if use else at


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


def preview_of(*files: tuple[str, bytes, str]) -> AppTest:
    at = opened()
    at.session_state[widget_key("own-data", str(at.session_state[KEY].own_data.popover))] = True
    at.run()
    return at.file_uploader[0].set_value(list(files)).run()


def widget(at: AppTest, kind: str, label: str) -> Any:
    return next(w for w in getattr(at, kind) if w.label == label)


def use(at: AppTest) -> str:
    widget(at, "button", "Use these").click().run()
    assert [e.value for e in at.error] == []
    return datasets.source(at.query_params["data"]).about


MEASURED = "\n".join(["sl,sw,pl,species", *(f"{a},{b},{a * b},{'uv'[int(a > 0)]}" for a, b in POINTS)]).encode()


def test_a_table_is_shown_and_its_columns_can_be_chosen_before_it_is_used() -> None:
    at = preview_of(("iris.csv", MEASURED, "text/csv"))
    assert list(at.dataframe[0].value.columns) == ["sl", "sw", "pl", "species"]
    assert (widget(at, "selectbox", "x").value, widget(at, "selectbox", "y").value) == ("sl", "sw")
    assert widget(at, "selectbox", "Label").value == "species"
    assert any("Columns sl and sw of 4, labels from species" in c.value for c in at.caption)
    widget(at, "selectbox", "y").set_value("pl").run()
    widget(at, "selectbox", "Label").set_value("no labels").run()
    assert use(at).endswith("Columns sl and pl of 4.")


def test_the_range_of_pictures_is_shown_and_can_be_changed() -> None:
    x = np.random.default_rng(0).integers(0, 4096, (120, 16, 16)).astype(np.uint16)
    file = io.BytesIO()
    np.savez(file, x=x)
    at = preview_of(("deep.npz", file.getvalue(), "application/zip"))
    assert (widget(at, "number_input", "Black").value, widget(at, "number_input", "White").value) == (0, 4095)
    widget(at, "number_input", "White").set_value(8190.0).run()
    assert use(at).endswith("Values 0 to 8190 taken as black to white.")


def test_a_range_that_nobody_changed_is_no_choice() -> None:
    """Looked at once or drawn again, the same files are the same dataset."""
    x = np.random.default_rng(0).integers(0, 256, (120, 16, 16), dtype=np.uint8)
    for pixels in (x, x / 255, (x * 16.0).astype(np.uint16)):
        file = io.BytesIO()
        np.savez(file, x=pixels)
        at = preview_of(("grey.npz", file.getvalue(), "application/zip")).run()
        use(at.run())
        assert at.query_params["data"] == upload.add([("grey.npz", file.getvalue())])


def test_what_waits_to_be_used_is_bounded_for_all_windows() -> None:
    for seed in range(own_preview.MAX_READINGS + 3):
        x = np.random.default_rng(seed).normal(size=(120, 2))
        preview_of(("p.csv", "\n".join(f"{a},{b}" for a, b in x).encode(), "text/csv"))
    assert len(own_preview._READINGS) == own_preview.MAX_READINGS


def test_a_bad_picture_is_named_and_can_be_left_out() -> None:
    file, pixels = io.BytesIO(), np.random.default_rng(0).integers(0, 255, (121, 32, 32), dtype=np.uint8)
    with zipfile.ZipFile(file, "w") as archive:
        for i, picture in enumerate(pixels):
            one = io.BytesIO()
            Image.fromarray(picture[:9, :9] if i == 60 else picture).save(one, "PNG")
            archive.writestr(f"{i}.png", one.getvalue())
    at = preview_of(("pets.zip", file.getvalue(), "application/zip"))
    assert "60.png (9x9) would make all 121 pictures as small" in at.error[0].value
    widget(at, "toggle", "Leave out pictures that cannot be used").set_value(True).run()
    assert use(at).endswith("Left out: 60.png (9x9).")


def test_a_table_of_two_meanings_is_asked_about() -> None:
    lines = "\n".join(f"{6 + i % 5},{i % 100:02d}" for i in range(150)).encode()
    at = preview_of(("two.csv", lines, "text/csv"))
    assert "say which is the decimal mark" in at.error[0].value
    next(w for w in at.get("button_group") if "decimal-" in w.key).set_value("decimal point").run()
    assert "150 uploaded points" in use(at)


def test_names_and_cells_of_a_table_are_shown_letter_by_letter() -> None:
    link = "[Sign in](//evil.test)![](//evil.test/x.png)"
    rows = [link + ",<b>y</b>,label", *(f"{a},{b},{'**u**' if a > 0 else ':red[v]'}" for a, b in POINTS)]
    at = preview_of(("t.csv", "\n".join(rows).encode(), "text/csv"))
    words = [w.value for kind in ("markdown", "caption", "error") for w in getattr(at, kind)]
    assert not any("](//evil" in value or "<b>" in value for value in words)
    assert "](//evil" not in use(at)


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
