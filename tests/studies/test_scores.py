"""Noise reads the ceiling in every line, real examples the floor; what a model cannot is a dash with its reason."""

import dataclasses
import math

import pytest
import torch

from genmodels import datasets, device
from genmodels.config import UserError
from genmodels.datasets.base import Dataset
from genmodels.metrics import metrics
from genmodels.metrics.probes.features import noise
from genmodels.models.base import Model
from genmodels.progress import finish
from genmodels.runs import Run, RunSpec, record
from genmodels.store import Store
from genmodels.studies import features
from genmodels.studies.base import StudyContext
from genmodels.studies.findings import StudySpec
from genmodels.studies.scores import measures, reference
from genmodels.studies.scores import study as scores
from genmodels.studies.scores.finding import BinShares, NearestPairs, OverTraining, ReferenceScores, ScoreTable
from genmodels.studies.scores.rows import rows
from genmodels.views.scores.lines import position

CPU = torch.device("cpu")
pytestmark = pytest.mark.slow  # scores whole models, several times; the page of scores does so once in a fast test
SMALL = 400
TOLERANCE = 0.15  # of the way from floor to ceiling, at these few examples
COARSE = 0.35  # of two noises, whose few hits are counted
OF_SAMPLES = {"both", "fidelity", "variety", "copying"}


class Fake(Model):
    """Stands for a model: it samples what it is given, and can do nothing else."""

    name, sample_note = "fake", "given"

    def __init__(self, shape, examples):
        super().__init__(None, shape)
        self.examples = examples

    def sample(self, n, rng):
        self.examples, given = self.examples[n:], self.examples[:n]
        return given


@dataclasses.dataclass
class Bench:
    """A dataset's floor and ceiling, and how to score a fake."""

    data: Dataset
    reference: ReferenceScores
    by: measures.Yardstick
    findings: list = dataclasses.field(default_factory=list)  # of the fake scored last

    def score(self, examples):
        readings = measures.Readings()
        self.findings = finish(scores.measured(Fake(self.data.source.shape, examples), self.by, 10, readings))
        return readings.values, readings.notes

    def finding(self, kind):
        return next(finding for finding in self.findings if isinstance(finding, kind))

    def mean_floor(self, name):
        floor = self.reference.floor[name]
        return sum(floor) / len(floor)


@pytest.fixture(scope="module")
def shared(tmp_path_factory):
    """One store for all, so that the digits' classifier is learnt once."""
    return Store(tmp_path_factory.mktemp("scores") / "cache")


def bench(dataset, store):
    finding = ReferenceScores.read(record(reference.spec(dataset, SMALL), store))
    context = StudyContext(store, CPU, None)
    data = context.data(dataset)
    extract = features.extractor(data, store)
    with torch.no_grad():
        by = reference.yardstick(data, extract, finding.bins, finding.n, context)
    return Bench(data, finding, by)


@pytest.fixture(scope="module")
def eight(shared):
    """Eight Gaussians, where fresh real data can be drawn at will."""
    return bench("gaussians-8", shared)


@pytest.fixture(scope="module")
def digits(shared):
    return bench("digits", shared)


def fresh(source, n, seed):
    rng = torch.Generator().manual_seed(seed)
    which = torch.randint(len(source.modes), (n,), generator=rng)
    return (source.modes[which] + source.mode_std * torch.randn(n, 2, generator=rng)).float()


def row_of(name):
    return rows()[name]


def place(bench, name, value):
    """Where a value stands: 0 at the floor, 1 at the ceiling."""
    return position(value, bench.mean_floor(name), bench.reference.ceiling[name], row_of(name).scale)


def test_noise_reads_the_ceiling_in_every_line(eight):
    values, _ = eight.score(noise(eight.data, SMALL, torch.Generator().manual_seed(5)))
    assert values["modes"] < 8
    assert place(eight, "modes-kl", values["modes-kl"]) > 0.3  # a handful of noise falls on a mode
    for name in set(values) - {"birthday", "recall", "modes", "modes-kl"}:
        assert place(eight, name, values[name]) == pytest.approx(1, abs=COARSE), name


def test_real_pictures_read_the_floor_and_noise_the_ceiling(digits):
    held_out = torch.randperm(1437, generator=torch.Generator().manual_seed(3))[:360]
    rest = torch.ones(1437, dtype=torch.bool)
    rest[held_out] = False
    apart = dataclasses.replace(digits, by=digits.by.beside(digits.by.train_features[rest]))
    real, _ = apart.score(digits.data.train[held_out])
    nothing, _ = digits.score(noise(digits.data, 360, torch.Generator().manual_seed(5)))
    assert set(metrics()) | {"sharpness", "classes-kl", "bins-js"} <= set(real)
    for name in set(real) - {"birthday"}:
        assert abs(place(digits, name, real[name])) < TOLERANCE, name
        assert place(digits, name, nothing[name]) == pytest.approx(1, abs=COARSE), name


def test_a_generator_of_one_picture_repeats_at_once_and_noise_never_does(digits):
    same, notes = digits.score(digits.data.train[:1].expand(360, -1, -1, -1))
    assert same["birthday"] < 2
    assert "birthday" not in notes
    never, notes = digits.score(noise(digits.data, 360, torch.Generator().manual_seed(5)))
    assert never["birthday"] == pytest.approx(361 * 360 / (2 * math.log(2)))
    assert notes["birthday"] == "a bound: 360 hardly repeat"


def test_copies_of_the_training_set_are_told_by_their_memorisation_and_lie_at_no_distance(digits):
    values, _ = digits.score(digits.data.train[:360])
    assert values["memorisation"] == 1.0
    assert max(digits.finding(NearestPairs).distances) < 1e-5


def test_what_a_generator_leaves_out_is_shown_as_missing_and_what_it_overdoes_as_overdone(digits):
    labels = digits.data.train_labels
    without = digits.data.train[labels != 9]
    values, _ = digits.score(without[torch.randperm(len(without), generator=torch.Generator().manual_seed(2))][:360])
    rare = digits.finding(BinShares).rare.bins
    inside = digits.by.bins.assign(digits.data.train)
    for index in rare:  # bins of nines, and no others
        assert float((labels[inside == index] == 9).double().mean()) > 0.5
    assert len(rare) >= 2
    assert values["bins-js"] > digits.mean_floor("bins-js")
    ones = digits.data.train[labels == 1]
    digits.score(ones.repeat(3, 1, 1, 1)[:360])
    frequent = digits.finding(BinShares).frequent.bins
    assert all(float((labels[inside == index] == 1).double().mean()) > 0.5 for index in frequent)
    assert frequent


def test_a_mode_that_is_never_drawn_is_the_one_that_is_missing(eight):
    modes = eight.data.source.modes
    x = fresh(eight.data.source, 2 * SMALL, 4)
    values, _ = eight.score(x[torch.cdist(x, modes).argmin(1) != 2][:SMALL])
    regions = eight.finding(BinShares).regions
    assert regions.shares.observed[2] == 0 < regions.shares.expected[2]
    assert min(range(8), key=lambda i: regions.shares.z[i]) == 2
    assert [regions.x[2], regions.y[2]] == pytest.approx(modes[2].tolist())
    assert values["modes"] == 7


def test_a_model_whose_samples_are_not_finite_has_dashes_with_the_reason(eight):
    x = fresh(eight.data.source, SMALL, 1)
    x[3, 0] = math.nan
    values, notes = eight.score(x)
    assert not set(values) & {name for name, row in rows().items() if row.group in OF_SAMPLES}
    assert notes["frechet-ratio"] == "some samples are not finite"


def test_replayed_scores_of_real_examples_are_one_on_average_and_of_noise_far_off(digits):
    replayed = measures.Replayed(digits.by, 64)
    floor = replayed.of_real()["frechet-ratio"]
    assert sum(floor) / len(floor) == pytest.approx(1, abs=1e-9)
    nothing = replayed(digits.by.extract(noise(digits.data, 64, torch.Generator().manual_seed(0))))
    assert nothing["frechet-ratio"] > 3 * max(floor)
    assert nothing["precision"] < 0.1 < min(replayed.of_real()["precision"])


@pytest.fixture(scope="module")
def found(shared):
    """The scores of three runs of a few steps."""
    steps = {"gmm": 2, "vae": 20, "gan": 20}
    specs = [RunSpec.make("digits", model, {"steps": n}) for model, n in steps.items()]
    return shared, {spec.model: record(scores.spec(spec, 100), shared) for spec in specs}


def run_of(found, model):
    return Run.open(RunSpec.from_json(found[1][model].json("spec.json")["runs"][0]).key, found[0])


def line(found, model, name):
    return ScoreTable.read(found[1][model])[name]


def test_what_a_model_cannot_is_none_with_its_reason(found):
    assert line(found, "gan", "log-likelihood").value is None
    assert line(found, "gan", "log-likelihood").note == "its likelihood is unknown to it"
    assert line(found, "gan", "knn").value is None
    assert line(found, "gan", "active").note == "its code has no Gaussian posterior"
    assert line(found, "gan", "reconstruction").note == "latent optimisation, 200 steps"
    assert line(found, "vae", "log-likelihood").note == "a bound, by 50 codes each of 100 examples"
    assert line(found, "vae", "active").note == "of 8"


def test_likelihood_reconstruction_and_cost_are_those_of_the_model_itself(found):
    model, data = run_of(found, "gmm").load_model(CPU), datasets.load("digits", CPU)
    chosen = torch.randperm(360, generator=device.generator(CPU, 0, "test"))[:100]
    x = data.test[chosen]
    assert line(found, "gmm", "log-likelihood").value == pytest.approx(float(model.log_prob(x).mean()), rel=1e-9)
    rmse = float((model.reconstruct(x) - x).double().square().mean().sqrt())
    assert line(found, "gmm", "reconstruction").value == pytest.approx(rmse, rel=1e-9)
    assert line(found, "gmm", "parameters").value == model.parameter_count()
    assert line(found, "gmm", "bits-per-dim").ceiling == 8.0
    assert line(found, "gmm", "reconstruction").ceiling == pytest.approx(
        float((x - data.train.mean(0)).double().square().mean().sqrt()), rel=1e-6
    )
    assert line(found, "gmm", "knn").ceiling == pytest.approx(
        float((data.test_labels[chosen] == data.train_labels.bincount().argmax()).double().mean())
    )


def test_a_bernoulli_decoder_has_no_density(shared, found):
    spec = RunSpec.make("digits", "vae", {"steps": 3, "likelihood": "bernoulli"})
    score = ScoreTable.read(record(scores.spec(spec, 100), shared))["log-likelihood"]
    assert score.value is None
    assert "not comparable" in score.note


def test_scores_made_again_are_the_same_to_the_bit(found, tmp_path):
    store, findings_of = found
    other = Store(tmp_path / "cache")
    spec = StudySpec.from_json(findings_of["gan"].json("spec.json"))
    record(spec.runs[0], other)
    again = record(spec, other)
    for stem in (OverTraining.stem, BinShares.stem, NearestPairs.stem):
        for place in again.path.glob(f"{stem}.*"):
            assert place.read_bytes() == (findings_of["gan"].path / place.name).read_bytes(), place.name
    mine, theirs = (ScoreTable.read(finding) for finding in (again, findings_of["gan"]))
    assert [score for score in mine if score.name != "seconds"] == [score for score in theirs if score.name != "seconds"]


def test_another_version_of_study_or_floor_is_another_key(monkeypatch):
    run = RunSpec.make("digits", "gmm", {"steps": 2})
    before = scores.spec(run).key
    assert scores.spec(run, 100).key != before
    monkeypatch.setattr(scores.Scores, "version", scores.Scores.version + 1)
    assert scores.spec(run).key != before


def test_every_snapshot_has_its_scores_and_they_fit_the_marks(found):
    curves = OverTraining.read(found[1]["vae"])
    assert curves.n == 64
    assert {len(values) for values in curves.scores.values()} == {len(curves.snapshot_steps)}
    assert set(curves.scores) == {"frechet-ratio", "precision", "recall", "reconstruction"}
    assert curves.scores["reconstruction"][-1] == pytest.approx(run_of(found, "vae").result().test["reconstruction_rmse"])


def test_scores_are_of_one_run_and_of_enough_examples():
    with pytest.raises(UserError, match="scores are of one run, got 0: ask for each alone"):
        StudySpec.make("scores")
    few = dataclasses.replace(datasets.load("digits", CPU), test=torch.zeros(5, 1, 8, 8))
    with pytest.raises(UserError, match="need 20 test and 40 training examples, there are 5 and 1437"):
        measures.size(few, 2000)
