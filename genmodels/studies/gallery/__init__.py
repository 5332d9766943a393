"""The realism gallery: models' reconstructions and plain edits of the same test pictures, each with its error and its realism."""

from genmodels.studies.gallery.study import Gallery

__all__ = ["Gallery"]
