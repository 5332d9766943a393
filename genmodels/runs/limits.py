"""The time and memory that a training may take on this host; one over a limit is refused with the nearest allowed value."""

import contextlib
import math
import os
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from genmodels import device
from genmodels.config import Knob, UserError
from genmodels.runs import cost

if TYPE_CHECKING:
    from genmodels.runs.spec import RunSpec

SECONDS = 3600.0
MEMORY_FRACTION = 0.25  # of the machine's memory: up to four trainings run at once


def seconds() -> float:
    """Return how long a training may take: GENMODELS_RUN_SECONDS, an hour if unset."""
    return _positive("GENMODELS_RUN_SECONDS", SECONDS, "seconds", "3600")


def memory() -> float:
    """Return how many bytes of memory a training may take: GENMODELS_RUN_GB, a quarter of the machine's memory if unset."""
    return _positive("GENMODELS_RUN_GB", MEMORY_FRACTION * machine_memory() / 2**30, "gigabytes", "4") * 2**30


def check(spec: "RunSpec") -> None:
    """Raise one `UserError` if the training of `spec` is estimated to be over a limit of this host."""
    estimate = cost.estimate(spec)
    if estimate.seconds > seconds():
        needs, allowed = f"about {estimate.seconds:,.0f} s", f"{seconds():,.0f} s are"
    elif estimate.memory > memory():
        needs, allowed = f"about {estimate.memory / 2**30:.1f} GB of memory", f"{memory() / 2**30:.1f} GB are"
    else:
        return
    raise UserError(f"{spec.model} on {spec.dataset}{_settings(spec)} needs {needs}, {allowed} allowed here: {_remedy(spec)}")


@contextlib.contextmanager
def bounded() -> Iterator[None]:
    """Limit this process to the memory that a training may take, besides what it holds now; it must do nothing else meanwhile.

    On Linux and the CPU only: elsewhere the estimate is the only limit.
    """
    now = _data_bytes()
    if now is None or device.choose_device().type != "cpu":
        yield
        return
    import resource  # there is none on Windows

    soft, hard = resource.getrlimit(resource.RLIMIT_DATA)
    most = [now + int(memory()), *(limit for limit in (soft, hard) if limit != resource.RLIM_INFINITY)]
    resource.setrlimit(resource.RLIMIT_DATA, (min(most), hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_DATA, (soft, hard))


def shortage(spec: "RunSpec") -> UserError:
    """Return the line for a training that ran out of memory; it names the setting that takes most of it."""
    halves = [
        (cost.estimate(_with(spec, name, max(int(knob.low or 1), getattr(spec.settings, name) // 2))).memory, name)
        for name, knob in spec.settings.knobs().items()
        if knob.kind == "int"
    ]
    return UserError(
        f"{spec.model} on {spec.dataset}{_settings(spec)} ran out of memory ({memory() / 2**30:.1f} GB are allowed here): "
        f"lower {min(halves)[1]}"
    )


def machine_memory() -> float:
    """Return the bytes of memory that this machine has, or that its container allows."""
    sizes = [float(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES"))]
    for name in ("/sys/fs/cgroup/memory.max", "/sys/fs/cgroup/memory/memory.limit_in_bytes"):
        with contextlib.suppress(OSError, ValueError):  # another system, or no limit: `max`
            sizes.append(float(int(Path(name).read_text())))
    return min(sizes)


def _settings(spec: "RunSpec") -> str:
    changed = [f"{name} = {value}" for name, value in spec.changed.items()]
    return f" with {', '.join(changed)}" if changed else ""


def _remedy(spec: "RunSpec") -> str:
    """Return the smallest change of one setting that brings the training within the limits, if possible of one already changed."""
    changed = spec.changed
    knobs = spec.settings.knobs().values()
    for group in ([knob for knob in knobs if knob.name in changed], [knob for knob in knobs if knob.name not in changed]):
        values = {knob.name: value for knob in group if (value := _highest(spec, knob)) is not None}
        if values:
            name = min(values, key=lambda name: getattr(spec.settings, name) / values[name])
            return f"lower {name} to {values[name]}"
    return "take the preset"


def _highest(spec: "RunSpec", knob: Knob) -> int | None:
    """Return the highest integer value of a knob below the present one that is within the limits, to two digits."""
    now = getattr(spec.settings, knob.name)
    if knob.kind != "int" or knob.low is None:
        return None
    low, high = max(1, int(knob.low)), now
    if high <= low or not _allowed(spec, knob.name, low):
        return None
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (middle, high) if _allowed(spec, knob.name, middle) else (low, middle)
    unit = 10 ** max(0, len(str(low)) - 2)
    return max(low // unit * unit, int(knob.low), 1)


def _allowed(spec: "RunSpec", name: str, value: int) -> bool:
    other = _with(spec, name, value)
    try:
        spec.kind.check(other.settings, spec.source)
    except UserError:
        return False
    estimate = cost.estimate(other)
    return estimate.seconds <= seconds() and estimate.memory <= memory()


def _with(spec: "RunSpec", name: str, value: int) -> "RunSpec":
    return replace(spec, settings=spec.settings.model_copy(update={name: value}))


def _data_bytes() -> int | None:
    """Return the bytes of private memory that this process has mapped, as RLIMIT_DATA counts them."""
    try:
        lines = Path("/proc/self/status").read_text().splitlines()
    except OSError:
        return None
    return next((int(line.split()[1]) * 1024 for line in lines if line.startswith("VmData")), None)


def _positive(name: str, usual: float, unit: str, example: str) -> float:
    text = os.environ.get(name, "").strip()
    try:
        value = float(text) if text else usual
    except ValueError:
        value = math.nan
    if not 0 < value < math.inf:
        raise UserError(f"{name}={text!r} is no number of {unit}: give for example {example}, or leave it unset")
    return value
