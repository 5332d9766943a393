"""What every model promises; a new one is found and tested without a word here."""

import itertools
import math

import pytest
import torch

from genmodels import datasets, device, models
from genmodels.config import BUDGETS, UserError
from genmodels.models.base import (
    FAMILIES,
    BoundsLogProb,
    Decodes,
    Encodes,
    ExactLogProb,
    HasPosterior,
    Judges,
    Reconstructs,
    Samples,
)
from genmodels.runs import MAX_SEED, RunSpec
from tests.oracles import integral_on_a_grid

WHERE = device.choose_device()
NAMES = list(models.models())
EACH = list(itertools.product(("moons", "digits"), NAMES))
each = pytest.mark.parametrize(("dataset", "name"), EACH)


def seeded(seed=0):
    return device.generator(WHERE, seed, "tests")


def able(capability):
    """The models that have a capability, on both datasets."""
    needed = [n for n in vars(capability) if not n.startswith("_")]
    names = [name for name, kind in models.models().items() if all(hasattr(kind, n) for n in needed)]
    return pytest.mark.parametrize(("dataset", "name"), list(itertools.product(("moons", "digits"), names)))


def state_of(model):
    return {name: tensor.clone() for name, tensor in model.state_dict().items()}


def moved(spec):
    """The names of the learned tensors, and of those among them that the fit has moved from where it began."""
    model = spec.kind(spec.settings, spec.source.shape).to(WHERE)
    built = state_of(model)
    steps = model.fit(datasets.load(spec.dataset, WHERE), seeded())
    assert next(steps).index == 0
    begun = state_of(model)
    for _ in steps:
        pass
    learned = {name for name, _ in model.named_parameters()}
    start = {name: (begun if name in learned else built)[name] for name in built}
    return set(start), {name for name, tensor in model.state_dict().items() if not torch.equal(tensor, start[name])}


@each
def test_the_fit_moves_every_tensor_that_the_model_has(dataset, name):
    """Under some choice of its settings: a relativistic loss, say, cannot see the discriminator's last bias."""
    choices = [{}] + [{k.name: c} for k in models.model(name).Settings.knobs().values() for c in k.choices]
    still = set()
    for choice in choices:
        try:
            there, gone = moved(RunSpec.make(dataset, name, {"steps": 4, **choice}))
        except UserError:
            continue
        still = there - gone if choice == {} else still - gone
        if not still:
            return
    pytest.fail(f"never moved: {sorted(still)}")


CHOICES = [(name, k.name, choice) for name in NAMES for k in models.model(name).Settings.knobs().values() for choice in k.choices]


@pytest.mark.parametrize(("name", "knob", "choice"), CHOICES)
def test_every_choice_of_every_setting_keeps_the_promises_too(name, knob, choice):
    spec = RunSpec.make("digits", name, {"steps": 2, knob: choice})
    there, gone = moved(spec)
    assert len(there - gone) <= 1  # the discriminator's last bias, which a relativistic loss does not see
    model, data = spec.kind(spec.settings, spec.source.shape).to(WHERE), datasets.load("digits", WHERE)
    for step in model.fit(data, seeded()):
        assert all(math.isfinite(loss) for loss in step.losses.values())
    model.eval().requires_grad_(False)
    x = data.test[:20]
    for use in ("encode", "reconstruct", "log_prob", "judge"):
        if hasattr(model, use):
            answer = getattr(model, use)
            torch.testing.assert_close(torch.cat([answer(part) for part in x.split(7)]), answer(x), rtol=1e-4, atol=1e-4)
    if isinstance(model, Reconstructs):
        torch.testing.assert_close(model.reconstruct(x), model.decode(model.encode(x)))
        assert model.reconstruct(x).shape == x.shape
    if isinstance(model, BoundsLogProb):
        one, many = (model.log_prob_bound(x, k, seeded()).mean().item() for k in (1, 50))
        assert math.isfinite(one)
        assert one < many
    if isinstance(model, Samples):
        draws = model.sample(30, seeded())
        assert draws.shape == (30, *x.shape[1:])
        assert torch.isfinite(draws).all()
        assert torch.equal(draws, model.sample(30, seeded()))
    assert all(torch.isfinite(score) for score in model.evaluate(data, seeded()).values())


@each
def test_steps_are_counted_from_zero_to_the_last_and_their_losses_are_finite(dataset, name):
    spec = RunSpec.make(dataset, name, {"steps": 3})
    model = spec.kind(spec.settings, spec.source.shape).to(WHERE)
    steps = [
        (s.index, {n: loss.item() for n, loss in s.losses.items()}) for s in model.fit(datasets.load(dataset, WHERE), seeded())
    ]
    assert [index for index, _ in steps] == [0, 1, 2, 3]
    assert all(math.isfinite(loss) for _, losses in steps for loss in losses.values())
    draws = {curve.column for curve in model.curves}
    assert draws
    for _, losses in steps[1:]:
        assert draws <= losses.keys()


@each
def test_a_test_score_has_the_name_of_the_training_curve_whose_definition_it_shares(dataset, name, fitted):
    model = fitted(dataset, name)
    scores = model.evaluate(datasets.load(dataset, WHERE), seeded())
    assert scores
    assert scores.keys() <= {curve.column for curve in model.curves}
    assert all(math.isfinite(score) for score in scores.values())


@each
def test_evaluating_and_using_a_model_does_not_change_it(dataset, name, fitted):
    model, data = fitted(dataset, name), datasets.load(dataset, WHERE)
    before, train = state_of(model), data.train.clone()
    first = model.evaluate(data, seeded())
    if isinstance(model, Samples):
        model.sample(10, seeded())
    if isinstance(model, Reconstructs):
        model.reconstruct(data.test)
    second = model.evaluate(data, seeded())
    assert {n: v.item() for n, v in first.items()} == {n: v.item() for n, v in second.items()}
    assert all(torch.equal(tensor, before[n]) for n, tensor in model.state_dict().items())
    assert torch.equal(data.train, train)


@each
def test_a_model_saved_and_loaded_is_the_same_to_the_last_bit(dataset, name, fitted):
    model, data = fitted(dataset, name), datasets.load(dataset, WHERE)
    twin = type(model)(model.settings, model.shape).to(WHERE)
    twin.load_state_dict(state_of(model))
    twin.eval()
    if isinstance(model, Samples):
        assert torch.equal(twin.sample(20, seeded()), model.sample(20, seeded()))
    for use in ("encode", "reconstruct", "log_prob", "judge"):
        if hasattr(model, use):
            assert torch.equal(getattr(twin, use)(data.test), getattr(model, use)(data.test))


@able(Samples)
def test_samples_are_finite_examples_in_data_units(dataset, name, fitted):
    model, data = fitted(dataset, name), datasets.load(dataset, WHERE)
    x = model.sample(500, seeded())
    assert x.dtype == torch.float32
    assert x.shape == (500, *data.source.shape)
    assert torch.isfinite(x).all()
    assert (x[0] != x[1]).any()
    centre, spread = data.train.mean(0), data.train.std(0).mean()
    assert (x.mean(0) - centre).abs().max() < 5 * max(spread, 0.2)  # an unlearned model, but not in other units
    if data.source.is_image:
        assert 0 <= x.min() <= x.max() <= 1


@able(Samples)
def test_equal_noise_gives_equal_samples_and_other_noise_others(dataset, name, fitted):
    model = fitted(dataset, name)
    first = model.sample(20, seeded(3))
    assert torch.equal(model.sample(20, seeded(3)), first)
    assert not torch.equal(model.sample(20, seeded(4)), first)


@each
def test_an_answer_does_not_depend_on_the_rest_of_the_batch(dataset, name, fitted):
    model, x = fitted(dataset, name), datasets.load(dataset, WHERE).test[:40]
    order = torch.randperm(len(x), generator=seeded(), device=WHERE)
    for use in ("encode", "reconstruct", "log_prob", "judge"):
        if hasattr(model, use):
            answer = getattr(model, use)
            whole = answer(x)
            close = {"rtol": 1e-4, "atol": 1e-4}
            torch.testing.assert_close(torch.cat([answer(part) for part in x.split(7)]), whole, **close)
            torch.testing.assert_close(answer(x[order]), whole[order], **close)


@able(Encodes)
def test_different_examples_have_different_codes(dataset, name, fitted):
    model, data = fitted(dataset, name), datasets.load(dataset, WHERE)
    z = model.encode(data.test[:40])
    assert z.ndim == 2
    assert len({tuple(row) for row in z.tolist()}) > 20


@able(Reconstructs)
def test_a_reconstruction_is_the_decoded_code(dataset, name, fitted):
    model, x = fitted(dataset, name), datasets.load(dataset, WHERE).test[:50]
    assert isinstance(model, Encodes)
    assert isinstance(model, Decodes)
    torch.testing.assert_close(model.reconstruct(x), model.decode(model.encode(x)))
    assert model.reconstruct(x).shape == x.shape
    if len(model.shape) == 3:
        assert 0 <= model.reconstruct(x).min() <= model.reconstruct(x).max() <= 1


@able(Reconstructs)
def test_a_reconstruction_knows_the_example(dataset, name):
    """After a tenth of its usual fit it is nearer to its own example than to another, three times of four."""
    preset = RunSpec.make(dataset, name)
    spec = RunSpec.make(dataset, name, {"steps": preset.steps // 10})
    model, data = spec.kind(spec.settings, spec.source.shape).to(WHERE), datasets.load(dataset, WHERE)
    for _ in model.fit(data, seeded()):
        pass
    with torch.no_grad():
        x_hat = model.reconstruct(data.test)
    own = (x_hat - data.test).flatten(1).square().sum(1)
    other = (x_hat - data.test.roll(1, 0)).flatten(1).square().sum(1)
    assert (own < other).float().mean() > 0.75


@able(HasPosterior)
def test_the_code_is_the_posterior_mean(dataset, name, fitted):
    model, x = fitted(dataset, name), datasets.load(dataset, WHERE).test[:50]
    mu, log_var = model.posterior(x)
    assert torch.equal(model.encode(x), mu)
    assert log_var.shape == mu.shape


@able(Judges)
def test_a_judge_gives_one_logit_an_example(dataset, name, fitted):
    model, x = fitted(dataset, name), datasets.load(dataset, WHERE).test[:50]
    logits = model.judge(x)
    assert logits.shape == (50,)
    assert logits.std() > 0


@pytest.mark.parametrize("name", [n for n, kind in models.models().items() if hasattr(kind, "log_prob")])
def test_an_exact_density_integrates_to_one(name, fitted):
    model = fitted("moons", name)
    assert isinstance(model, ExactLogProb)
    assert integral_on_a_grid(lambda x: model.log_prob(x.float().to(WHERE)).cpu(), -3, 4, 500) == pytest.approx(1, abs=2e-3)


@able(BoundsLogProb)
def test_more_samples_tighten_the_bound_on_average(dataset, name, fitted):
    model, x = fitted(dataset, name), datasets.load(dataset, WHERE).test[:200]
    bounds = [model.log_prob_bound(x, k, seeded()).mean().item() for k in (1, 8, 64)]
    assert bounds == sorted(bounds)
    assert bounds[2] > bounds[0]


@pytest.mark.parametrize("dataset", datasets.sources())
@pytest.mark.parametrize("name", NAMES)
def test_the_presets_are_allowed_on_every_dataset_and_know_their_budget(dataset, name):
    for budget in BUDGETS:
        spec = RunSpec.make(dataset, name, seed=MAX_SEED, budget=budget)
        assert spec.steps == spec.settings.steps >= 1
        assert spec.kind.preset(spec.source, budget).keys() <= spec.kind.Settings.knobs().keys()
        assert spec.budget == budget or RunSpec.make(dataset, name, budget=spec.budget).settings == spec.settings
        assert spec.changed == spec.changed_from(budget) == {}


@each
def test_the_number_of_learned_numbers_is_told_alike_before_and_after_the_fit(dataset, name, fitted):
    """Of nets, what a gradient reaches; a mixture's free numbers, which EM finds, are counted in tests of its own."""
    spec = RunSpec.make(dataset, name)
    begun = spec.kind(spec.settings, spec.source.shape)
    assert begun.parameter_count() > 0
    if any(p.requires_grad for p in begun.parameters()):
        assert begun.parameter_count() == sum(p.numel() for p in begun.parameters() if p.requires_grad)
    model = fitted(dataset, name)
    assert model.parameter_count() == spec.kind(model.settings, spec.source.shape).parameter_count()


@pytest.mark.parametrize("name", NAMES)
def test_it_is_described_for_people(name):
    kind = models.model(name)
    assert kind.name == name
    assert kind.about.endswith(".")
    assert kind.sample_note
    assert kind.reconstruct_note
    assert "steps" in kind.Settings.knobs()


@each
def test_the_summary_is_one_line_that_a_setting_changes(dataset, name, fitted):
    model = fitted(dataset, name)
    assert "\n" not in model.summary()
    summaries = {model.summary()}
    for knob in type(model).Settings.knobs().values():
        try:
            other = RunSpec.make(dataset, name, {knob.name: knob.other_value()})
        except UserError:
            continue
        summaries.add(other.kind(other.settings, other.source.shape).summary())
    assert len(summaries) > 1


def test_models_come_in_the_lectures_order():
    families = [kind.family for kind in models.models().values()]
    assert sorted(families, key=FAMILIES.index) == families
