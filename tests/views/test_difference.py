"""The sentence about runs of one model: what differs, by how much, and what may be chance."""

import math
from typing import Any

import pytest
import torch

from genmodels import datasets
from genmodels.datasets.parts.pictures import from_bytes
from genmodels.metrics.sharpness import sharpness
from genmodels.runs import Run, RunSpec, record
from genmodels.store import Store
from genmodels.views import difference
from genmodels.views.difference import Quantity

CPU = torch.device("cpu")


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Store:
    return Store(tmp_path_factory.mktemp("cache"))


def run_of(store: Store, dataset: str, model: str, seed: int = 0, **settings: Any) -> Run:
    spec = RunSpec.make(dataset, model, {"steps": 12} | settings, seed)
    return Run.open(record(spec, store).key, store)


def words(*runs: Run) -> str:
    return difference.sentence(runs, (None,) * len(runs))


def test_a_change_has_sign_unit_and_both_values_and_is_that_of_the_written_numbers() -> None:
    assert Quantity("KL", (28.683, 0.0045), 2, " nats").change() == "KL −28.68 nats (28.68 → 0.00)"
    assert Quantity("error", (0.1036, 0.2724), 3, " RMSE").change() == "error +0.168 RMSE (0.104 → 0.272)"
    assert Quantity("ELBO", (-7.5, 21.886), 2, " nats").change() == "ELBO +29.39 nats (−7.50 → 21.89)"
    assert Quantity("sharpness", (0.5, 0.9), 2, note="; real is 1").change() == "sharpness +0.40 (0.50 → 0.90; real is 1)"


def test_values_that_are_written_alike_do_not_differ_and_zero_has_no_sign() -> None:
    assert Quantity("error", (0.1036, 0.1039), 3, " RMSE").change() == "error 0.104 RMSE in both"
    assert Quantity("ELBO", (-0.001, 0.001), 2, " nats").change() == "ELBO 0.00 nats in both"


def test_what_two_standard_errors_cover_is_no_difference() -> None:
    near, far = Quantity("on a mode", (90.0, 92.7), 1, " %", errors=(0.9, 1.2)), Quantity("x", (90.0, 93.1), 1, errors=(0.9, 1.2))
    assert near.change() == "on a mode 90.0 and 92.7 %, no more apart than samples vary"  # 2 x 1.5 = 3
    assert far.change() == "x +3.1 (90.0 → 93.1)"


def test_two_vaes_differ_in_the_numbers_that_were_recorded(store: Store) -> None:
    runs = [run_of(store, "digits", "vae", beta=beta, steps=20) for beta in (10.0, 0.1)]
    sentence, (second, first) = words(*runs), [run.result().test for run in runs]
    assert sentence.startswith("From β 0.1 to β 10 the VAE changes so: ELBO ")
    assert sentence.endswith(" Means over the test part; one seed each, so what is small may be chance.")
    for name, column, places in (("ELBO", "elbo", 2), ("E log p(x|z)", "reconstruction", 2), ("KL", "kl", 2)):
        assert Quantity(name, (first[column], second[column]), places, " nats").change() in sentence
    errors = (first["reconstruction_rmse"], second["reconstruction_rmse"])
    assert Quantity("reconstruction error", errors, 3, " RMSE").change() in sentence
    data = datasets.load("digits", CPU)
    values = [sharpness(from_bytes(run.snapshot(len(run.status().snapshot_steps) - 1)["samples"]), data.test) for run in runs]
    assert f"sharpness of samples {values[1]:.2f} and {values[0]:.2f}" in sentence or f"({values[1]:.2f} → " in sentence


def test_three_runs_are_in_the_order_of_the_number_in_which_they_differ(store: Store) -> None:
    runs = [run_of(store, "digits", "vae", beta=beta) for beta in (10.0, 0.1, 1.0)]
    kl = [run.result().test["kl"] for run in (runs[1], runs[2], runs[0])]
    sentence = difference.sentence(tuple(runs), (3.0, 1.25, 2.0))
    assert sentence.startswith("With β 0.1; β 1; β 10 the VAE reads: ELBO ")
    assert f"; KL {kl[0]:.2f}, {kl[1]:.2f}, {kl[2]:.2f} nats; " in sentence
    assert "; Fréchet ratio 1.25, 2.00, 3.00." in sentence


def test_a_ratio_that_one_run_lacks_is_left_out(store: Store) -> None:
    runs = tuple(run_of(store, "digits", "vae", beta=beta) for beta in (10.0, 0.1))
    assert "Fréchet ratio −1.50 (3.00 → 1.50; real is 1)" in difference.sentence(runs, (1.5, 3.0))
    assert "Fréchet" not in difference.sentence(runs, (1.5, None))


def test_a_density_and_the_probability_of_bits_are_not_subtracted(store: Store) -> None:
    sentence = words(run_of(store, "digits", "vae"), run_of(store, "digits", "vae", likelihood="bernoulli"))
    assert sentence.startswith("From likelihood bernoulli to likelihood gaussian the VAE changes so: KL ")
    assert "ELBO" not in sentence
    assert "log p(x|z)" not in sentence
    assert "reconstruction error" in sentence


def test_equal_settings_with_other_seeds_show_what_the_seed_does(store: Store) -> None:
    sentence = words(run_of(store, "digits", "vae", seed=1), run_of(store, "digits", "vae", seed=0))
    assert sentence.startswith("From seed 0 to seed 1 the VAE changes so: ")
    assert sentence.endswith("the settings are equal: this is what the seed does.")


def test_points_on_a_mode_have_the_standard_error_of_a_share(store: Store) -> None:
    runs = [run_of(store, "gaussians-8", "gmm", n_components=k, steps=20) for k in (8, 2)]
    (value, error) = difference._reading(runs[0]) or (0.0, 0.0)
    assert error == pytest.approx(100 * math.sqrt(value / 100 * (1 - value / 100) / 1000))
    assert "From components K 2 to components K 8 the Gaussian mixture changes so: log p(x) " in words(*runs)
    assert f"→ {value:.1f}; true: 98.9 %)" in words(*runs)


def test_the_standard_error_of_sharpness_is_that_of_a_mean_over_pictures(store: Store) -> None:
    run = run_of(store, "digits", "vae", steps=20)
    value, error = difference._reading(run) or (0.0, 0.0)
    pictures = from_bytes(run.snapshot(len(run.status().snapshot_steps) - 1)["samples"])
    each = torch.tensor([sharpness(picture[None], datasets.load("digits", CPU).test) for picture in pictures])
    assert value == pytest.approx(float(each.mean()), rel=1e-5)
    assert error == pytest.approx(float(each.std()) / 8, rel=1e-5)


def test_a_gan_has_no_likelihood_to_compare_and_an_autoencoder_no_samples(store: Store) -> None:
    gans = words(run_of(store, "digits", "gan", gamma=1.0), run_of(store, "digits", "gan", gamma=10.0))
    assert " the GAN changes so: " in gans
    assert "D accuracy" in gans
    assert "nats" not in gans
    pair = words(run_of(store, "digits", "autoencoder", latent_dim=2), run_of(store, "digits", "autoencoder", latent_dim=8))
    assert pair.startswith("From latent dimensions 2 to latent dimensions 8 the autoencoder changes so: squared error ")
    assert "sharpness" not in pair


def test_a_code_of_almost_no_kl_is_said_to_tell_next_to_nothing() -> None:
    names, kl = ["β 0.1", "β 10"], Quantity("KL", (28.7, 0.004), 2)
    assert difference._empty_codes(names, [kl]) == " At β 10 the code tells next to nothing of x: at most the KL."
    assert difference._empty_codes(names, [Quantity("KL", (28.7, 0.2), 2)]) == ""
    assert difference._empty_codes(names, [Quantity("ELBO", (28.7, 0.0), 2)]) == ""


def test_only_models_with_two_runs_have_a_difference(store: Store) -> None:
    vaes, gmm = [run_of(store, "digits", "vae", beta=beta) for beta in (1.0, 4.0)], run_of(store, "digits", "gmm", steps=2)
    assert difference.of_one_model([gmm, *vaes]) == [tuple(vaes)]
    assert difference.of_one_model([gmm, vaes[0]]) == []
