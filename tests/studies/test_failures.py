"""Every failure fails, its remedy mends it, and its indicator is that of closed forms and counts."""

from dataclasses import replace

import pytest
import torch
from torch import nn

from genmodels import datasets, device
from genmodels.config import UserError
from genmodels.datasets.base import Dataset
from genmodels.models.gan import GAN
from genmodels.models.gmm import GMM
from genmodels.runs import Run, RunSpec, record
from genmodels.studies.failures import FailureFinding, indicators
from genmodels.studies.failures.cases import CASES
from genmodels.studies.failures.indicators import INDICATORS
from genmodels.studies.findings import StudySpec

CPU = torch.device("cpu")
DATA = {name: datasets.load(name, CPU) for name in ("digits", "gaussians-8", "moons")}


class Draws:
    """A model that samples these examples, over and over, and reconstructs everything as the last of them."""

    name = "draws"

    def __init__(self, x):
        self.x = x

    def sample(self, n, rng):
        return self.x[torch.arange(n) % len(self.x)]

    def reconstruct(self, x):
        return self.x[-1].expand_as(x)


class Judge(Draws):
    """The same with a discriminator that is linear in the first two numbers: 3 a - 4 b + 1."""

    def judge(self, x):
        flat = x.flatten(1)
        return 3 * flat[:, 0] - 4 * flat[:, 1] + 1


@pytest.fixture
def rng():
    return device.generator(CPU, 0, "failures")


@pytest.mark.slow
@pytest.mark.parametrize("seed", [0])  # benchmarks/failures.py prints five
@pytest.mark.parametrize("name", CASES)
def test_every_failure_fails_and_its_remedy_mends_it(name, seed, rng):
    case = CASES[name]
    values = []
    for spec in (case.failing(seed), case.mended(seed)):
        model, data = spec.kind(spec.settings, spec.source.shape), datasets.load(spec.dataset, CPU)
        for _ in model.fit(data, device.generator(CPU, seed, "fit")):
            pass
        values.append(case.measure().measure(model.eval().requires_grad_(False), data, device.generator(CPU, 0, "failures")))
    assert case.is_ill(values[0]), values
    assert case.is_well(values[1]), values


def test_there_are_at_least_eight_and_each_differs_from_its_mended_run_in_one_thing():
    assert len(CASES) >= 8
    assert len({case.patient for case in CASES.values()}) == len({case.name for case in CASES.values()}) == len(CASES)
    for case in CASES.values():
        failing, mended = case.failing(), case.mended()
        if case.cure_model:
            assert mended.model == case.cure_model != failing.model
            assert not case.cause
            assert not case.cure
            continue
        before, after = failing.settings.model_dump(), mended.settings.model_dump()
        assert {name for name in before if before[name] != after[name]} == set(case.cure) == set(case.cause)
        assert len(case.cure) == 1
        assert not set(case.cure) & set(case.common)


def test_three_answers_of_which_one_is_right_and_no_number_is_both_ill_and_well():
    for case in CASES.values():
        assert len(set(case.answers)) == 3
        assert 0 <= case.right_answer < 3
        for value in (case.ill, case.well, (case.ill + case.well) / 2):
            assert not (case.is_ill(value) and case.is_well(value))
        assert case.is_ill(case.ill)
        assert case.is_well(case.well)
    assert len({case.right_answer for case in CASES.values()}) == 3  # who always says the same is sometimes wrong


def test_digits_are_counted_by_their_nearest_training_pictures_and_rare_ones_left_out(rng):
    data = DATA["digits"]
    of = {k: data.train[data.train_labels == k] for k in range(10)}
    assert indicators.classes(Draws(data.train[:1000]), data, rng) == 10
    assert indicators.classes(Draws(of[3][:1]), data, rng) == 1
    mixed = torch.cat([of[1][:1].expand(600, -1, -1, -1), of[7][:1].expand(395, -1, -1, -1), of[4][:1].expand(5, -1, -1, -1)])
    assert indicators.classes(Draws(mixed), data, rng) == 2  # of the 4 there are 5 in 1,000


def test_samples_on_a_mode_are_those_within_three_deviations(rng):
    data = DATA["gaussians-8"]
    near, far = data.source.modes[:3], data.source.modes[:1] + torch.tensor([[0.0, 0.031]])
    assert indicators.on_mode(Draws(torch.cat([near, far])), data, rng) == 0.75


@pytest.mark.parametrize(
    ("loss", "weight"),
    [("minimax", lambda d: d), ("non-saturating", lambda d: 1 - d), ("wasserstein", torch.ones_like)],
)
def test_the_pull_is_that_of_the_losses_derivative(loss, weight, rng):
    model, data = GAN(RunSpec.make("moons", "gan", {"loss": loss, "octaves": 0}).settings, (2,)), DATA["moons"]
    model.units.learn(data.train)
    model.discriminator = nn.Sequential(nn.Linear(2, 1))
    nn.init.constant_(model.discriminator[0].bias, 0.7)
    model.discriminator[0].weight.data = torch.tensor([[3.0, -4.0]])  # of length 5, in units of the data's scale
    x = indicators.samples_of(model.requires_grad_(False), indicators.N, device.generator(CPU, 0, "failures"))
    expected = weight(torch.sigmoid(model.judge(x))).mean() * 5 / model.units.scale
    assert indicators.pull(model, data, rng) == pytest.approx(float(expected), rel=1e-5)


def test_accuracy_and_the_critics_claim_are_those_of_a_linear_judge(rng):
    data = DATA["moons"]
    x = data.test
    judge = Judge(x + torch.tensor([0.0, 0.5]))  # each lower by 2 than the real one that it is a copy of
    assert indicators.accuracy(judge, data, rng) == 1.0
    assert indicators.accuracy(Judge(x), data, rng) == 0.5  # a tie is a coin toss
    means = 3 * x[:, 0].double().mean() - 4 * x[:, 1].double().mean()
    fake = judge.sample(indicators.N, rng).double()
    expected = float(means - (3 * fake[:, 0] - 4 * fake[:, 1]).mean())
    assert indicators.critic(judge, data, rng) == pytest.approx(expected, abs=1e-5)


def test_real_pictures_have_a_frechet_ratio_near_one_and_one_picture_alone_far_from_it(rng):
    data = DATA["digits"]
    assert indicators.frechet(Draws(data.train), data, rng) == pytest.approx(1, abs=0.3)
    assert indicators.frechet(Draws(data.train[:1]), data, rng) > 20


def test_the_mean_explains_nothing_and_the_right_answer_everything(rng):
    data = DATA["digits"]
    assert indicators.explained(Draws(data.train.mean(0, keepdim=True)), data, rng) == pytest.approx(0, abs=1e-5)
    right = Draws(data.train)
    right.reconstruct = lambda x: x
    assert indicators.explained(right, data, rng) == 1.0
    halfway = Draws(data.train)
    halfway.reconstruct = lambda x: (x + data.train.mean(0)) / 2
    assert indicators.explained(halfway, data, rng) == pytest.approx(0.75, abs=1e-5)


def test_the_gap_is_training_less_held_out_and_that_of_a_mixture_its_own_likelihoods(rng):
    data = DATA["digits"]

    def evaluate(data_in: Dataset, rng):
        return {"elbo": torch.tensor(7.0 if data_in.test is data.train else 3.0), "kl": torch.tensor(2.5)}

    stub = Draws(data.train)
    stub.evaluate = evaluate
    assert indicators.gap(stub, data, rng) == 4.0
    assert indicators.kl(stub, data, rng) == 2.5
    gmm = GMM(RunSpec.make("moons", "gmm", {"n_components": 2}).settings, (2,))
    moons = DATA["moons"]
    for _ in zip(range(3), gmm.fit(moons, rng)):
        pass
    expected = gmm.log_prob(moons.train).mean() - gmm.log_prob(moons.test).mean()
    assert indicators.gap(gmm, moons, rng) == pytest.approx(float(expected))


def test_active_dimensions_are_those_that_vary(rng, fitted):
    vae = fitted("digits", "vae")
    expected = sum(float(column.var()) > 0.01 for column in vae.encode(DATA["digits"].test).T)
    assert indicators.active(vae, DATA["digits"], rng) == expected


def test_what_a_model_cannot_have_is_one_line(rng, fitted):
    gmm = fitted("digits", "gmm")
    for name, words in (("accuracy", "no discriminator"), ("kl", "no kl")):
        with pytest.raises(UserError, match=words):
            INDICATORS[name].measure(gmm, DATA["digits"], rng)
    with pytest.raises(UserError, match="no classes"):
        indicators.classes(gmm, replace(DATA["digits"], train_labels=None), rng)
    with pytest.raises(UserError, match="no known modes"):
        indicators.on_mode(gmm, DATA["digits"], rng)


def test_the_finding_holds_the_indicator_and_an_autoencoders_decodes_of_noise(store):
    spec = RunSpec.make("digits", "autoencoder", {"steps": 3})
    record(spec, store)
    finding = FailureFinding.read(record(StudySpec.make("failures", [spec], {"indicator": "explained"}), store))
    model = Run.open(spec.key, store).load_model(CPU)
    expected = indicators.explained(model, DATA["digits"], device.generator(CPU, 0, "failures"))
    assert finding.value == pytest.approx(expected)
    rng = device.generator(CPU, 0, "decoded noise")
    assert torch.equal(finding.decoded, model.decode(torch.randn(64, 8, generator=rng)))
    with pytest.raises(UserError, match="measures one run"):
        StudySpec.make("failures", [spec, spec], {"indicator": "gap"})


def test_numbers_are_written_before_and_after_with_their_unit():
    assert INDICATORS["gap"].text(3608807.2, 47) == "3,608,807 → 47 nats"
    assert INDICATORS["explained"].text(-0.003, 0.76) == "0% → 76%"
    assert INDICATORS["pull"].text(0.00149, 78.13) == "0.00149 → 78.1"
