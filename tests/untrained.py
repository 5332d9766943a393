"""Runs that have learnt nothing, for tests that only ask where a page goes from there."""

from genmodels.runs import RunSpec
from genmodels.store import Store


def untrained_run(spec: RunSpec, store: Store) -> None:
    """Put a run into the store that has learnt nothing: it can be opened and decodes, and that is all."""
    writer = store.writer(spec.key)
    writer.json("spec.json", spec.to_json())
    writer.json("status.json", {"state": "finished"})
    writer.tensors("model.safetensors", spec.kind(spec.settings, spec.source.shape).state_dict())
    writer.finish()
