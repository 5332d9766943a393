"""5. Adversarial game: where D pulls G, move by move, and what the best possible D would say."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import streamlit as st

from genmodels.config import UserError
from genmodels.models.parts import game_moves
from genmodels.runs import Spec
from genmodels.store import Recording
from genmodels.studies.adversarial import GameFinding, Players
from genmodels.studies.adversarial.study import play_on, snapshot_rounds
from genmodels.studies.findings import StudySpec
from genmodels.studies.opinion import OpinionFinding
from genmodels.views import adversarial as drawing
from pages.parts import cards, game, ghost, heading, jobs, prose, state, view_controls, waiting
from pages.parts.session import session
from pages.parts.views.adversarial import View

PAGE = "adversarial"
GAMES = ghost.Part(
    PAGE,
    lambda view: view.games(),
    ("target", "loss", "against", "k", "truth", "rounds", "seed"),
    dim="[data-testid=stMetric]",
    grows=True,
)


@dataclass(frozen=True)
class Column:
    """One game on the stage."""

    data: dict[str, Any]
    spec: StudySpec
    recording: Recording | None = None  # once it is played to its end

    def live(self, frame: int, moves: str) -> dict[str, Any] | None:
        """Play the game on from a snapshot."""
        if not self.recording:
            return None
        return drawing.live(play_on(Players.read(self.recording), self.spec.settings, frame, moves))


def finished(spec: Spec, recording: Recording, is_old: bool = False) -> Column:
    assert isinstance(spec, StudySpec)
    data = drawing.column(GameFinding.read(recording), spec.settings)
    return Column(data | {"isOld": True} if is_old else data, spec, recording)


def next_column(item: jobs.Item[Spec], before: Column | None) -> Column | None:
    """Return a game that is to follow, as far as it is played, else the one before in its place."""
    if item.recording:
        return finished(item.spec, item.recording)
    assert isinstance(item.spec, StudySpec)
    growing = item.growing()
    try:
        if growing and GameFinding.written(growing):
            return Column(drawing.growing(GameFinding.read(growing), item.spec.settings), item.spec)
    except (OSError, UserError):  # it is written, finished or swept in this very moment
        pass
    return before


def columns_of(picture: ghost.Picture[View]) -> list[Column]:
    pairs = list(zip(picture.specs, picture.recordings, strict=True))
    if not picture.is_old:
        return [finished(*pair) for pair in pairs]
    before = {role: finished(*pair, is_old=True) for role, pair in zip(roles(picture.specs), pairs, strict=True)}
    specs = [item.spec for item in picture.following]
    columns = (next_column(item, before.get(role)) for item, role in zip(picture.following, roles(specs), strict=True))
    return [column for column in columns if column]


def roles(specs: Sequence[Spec]) -> list[str]:
    """Return the place of each game: its number, or that its generator is perfect."""
    games = [spec.settings for spec in specs if isinstance(spec, StudySpec)]
    return ["perfect" if settings.model_dump()["perfect"] else str(i) for i, settings in enumerate(games)]


def paint(picture: ghost.Picture[View]) -> None:
    columns = columns_of(picture)

    @st.fragment
    def moving_part() -> None:
        """Redraw the bar alone after a move: the snapshots on the stage stay where they are."""
        with cards.guard():
            now = state.current(PAGE, View)
            moves = game_moves.spelled(now.moves)
            payload = now.model_dump(include={"shown", "arrows", "grid", "frame"}) | {
                "live": [column.live(now.frame, moves) for column in columns] if moves else None,
                "words": drawing.words(moves),
                "full": not game_moves.fits(moves + "b"),
                "presenting": state.presenting(),
                "version": session().address.version,
                "marks": snapshot_rounds(picture.view.rounds),
            }
            game.bar(payload, stop_at, move, take_back)

    moving_part()
    game.stage([column.data for column in columns])
    prose.caption(drawing.method())
    if picture.view.truth:
        with st.container(horizontal=True):
            for number in drawing.numbers(GameFinding.read(picture.finding), picture.specs[-1].settings):
                heading.settle(*number)


def stop_at(frame: int) -> None:
    state.save_view(PAGE, frame=frame, moves="")


def move(frame: int, kind: str, amount: int) -> None:
    now = state.current(PAGE, View)
    moves = game_moves.spelled(now.moves) if frame == now.frame else ""
    if game_moves.fits(moves + kind * amount):
        state.save_view(PAGE, frame=frame, moves=game_moves.shortened(moves + kind * amount))


def take_back() -> None:
    state.save_view(PAGE, moves=re.sub(r"\d+[dgbp]$", "", state.current(PAGE, View).moves))


view = state.view(PAGE, View)
heading.draw(
    "Adversarial game",
    r"$\min_G \max_D \; \mathbb{E}[\log D(x)] + \mathbb{E}[\log(1 - D(G(z)))]$. D paints where it believes real points fall; "
    "each fake moves up that slope. **Play it, stop anywhere, and make the next moves yourself.**",
)
with st.container(horizontal=True, vertical_alignment="bottom"):
    view_controls.draw(PAGE, view, "target", width="content")
    view_controls.draw(PAGE, view, "loss", "against", width=165)
    view_controls.slider(GAMES, view, "k", width=190)
    if not state.presenting():
        with st.popover("More", key="more", on_change="rerun") as more:
            if more.open:
                view_controls.draw(PAGE, view, "shown", "arrows", "grid", "truth", "rounds", "seed")
with cards.guard():
    ghost.draw(GAMES, view, paint)

prose.markdown(
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
