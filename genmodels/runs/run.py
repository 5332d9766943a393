"""A run: a recording of a training, read with knowledge of its files."""

import contextlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Self

import numpy as np
import torch
from numpy.typing import ArrayLike
from torch import Tensor

from genmodels import device, models
from genmodels.config import UserError, check_whole
from genmodels.models.base import ABILITIES, Encodes, Model, Reconstructs, Samples
from genmodels.runs import model_cache
from genmodels.runs.spec import MAX_SEED, RunSpec
from genmodels.runs.status import RunResult, RunStatus
from genmodels.store import UNREADABLE, Damaged, Recording, Store

MAX_SAMPLES = 10_000_000
BATCH = 500  # examples on the device at once


@dataclass(frozen=True)
class Run:
    """A finished or growing recording of a training."""

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

    def status(self) -> RunStatus:
        """Return how far the training is; raise `Damaged` where the file is no status of a run."""
        try:
            return RunStatus.from_json(self.recording.json("status.json"))
        except ValueError:
            raise Damaged(f"the status of run {self.recording.key[:12]}... cannot be read: delete this recording") from None

    def result(self) -> RunResult:
        """Return what was recorded at the end of the training, or raise one line."""
        result = self.status().result
        if result is None:
            raise UserError(f"run {self.spec.key[:12]}... is not finished: wait for its end")
        return result

    def columns(self, name: str) -> dict[str, np.ndarray]:
        """Return the columns of `history` (losses of each update on its minibatch), `training` or `evaluation`, by name.

        The latter two are scores of training and of test examples at each snapshot.
        """
        file = f"{name}.safetensors"
        return {n: t.numpy() for n, t in self.recording.tensors(file).items()} if self.recording.has(file) else {}

    def snapshot(self, index: int) -> dict[str, Tensor]:
        """Return the tensors of a snapshot, by its number."""
        return self.recording.tensors(f"snapshots/{index:02d}.safetensors")

    def weights(self) -> bytes:
        """Return the fitted weights as a safetensors file."""
        return self.recording.read("model.safetensors")

    def load_model(self, where: torch.device) -> Model:
        """Return the fitted model on `where`, ready to use."""
        model = self.spec.kind(self.spec.settings, self.spec.source.shape)
        model.load_state_dict(self.recording.tensors("model.safetensors"))
        return model.to(where).eval().requires_grad_(False)

    def fitted(self) -> Model:
        """Return the fitted model on the usual device, shared by all of this process: not to be changed."""
        return model_cache.shared().get(self.spec.key, lambda: self.load_model(device.choose_device()))

    def sample(self, n: int, seed: int = 0) -> Tensor:
        """Return n new examples (n, *shape) in data units, on the CPU; equal seeds give equal samples."""
        return torch.cat(list(self.sample_batches(n, seed)))

    def sample_batches(self, n: int, seed: int = 0) -> Iterator[Tensor]:
        """Return what `sample` returns in batches, of which memory holds one at a time."""
        check_whole("n", n, 1, MAX_SAMPLES)
        check_whole("seed", seed, 0, MAX_SEED)
        model = self.fitted()
        if not isinstance(model, Samples):
            raise self._refusal("sample")
        rng = device.generator(device.choose_device(), seed, "sample")
        in_data = self.spec.source.in_data
        return (in_data(model.sample(min(BATCH, n - i), rng).cpu()) for i in range(0, n, BATCH))

    def reconstruct(self, x: ArrayLike | Tensor) -> Tensor:
        """Return what the model makes of examples x (N, *shape) from their codes, (N, *shape) in data units, on the CPU."""
        model = self.fitted()
        if not isinstance(model, Reconstructs):
            raise self._refusal("reconstruct")
        return self.spec.source.in_data(_in_batches(model.reconstruct, self._examples(x)))

    def encode(self, x: ArrayLike | Tensor) -> Tensor:
        """Return the codes of examples x (N, *shape), the posterior mean where there is a posterior, (N, Z), on the CPU."""
        model = self.fitted()
        if not isinstance(model, Encodes):
            raise self._refusal("encode")
        return _in_batches(model.encode, self._examples(x))

    def check_able(self, ability: str) -> None:
        """Raise one line unless the model has the method `ability`, such as `sample`."""
        if not hasattr(self.spec.kind, ability):
            raise self._refusal(ability)

    def _refusal(self, ability: str) -> UserError:
        """Return the line that says why the model lacks this ability, what it can do, and which models have it."""
        model = self.fitted()
        why = model.samples_are() if ability == "sample" else model.reconstruct_note
        abilities = ", ".join(name for name, kind in ABILITIES.items() if isinstance(model, kind))
        others = ", ".join(models.able(ability))
        return UserError(f"a run of {self.spec.model} cannot {ability}: it {why}; it can {abilities}; {others} can {ability}")

    def _examples(self, x: ArrayLike | Tensor) -> Tensor:
        """Return x (N, *shape) as it is kept, float32 on the usual device, or raise one line."""
        examples = torch.as_tensor(x)
        shape = self.spec.source.shape
        if examples.shape[1:] != shape or not len(examples):
            raise UserError(f"x has the shape {tuple(examples.shape)}: give (N, {', '.join(map(str, shape))}), N at least 1")
        return self.spec.source.standardise(examples).to(device.choose_device())


def _in_batches(compute: Callable[[Tensor], Tensor], x: Tensor) -> Tensor:
    return torch.cat([compute(part).cpu() for part in x.split(BATCH)])


def catalogue(store: Store) -> list[Run]:
    """Return every finished run that this version can read, the latest first; this does not count as reading it."""
    entries: list[tuple[str, Run]] = []  # time and run
    for recording, content in store.specs():
        with contextlib.suppress(*UNREADABLE):  # a finding, of another version, evicted meanwhile, or made by others
            run = Run(recording, RunSpec.from_json(content))
            if run.spec.key == recording.key:
                entries.append((run.result().provenance.finished, run))
    return [run for _, run in sorted(entries, key=lambda entry: entry[0], reverse=True)]
