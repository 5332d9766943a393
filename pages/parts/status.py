"""The words for the state of a recording that is not there yet: after its title, or as a sentence of its own."""

from typing import TYPE_CHECKING, Any

from genmodels.engine.jobs import JobState
from genmodels.runs import Spec

if TYPE_CHECKING:
    from pages.parts.jobs import Item


def about(seconds: float) -> str:
    """Return a time in words, no more exact than it is known."""
    return f"about {max(1, round(seconds))} s" if seconds < 90 else f"about {round(seconds / 60)} min"


def phrase(item: "Item[Spec]") -> str:
    """Return the state as it stands after a title and a colon, without a full stop."""
    match item.state:
        case "missing":
            return f"not there yet, {about(item.estimate())}"
        case "queued":
            assert item.job
            return _queued(item.job)
        case "running":
            return f"{about(item.ends_in)} left"
        case "stopped":
            return _stopped(item)
    return item.error


def sentence(item: "Item[Spec]") -> dict[str, Any]:
    """Return the state of a run as its column shows it: `state`, `message`, and the label of a button as `action`, if there is one.

    A run in training has no message: `left` and `provenance` stand beside its curves.
    """
    match item.state:
        case "missing":
            if refusal := item.refusal():
                return {"state": "failed", "message": refusal}
            return {"state": "missing", "message": f"Not trained yet: {about(item.estimate())}.", "action": "Train"}
        case "running":
            return {"state": "running", "left": phrase(item), "provenance": item.note}
        case "queued":
            return {"state": "queued", "message": f"{capital(phrase(item))}. {item.note}"}
        case "stopped":
            action = "Continue" if item.progress and item.is_resumable() else "Train"
            return {"state": "stopped", "message": f"{capital(phrase(item))}.", "action": action}
    return {"state": item.state, "message": item.error, "action": "Try again"}


def capital(text: str) -> str:
    """Return the text with a capital first letter."""
    return text[:1].upper() + text[1:]


def _queued(job: JobState) -> str:
    if job.position == 1 and job.begins_in < 1:
        return f"about to begin; there in {about(job.ends_in)}"
    return f"number {job.position} in the queue; there in {about(job.ends_in)}"


def _stopped(item: "Item[Spec]") -> str:
    """Return how far a stopped job was and where it would continue, or why it was stopped if the viewer did not do that."""
    if item.error:
        return item.error
    if not item.progress:
        return "stopped before it began"
    position = item.spec.position(item.progress)
    if item.is_resumable():
        return f"paused at {position}; it can go on from there for ten minutes"
    return f"stopped at {position}; asked for again, it starts from the beginning"
