"""Recordings on disk: a folder of checksummed files for each key, complete or absent. It knows nothing of models.

runs/<key>/          finished: spec.json status.json *.safetensors snapshots/NN.safetensors manifest.json (written last)
growing/<key>.<id>/  being written; readable at any moment, since each file is renamed into place; its writer locks `lock`
aside/               the latest folders that failed their checksums, for inspection
removed/             being deleted: an evicted folder is moved here first, so that it vanishes at once for every reader
"""

from genmodels.store.recording import UNREADABLE, Damaged, Recording, check_key
from genmodels.store.store import Place, Store, cache_root
from genmodels.store.writer import Writer

__all__ = ["UNREADABLE", "Damaged", "Place", "Recording", "Store", "Writer", "cache_root", "check_key"]
