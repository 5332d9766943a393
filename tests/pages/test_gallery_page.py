"""The realism gallery opens on what is there, says what it is not for, and keeps what was chosen in its address."""

from collections.abc import Callable
from pathlib import Path

import pytest
import torch
from streamlit.testing.v1 import AppTest

from genmodels.metrics.probes import features, judge
from genmodels.runs import RunSpec, record
from genmodels.store import Store
from genmodels.studies.findings import StudySpec
from pages.parts import picture_pad
from tests.pages import shell
from tests.pages.components import components

QUERY = {"models": "gmm,vae", "gmm.steps": "2", "vae.steps": "2", "auto": "0"}


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A cache with one finding, of hardly trained models and judges."""
    patch = pytest.MonkeyPatch()
    patch.setattr(judge, "STEPS", 5)
    patch.setattr(features, "STEPS", 20)
    cache = tmp_path_factory.mktemp("cache")
    record(StudySpec.make("gallery", [RunSpec.make("digits", model, {"steps": 2}) for model in ("gmm", "vae")]), Store(cache))
    patch.undo()
    return cache


@pytest.fixture
def cache(made: Path, use_cache: Callable[[Path], None]) -> Path:
    use_cache(made)
    return made


def opened(**query: str) -> AppTest:
    return shell.opened("compare/gallery.py", {**QUERY, **query})


def parts(at: AppTest) -> list[str]:
    return [str(entry.proto) for entry in components(at)]


def test_the_plane_and_the_pad_are_drawn_with_the_number_that_checks_the_claim(cache: Path) -> None:
    at = opened()
    plane, pad = parts(at)
    assert "Gaussian mixture" in plane
    assert "close but unreal" in plane
    assert "Test picture 1. Draw on it" in pad
    assert any(
        "rank correlation of error and realism over what models made, 600 pictures" in shell.words(m.value) for m in at.markdown
    )
    assert [e.value for e in at.error] == []


def test_points_are_told_in_one_line_where_pictures_are(cache: Path) -> None:
    at = opened(data="moons")
    (line,) = [i.value for i in at.info]
    assert "a point cannot be blurred" in line
    assert "Digits" in line
    assert not parts(at)


def test_another_realism_is_a_click_and_goes_into_the_address(cache: Path) -> None:
    at = opened(picks="vae.3,blur.5", hidden="pixel")
    assert "vae.3,blur.5" in parts(at)[0]
    at.button_group(key="gallery.realism").set_value("neighbours").run()
    assert at.query_params["realism"] == "neighbours"
    assert at.query_params["picks"] == "vae.3,blur.5"
    assert "realism score by neighbours" in parts(at)[0]


def test_without_a_gan_there_is_no_discriminator_and_the_page_says_so(cache: Path) -> None:
    at = opened(realism="discriminator")
    assert any("choose the GAN or the VAE-GAN" in i.value for i in at.info)


def test_a_drawn_picture_in_the_address_is_placed(cache: Path) -> None:
    text = picture_pad.text_of(torch.zeros(1, 8, 8, dtype=torch.uint8))
    at = opened(drawn=text)
    pad = parts(at)[1]
    assert "to be real" in pad
    assert text in pad


@pytest.mark.parametrize("drawn", ["AAAA", "A" * 4200])
def test_a_drawing_of_another_shape_is_left_out(cache: Path, drawn: str) -> None:
    assert "Draw on it" in parts(opened(drawn=drawn))[1]


def test_a_picture_survives_its_text() -> None:
    picture = torch.randint(256, (3, 5, 7), generator=torch.Generator().manual_seed(0)).byte()
    assert torch.equal(picture_pad.picture_of(picture_pad.text_of(picture), (3, 5, 7)), picture)
    assert picture_pad.picture_of("!!", (1, 1, 1)) is None


def test_a_sweep_tells_what_it_would_take_below_the_plane(cache: Path) -> None:
    at = opened(sweep="true")
    assert len(parts(at)) == 2
    assert [i.value for i in at.info] == ["0 of 8 trained."]
    assert "Begin (about" in at.button(key="begin").label
