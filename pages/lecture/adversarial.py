"""5. Adversarial game: where D pulls G, move by move, and what the best possible D would say."""

import re
from typing import Any, Literal

import streamlit as st

from genmodels.config import Config, knob
from genmodels.models.parts import game_moves
from genmodels.models.parts.game import TargetName
from genmodels.models.parts.losses import Loss
from genmodels.runs import RunSpec
from genmodels.studies.adversarial import GameFinding, Players
from genmodels.studies.adversarial.study import SNAPSHOTS, play_on
from genmodels.studies.findings import StudySpec
from genmodels.studies.opinion import OpinionFinding
from genmodels.views import adversarial as drawing
from pages.parts import cards, game, heading, state, view_controls, waiting
from pages.parts.session import session

PAGE = "adversarial"
Against = Literal["nothing", "non-saturating", "minimax", "least squares", "hinge", "wasserstein", "relativistic"]


class View(Config):
    """What this page can show; equal seed, weights and chances in every game."""

    target: TargetName = knob("8 Gaussians", "The density of the real points, known exactly.", label="real points")
    loss: Loss = knob("non-saturating", "What the two players of the first game minimise.")
    against: Against = knob("minimax", "A second game, from the same weights with the same chances.", label="beside it")
    k: int = knob(1, "Updates of D to one of G, the k of Goodfellow's algorithm.", ge=1, le=5, label="D updates per G update")
    truth: bool = knob(True, "A last game in which fakes are fresh real points: what must D do?", label="perfect generator")
    shown: Literal["D", "best possible D"] = knob("D", "Whose field is drawn: D's, or p / (p + q)'s.", label="field of")
    arrows: bool = knob(True, "The gradient on each fake.")
    grid: bool = knob(True, "Where G puts a square grid of noise.", label="noise grid")
    rounds: int = knob(1500, "Updates of G in the whole game.", ge=10, le=5000, log=True)
    seed: int = knob(0, "What all chance comes from.", ge=0, le=999)
    frame: int = knob(24, "The photograph shown.", ge=0, le=SNAPSHOTS)
    moves: str = knob("", "Moves played on from there.", pattern=game_moves.PATTERN)


view = state.view(PAGE, View)
heading.draw(
    "Adversarial game",
    r"$\min_G \max_D \; \mathbb{E}[\log D(x)] + \mathbb{E}[\log(1 - D(G(z)))]$. D paints where it believes real points fall; "
    "each fake moves up that slope. **Play it, stop anywhere, and make the next moves yourself.**",
)
with st.container(horizontal=True, vertical_alignment="bottom"):
    view_controls.draw(PAGE, view, "target", width="content")
    view_controls.draw(PAGE, view, "loss", "against", width=165)
    view_controls.draw(PAGE, view, "k", width=190)
    if not state.presenting():
        with st.popover("More", key="more", on_change="rerun") as more:
            if more.open:
                view_controls.draw(PAGE, view, "shown", "arrows", "grid", "truth", "rounds", "seed")

games = [(view.loss, False)]
if view.against not in ("nothing", view.loss):
    games.append((view.against, False))
if view.truth:
    games.append(("non-saturating", True))
common = {"target": view.target, "k": view.k, "rounds": view.rounds, "seed": view.seed}
specs = [StudySpec.make("adversarial", settings=common | {"loss": loss, "perfect": perfect}) for loss, perfect in games]
with cards.guard():
    recordings = waiting.recordings(specs)
    findings = [GameFinding.read(recording) for recording in recordings]
    columns = [drawing.column(finding, spec.settings) for finding, spec in zip(findings, specs, strict=True)]

    def stop_at(frame: int) -> None:
        state.save_view(PAGE, frame=frame, moves="")

    def move(frame: int, kind: str, amount: int) -> None:
        now: View = state.view(PAGE, View)
        moves = game_moves.spelled(now.moves) if frame == now.frame else ""
        if game_moves.fits(moves + kind * amount):
            state.save_view(PAGE, frame=frame, moves=game_moves.shortened(moves + kind * amount))

    def take_back() -> None:
        state.save_view(PAGE, moves=re.sub(r"\d+[dgbp]$", "", state.view(PAGE, View).moves))

    @st.fragment
    def moving_part() -> None:
        """Redraw the bar alone after a move: the snapshots on the stage stay where they are."""
        with cards.guard():
            now: View = state.view(PAGE, View)
            moves = game_moves.spelled(now.moves)
            payload = now.model_dump(include={"shown", "arrows", "grid", "frame"}) | {
                "live": live(now.frame, moves) if moves else None,
                "words": drawing.words(moves),
                "full": not game_moves.fits(moves + "b"),
                "presenting": state.presenting(),
                "version": session().address.version,
                "marks": findings[0].rounds,
            }
            game.bar(payload, stop_at, move, take_back)

    def live(frame: int, moves: str) -> list[dict[str, Any]]:
        """Play every game on from a snapshot."""
        both = zip(map(Players.read, recordings), specs, strict=True)
        return [drawing.live(play_on(players, spec.settings, frame, moves)) for players, spec in both]

    moving_part()
    game.stage(columns)
    st.caption(drawing.method())
    if view.truth:
        with st.container(horizontal=True):
            for number in drawing.numbers(findings[-1], specs[-1].settings):
                heading.settle(*number)

st.markdown(
    r"For a fixed $G$ the best $D$ is $D^*(x) = p(x) / (p(x) + q(x))$, its loss $\log 4 - 2\,\mathrm{JSD}(p, q)$: only where "
    r"$q = p$ is that $\log 4$, and $D = 1/2$ everywhere. Minimax pulls by $D(G(z))\,\nabla$logit, which vanishes where $D$ is "
    r"sure; non-saturating by $(1 - D(G(z)))\,\nabla$logit, which does not."
)
st.subheader("On pictures: what D thinks of each sample", anchor=False)
with cards.guard():
    run = RunSpec.make("digits", "gan")
    (trained,) = waiting.runs([run])
    opinion = OpinionFinding.read(waiting.finding(StudySpec.make("opinion", [run])))
    game.strip(drawing.strip(trained, opinion))
