"""The museum of silent errors: most were found in public code, the last eleven are of our own making; each turns a test red.

An exhibit is one replacement in a copy of the package, and the fastest test that knows the right answer. One process imports the
libraries once and runs every copy's tests in a child of its own. Not here: a test of a Fréchet distance that asserted the type
alone, which no error in our code could stand for.
"""

import compileall
import os
import re
import shutil
import subprocess
import sys
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent


@dataclass(frozen=True)
class Exhibit:
    """A public error, where it would stand in our code, and what catches it there."""

    what: str
    file: str  # in genmodels/
    right: str  # is there exactly once
    wrong: str
    tests: str  # below tests/, one or several: each must pass without the error


EXHIBITS = [
    Exhibit(
        "the log-likelihood is the negative of what it is called (pythae)",
        "models/vae.py",
        "bounds.append(torch.logsumexp(log_likelihood + log_ratio, 0) - math.log(k))",
        "bounds.append(math.log(k) - torch.logsumexp(log_likelihood + log_ratio, 0))",
        "contract/test_models.py::test_more_samples_tighten_the_bound_on_average[moons-vae]",
    ),
    Exhibit(
        "a wish for few importance samples is ignored (pythae)",
        "models/vae.py",
        "at_once = max(1, NUMBERS_AT_ONCE",
        "k = max(k, 100)\n        at_once = max(1, NUMBERS_AT_ONCE",
        "contract/test_models.py::test_more_samples_tighten_the_bound_on_average[moons-vae]",
    ),
    Exhibit(
        "the mean over importance samples is taken of the logarithms",
        "models/vae.py",
        "torch.logsumexp(log_likelihood + log_ratio, 0) - math.log(k)",
        "(log_likelihood + log_ratio).mean(0)",
        "models/test_vae.py::test_the_bound_on_pictures_is_the_integral_over_the_code_too[gaussian]",
    ),
    Exhibit(
        "a variance is used as a scale in a diagonal Gaussian (zuko)",
        "models/gmm.py",
        "return self.covariances.rsqrt()",
        "return self.covariances.reciprocal()",
        "models/test_gmm.py::test_the_start_is_a_mixture_too[diag]",
    ),
    Exhibit(
        "a log-variance is used as a log-scale where codes are drawn (zuko)",
        "models/vae.py",
        "z = mu + (log_var / 2).exp() * eps",
        "z = mu + log_var.exp() * eps",
        "models/test_vae.py::test_training_and_test_share_one_definition_in_data_units[moons-gaussian]",
    ),
    Exhibit(
        "a log-variance is used as a log-scale in the KL (zuko)",
        "models/vae.py",
        "(mu.square() + log_var.exp() - 1 - log_var)",
        "(mu.square() + (2 * log_var).exp() - 1 - 2 * log_var)",
        "models/test_vae.py::test_a_log_variance_is_twice_a_log_deviation",
    ),
    Exhibit(
        "the KL is logged with the sign flipped (PyTorch-VAE)",
        "models/vae.py",
        '"reconstruction": reconstruction, "kl": kl}',
        '"reconstruction": reconstruction, "kl": -kl}',
        "models/test_vae.py::test_the_recorded_bound_is_its_reconstruction_less_its_kl_whatever_beta[1.0]",
    ),
    Exhibit(
        "the KL weighs differently in the training curve and in the test curve (PyTorch-VAE)",
        "models/vae.py",
        "            terms = _averages(log_likelihood, kl)\n            return beta * terms",
        "            terms = _averages(log_likelihood, beta * kl)\n            return terms",
        "models/test_vae.py::test_with_one_code_the_loss_is_beta_kl_less_the_reconstruction",
    ),
    Exhibit(
        "pi is added for log pi in a mixture of factor analysers (torch-mfa)",
        "models/mfa.py",
        "const = self.weights.log() -",
        "const = self.weights -",
        "models/test_mfa.py::test_the_likelihood_is_that_of_a_dense_mixture_in_twenty_dimensions[diagonal]",
    ),
    Exhibit(
        "pi is added for log pi in the Gaussian mixture (torch-mfa)",
        "models/parts/gaussians.py",
        "const = weights.log() + log_det",
        "const = weights + log_det",
        "models/test_gmm.py::test_the_likelihood_is_that_of_a_dense_mixture[moons-full]",
    ),
    Exhibit(
        "pi is added for log pi in the mixture on codes (torch-mfa)",
        "models/parts/codes.py",
        "log_joint = weights.log() -",
        "log_joint = weights -",
        "models/test_codes.py::test_uneven_groups_of_codes_have_the_weights_that_scikit_learn_finds",
    ),
    Exhibit(
        "the ring of eight modes has seven (the most copied code)",
        "datasets/toys2d.py",
        "_RING_ANGLES = torch.arange(8) * (2 * math.pi / 8)",
        "_RING_ANGLES = torch.linspace(0, 2 * math.pi, 8)",
        "datasets/test_toys2d.py::test_the_eight_gaussians_have_eight_distinct_centres_evenly_on_the_unit_circle",
    ),
    Exhibit(
        "two thirds of the points are dropped from a divergence (GAN Lab)",
        "metrics/divergence.py",
        "torch.cdist(part, samples, ",
        "torch.cdist(part, samples[::3], ",
        "metrics/test_divergence.py::test_a_perfect_generator_reads_the_floor[ring]",
    ),
    Exhibit(
        "two thirds of the points are dropped from a histogram (GAN Lab)",
        "metrics/bins.py",
        "counts, order = bins.count(train)",
        "counts, order = bins.count(train[::3])",
        "metrics/test_bins.py::test_an_example_is_in_the_bin_whose_centre_is_nearest[False]",
    ),
    Exhibit(
        "both covariances of a Fréchet distance are the first set's",
        "metrics/frechet.py",
        "distance_of_statistics(statistics(fake), statistics(real))",
        "distance_of_statistics(statistics(fake), (statistics(real)[0], statistics(fake)[1]))",
        "metrics/test_frechet.py::test_a_scaled_copys_distance_is_that_of_the_standard_deviations",
    ),
    Exhibit(
        "a variance is passed as the deviation of the modes (PacGAN)",
        "metrics/modes.py",
        "distance <= REACH * std",
        "distance <= REACH * std**2",
        "metrics/test_modes.py::test_the_true_density_covers_every_mode_at_the_honest_ceiling",
    ),
    Exhibit(
        "the modes are drawn with their variance for a deviation (PacGAN)",
        "datasets/toys2d.py",
        "centres[labels] + std * torch.randn",
        "centres[labels] + std**2 * torch.randn",
        "datasets/test_toys2d.py::test_every_gaussian_has_its_share_its_centre_and_its_width",
    ),
    Exhibit(
        "a momentum is passed as eps (PyTorch-GAN)",
        "models/parts/optimisers.py",
        "eps=EPSILON,",
        "eps=self._betas[0],",
        "models/test_nets.py::test_adams_momentum_is_the_one_that_was_asked_for",
    ),
    Exhibit(
        "a knob is declared and never read (PyTorch-GAN)",
        "models/autoencoder.py",
        "nets.batches(x_train, self.settings.batch_size, rng)",
        "nets.batches(x_train, 128, rng)",
        "runs/test_runs.py::test_every_knob_changes_the_key_and_the_fit_or_what_is_drawn[autoencoder-batch_size]",
    ),
    Exhibit(
        "the history is not cleared: a second run is glued to the first (GEN_AI)",
        "runs/recorder.py",
        'self.history: dict[str, list[float]] = {"step": []}',
        'self.history = snapshot_steps.__dict__.setdefault("history", {"step": []})',
        "runs/test_runs.py::test_every_step_is_told runs/test_runs.py::test_a_growing_run_can_be_followed",
    ),
    Exhibit(
        "the optimiser is made anew again and again (GEN_AI)",
        "models/autoencoder.py",
        "            optimiser.zero_grad()",
        "            s = self.settings\n"
        "            optimiser, schedule = nets.adam_with_cosine(self.parameters(), s.learning_rate, s.steps)",
        "models/test_autoencoder.py::test_without_hidden_layers_it_finds_the_error_of_principal_components",
    ),
    Exhibit(
        "what judges attributes learns from the pictures that what finds them learnt from",
        "metrics/probes/attributes.py",
        "else slice(1, None, 2)",
        "else slice(0, None, 2)",
        "metrics/test_attributes.py::test_each_teller_learns_from_its_own_half_and_tells_its_quality_on_test_pictures",
    ),
    Exhibit(
        "how well attributes are told is measured on training pictures",
        "metrics/probes/attributes.py",
        "for part in data.test.split(CHUNK)])",
        "for part in data.train.split(CHUNK)])\n    test = target",
        "metrics/test_attributes.py::test_each_teller_learns_from_its_own_half_and_tells_its_quality_on_test_pictures",
    ),
    Exhibit(
        "the finder of directions judges them",
        "studies/arithmetic.py",
        "self._judge(model, judge,",
        "self._judge(model, finder,",
        "studies/test_arithmetic_study.py::test_directions_are_judged_by_the_teller_that_did_not_find_them",
    ),
    Exhibit(
        "the finder of attributes judges the sums",
        "studies/arithmetic.py",
        "judge.has(judge(model.decode(total)))",
        "finder.has(finder(model.decode(total)))",
        "studies/test_arithmetic_study.py::test_sums_have_both_attributes_when_the_judge_says_so_whatever_found_them[100.0-0.0]",
    ),
    Exhibit(
        "bits per dimension are of the stored levels, where a density can be as high as it likes",
        "studies/scores/understanding.py",
        'likelihood.dequantise(x, by.rng("dequantise"))',
        "x",
        "studies/test_single_lines.py::test_spikes_on_the_stored_levels_buy_no_bits_an_even_density_has_eight_a_dimension",
    ),
    Exhibit(
        "noise's log-density has the sign of its volume",
        "studies/scores/reference.py",
        "else -float(",
        "else float(",
        "studies/test_single_lines.py::test_noise_over_a_box_of_two_by_three_has_the_log_density_of_one_sixth",
    ),
    Exhibit(
        "a model's classes are compared with those of the test set",
        "studies/scores/measures.py",
        "by.extract.head(by.train_features)",
        "by.extract.classify(by.test)",
        "studies/test_single_lines.py::test_classes_are_compared_with_those_of_the_training_set",
    ),
    Exhibit(
        "an error is averaged over pixels where a sum is written",
        "studies/autoencoders/study.py",
        ".flatten(1).square().sum(1).mean()",
        ".flatten(1).square().mean(1).mean()",
        "studies/test_autoencoders_study.py::test_the_error_in_the_plane_is_summed_over_pixels",
    ),
    Exhibit(
        "the detector of swapped faces is judged on frames that others learned from",
        "studies/swap/study.py",
        'real=frames["Ben"][N_TRAIN:]',
        'real=frames["Ben"][:N_TRAIN]',
        "studies/test_swap.py::test_the_detector_is_judged_on_real_frames_that_nobody_learned_from",
    ),
    Exhibit(
        "codes are weighed without beta, though beta is in what is maximised",
        "models/vae.py",
        "torch.softmax(log_likelihood + beta * log_ratio, 0)",
        "torch.softmax(log_likelihood + log_ratio, 0)",
        "models/test_vae.py::test_several_codes_have_the_gradient_of_the_importance_weighted_bound_and_the_elbo_is_still_reported"
        "[20-2.0]",
    ),
    Exhibit(
        "Adams and Bashforth's step has the coefficient of equal steps",
        "models/flow_matching.py",
        "(middle - start) / (start - before) *",
        "0.5 *",
        "models/test_flow_matching.py"
        "::test_a_turn_that_is_linear_in_time_is_followed_as_by_the_midpoint_rule_though_its_steps_differ[3]",
    ),
]

WARM = """
import gc, os, sys

os.environ["SCIPY_ARRAY_API"] = "1"
import pydantic, pytest, pytest_timeout, safetensors.torch, scipy.stats
import sklearn.cluster, sklearn.datasets, sklearn.decomposition, sklearn.mixture
import torch.testing

gc.freeze()  # the children's collections look through their own objects alone
for line in sys.stdin:
    folder, *tests = line.split()
    child = os.fork()
    if not child:
        os.chdir(folder)
        log = os.open("log", os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
        os.dup2(log, 1), os.dup2(log, 2)
        status = pytest.main(["-x", "-p", "no:cacheprovider", *tests], [pytest_timeout])
        sys.stdout.flush()
        os._exit(status)
    print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), flush=True)
"""


@pytest.fixture(scope="module")
def verdict():
    """`verdict(folder, tests)`: pytest's exit status and what it prints, for the tests of the copy in that folder."""
    environment = {**os.environ, "PYTHONDONTWRITEBYTECODE": "1", "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}
    with subprocess.Popen(
        [sys.executable, "-c", WARM], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=environment
    ) as process:

        def ask(folder, tests):
            process.stdin.write(f"{folder} {' '.join(f'tests/{test}' for test in tests)}\n")
            process.stdin.flush()
            status = int(process.stdout.readline())
            return status, (folder / "log").read_text()

        yield ask
        process.stdin.close()


@pytest.fixture(scope="module")
def copy(tmp_path_factory):
    """A folder with a copy of the package, compiled once, and of its tests."""
    folder = tmp_path_factory.mktemp("museum")
    for name in ("genmodels", "tests"):
        shutil.copytree(ROOT / name, folder / name, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "pyproject.toml", folder)
    compileall.compile_dir(folder / "genmodels", quiet=1)
    return folder


@contextmanager
def replaced(file, wrong):
    """Let a file hold `wrong`; what was compiled of it is no longer there, for a file as long, as old in seconds, is not compiled
    anew."""
    right = file.read_text()
    for compiled in (file.parent / "__pycache__").glob(f"{file.stem}.*.pyc"):
        compiled.unlink()
    file.write_text(wrong)
    try:
        yield
    finally:
        file.write_text(right)


@pytest.mark.slow
@pytest.mark.parametrize("exhibit", EXHIBITS, ids=lambda exhibit: exhibit.what)
def test_the_error_turns_a_test_red(exhibit, copy, verdict):
    file = copy / "genmodels" / exhibit.file
    source = file.read_text()
    assert source.count(exhibit.right) == 1, f"{exhibit.file} has changed: {exhibit.right!r} must be there once"
    with replaced(file, source.replace(exhibit.right, exhibit.wrong)):
        status, log = verdict(copy, exhibit.tests.split())
    assert status == 1, log
    assert re.search(r"^tests/\S+:\d+: (AssertionError|Failed)$", log, re.MULTILINE), log  # not for an error of another kind
    assert re.search(r"^1 failed(, \d+ passed)? in", log, re.MULTILINE), log


@pytest.mark.slow
def test_without_the_errors_all_those_tests_pass(copy, verdict):
    tests = sorted({test for exhibit in EXHIBITS for test in exhibit.tests.split()})
    status, log = verdict(copy, tests)
    assert status == 0, log
