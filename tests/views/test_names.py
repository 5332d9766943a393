"""Names in lists: what differs is told, and nothing else."""

from typing import Any

from genmodels.runs import RunSpec, default_specs
from genmodels.studies.findings import StudySpec
from genmodels.views.names import distinctions, inline, names, unusual


def test_two_trainings_of_one_model_are_told_apart_by_what_differs():
    plain, other = RunSpec.make("digits", "vae"), RunSpec.make("digits", "vae", {"beta": 4.0, "latent_dim": 3})
    longer = RunSpec.make("digits", "vae", budget="standard")
    assert plain.title == "VAE on Digits, seed 0"
    assert other.title == "VAE on Digits, latent dimensions 3, β 4, seed 0"
    assert longer.title == "VAE on Digits, standard, seed 0"


def test_a_study_is_told_by_its_runs_and_its_settings():
    (run,) = [spec for spec in default_specs("digits") if spec.model == "vae"]
    studies = [StudySpec.make("latent-map", [run], {"perplexity": p}) for p in (10, 50)]
    first, second = (spec.title for spec in studies)
    assert first != second
    assert "VAE on Digits, seed 0" in first
    assert first.endswith("perplexity 10")


def test_studies_of_several_runs_that_differ_in_a_setting_alone_have_names_of_their_own():
    sweeps = [[RunSpec.make("digits", "vae", {"beta": beta}) for beta in betas] for betas in ((1.0, 2.0), (4.0, 8.0))]
    found = names([StudySpec.make("gallery", runs) for runs in sweeps])
    assert len(set(found)) == 2
    assert "β 8" in found[1]


def test_what_is_unusual_of_a_run_is_its_budget_its_settings_and_its_seed() -> None:
    assert unusual(RunSpec.make("digits", "vae")) == ""
    assert unusual(RunSpec.make("digits", "vae", {"beta": 4.0, "latent_dim": 3}, seed=2)) == "latent dimensions 3, β 4, seed 2"
    assert unusual(RunSpec.make("digits", "vae", {"beta": 4.0}, budget="standard")) == "standard, β 4"


def test_runs_of_one_model_are_called_by_what_differs_among_them_alone() -> None:
    def vae(beta: float, **options: Any) -> RunSpec:
        return RunSpec.make("digits", "vae", {"beta": beta, "latent_dim": 3}, **options)

    assert distinctions((vae(0.1), vae(10))) == ["β 0.1", "β 10"]
    assert distinctions((vae(1), vae(4))) == ["β 1", "β 4"]  # 1 is the preset
    assert distinctions((vae(4), vae(4, seed=7))) == ["seed 0", "seed 7"]
    assert distinctions((vae(4), vae(4, budget="standard"))) == ["quick", "standard"]  # its longer training is the budget's
    assert distinctions((vae(4), vae(1, budget="standard", seed=1))) == ["quick, β 4, seed 0", "standard, β 1, seed 1"]


def test_a_title_within_a_sentence_loses_the_capital_of_a_common_word_alone() -> None:
    titles = ["Autoencoder", "Gaussian mixture", "VAE-GAN", "Flow matching"]
    assert [inline(title) for title in titles] == ["autoencoder", "Gaussian mixture", "VAE-GAN", "flow matching"]
