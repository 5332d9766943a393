"""Games as findings: played on from any snapshot they go on as recorded; against a perfect generator D is left with log 4."""

import math
from dataclasses import asdict

import pytest
import torch

from genmodels import datasets, device
from genmodels.config import UserError
from genmodels.datasets.parts.targets import TARGETS
from genmodels.metrics import best_discriminator as best
from genmodels.metrics.best_discriminator import SIDE, Cells, cell_of
from genmodels.models.parts import game, game_moves
from genmodels.runs import Run, RunSpec, record
from genmodels.studies.adversarial import GameFinding, Players, snapshot, study
from genmodels.studies.findings import StudySpec
from genmodels.studies.opinion import OpinionFinding, ranks


def play(store, **settings):
    spec = StudySpec.make("adversarial", settings={"rounds": 20, **settings})
    recording = record(spec, store)
    return spec, GameFinding.read(recording), Players.read(recording)


@pytest.mark.parametrize("rounds", [10, 60, 1500])
def test_snapshots_begin_at_the_start_end_at_the_end_and_none_is_taken_twice(rounds):
    at = study.snapshot_rounds(rounds)
    assert (at[0], at[-1]) == (0, rounds)
    assert at == sorted(set(at))
    assert len(at) <= study.SNAPSHOTS + 1


@pytest.mark.parametrize(("loss", "k"), [("minimax", 1), ("wasserstein", 2)])
def test_rounds_played_on_from_a_snapshot_lead_to_the_next_one_to_the_last_bit(store, loss, k):
    spec, finding, players = play(store, loss=loss, k=k)
    rules, first, second = spec.settings.rules(), 7, 12
    with torch.no_grad():
        reached = game_moves.play(rules, players.state(first), "b" * (finding.rounds[second] - finding.rounds[first]))
    recorded = players.state(second)
    for who in ("g", "d"):
        assert torch.equal(getattr(reached, who).weights, getattr(recorded, who).weights)
        assert torch.equal(getattr(reached, who).squares, getattr(recorded, who).squares)
        assert getattr(reached, who).updates == getattr(recorded, who).updates


def test_a_live_snapshot_of_the_same_state_is_the_recorded_one(store):
    spec, finding, players = play(store)
    live = study.play_on(players, spec.settings, 5, "b" * (finding.rounds[9] - finding.rounds[5]))
    assert asdict(live.measurement) == pytest.approx(asdict(finding.measurements[9]))
    assert torch.equal((live.field * 255).round().byte(), finding.field[9])


def test_the_numbers_are_those_of_many_points_counted_one_by_one(store):
    spec, finding, players = play(store, target="moons", loss="minimax")
    rules, state, numbers = spec.settings.rules(), players.state(10), finding.measurements[10]
    rng, n = torch.Generator().manual_seed(1), 100_000
    with torch.no_grad():
        real, fake = rules.real(n, rng), state.fake(rules, n, rng)
        real_d, fake_d = torch.sigmoid(state.logits(real)), torch.sigmoid(state.logits(fake))
        counts = torch.bincount(cell_of(fake), minlength=SIDE**2).double() / n
    assert numbers.d_loss == pytest.approx(float(-(real_d.log().mean() + (1 - fake_d).log().mean())), abs=0.02)
    assert numbers.accuracy == pytest.approx(float((real_d > 0.5).float().mean() + (fake_d < 0.5).float().mean()) / 2, abs=0.01)
    assert numbers.g_loss == pytest.approx(float((1 - fake_d).log().mean()), abs=0.05)
    assert numbers.divergence == pytest.approx(Cells(snapshot.cells_of("moons"), counts).divergence(), abs=5e-3)
    assert numbers.distance == pytest.approx(numbers.d_loss - (math.log(4) - 2 * numbers.divergence))


def test_the_fakes_that_are_drawn_are_of_one_noise_and_the_arrows_sit_on_them(store):
    spec, finding, players = play(store)
    rules, state = spec.settings.rules(), players.state(3)
    rng = device.generator(game.CPU, rules.seed, "game photograph")
    real = rules.real(snapshot.N_LOSS, rng)
    with torch.no_grad():
        fake = state.fake(rules, snapshot.N_LOSS, rng)
    assert torch.equal(finding.fake[3], fake[: snapshot.N_POINTS])
    assert torch.equal(finding.pull[3], game.pull(rules.loss, state, fake, real)[: snapshot.N_ARROWS])
    corner = game.generate(state.g.weights, torch.tensor([[-2.25, -2.25]]))
    assert torch.allclose(finding.grid[3][0], corner[0], atol=1e-5)


@pytest.mark.parametrize("loss", ["least squares", "hinge", "wasserstein", "relativistic"])
def test_other_losses_have_an_opinion_an_accuracy_and_no_cross_entropy(store, loss):
    _, finding, players = play(store, loss=loss)
    last = finding.measurements[-1]
    assert {last.best_loss, last.distance, last.sample_accuracy} == {None}
    assert all(m.accuracy <= m.best_accuracy + 1e-9 for m in finding.measurements)
    logits = players.state(-1).logits(best.centres())
    field = finding.field[-1].float()
    assert torch.equal(field[logits.argsort()].diff().sign().clamp(max=0), torch.zeros(SIDE**2 - 1))  # it keeps D's order


def test_against_a_perfect_generator_d_unlearns_what_it_knew(store):
    _, finding, _ = play(store, perfect=True, rounds=300)
    sure, last = next(m for m, n in zip(finding.measurements, finding.rounds) if n >= 80), finding.measurements[-1]
    assert sure.accuracy > 0.85  # before: it tells real points from the first generator's
    assert last.best_loss == pytest.approx(math.log(4))
    assert 0 <= last.distance < 0.05
    assert last.accuracy == pytest.approx(0.5)
    assert abs(last.sample_accuracy - 0.5) < 4 * 0.5 / math.sqrt(2 * snapshot.N_PERFECT)
    assert bool(finding.grid[-1].isnan().all())


@pytest.fixture
def few_snapshots(monkeypatch):
    """Of a game of which the first and the last are asked for."""
    monkeypatch.setattr(study, "SNAPSHOTS", 2)


@pytest.mark.slow
@pytest.mark.usefixtures("few_snapshots")
@pytest.mark.parametrize("target", TARGETS)
def test_the_number_that_settles_the_lesson_is_log_4_and_one_half(store, target):
    rounds, near = (1500, 5e-3) if target == "8 Gaussians" else (600, 0.01)  # as the page shows it; and sooner, not as near
    _, finding, _ = play(store, perfect=True, rounds=rounds, target=target)
    last = finding.measurements[-1]
    assert last.sample_loss == pytest.approx(math.log(4), abs=near)
    assert 0 <= last.distance < near
    assert last.sample_accuracy == pytest.approx(0.5, abs=4 * 0.5 / math.sqrt(2 * snapshot.N_PERFECT))


@pytest.mark.slow
@pytest.mark.usefixtures("few_snapshots")
@pytest.mark.parametrize("target", TARGETS)
def test_a_learned_generator_comes_near_the_truth_and_d_near_log_4(store, target):
    _, finding, _ = play(store, rounds=400, target=target)
    first, last = finding.measurements[0], finding.measurements[-1]
    assert last.divergence < first.divergence / 2
    assert last.best_loss < last.d_loss < math.log(4) + 0.05


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
    finding = OpinionFinding.read(record(StudySpec.make("opinion", [run]), store))
    recorded = Run.find(run, store)
    model, test = recorded.load_model(torch.device("cpu")), datasets.load("digits", torch.device("cpu")).test
    fake = model.judge(recorded.snapshot(2)["samples"].float() / 255)
    real = model.judge(test)
    by_pairs = (fake[:, None] > real[None]).float().mean(1)
    assert torch.allclose(finding.ranks[2], by_pairs, atol=1e-6)
    assert torch.allclose(finding.leads[2], fake - real.mean(), atol=1e-5)
    assert finding.prefers_real[2] == pytest.approx(1 - by_pairs.mean().item(), abs=1e-6)
