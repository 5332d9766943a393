"""What a run or a study is called where several are listed: equal names mean equal things."""

from collections import Counter
from collections.abc import Sequence
from typing import Any

from genmodels.config import Config
from genmodels.runs import RunSpec
from genmodels.studies.findings import StudySpec


def name(spec: RunSpec | StudySpec) -> str:
    """Return the name, which tells every setting that is not the usual one."""
    if isinstance(spec, RunSpec):
        return ", ".join([f"{spec.kind.title} on {spec.source.title}", *_unusual(spec), f"seed {spec.seed}"])
    defaults = {name: knob.default for name, knob in spec.settings.knobs().items()}
    changed = {name: value for name, value in spec.settings.model_dump().items() if value != defaults[name]}
    return ", ".join([_title(spec), *_settings(spec.settings, changed)])


def names(specs: Sequence[RunSpec | StudySpec]) -> list[str]:
    """Return a name for each; studies of several runs that would be called alike tell the runs in full."""
    short = [name(spec) for spec in specs]
    counts = Counter(short)
    return [
        f"{title} ({'; '.join(map(name, spec.runs))})" if counts[title] > 1 and isinstance(spec, StudySpec) else title
        for spec, title in zip(specs, short, strict=True)
    ]


def _title(spec: StudySpec) -> str:
    if not spec.runs:
        return spec.title
    if len(spec.runs) == 1:
        return f"{spec.title}: {name(spec.runs[0])}"
    return f"{spec.title}: {', '.join(dict.fromkeys(run.kind.title for run in spec.runs))} on {spec.runs[0].source.title}"


def _unusual(spec: RunSpec) -> list[str]:
    budget = spec.budget
    return ([] if budget == "quick" else [budget]) + _settings(spec.settings, spec.changed_from(budget))


def _settings(settings: Config, changed: dict[str, Any]) -> list[str]:
    knobs = settings.knobs()
    return [f"{knobs[name].label} {_text(value)}" for name, value in changed.items()]


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return f"{value:,}" if isinstance(value, int) else f"{value:g}" if isinstance(value, float) else str(value)
