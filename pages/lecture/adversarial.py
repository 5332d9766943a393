"""5. Adversarial game: where D pulls G, move by move, and what the best possible D would say."""

import re
from typing import Any

import streamlit as st

from genmodels.models.parts import game_moves
from genmodels.studies.adversarial import GameFinding, Players
from genmodels.studies.adversarial.study import play_on
from genmodels.studies.opinion import OpinionFinding
from genmodels.views import adversarial as drawing
from pages.parts import cards, game, heading, state, view_controls, waiting
from pages.parts.session import session
from pages.parts.views.adversarial import View

PAGE = "adversarial"


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

specs = view.games()
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
    study = view.opinion()
    (trained,) = waiting.runs(study.runs)
    opinion = OpinionFinding.read(waiting.finding(study))
    game.strip(drawing.strip(trained, opinion))
