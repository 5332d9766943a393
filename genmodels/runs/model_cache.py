"""Fitted models on the device, shared by all viewers, in a least-recently-used cache bounded in bytes."""

import os
import threading
from collections import OrderedDict
from collections.abc import Callable
from functools import cache

from genmodels import device
from genmodels.config import UserError
from genmodels.models.base import Model


class ModelCache:
    """A least-recently-used cache of models, thread-safe; a key that two threads need at once is loaded once."""

    def __init__(self, limit_bytes: int):
        self.limit_bytes = limit_bytes
        self._models: OrderedDict[str, Model] = OrderedDict()
        self._lock = threading.RLock()

    def get(self, key: str, load: Callable[[], Model]) -> Model:
        """Return the model under `key`, calling `load` if it is not cached; one larger than the limit is not cached."""
        with self._lock:
            if key not in self._models:
                model = load()
                if _size(model) > self.limit_bytes:
                    return model
                self._models[key] = model
            self._models.move_to_end(key)
            model = self._models[key]
            evicted = False
            while self.bytes() > self.limit_bytes:
                self._models.popitem(last=False)
                evicted = True
        if evicted:
            device.release_memory()
        return model

    def bytes(self) -> int:
        """Return the bytes of all cached weights."""
        with self._lock:
            return sum(_size(model) for model in self._models.values())

    def __len__(self) -> int:
        return len(self._models)

    def __contains__(self, key: str) -> bool:
        return key in self._models


def _size(model: Model) -> int:
    return device.byte_size([*model.parameters(), *model.buffers()])


@cache
def shared() -> ModelCache:
    """Return this process's cache, of GENMODELS_DEVICE_CACHE_MB megabytes (512 if unset)."""
    megabytes = os.environ.get("GENMODELS_DEVICE_CACHE_MB", "512")
    if not megabytes.isdecimal():
        raise UserError(f"GENMODELS_DEVICE_CACHE_MB={megabytes!r} is no whole number of megabytes: give for example 512")
    return ModelCache(int(megabytes) * 2**20)
