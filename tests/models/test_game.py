"""The game in the plane: networks, updates and gradients against torch's own; moves that can be taken up anywhere."""

from dataclasses import replace

import pytest
import torch
from torch import nn
from torch.nn.utils import parameters_to_vector, vector_to_parameters

from genmodels.models.parts import game, game_moves, nets
from genmodels.models.parts.game import D_SIZES, G_SIZES, Player, Rules, State
from genmodels.models.parts.losses import discriminator_loss, generator_loss

LOSSES = ("relativistic", "non-saturating", "minimax", "least squares", "hinge", "wasserstein")
RULES = Rules("moons", "non-saturating", rounds=50)


def doubled(state):
    return State(*(Player(p.weights.double(), p.squares.double(), p.updates) for p in (state.g, state.d)))


@pytest.mark.parametrize("loss", LOSSES)
def test_an_arrow_is_minus_the_finite_difference_of_the_generators_loss(loss, rng):
    state = doubled(game.play_rounds(Rules("moons", loss, rounds=50), game.start(RULES), 5))
    fake, real = torch.randn(2, 6, 2, generator=rng, dtype=torch.float64)
    arrows = game.pull(loss, state, fake, real)
    for i in range(6):
        for j in range(2):
            moved = torch.zeros_like(fake)
            moved[i, j] = 1e-5
            up, down = (float(generator_loss(loss, state.logits(real), state.logits(fake + s * moved))) for s in (1, -1))
            assert arrows[i, j].item() == pytest.approx(-6 * (up - down) / 2e-5, abs=1e-6)


def test_minimax_pulls_by_the_odds_times_non_saturating(rng):
    state = doubled(game.start(RULES))
    fake = torch.randn(8, 2, generator=rng, dtype=torch.float64)
    odds = state.logits(fake).exp()[:, None]  # D / (1 - D): nothing where D is sure of a fake
    expected = odds * game.pull("non-saturating", state, fake, fake)
    assert torch.allclose(game.pull("minimax", state, fake, fake), expected)


def test_the_networks_are_torchs_own_with_the_same_weights(rng):
    state = game.start(RULES)
    g, d = nets.mlp(G_SIZES, nn.Tanh), nets.mlp(D_SIZES, nn.SiLU)
    vector_to_parameters(state.g.weights, g.parameters())
    vector_to_parameters(state.d.weights, d.parameters())
    x = torch.randn(5, 2, generator=rng)
    half = torch.pi / 2
    waves = torch.cat([x, (half * x).sin(), (half * x).cos(), (2 * half * x).sin(), (2 * half * x).cos()], 1)
    assert torch.allclose(game.generate(state.g.weights, x), g(x), atol=1e-6)
    assert torch.allclose(state.logits(x), d(waves).squeeze(1), atol=1e-5)


def test_three_updates_of_d_are_torchs_adam():
    state = game.start(RULES)
    d = nets.mlp(D_SIZES, nn.SiLU)
    vector_to_parameters(state.d.weights.clone(), d.parameters())
    adam = torch.optim.Adam(d.parameters(), lr=RULES.d_rate, betas=(0.0, 0.99))
    for update in range(3):
        rng = game._rng(RULES, "D", update)
        real, fake = RULES.real(game.BATCH, rng), state.fake(RULES, game.BATCH, rng)
        adam.param_groups[0]["lr"] = game._rate(RULES.d_rate, update, RULES.rounds)
        adam.zero_grad()
        logits = [game.judge(parameters_to_vector(d.parameters()), x) for x in (real, fake)]
        discriminator_loss("non-saturating", *logits).backward()
        adam.step()
        state = game.step_d(RULES, state)
    assert torch.allclose(state.d.weights, parameters_to_vector(d.parameters()).detach(), atol=1e-6)


@pytest.mark.parametrize("loss", LOSSES)
def test_a_step_moves_its_own_player_alone_and_lowers_its_loss(loss):
    rules = replace(RULES, loss=loss)
    state = game.play_rounds(rules, game.start(rules), 3)
    with_d, with_g = game.step_d(rules, state), game.step_g(rules, state)
    assert torch.equal(with_d.g.weights, state.g.weights)
    assert torch.equal(with_g.d.weights, state.d.weights)
    rng = game._rng(rules, "G", state.g.updates)
    z = torch.randn(game.BATCH, 2, generator=rng)
    real = state.logits(rules.real(game.BATCH, rng)) if loss == "relativistic" else torch.zeros(game.BATCH)
    before, after = (float(generator_loss(loss, real, state.logits(game.generate(s.g.weights, z)))) for s in (state, with_g))
    assert after < before


def test_a_round_is_k_updates_of_d_and_one_of_g():
    rules = replace(RULES, k=3)
    by_hand = game_moves.play(rules, game.start(rules), "dddg")
    assert torch.equal(game.step_both(rules, game.start(rules)).g.weights, by_hand.g.weights)
    assert (by_hand.d.updates, by_hand.g.updates) == (3, 1)


def test_with_the_truth_in_its_place_the_generator_rests_and_fakes_are_real_points(rng):
    state = game_moves.play(RULES, game.start(RULES), "pg")
    assert state.g.updates == 0
    again = torch.Generator().manual_seed(7)
    assert torch.equal(state.fake(RULES, 9, torch.Generator().manual_seed(7)), RULES.real(9, again))


def test_moves_read_back_from_their_short_form_and_a_link_cannot_ask_for_too_many():
    assert game_moves.spelled("3d1g2b1p") == "dddgbbp"
    assert game_moves.shortened("dddgbbp") == "3d1g2b1p"
    assert game_moves.spelled("") == game_moves.shortened("") == ""
    assert len(game_moves.spelled("999d999g")) == game_moves.MAX_MOVES
    assert game_moves.fits("d" * 400)
    assert not game_moves.fits("d" * 401)
    assert not game_moves.fits("dg" * 13)  # more runs than a link holds


def test_a_replay_from_what_is_kept_is_the_game_from_its_beginning():
    replays, begun = game_moves.Replays(limit=3), []

    def begin():
        begun.append(1)
        return game.start(RULES)

    for moves in ("d", "dd", "ddg", "ddgb", "d"):
        result = replays.state("here", begin, RULES, moves)
        fresh = game_moves.play(RULES, game.start(RULES), moves)
        assert torch.equal(result.g.weights, fresh.g.weights)
        assert torch.equal(result.d.weights, fresh.d.weights)
    assert len(begun) == 2  # once at first, and once more for what had to leave
    assert not torch.equal(
        replays.state("there", lambda: game.step_d(RULES, game.start(RULES)), RULES, "d").d.weights, result.d.weights
    )
