"""A run is a recording: the spec determines it, `record` writes it once, everything else reads it."""

import contextlib
import time
from collections.abc import Callable, Generator, Iterator
from dataclasses import dataclass
from typing import Any, Self

import numpy as np
import torch
from torch import Tensor

from genmodels import datasets, device
from genmodels.config import UserError
from genmodels.datasets.base import Dataset
from genmodels.models.base import Model
from genmodels.runs import limits
from genmodels.runs.recorder import Recorder
from genmodels.runs.spec import RunSpec
from genmodels.store import UNREADABLE, Recording, Store, Writer


class Stopped(Exception):
    """Somebody asked this training to end; nothing of it is kept."""


def record(
    spec: RunSpec,
    store: Store,
    stopped: Callable[[], bool] = lambda: False,
    on_step: Callable[[int], None] = lambda step: None,
) -> str:
    """Train `spec` and write its recording, unless it is there; return its key. Stopped or failed, it leaves nothing."""
    with contextlib.closing(recording(spec, store)) as steps:
        for step in steps:
            on_step(step)
            if stopped():
                raise Stopped
    return spec.key


def recording(spec: RunSpec, store: Store) -> Generator[int, None, None]:
    """Yield each step of training `spec` and writing its recording, unless it is there.

    It may be left off after any step and gone on with later, in another thread; closed, it leaves nothing.
    """
    if store.find(spec.key):
        return
    limits.check(spec)
    where = device.choose_device()
    data = datasets.load(spec.dataset, where)
    with store.writing(spec.key) as writer:
        writer.json("spec.json", spec.to_json())
        device.limit_threads()
        try:
            model = spec.kind(spec.settings, spec.source.shape).to(where)
            yield from _train(spec, model, data, writer)
        except (MemoryError, RuntimeError) as error:
            if not limits.is_shortage(error):
                raise
            raise limits.shortage(spec) from error
        writer.tensors("model.safetensors", model.state_dict())


def _train(spec: RunSpec, model: Model, data: Dataset, writer: Writer) -> Iterator[int]:
    recorder = Recorder(f"{spec.model} on {spec.dataset}", spec.steps, model, data, writer)
    rng = device.generator(data.device, spec.seed, "fit")
    recorder.status("growing", step=0)
    for step in model.fit(data, rng):
        recorder.note(step.index, step.losses)
        left = time.perf_counter()
        yield step.index
        recorder.resumed += time.perf_counter() - left  # what others do meanwhile is no time of this training
    recorder.status("finished", step=recorder.step)


@dataclass(frozen=True)
class Run:
    """A recording read with knowledge of what its files mean; it may still be growing."""

    recording: Recording
    spec: RunSpec

    @classmethod
    def find(cls, spec: RunSpec, store: Store) -> Self | None:
        """Return the finished run of `spec`, or None."""
        recording = store.find(spec.key)
        return cls(recording, spec) if recording else None

    @classmethod
    def growing(cls, spec: RunSpec, store: Store) -> Self | None:
        """Return the run of `spec` that is being trained now, or None."""
        recording = store.growing(spec.key)
        return cls(recording, spec) if recording and recording.has("status.json") else None

    @classmethod
    def open(cls, key: str, store: Store) -> Self:
        """Return the finished run with this key, or raise one line."""
        recording = store.find(key)
        if not recording:
            raise UserError(f"no run {key[:12]}... in the cache: `list runs` shows what is there, `train` makes one")
        spec = RunSpec.from_json(recording.json("spec.json"))
        if spec.key != key:
            raise UserError(
                f"run {key[:12]}... was made by another version of {spec.model} or {spec.dataset}: train it again with `train`"
            )
        return cls(recording, spec)

    def status(self) -> dict[str, Any]:
        """Return state, step, steps, seconds and marks, and once finished the final losses and the provenance."""
        return self.recording.json("status.json")

    def columns(self, name: str) -> dict[str, np.ndarray]:
        """Return the columns of `history` (each update, on its minibatch), of `training` or of `evaluation`, by name.

        The latter two are scores at each mark, of training and of test examples as they are.
        """
        file = f"{name}.safetensors"
        return {n: t.numpy() for n, t in self.recording.tensors(file).items()} if self.recording.has(file) else {}

    def snapshot(self, index: int) -> dict[str, Tensor]:
        """Return the tensors photographed at mark number `index`."""
        return self.recording.tensors(f"snapshots/{index:02d}.safetensors")

    def load_model(self, where: torch.device) -> Model:
        """Return the fitted model on `where`, ready to use."""
        model = self.spec.kind(self.spec.settings, self.spec.source.shape)
        model.load_state_dict(self.recording.tensors("model.safetensors"))
        return model.to(where).eval().requires_grad_(False)


def catalogue(store: Store) -> list[Run]:
    """Return every finished run that this version knows, the latest finished first; listing a run does not count as reading it."""
    dated: list[tuple[str, Run]] = []
    for recording, content in store.specs():
        with contextlib.suppress(*UNREADABLE):  # a finding, of another version, evicted meanwhile, or not of our making
            run = Run(recording, RunSpec.from_json(content))
            status = run.status()
            float(status["seconds"]), float(status["step"]), status["provenance"]["device"]
            if run.spec.key == recording.key:
                dated.append((str(status["provenance"]["finished"]), run))
    return [run for _, run in sorted(dated, key=lambda pair: pair[0], reverse=True)]
