"""The training of one run, which writes the run's recording."""

import time
from collections.abc import Generator, Iterator
from typing import TYPE_CHECKING

from genmodels import datasets, device
from genmodels.datasets.base import Dataset
from genmodels.models.base import Model
from genmodels.runs import limits
from genmodels.runs.faults import explained, is_shortage, remedy
from genmodels.runs.recorder import Recorder
from genmodels.store import Store, Writer

if TYPE_CHECKING:
    from genmodels.runs.spec import RunSpec


def train(spec: "RunSpec", store: Store) -> Generator[float, None, None]:
    """Train and record a run, unless it is there, yielding the progress after each update."""
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
            with explained(f"{spec.model} on {spec.dataset}", remedy(spec.changed)):
                yield from _fit(spec, model, data, writer)
        except (MemoryError, RuntimeError) as error:
            if not is_shortage(error):
                raise
            raise limits.shortage(spec) from error
        writer.tensors("model.safetensors", model.state_dict())


def _fit(spec: "RunSpec", model: Model, data: Dataset, writer: Writer) -> Iterator[float]:
    recorder = Recorder(f"{spec.model} on {spec.dataset}", spec.steps, model, data, writer, remedy(spec.changed))
    rng = device.generator(data.device, spec.seed, "fit")
    recorder.write_status("growing", step=0)
    for step in model.fit(data, rng):
        recorder.record_step(step.index, step.losses)
        suspended_at = time.perf_counter()
        yield step.index / spec.steps
        recorder.resumed_at += time.perf_counter() - suspended_at  # what others do meanwhile is not time of this training
    recorder.write_status("finished", step=recorder.step)
