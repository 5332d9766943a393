"""A study can be stopped between any two updates of a network, wherever it makes them; a stop leaves nothing half made."""

import pytest
import torch

from genmodels import device
from genmodels.metrics import c2st
from genmodels.metrics.probes import attributes, features, judge
from genmodels.models.parts import inversion
from genmodels.models.parts.optimisers import Adam
from genmodels.progress import finish
from genmodels.runs import RunSpec, Stopped, record
from genmodels.studies.features import spec as features_of
from genmodels.studies.findings import StudySpec
from genmodels.studies.latents import codes
from genmodels.studies.latents import study as latents
from genmodels.studies.scores import reference

GAN = RunSpec.make("digits", "gan", {"steps": 3})
PAIR = [RunSpec.make("digits", model, {"steps": 3}) for model in ("autoencoder", "vae")]


@pytest.fixture(autouse=True)
def few(monkeypatch: pytest.MonkeyPatch) -> None:
    """Few updates of each network, but more than one."""
    for module in (features, judge, attributes):
        monkeypatch.setattr(module, "STEPS", 20)
    monkeypatch.setattr(inversion, "ENCODER_STEPS", 20)
    monkeypatch.setattr(codes, "SEARCH_STEPS", 20)
    monkeypatch.setattr(c2st, "STEPS", 2)
    for name in ("N_EXAMPLES", "N_JOINT"):
        monkeypatch.setattr(latents, name, 60)
    codes._searched.clear()


def most_at_once(spec, store):
    """Perform it on a cache without features; return the most updates of networks that were made between two yields, and all."""
    for run in spec.runs:
        record(run, store)
    gaps = [0]

    def update(adam, step=Adam.step):
        gaps[-1] += 1
        step(adam)

    def look_up(share):
        assert 0 <= share <= 1
        assert not torch.is_grad_enabled()
        gaps.append(0)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Adam, "step", update)
        record(spec, store, on_progress=look_up)
    return max(gaps), sum(gaps)


@pytest.mark.parametrize(
    ("spec", "learnt"),
    [
        (
            lambda: StudySpec.make("gallery", [GAN], {"n": 20, "search_steps": 20}),
            20 + 20 + 20 + 33,
        ),  # judges together, of small pictures for longer
        (lambda: StudySpec.make("latents", [GAN]), (20 + 20) + (20 + 3 * 20)),  # 60 test examples, 1,437 training ones, 500 at once
        (lambda: StudySpec.make("latent-map", [GAN], {"space": "features"}), 20),
        (lambda: StudySpec.make("code-samplers", PAIR), 20),
        (lambda: StudySpec.make("arithmetic", [GAN]), 2 * 20 + 20),
    ],
    ids=["gallery", "latents", "latent-map", "code-samplers", "arithmetic"],
)
def test_between_two_signs_of_life_a_network_is_updated_once(spec, learnt, store):
    assert most_at_once(spec(), store) == (1, learnt)


def test_scores_on_an_empty_cache_show_life_in_the_floor_that_they_need_and_in_a_search(store):
    most, _ = most_at_once(StudySpec.make("scores", [GAN], {"n": 40}), store)
    assert most == 2 * 2  # the two nets of the two-sample test, which is one number


def test_scores_stopped_in_the_floor_that_they_need_leave_neither(store):
    spec, of = StudySpec.make("scores", [GAN], {"n": 40}), reference.spec("digits", 40)
    record(GAN, store)
    shares: list[float] = []
    with pytest.raises(Stopped):
        record(spec, store, stopped=lambda: len(shares) > 30, on_progress=shares.append)
    net, floor, own = (each.begin().estimate() for each in (features_of("digits"), of, spec))
    assert net < shares[-1] * (net + floor + own) < net + floor
    assert store.find(spec.key) is store.find(of.key) is None
    assert list((store.root / "growing").glob("*")) == []


def test_a_search_that_another_interrupts_at_every_update_finds_what_it_finds_alone(fitted):
    def seeded(seed):
        return device.generator(device.choose_device(), seed, "tests")

    model = fitted("digits", "gan")
    first, second = model.sample(12, seeded(1)).split(6)
    other = model.inverting(second, seeded(2), 20)
    in_turns = finish(model.inverting(first, seeded(2), 20), lambda share: next(other, None))
    assert torch.equal(in_turns.z, finish(model.inverting(first, seeded(2), 20)).z)
