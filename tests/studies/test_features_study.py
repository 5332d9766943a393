"""The net of features is a finding like others: trained once, read back bit by bit, and made before whatever needs it."""

import pytest
import torch

from genmodels import datasets
from genmodels.config import UserError
from genmodels.metrics import c2st
from genmodels.metrics.probes import features as probe
from genmodels.runs import RunSpec, catalogue, record
from genmodels.runs.work import in_order
from genmodels.studies import features
from genmodels.studies.features import Features
from genmodels.studies.findings import StudySpec
from genmodels.studies.scores import reference
from genmodels.studies.scores import study as scores

CPU = torch.device("cpu")


@pytest.fixture(autouse=True)
def few(monkeypatch):
    monkeypatch.setattr(probe, "STEPS", 20)
    monkeypatch.setattr(c2st, "STEPS", 2)


def test_the_net_that_is_read_back_gives_the_bits_of_the_one_that_was_trained(store):
    data = datasets.load("digits", CPU)
    record(features.spec("digits"), store)
    trained, read = probe.learn(data), features.extractor(data, store)
    assert torch.equal(read(data.test), trained(data.test))
    assert torch.equal(read.classify(data.test), trained.classify(data.test))
    assert (read.quality, read.about) == (trained.quality, trained.about)
    assert catalogue(store) == []  # a finding is no run


def test_a_net_that_is_not_there_is_one_line(store):
    with pytest.raises(UserError, match="vanished from the cache"):
        features.extractor(datasets.load("digits", CPU), store)


def test_points_are_compared_without_a_net(store):
    data = datasets.load("gaussians-8", CPU)
    assert features.needs("gaussians-8") == ()
    torch.testing.assert_close(features.extractor(data, store)(data.test), (data.test - data.train.mean(0)) / data.train.std(0))
    with pytest.raises(UserError, match="holds points"):
        features.spec("gaussians-8")


def test_what_a_finding_needs_is_made_first_and_once(store):
    run = RunSpec.make("digits", "gmm", {"steps": 3})
    spec = scores.spec(run, 40)
    of = reference.spec("digits", 40)
    assert [each.key for each in in_order(spec)] == [run.key, features.spec("digits").key, of.key, spec.key]
    progress = []
    record(spec, store, on_progress=progress.append)
    assert progress == sorted(progress)
    assert progress[-1] == pytest.approx(1)
    assert all(store.find(each.key) for each in in_order(spec)[1:])
    assert sorted(store.keys()) == sorted(each.key for each in in_order(spec))


def test_the_keys_of_what_is_needed_are_part_of_the_key(monkeypatch):
    before = [spec.key for spec in specs()]
    monkeypatch.setattr(Features, "version", Features.version + 1)
    after = [spec.key for spec in specs()]
    assert [one != other for one, other in zip(before, after, strict=True)] == [True, True, True, False]


def specs():
    run = RunSpec.make("digits", "gan")
    return [
        reference.spec("digits"),
        scores.spec(run),
        StudySpec.make("latent-map", [run], {"space": "features"}),
        StudySpec.make("latent-map", [run], {"space": "codes"}),
    ]
