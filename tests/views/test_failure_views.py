"""A failure as columns: the failing run beside a veil, then beside the mended one, with the one setting that differs."""

from dataclasses import replace

import pytest

from genmodels.runs import Run, RunSpec, record
from genmodels.store import Store
from genmodels.studies.failures import FailureFinding
from genmodels.studies.failures.cases import CASES
from genmodels.studies.failures.study import indicator_specs, run_specs
from genmodels.views import failures, tiles


@pytest.fixture(scope="module")
def holes(tmp_path_factory):
    store = Store(tmp_path_factory.mktemp("holes"))
    case = replace(CASES["holes"], common={"steps": 3})
    findings = [FailureFinding.read(record(spec, store)) for spec in indicator_specs(case, 0)]
    return [Run.open(spec.key, store) for spec in run_specs(case, 0)], findings


def test_until_it_is_revealed_the_mended_run_is_veiled(holes):
    failing, veil = failures.columns(*holes, mended=False)
    assert failing["title"] == "Autoencoder, as set"
    assert (veil["state"], veil["frames"], veil["facts"], veil["summary"]) == ("missing", [], [], "")
    assert "VAE" not in str(veil)


def test_revealed_both_are_there_and_an_autoencoder_shows_what_noise_decodes_to(holes):
    failing, mended = failures.columns(*holes, mended=True)
    assert mended["title"] == "VAE, mended"
    assert failing["canSample"]
    assert "samples" not in failing["frames"][0]
    decoded = holes[1][0].decoded
    assert failing["frames"][-1]["samples"] == tiles.images_url(decoded)
    assert all("samples" in frame for frame in mended["frames"])
    assert failures.columns(*holes, mended=True)[0]["title"] == "Autoencoder, as set"  # the cached column is not changed


def test_the_slider_runs_over_the_longer_run(holes):
    assert failures.snapshot_progress(holes[0]) == [0, 1 / 3, 2 / 3, 1]


def test_the_change_names_the_one_setting_which_among_those_given_is_not_marked():
    assert failures.cure_text(CASES["mode-collapse"]) == "**generator learning rate** 0.03 → **0.001**"
    assert failures.cure_text(CASES["holes"]) == "**Autoencoder** → **VAE**"
    assert failures.cure_text(CASES["overfitting"]) == "**steps** 1,200 → **250**"
    assert failures.settings_text(CASES["wrong-start"]) == "**Gaussian mixture** on 25 Gaussians: start random points, steps 15"
    words = failures.settings_text(CASES["posterior-collapse"])
    changed = "likelihood bernoulli, warm-up 0, noise 0, hidden width 128, depth 5, learning rate 0.007, steps 400"
    assert words == f"**VAE** on Digits: {changed}"


def test_every_failing_run_is_described():
    for case in CASES.values():
        assert isinstance(case.failing(), RunSpec)
        assert failures.settings_text(case).startswith(f"**{case.failing().kind.title}** on ")
        assert failures.cure_text(case)
