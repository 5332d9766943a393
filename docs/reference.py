"""Write the API reference as HTML, from the project's folder: `python -m docs.reference FOLDER`, or `make docs`."""

import sys
from pathlib import Path

import pdoc

import genmodels

OTHERS = ("genmodels.config", "genmodels.progress", "genmodels.store", "genmodels.metrics", "genmodels.studies")


def write(folder: Path) -> None:
    """Render the library, and the packages that a new metric or study builds on."""
    for name in genmodels.__all__:  # pdoc finds only what is imported already
        getattr(genmodels, name)
    pdoc.pdoc("genmodels", *OTHERS, output_directory=folder)


if __name__ == "__main__":
    write(Path(sys.argv[1]))
