"""Recordings on disk: key -> a folder of checksummed files; whole or absent, never half. It knows no models.

runs/<key>/          finished: spec.json status.json *.safetensors snapshots/NN.safetensors manifest.json (written last)
growing/<key>.<id>/  being written; readable at any moment, since each file is renamed into place; its writer holds `lock`
aside/               the latest folders that failed their checksums, kept for a look
removed/             on its way out: what is evicted vanishes at once, whoever is reading it
"""

from genmodels.store.recording import UNREADABLE, Damaged, Recording, check_key
from genmodels.store.store import Place, Store, cache_root
from genmodels.store.writer import Writer

__all__ = ["UNREADABLE", "Damaged", "Place", "Recording", "Store", "Writer", "cache_root", "check_key"]
