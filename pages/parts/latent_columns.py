"""One model on the page of the latent space: its run, its codes, and the map made of them, each there or on its way."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from genmodels.runs import RunSpec
from genmodels.studies.findings import StudySpec
from genmodels.views import latents as view
from pages.parts import jobs


@dataclass(frozen=True)
class Item:
    """What there is of one model: `studies` are asked for once its run is there."""

    method: view.Method
    run: jobs.Column
    studies: tuple[jobs.Inquiry, ...]
    why_not: str

    @property
    def live(self) -> list[jobs.Column]:
        """What this viewer is waiting for, as the button Stop takes it."""
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
        """Return the column as it is drawn."""
        spec = self.run.spec
        if self.why_not:
            return view.blank(spec) | {"state": "none", "message": self.why_not}
        if self.run.run is None:
            told = self.run.data(nearest=False)
            share = told["step"] / max(1, told["steps"])
            message = told.get("message") or f"In training: {share:.0%}, {told['left']}."
            return view.blank(spec) | {"state": told["state"], "message": message, "action": told.get("action"), "share": share}
        found, chart = (self.studies[0].finding, self.studies[1] if len(self.studies) > 1 else None)
        growing = (chart.finding or chart.growing()) if chart else None
        column = view.column(spec, found, growing, self.method, prior, picks)
        return {"state": "finished"} | column | self._state()

    def _state(self) -> dict[str, Any]:
        """Return what is said in place of what is not there yet."""
        missing = [inquiry for inquiry in self.studies if inquiry.finding is None]
        if not missing:
            return {}
        inquiry = next((i for i in missing if i.job and i.job.state == "failed"), missing[0])
        title, job = inquiry.spec.title, inquiry.job
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


def look(run: RunSpec, method: view.Method, perplexity: float, start: int) -> Item:
    """Return what there is of one model; `start` 0 is on the principal axes, others are random."""
    why_not, column = view.impossible(run, method), jobs.look(run)
    if why_not or column.run is None:
        return Item(method, column, (), why_not)
    specs = [StudySpec.make("latents", [run])]
    if method in ("t-SNE", "with samples"):
        space = "codes" if method == "t-SNE" else "features"
        begin = "random" if start else "principal axes"
        settings = {"space": space, "perplexity": perplexity, "seed": start, "start": begin}
        specs.append(StudySpec.make("latent-map", [run], settings))
    return Item(method, column, tuple(jobs.inquire(spec) for spec in specs), why_not)
