"""One model on the page of the latent space: its run, its codes and the map of them, each finished, in progress or missing."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from genmodels.runs import RunSpec, Spec
from genmodels.studies.findings import StudySpec
from genmodels.studies.latents.finding import Descent, LatentSpace, MapSummary
from genmodels.views.latents import maps
from genmodels.views.latents.methods import Method, impossible
from pages.parts import jobs, status
from pages.parts.views.latents import View


@dataclass(frozen=True)
class Item:
    """One model's run and findings; `studies` are looked up once the run is finished."""

    method: Method
    run: jobs.Item[RunSpec]
    studies: tuple[jobs.Item[StudySpec], ...]
    why_not: str

    @property
    def live(self) -> list[jobs.Item[Spec]]:
        """What this viewer is waiting for."""
        return [item for item in (self.run, *self.studies) if item.is_live]

    def next(self) -> list[jobs.Item[Spec]]:
        """Return what could be begun now."""
        if self.why_not:
            return []
        return [item for item in self.studies if not item.recording] if self.run.recording else [self.run]

    def data(self, prior: bool, picks: Sequence[int]) -> dict[str, Any]:
        """Return the column for the browser."""
        spec = self.run.spec
        if self.why_not:
            return maps.blank(spec) | {"state": "none", "message": self.why_not}
        if not self.run.recording:
            progress, words = self.run.progress, status.sentence(self.run)
            message = words.get("message") or f"In training: {progress:.0%}, {words['left']}."
            card = {"state": words["state"], "message": message, "action": words.get("action"), "share": progress}
            return maps.blank(spec) | card
        latents, *charts = self.studies
        finding = LatentSpace.read(latents.recording) if latents.recording else None
        column = maps.column(spec, self.method, prior, picks, finding, *(_chart(charts[0]) if charts else ()))
        return {"state": "finished"} | column | self._state()

    def _state(self) -> dict[str, Any]:
        """Return the card in place of a finding that is missing."""
        missing = [item for item in self.studies if not item.recording]
        if not missing:
            return {}
        item = next((item for item in missing if item.state == "failed"), missing[0])
        words = f"{item.spec.kind.title}: {status.phrase(item)}"
        match item.state:
            case "running":
                words = f"{item.spec.kind.title}: {item.progress:.0%}, {status.phrase(item)}"
                return {"state": "running", "message": words, "share": item.progress}
            case "queued":
                return {"state": "queued", "message": words}
            case "failed":
                return {"state": "failed", "message": item.error, "action": "Try again"}
        return {"state": item.state, "message": f"{words}.", "action": "Make it"}


def _chart(item: jobs.Item[StudySpec]) -> tuple[Descent | None, MapSummary | None]:
    """Return a finished t-SNE, or the frames so far of one that still iterates."""
    if item.recording:
        return Descent.read(item.recording), MapSummary.read(item.recording)
    growing = item.growing()
    try:
        return Descent.read(growing) if growing and Descent.written(growing) else None, None
    except OSError:  # it has just been finished: its folder was renamed
        return None, None


def look(run: RunSpec, method: Method, view: View) -> Item:
    """Return one model's run and findings."""
    why_not, item = impossible(run, method), jobs.look(run)
    if why_not or not item.recording:
        return Item(method, item, (), why_not)
    return Item(method, item, tuple(map(jobs.look, view.studies(run, method))), why_not)
