"""A pad on which a picture is drawn or changed, beginning from one that is given; told back at the end of each stroke."""

import base64
from collections.abc import Callable
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from pages.parts import component

HERE = Path(__file__).resolve().parent
KEY = "picture-pad"

_MOUNT = component.mount(HERE, "picture_pad", "pen.css")


def draw(start: Tensor, picture: Tensor | None, facts: dict[str, Any], on_drawn: Callable[[str], None]) -> None:
    """Draw the pad: `start` (C, H, W) bytes is what *Restore* goes back to, `picture` what is on it; call back with the drawing.

    `facts` holds `number` (of the test picture), `version`, `ink`, `words` about what is drawn and its `mark` in the plane.
    """
    data = {"shape": list(start.shape), "start": text_of(start), "drawn": "" if picture is None else text_of(picture), **facts}
    _MOUNT(KEY, data, drawn=lambda text: on_drawn(str(text)))


def text_of(picture: Tensor) -> str:
    """Return a picture (C, H, W) of bytes as base64url without padding, channel by channel, row by row."""
    return base64.urlsafe_b64encode(picture.contiguous().cpu().numpy().tobytes()).decode().rstrip("=")


def picture_of(text: str, shape: tuple[int, ...]) -> Tensor | None:
    """Return the picture of bytes that a text holds, or None if it holds none of this shape."""
    try:
        content = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
    except ValueError:
        return None
    if not content or len(content) != torch.Size(shape).numel():
        return None
    return torch.frombuffer(bytearray(content), dtype=torch.uint8).reshape(shape)
