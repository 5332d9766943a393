"""Names in lists: what differs is told, and nothing else."""

from genmodels.runs import RunSpec, default_specs
from genmodels.studies.findings import StudySpec
from genmodels.views.names import names


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
