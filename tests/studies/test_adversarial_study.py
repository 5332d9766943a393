"""Games as findings: taken up anywhere they go on as recorded, and a perfect generator leaves D with log 4 and a coin."""

import math

import pytest
import torch

from genmodels import datasets
from genmodels.config import UserError
from genmodels.datasets.parts.targets import TARGETS
from genmodels.metrics.best_discriminator import SIDE, Cells, cell_of
from genmodels.models.parts import game, game_moves
from genmodels.runs import Run, RunSpec
from genmodels.studies import adversarial
from genmodels.studies.findings import StudySpec, perform
from genmodels.studies.opinion import ranks


def played(store, **settings):
    spec = StudySpec.make("adversarial", settings={"rounds": 20, **settings})
    return spec, perform(spec, store)


@pytest.mark.parametrize("rounds", [10, 60, 1500])
def test_photographs_begin_at_the_start_end_at_the_end_and_none_is_taken_twice(rounds):
    marks = adversarial.marks(rounds)
    assert (marks[0], marks[-1]) == (0, rounds)
    assert marks == sorted(set(marks))
    assert len(marks) <= adversarial.FRAMES + 1


@pytest.mark.parametrize(("loss", "k"), [("minimax", 1), ("wasserstein", 2)])
def test_rounds_played_on_from_a_photograph_lead_to_the_next_one_to_the_last_bit(store, loss, k):
    spec, found = played(store, loss=loss, k=k)
    marks = found.json("numbers.json")["marks"]
    rules, first, second = spec.settings.rules(), 7, 12
    with torch.no_grad():
        reached = game_moves.play(rules, adversarial.state_at(found, first), "b" * (marks[second] - marks[first]))
    recorded = adversarial.state_at(found, second)
    for who in ("g", "d"):
        assert torch.equal(getattr(reached, who).weights, getattr(recorded, who).weights)
        assert torch.equal(getattr(reached, who).squares, getattr(recorded, who).squares)
        assert getattr(reached, who).updates == getattr(recorded, who).updates


def test_a_live_photograph_of_the_same_state_is_the_recorded_one(store):
    spec, found = played(store)
    marks, numbers = found.json("numbers.json")["marks"], found.json("numbers.json")
    live = adversarial.played_on(found, spec.settings, 5, "b" * (marks[9] - marks[5]))
    assert live.numbers == {name: pytest.approx(numbers[name][9]) for name in live.numbers}
    assert torch.equal((live.field * 255).round().byte(), found.tensors("frames.safetensors")["field"][9])


def test_the_numbers_are_those_of_many_points_counted_one_by_one(store):
    spec, found = played(store, target="moons", loss="minimax")
    rules, state, numbers = spec.settings.rules(), adversarial.state_at(found, 10), found.json("numbers.json")
    rng, n = torch.Generator().manual_seed(1), 100_000
    with torch.no_grad():
        real, fake = rules.real(n, rng), state.fake(rules, n, rng)
        real_d, fake_d = torch.sigmoid(state.logits(real)), torch.sigmoid(state.logits(fake))
        drawn = torch.bincount(cell_of(fake), minlength=SIDE**2).double() / n
    assert numbers["d_loss"][10] == pytest.approx(float(-(real_d.log().mean() + (1 - fake_d).log().mean())), abs=0.02)
    assert numbers["accuracy"][10] == pytest.approx(
        float((real_d > 0.5).float().mean() + (fake_d < 0.5).float().mean()) / 2, abs=0.01
    )
    assert numbers["g_loss"][10] == pytest.approx(float((1 - fake_d).log().mean()), abs=0.05)
    assert numbers["divergence"][10] == pytest.approx(Cells(adversarial.cells_of("moons"), drawn).divergence(), abs=5e-3)
    assert numbers["distance"][10] == pytest.approx(numbers["d_loss"][10] - (math.log(4) - 2 * numbers["divergence"][10]))


def test_the_fakes_that_are_drawn_are_of_one_noise_and_the_arrows_sit_on_them(store):
    spec, found = played(store)
    frames, rules = found.tensors("frames.safetensors"), spec.settings.rules()
    state = adversarial.state_at(found, 3)
    rng = adversarial.device.generator(game.CPU, rules.seed, "game photograph")
    real = rules.real(adversarial.N_LOSS, rng)
    with torch.no_grad():
        fake = state.fake(rules, adversarial.N_LOSS, rng)
    assert torch.equal(frames["fake"][3], fake[: adversarial.N_POINTS])
    assert torch.equal(frames["pull"][3], game.pull(rules.loss, state, fake, real)[: adversarial.N_ARROWS])
    corner = game.generate(state.g.weights, torch.tensor([[-2.25, -2.25]]))
    assert torch.allclose(frames["grid"][3][0], corner[0], atol=1e-5)


@pytest.mark.parametrize("loss", ["least squares", "hinge", "wasserstein", "relativistic"])
def test_other_losses_have_an_opinion_an_accuracy_and_no_cross_entropy(store, loss):
    spec, found = played(store, loss=loss)
    numbers, frames = found.json("numbers.json"), found.tensors("frames.safetensors")
    assert {numbers[name][-1] for name in ("best_loss", "distance", "seen_accuracy")} == {None}
    assert all(a <= b + 1e-9 for a, b in zip(numbers["accuracy"], numbers["best_accuracy"]))
    logits = adversarial.state_at(found, -1).logits(adversarial.best.centres())
    shown = frames["field"][-1].float()
    assert torch.equal(shown[logits.argsort()].diff().sign().clamp(max=0), torch.zeros(SIDE**2 - 1))  # it keeps D's order


def test_against_a_perfect_generator_d_unlearns_what_it_knew(store):
    _, found = played(store, perfect=True, rounds=300)
    numbers = found.json("numbers.json")
    sure = numbers["marks"].index(next(m for m in numbers["marks"] if m >= 80))
    assert numbers["accuracy"][sure] > 0.85  # before: it sees through the generator as it began
    assert numbers["best_loss"][-1] == pytest.approx(math.log(4))
    assert 0 <= numbers["distance"][-1] < 0.05
    assert numbers["accuracy"][-1] == pytest.approx(0.5)
    assert abs(numbers["seen_accuracy"][-1] - 0.5) < 4 * 0.5 / math.sqrt(2 * adversarial.N_SETTLED)
    assert bool(found.tensors("frames.safetensors")["grid"][-1].isnan().all())


@pytest.mark.slow
@pytest.mark.parametrize("target", TARGETS)
def test_the_number_that_settles_the_lesson_is_log_4_and_one_half(store, target):
    _, found = played(store, perfect=True, rounds=1500, target=target)
    numbers = found.json("numbers.json")
    assert numbers["seen_loss"][-1] == pytest.approx(math.log(4), abs=5e-3)
    assert 0 <= numbers["distance"][-1] < 5e-3
    assert numbers["seen_accuracy"][-1] == pytest.approx(0.5, abs=4 * 0.5 / math.sqrt(2 * adversarial.N_SETTLED))


@pytest.mark.slow
@pytest.mark.parametrize("target", TARGETS)
def test_a_learned_generator_comes_near_the_truth_and_d_near_log_4(store, target):
    _, found = played(store, rounds=1500, target=target)
    numbers = found.json("numbers.json")
    assert numbers["divergence"][-1] < numbers["divergence"][0] / 2
    assert numbers["best_loss"][-1] < numbers["d_loss"][-1] < math.log(4) + 0.05


def test_what_theory_does_not_speak_of_is_one_line():
    with pytest.raises(UserError, match="a perfect generator is theory's case for loss = non-saturating or minimax"):
        StudySpec.make("adversarial", settings={"perfect": True, "loss": "hinge"})
    with pytest.raises(UserError, match="one GAN of pictures"):
        StudySpec.make("opinion", [RunSpec.make("moons", "gan")])
    with pytest.raises(UserError, match="one GAN of pictures"):
        StudySpec.make("opinion", [RunSpec.make("digits", "vae")])


def test_a_rank_is_the_share_of_real_ones_that_d_holds_less_real():
    real = torch.tensor([3.0, 1.0, 2.0, 2.0])
    assert ranks(torch.tensor([0.0, 2.0, 2.5, 9.0]), real).tolist() == [0.0, 0.5, 0.75, 1.0]


def test_opinions_are_of_the_last_d_on_every_snapshot(store):
    run = RunSpec.make("digits", "gan", {"steps": 3, "hidden_dim": 16})
    found = perform(StudySpec.make("opinion", [run]), store)
    recorded = Run.find(run, store)
    model, test = recorded.load_model(torch.device("cpu")), datasets.load("digits", torch.device("cpu")).test
    fake = model.judge(recorded.snapshot(2)["samples"].float() / 255)
    real = model.judge(test)
    by_pairs, opinions = (fake[:, None] > real[None]).float().mean(1), found.tensors("opinions.safetensors")
    assert torch.allclose(opinions["ranks"][2], by_pairs, atol=1e-6)
    assert torch.allclose(opinions["leads"][2], fake - real.mean(), atol=1e-5)
    assert found.json("opinion.json")["prefers_real"][2] == pytest.approx(1 - by_pairs.mean().item(), abs=1e-6)
