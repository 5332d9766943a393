"""What every dataset promises; a new one is found and tested without a word here."""

import itertools
import math

import pytest
import torch

from genmodels import datasets, device
from genmodels.config import UserError

SOURCES = datasets.sources()
NAMES = list(SOURCES)


class Loaded(dict):
    """The arrays of a dataset by name, loaded once; what needs a download that cannot be had is skipped with the reason."""

    def __missing__(self, name):
        try:
            self[name] = SOURCES[name].load()
        except UserError as error:
            if SOURCES[name].offline:
                raise
            pytest.skip(str(error))
        return self[name]


@pytest.fixture(scope="module")
def arrays():
    return Loaded()


@pytest.mark.parametrize("name", NAMES)
def test_the_arrays_are_what_the_declaration_says(name, arrays):
    source, these = SOURCES[name], arrays[name]
    for x in (these.train, these.test):
        assert x.dtype == torch.float32
        assert tuple(x.shape[1:]) == source.shape
        assert x.is_contiguous()
        assert torch.isfinite(x).all()
        if source.is_image:
            assert 0 <= x.min() < 0.2
            assert 0.8 < x.max() <= 1
    assert len(these.test) >= 32 < len(these.train)  # the page shows 32 test examples rebuilt


@pytest.mark.parametrize("name", NAMES)
def test_every_class_is_met_in_train_and_test_and_there_is_no_other(name, arrays):
    source, these = SOURCES[name], arrays[name]
    assert (these.train_labels is None) == (these.test_labels is None) == (not source.classes)
    for x, labels in ((these.train, these.train_labels), (these.test, these.test_labels)):
        if labels is not None:
            assert labels.dtype == torch.int64
            assert len(labels) == len(x)
            assert labels.unique().tolist() == list(range(len(source.classes)))


@pytest.mark.parametrize("name", NAMES)
def test_named_attributes_have_a_column_each(name, arrays):
    source, these = SOURCES[name], arrays[name]
    assert (these.attributes is None) == (not source.attributes)
    for x, known in zip((these.train, these.test), these.attributes or (), strict=bool(these.attributes)):
        assert known.shape == (len(x), len(source.attributes))
        assert torch.isfinite(known).all()
        assert (known.std(0) > 0).all()


@pytest.mark.parametrize("name", NAMES)
def test_two_loads_are_equal_to_the_last_bit(name, arrays):
    once, again = arrays[name], SOURCES[name].load()
    for part in ("train", "test", "train_labels", "test_labels"):
        first, second = getattr(once, part), getattr(again, part)
        assert first is second is None or torch.equal(first, second)


@pytest.mark.parametrize("name", NAMES)
def test_no_test_example_was_trained_on(name, arrays):
    train, test = ({x.numpy().tobytes() for x in part} for part in (arrays[name].train, arrays[name].test))
    assert len(train) == len(arrays[name].train)  # nor is any there twice
    assert len(test) == len(arrays[name].test)
    assert not train & test


@pytest.mark.parametrize("name", [name for name in NAMES if SOURCES[name].offline])  # what is fetched was split by others
def test_train_and_test_are_of_one_distribution(name, arrays):
    train, test = (x.flatten(1).double() for x in (arrays[name].train, arrays[name].test))
    spread = train.var(0).sum()
    expected = spread * (1 / len(train) + 1 / len(test))  # of the squared distance of the means
    assert (train.mean(0) - test.mean(0)).square().sum() < 4 * expected
    assert test.var(0).sum() == pytest.approx(spread.item(), rel=0.1)


@pytest.mark.parametrize("name", NAMES)
def test_it_has_a_title_a_sentence_and_a_licence(name):
    source = SOURCES[name]
    assert source.name == name == name.lower().strip()
    assert source.title.strip()
    assert source.licence.strip()
    assert source.about.rstrip().endswith((".", "?"))
    assert "\n" not in source.title + source.about + source.licence
    assert source.version >= 1
    assert source.clusters >= 1


def test_titles_are_distinct():
    titles = [source.title for source in SOURCES.values()]
    assert len(set(titles)) == len(titles)


def test_the_opening_dataset_comes_first():
    assert NAMES[0] == datasets.OPENING == "digits"


@pytest.mark.parametrize("name", [n for n, source in SOURCES.items() if source.log_density])
def test_train_and_test_examples_have_the_same_mean_log_density(name, arrays):
    log_density = SOURCES[name].log_density
    train, test = log_density(arrays[name].train), log_density(arrays[name].test)
    assert torch.isfinite(train).all()
    assert train.mean().item() == pytest.approx(test.mean().item(), abs=1e-6 + 4 * test.std().item() / len(test) ** 0.5)


@pytest.mark.parametrize("name", [n for n, source in SOURCES.items() if source.modes is not None])
def test_known_modes_are_distinct_and_far_apart_and_hold_the_examples(name, arrays):
    source = SOURCES[name]
    gaps = [(a - b).norm().item() for a, b in itertools.combinations(source.modes, 2)]
    assert min(gaps) > 6 * source.mode_std
    nearest = torch.cdist(arrays[name].test, source.modes).min(1).values
    assert (nearest < 6 * source.mode_std).all()


@pytest.mark.parametrize("name", NAMES)
def test_the_loaded_dataset_stands_on_the_device_that_was_asked_for(name, arrays):
    where, test = device.choose_device(), arrays[name].test
    data = datasets.load(name, where)
    assert data is datasets.load(name, where)
    assert data.device.type == where.type
    assert data.source is SOURCES[name]
    assert sorted(x.numpy().tobytes() for x in data.test.cpu()) == sorted(x.numpy().tobytes() for x in test)


@pytest.mark.parametrize("name", NAMES)
def test_the_first_half_of_each_split_stands_for_the_other_and_labels_and_attributes_stay_with_their_examples(name, arrays):
    source, data = arrays[name], datasets.load(name, device.choose_device())
    for x, labels, known, original, original_labels, original_known in (
        (data.train, data.train_labels, data.train_attributes, source.train, source.train_labels, (source.attributes or [None])[0]),
        (data.test, data.test_labels, data.test_attributes, source.test, source.test_labels, (source.attributes or [None])[-1]),
    ):
        place = {row.numpy().tobytes(): i for i, row in enumerate(original)}
        order = torch.tensor([place[row.numpy().tobytes()] for row in x.cpu()])
        n, ranks = len(order), order.double()
        spread = n / math.sqrt(12) / math.sqrt(n / 2) / math.sqrt(2)  # of the mean rank of a half at random
        assert abs(float(ranks[: n // 2].mean()) - (n - 1) / 2) < 4 * spread
        assert labels is original_labels is None or torch.equal(labels.cpu(), original_labels[order])
        assert known is original_known is None or torch.equal(known.cpu(), original_known[order])


@pytest.mark.parametrize("name", NAMES)
def test_whoever_tunes_gets_a_part_of_the_training_set_and_never_a_test_example(name, arrays):
    assert name in arrays or arrays[name]  # what cannot be had is skipped
    data = datasets.load(name, device.choose_device())
    tuning, n = data.for_tuning(), len(data.train)
    assert len(tuning.test) == min(len(data.test), n // 5)
    assert torch.equal(torch.cat([tuning.train, tuning.test]), data.train)
    for both, parts in (
        (data.train_labels, (tuning.train_labels, tuning.test_labels)),
        (data.train_attributes, (tuning.train_attributes, tuning.test_attributes)),
    ):
        assert (both is None) if parts[0] is None else torch.equal(torch.cat(parts), both)
