"""A run is a recording: the spec determines it, `record` writes it once, everything else reads it."""

import contextlib
import hashlib
import time
from collections.abc import Callable, Generator, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Self

import numpy as np
import torch
from torch import Tensor

from genmodels import datasets, device, limits, models
from genmodels.config import BUDGETS, Budget, Config, UserError, canonical_json
from genmodels.datasets.base import Dataset, Source
from genmodels.models.base import Model
from genmodels.store import UNREADABLE, Recording, Store, Writer
from genmodels.tape import Tape

MAX_SEED = 2**31 - 1


class Stopped(Exception):
    """Somebody asked this training to end; nothing of it is kept."""


@dataclass(frozen=True)
class RunSpec:
    """What determines a run: dataset, model, settings and seed."""

    dataset: str
    model: str
    settings: Config
    seed: int

    @classmethod
    def make(
        cls, dataset: str, model: str, settings: Mapping[str, Any] | None = None, seed: int = 0, budget: Budget = "quick"
    ) -> Self:
        """Return a valid spec: `settings` over the model's preset for dataset and budget; anything wrong is one `UserError`."""
        source, kind = datasets.source(dataset), models.model(model)
        if isinstance(seed, bool) or not isinstance(seed, int) or not 0 <= seed <= MAX_SEED:
            raise UserError(f"seed = {seed!r} is not allowed; give a whole number from 0 to {MAX_SEED}")
        chosen = kind.Settings.parse({**kind.preset(source, budget), **(settings or {})}, where=f"{model} on {dataset}")
        kind.check(chosen, source)
        return cls(dataset, model, chosen, seed)

    @property
    def source(self) -> Source:
        """The dataset's declaration."""
        return datasets.source(self.dataset)

    @property
    def kind(self) -> type[Model]:
        """The model's class."""
        return models.model(self.model)

    @property
    def steps(self) -> int:
        """The length of the fit in updates."""
        return int(self.settings.steps)  # type: ignore[attr-defined]

    @property
    def budget(self) -> Budget:
        """The budget whose preset these settings are, or are nearest to."""
        return min(BUDGETS, key=lambda budget: len(self.changed_from(budget)))

    @property
    def changed(self) -> dict[str, Any]:
        """The settings that differ from the preset of `budget`."""
        return self.changed_from(self.budget)

    def changed_from(self, budget: Budget) -> dict[str, Any]:
        """Return the settings that differ from the preset of that budget."""
        usual = self.kind.Settings.parse(self.kind.preset(self.source, budget), where=self.model).model_dump()
        return {name: value for name, value in self.settings.model_dump().items() if value != usual[name]}

    def canonical(self) -> str:
        """Return the one JSON text that stands for this run."""
        return canonical_json(
            {
                "dataset": [self.dataset, self.source.edition],
                "model": [self.model, self.kind.version],
                "settings": self.settings.model_dump(mode="json"),
                "seed": self.seed,
            }
        )

    @cached_property
    def key(self) -> str:
        """The sha256 of the canonical text, in hexadecimal."""
        return hashlib.sha256(self.canonical().encode()).hexdigest()

    def to_json(self) -> dict[str, Any]:
        """Return what `from_json` turns back into this spec."""
        settings = self.settings.model_dump(mode="json")
        return {
            "dataset": self.dataset,
            "model": self.model,
            "settings": settings,
            "seed": self.seed,
            "canonical": self.canonical(),
        }

    @classmethod
    def from_json(cls, content: Mapping[str, Any]) -> Self:
        """Return the spec that `to_json` described, validated anew."""
        try:
            return cls.make(content["dataset"], content["model"], content["settings"], content["seed"])
        except UserError:
            raise
        except UNREADABLE as error:
            raise UserError(f"this JSON describes no run ({type(error).__name__}): give what `to_json` made") from None


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
    tape = Tape(f"{spec.model} on {spec.dataset}", spec.steps, model, data, writer)
    rng = device.generator(data.device, spec.seed, "fit")
    tape.status("growing", step=0)
    for step in model.fit(data, rng):
        tape.note(step.index, step.losses)
        left = time.perf_counter()
        yield step.index
        tape.resumed += time.perf_counter() - left  # what others do meanwhile is no time of this training
    tape.status("finished", step=tape.step)


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


def default_specs(dataset: str, budget: Budget = "quick") -> list[RunSpec]:
    """Return the runs that pages open with on this dataset: every model as preset."""
    return [RunSpec.make(dataset, model, budget=budget) for model in models.models()]
