"""Faults of libraries while a recording is made, as one line that blames what is to blame: the settings, or the data."""

import contextlib
import logging
import re
from collections.abc import Iterator, Mapping
from typing import Any

import torch

from genmodels.config import UserError

FOREIGN = (ArithmeticError, ValueError, RuntimeError)  # numpy's and torch's LinAlgError are among them; JSON's infinity is too
PATH = re.compile(r"(?<![\w.:/])(/|~/|[A-Za-z]:\\)[^\s'\",;)]+")
WORDS = 140  # letters of a library's message

log = logging.getLogger(__name__)


def remedy(changed: Mapping[str, Any]) -> str:
    """Return what to do about a fit that failed, by the settings that differ from the preset's."""
    if changed:
        return f"go back to the preset, which does not set {', '.join(changed)}"
    return "these data are more than its preset can fit: try another model, or leave out examples that lie far from the others"


def is_shortage(error: BaseException) -> bool:
    """Whether an error means that memory ran out; torch has no type for that on the CPU."""
    return isinstance(error, MemoryError | torch.OutOfMemoryError) or (
        isinstance(error, RuntimeError) and "can't allocate memory" in str(error)
    )


@contextlib.contextmanager
def explained(title: str, cure: str) -> Iterator[None]:
    """Turn the exceptions of numerical libraries into one `UserError`; its cause goes to the log."""
    try:
        yield
    except UserError:
        raise
    except FOREIGN as error:
        if is_shortage(error):
            raise
        log.warning("%s failed", title, exc_info=error)
        words = PATH.sub("(a file)", " ".join(str(error).split()))[:WORDS]
        raise UserError(f"{title} cannot be computed ({type(error).__name__}: {words}): {cure}") from error
