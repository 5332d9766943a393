"""What a score must do whatever it measures: a perfect generator reads the floor; neither order nor unit of the data changes it.

Every score is asked, those of samples by discovery, on few examples and with short trainings of the nets that judge them.
"""

import dataclasses
import hashlib
import math
from collections import defaultdict

import pytest
import torch
from scipy.stats import t as student

from genmodels import datasets
from genmodels.datasets import drawn
from genmodels.datasets.base import Arrays, Dataset, Source
from genmodels.metrics import c2st, metrics
from genmodels.metrics.probes import features
from genmodels.store import Store
from genmodels.studies.base import StudyContext
from genmodels.studies.scores import measures, reference
from tests.datasets.test_drawn import some_ink

CPU = torch.device("cpu")
N, TRAIN = 200, 2400  # examples compared, and of the training set, so that a test takes a second
FLOORS, DRAWS = 8, 6  # sets of real examples, and of a perfect generator's
CHANCE = 1e-5  # of a difference between equal means that fails a comparison, of which there are 300
OF_SAMPLES = {*metrics(), "birthday", "bins-different", "bins-js"}


@dataclasses.dataclass
class Bench:
    """A dataset's floor, in several sets of real examples, and what examples read beside it."""

    by: measures.Yardstick
    floor: dict[str, list[float]]

    def read(self, x):
        readings = measures.Readings()
        list(measures.against_test(x, self.by, readings))
        measures.against_train(x, self.by, readings)
        return readings.values


@pytest.fixture(autouse=True)
def short(monkeypatch):
    """Judging nets that learn a little: what they are asked here does not depend on how much they know."""
    monkeypatch.setattr(c2st, "STEPS", 25)
    monkeypatch.setattr(features, "STEPS", 100)
    monkeypatch.setattr(reference, "FLOORS", FLOORS)


@pytest.fixture
def bench(tmp_path):
    def make(data: Dataset) -> Bench:
        store = Store(tmp_path / hashlib.sha256(repr(data.train.double().sum()).encode()).hexdigest())
        context = StudyContext(store, CPU, None)
        extract = features.learn(data)
        with torch.no_grad():
            by = reference.yardstick(data, extract, reference._bins(data, context.rng(0, "bins")), N, context)
            floor = defaultdict(list)
            for x, beside in reference._sets(data, by, context.rng(0, "floor")):
                readings = measures.Readings()
                list(measures.against_test(x, beside, readings))
                for name, value in readings.values.items():
                    floor[name].append(value)
            for x in [part for part in data.test.split(N)[:FLOORS] if len(part) == N]:
                readings = measures.Readings()
                measures.against_train(x, by, readings)
                for name, value in readings.values.items():
                    floor[name].append(value)
        return Bench(by, floor)

    return make


def small(data):
    """The dataset with the first training examples, which stand for all."""
    labels, known = data.train_labels, data.train_attributes
    return dataclasses.replace(
        data,
        train=data.train[:TRAIN],
        train_labels=None if labels is None else labels[:TRAIN],
        train_attributes=None if known is None else known[:TRAIN],
    )


def check_equal(score, one, other, spread=()):
    """The means of two lists of a score are as near as chance makes them, by the scatter in them, or in `spread` if given."""
    a, b, *more = (torch.tensor(x, dtype=torch.float64) for x in (one, other, *spread))
    if score == "frechet-ratio":  # a ratio of squares, which scatters by half in two dimensions
        a, b, *more = (x.log() for x in (a, b, *more))
    if score == "birthday":  # of many orders of magnitude, and of so few examples no more than a bound
        assert abs(a.log().mean() - b.log().mean()) < math.log(10), score
        return
    parts = [x - x.mean() for x in (more or (a, b))]
    freedom = sum(len(x) - 1 for x in parts)
    error = math.sqrt(float(torch.cat(parts).square().sum()) / freedom * (1 / len(a) + 1 / len(b)))
    assert abs(float(a.mean() - b.mean())) <= float(student.isf(CHANCE / 2, freedom)) * error + 1e-9, (score, one, other)


def fresh(name):
    """A dataset without the examples that a perfect generator of it draws, and DRAWS sets of these."""
    source = datasets.source(name)
    if source.draw is None:
        data = datasets.load(name, CPU)  # a part that nobody learns from: neither features nor bins nor floors
        n = len(data.train) - 2 * N
        rest = dataclasses.replace(data, train=data.train[:n], train_labels=data.train_labels[:n])
        return rest, list(data.train[n:].split(N))
    x, _ = source.draw(DRAWS * N, torch.Generator().manual_seed(99))
    return small(datasets.load(name, CPU)), list(x.split(N))


QUICK = ("gaussians-8",)
NAMES = [name for name, source in datasets.sources().items() if source.draw or name == "digits"] + [drawn.name_of(some_ink())]


@pytest.mark.parametrize("name", [name if name in QUICK else pytest.param(name, marks=pytest.mark.slow) for name in NAMES])
def test_a_perfect_generator_reads_the_floor_in_every_score(name, bench):
    data, draws = fresh(name)
    real = bench(data)
    read = [real.read(x) for x in draws]
    assert set(read[0]) >= OF_SAMPLES
    for score in read[0]:
        check_equal(score, real.floor[score], [values[score] for values in read])


@pytest.fixture
def listed(monkeypatch):
    """`listed(name, arrays)`: the dataset of these arrays as whoever asks by its name loads it, in the declaration of another."""

    def add(source: Source, arrays: Arrays, **changes) -> Dataset:
        name = f"listed-{len(datasets.sources())}"
        monkeypatch.setitem(datasets.sources(), name, dataclasses.replace(source, name=name, load=lambda: arrays, **changes))
        return datasets.load(name, CPU)

    yield add
    datasets.load.cache_clear()


def in_order(arrays, train, test):
    return Arrays(arrays.train[train], arrays.test[test], arrays.train_labels[train], arrays.test_labels[test])


@pytest.mark.parametrize("name", ["gaussians-8", pytest.param("digits", marks=pytest.mark.slow)])
def test_a_training_set_sorted_by_class_gives_the_scores_of_a_shuffled_one(name, bench, listed):
    whole = datasets.load(name, CPU)
    n, rng = min(TRAIN, len(whole.train) - 2 * N), torch.Generator().manual_seed(5)
    arrays = Arrays(whole.train[:n], whole.test[:N], whole.train_labels[:n], whole.test_labels[:N])  # all of which are compared
    shuffled, ranked = (
        bench(listed(whole.source, in_order(arrays, *order)))
        for order in (
            [torch.randperm(len(y), generator=rng) for y in (arrays.train_labels, arrays.test_labels)],
            [y.argsort() for y in (arrays.train_labels, arrays.test_labels)],
        )
    )
    of_both = [[one.read(x) for x in whole.train[-2 * N :].split(N)] for one in (shuffled, ranked)]
    assert set(of_both[0][0]) >= OF_SAMPLES
    for score in of_both[0][0]:
        floors = [one.floor[score] for one in (shuffled, ranked)]
        reads = [[values[score] for values in read] for read in of_both]
        scatter = floors if len(floors[0]) > 1 else reads
        check_equal(score, *reads, scatter)
        if len(floors[0]) > 1:
            check_equal(score, *floors)


def moved(source, a, b):
    """A declaration of points a x + b, with its density and modes."""
    density, modes = source.log_density, source.modes
    return {
        "log_density": density and (lambda x: density((x - b) / a) - 2 * math.log(a)),
        "modes": None if modes is None else modes.double() * a + b,
        "mode_std": source.mode_std and source.mode_std * a,
    }


@pytest.mark.parametrize("name", ["gaussians-8", pytest.param("ring", marks=pytest.mark.slow)])
@pytest.mark.parametrize(("a", "spreads"), [(1e6, 1e6), pytest.param(1e-6, 1e6, marks=pytest.mark.slow)])
def test_scores_of_points_have_no_unit(name, a, spreads, bench, listed):
    """Points are float64 here: at 1e6 spreads from zero, float32 rounds them to a sixteenth of a spread."""
    data, b = small(datasets.load(name, CPU)), torch.tensor([1.0, -0.5], dtype=torch.float64) * a * spreads
    x, labels = datasets.load(name, CPU).train[-N:].double() * 0.9, (data.train_labels, data.test_labels)

    def at(a, b):
        return bench(
            listed(
                data.source, Arrays(data.train.double() * a + b, data.test.double() * a + b, *labels), **moved(data.source, a, b)
            )
        )

    near, far = at(1.0, 0.0), at(a, b)
    of_near, of_far = near.floor | near.read(x), far.floor | far.read(x * a + b)
    assert set(of_near) == set(of_far) >= OF_SAMPLES
    for score, value in of_near.items():
        expected, found = (torch.tensor(y, dtype=torch.float64) for y in (value, of_far[score]))
        slack = {"two-sample": 0.03, "birthday": 0.3 * float(expected.abs().max())}.get(score, 1e-4)
        torch.testing.assert_close(found, expected, rtol=1e-3, atol=slack, msg=score)
