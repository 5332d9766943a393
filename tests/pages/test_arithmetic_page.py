"""Latent arithmetic in each of its parts, on digits, from runs and findings that are there."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from genmodels import models
from genmodels.metrics.probes import attributes, features
from genmodels.runs import RunSpec, record
from genmodels.store import Store
from genmodels.studies.findings import StudySpec
from tests.pages import shell
from tests.pages.test_pages import opened

STEPS = {"vae": 300, "gan": 150}  # a tenth of the preset's: that attributes are there is what counts, not how many


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    """A store in which the page's study of digits is there, of runs that are as long as `STEPS` says."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(features, "STEPS", 100)
        patch.setattr(attributes, "STEPS", 300)
        for name, steps in STEPS.items():
            kind = models.models()[name]
            patch.setattr(kind, "preset", lambda *args, preset=kind.preset, steps=steps: preset(*args) | {"steps": steps})
        store = Store(tmp_path_factory.mktemp("arithmetic"))
        record(StudySpec.make("arithmetic", [RunSpec.make("digits", model) for model in STEPS]), store)
        yield store


@pytest.fixture(autouse=True)
def served(filled: Store, use_cache: Callable[[Path], None]) -> None:
    use_cache(filled.root)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("part", "words"),
    [
        ("A − B + C", "of 40 different sums"),
        ("Sliders", "GAN"),
        ("In between", "Perceptual path length over that of the cross-fade"),
        ("What else changes", "the largest side effect"),
    ],
)
def test_each_part_shows_both_models_and_the_number_that_settles_it(part: str, words: str) -> None:
    at = opened("lecture/arithmetic.py", auto="0", on="digits", part=part)
    assert not at.exception
    assert [e.value for e in at.error] == []
    assert [m.label for m in at.metric] == ["VAE: attributes that can be switched on", "GAN: attributes that can be switched on"]
    assert all(m.value.endswith("of 12") for m in at.metric)
    assert words in " ".join([*(shell.words(c.value) for c in at.caption), *(s.value for s in at.subheader)])


@pytest.mark.slow
def test_a_slider_moves_its_attribute_and_the_link_holds_it() -> None:
    at = opened("lecture/arithmetic.py", auto="0", on="digits", part="Sliders", mix="slant:1")
    assert at.slider(key="arithmetic.digits.slant").value == 1.0
    before = [block.proto.body for block in at.get("html")]
    at.slider(key="arithmetic.digits.thickness").set_value(2.0).run()
    assert at.query_params["mix"] == "slant:1,thickness:2"
    assert [block.proto.body for block in at.get("html")] != before
