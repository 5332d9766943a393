"""Densities in the plane drawn by viewers: the dataset's name encodes the drawing, so that nothing is stored."""

import base64
import hashlib
import math
import re
from collections.abc import Callable
from functools import lru_cache

import numpy as np
import torch
from torch import Tensor

from genmodels.config import UserError
from genmodels.datasets.base import Draw, Maker, Source
from genmodels.datasets.toys2d import toy_arrays

SIDE = 24  # cells to a side of the square from -1 to 1
PER_UNIT = SIDE / 2  # cells to a unit of length
LETTERS = SIDE * SIDE // 6  # base64url: six cells a letter, and the cells come out even
FINE = 2**17  # positions to a side of a cell: with the cell's number they exhaust float32's precision
NAME = re.compile(rf"drawn-[A-Za-z0-9_-]{{{LETTERS}}}")


def name_of(ink: Tensor) -> str:
    """Return the name of the drawing whose inked cells (24, 24) are true, the top row first."""
    bits = np.packbits(ink.reshape(-1).bool().numpy())
    return "drawn-" + base64.urlsafe_b64encode(bits.tobytes()).decode()


def ink_of(name: str) -> Tensor:
    """Return the drawing (24, 24) that a name encodes, or raise one line."""
    if not NAME.fullmatch(name):
        raise UserError(
            f"no dataset named {name[:20]!r}...: a drawing's name is drawn- and {LETTERS} of the letters A-Z a-z 0-9 - _; "
            "copy the whole link, or draw it again"
        )
    bits = np.frombuffer(base64.urlsafe_b64decode(name.removeprefix("drawn-")), np.uint8)
    ink = torch.from_numpy(np.unpackbits(bits).astype(bool)).reshape(SIDE, SIDE)
    if not ink.any():
        raise UserError("no dataset in an empty drawing: ink at least one cell")
    return ink


def draw_points(ink: Tensor) -> Draw:
    """Return the function that draws points uniformly from the inked cells."""
    cells = ink.nonzero()  # (K, 2): row from the top, column

    def draw(n: int, rng: torch.Generator) -> tuple[Tensor, None]:
        row, column = cells[torch.randint(len(cells), (n,), generator=rng)].double().unbind(1)
        # In the middle of one of FINE positions: rounded to float32, a point is still in its own cell.
        right, down = ((torch.randint(FINE, (2, n), generator=rng).double() + 0.5) / FINE).unbind(0)
        return torch.stack([(column + right) / PER_UNIT - 1, 1 - (row + down) / PER_UNIT], 1).float(), None

    return draw


def ink_log_density(ink: Tensor) -> Callable[[Tensor], Tensor]:
    """Return log p(y): one over the area of the ink on inked cells, zero density elsewhere."""
    inside = -math.log(int(ink.sum()) / PER_UNIT**2)
    frame = torch.nn.functional.pad(ink, (1, 1, 1, 1))  # a rim of empty cells represents everything outside

    def log_density(y: Tensor) -> Tensor:
        exact = y.double().nan_to_num(nan=-9.0)  # float32 would move points across the edges of cells; NaN is outside
        column, row = ((exact[:, 0] + 1) * PER_UNIT).floor(), ((1 - exact[:, 1]) * PER_UNIT).floor()
        on_ink = frame.to(y.device)[(row.clamp(-1, SIDE) + 1).long(), (column.clamp(-1, SIDE) + 1).long()]
        return torch.where(on_ink, inside, -math.inf).to(y.dtype)

    return log_density


@lru_cache(maxsize=256)
def make(name: str) -> Source:
    """Return the declaration of a drawing."""
    ink = ink_of(name)
    cells = int(ink.sum())
    return Source(
        name=name,
        title=f"Drawn {hashlib.sha256(name.encode()).hexdigest()[:4]}",  # lists need distinct titles
        shape=(2,),
        load=toy_arrays(name, draw_points(ink)),
        draw=draw_points(ink),
        about=f"A density drawn by hand: uniform on {cells} of {SIDE}x{SIDE} cells in the square from -1 to 1, exactly known.",
        licence="drawn here",
        clusters=16,
        log_density=ink_log_density(ink),
    )


drawing = Maker("drawn", make)
