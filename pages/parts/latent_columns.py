"""One model on the page of the latent space: its run, its codes and the map of them, each finished, in progress or missing."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from genmodels.runs import RunSpec
from genmodels.studies.findings import StudySpec
from genmodels.studies.latents.finding import Descent, LatentSpace, MapSummary
from genmodels.views.latents import maps
from genmodels.views.latents.methods import ITERATED, Method, impossible
from pages.parts import jobs


@dataclass(frozen=True)
class Item:
    """One model's run and findings; `studies` are looked up once the run is finished."""

    method: Method
    run: jobs.Column
    studies: tuple[jobs.Inquiry, ...]
    why_not: str

    @property
    def live(self) -> list[jobs.Column]:
        """What this viewer is waiting for, as the button Stop needs it."""
        studies = [jobs.Column(inquiry.spec, None, inquiry.job) for inquiry in self.studies]  # type: ignore[arg-type]
        return [column for column in (self.run, *studies) if column.live]

    def next(self) -> list[jobs.Column | jobs.Inquiry]:
        """Return what could be begun now."""
        if self.why_not:
            return []
        if self.run.run is None:
            return [self.run]
        return [inquiry for inquiry in self.studies if inquiry.finding is None]

    def data(self, prior: bool, picks: Sequence[int]) -> dict[str, Any]:
        """Return the column for the browser."""
        spec = self.run.spec
        if self.why_not:
            return maps.blank(spec) | {"state": "none", "message": self.why_not}
        if self.run.run is None:
            run = self.run.data(nearest=False)
            progress = run["step"] / max(1, run["steps"])
            message = run.get("message") or f"In training: {progress:.0%}, {run['left']}."
            return maps.blank(spec) | {"state": run["state"], "message": message, "action": run.get("action"), "share": progress}
        latents, *charts = self.studies
        finding = LatentSpace.read(latents.finding) if latents.finding else None
        column = maps.column(spec, self.method, prior, picks, finding, *(_chart(charts[0]) if charts else ()))
        return {"state": "finished"} | column | self._state()

    def _state(self) -> dict[str, Any]:
        """Return the card in place of a finding that is missing."""
        missing = [inquiry for inquiry in self.studies if inquiry.finding is None]
        if not missing:
            return {}
        inquiry = next((i for i in missing if i.job and i.job.state == "failed"), missing[0])
        title, job = inquiry.spec.kind.title, inquiry.job
        if job is None:
            about = jobs.about(jobs.estimate(inquiry.spec))
            return {"state": "missing", "message": f"{title}: not there yet, {about}.", "action": "Make it"}
        if job.state == "running":
            return {"state": "running", "message": f"{title}: {job.share:.0%}, {jobs.about(job.ends)} left", "share": job.share}
        if job.state == "queued":
            return {"state": "queued", "message": f"{title}: {jobs.queued(job)}"}
        if job.state == "failed":
            return {"state": "failed", "message": job.error, "action": "Try again"}
        return {"state": "stopped", "message": f"{title}: {jobs.stopped(inquiry.spec, job)}.", "action": "Make it"}


def _chart(inquiry: jobs.Inquiry) -> tuple[Descent | None, MapSummary | None]:
    """Return a finished t-SNE, or the frames so far of one that still iterates."""
    if inquiry.finding:
        return Descent.read(inquiry.finding), MapSummary.read(inquiry.finding)
    growing = inquiry.growing()
    try:
        return Descent.read(growing) if growing and Descent.written(growing) else None, None
    except OSError:  # it has just been finished: its folder was renamed
        return None, None


def look(run: RunSpec, method: Method, perplexity: float, start: int) -> Item:
    """Return one model's run and findings; `start` 0 is on the principal axes, others are random."""
    why_not, column = impossible(run, method), jobs.look(run)
    if why_not or column.run is None:
        return Item(method, column, (), why_not)
    specs = [StudySpec.make("latents", [run])]
    if method in ITERATED:
        space = "codes" if method == "t-SNE" else "features"
        begin = "random" if start else "principal axes"
        settings = {"space": space, "perplexity": perplexity, "seed": start, "start": begin}
        specs.append(StudySpec.make("latent-map", [run], settings))
    return Item(method, column, tuple(jobs.inquire(spec) for spec in specs), why_not)
