"""Pictures and points as text for the browser."""

import base64
import io

import numpy as np
from PIL import Image
from torch import Tensor

from genmodels.datasets.parts.pictures import to_bytes

COLUMNS = 8


def tile(images: Tensor, columns: int = COLUMNS) -> np.ndarray:
    """Return images (N, C, H, W) of bytes as one (rows H, columns W) or (rows H, columns W, 3) array, without gaps."""
    n, c, h, w = images.shape
    rows = -(-n // columns)
    sheet = np.zeros((rows * columns, c, h, w), np.uint8)
    sheet[:n] = images.numpy()
    pixels = sheet.reshape(rows, columns, c, h, w).transpose(0, 3, 1, 4, 2).reshape(rows * h, columns * w, c)
    return pixels[..., 0] if c == 1 else pixels


def png_url(pixels: np.ndarray) -> str:
    """Return an array of bytes as a PNG in a data URL."""
    out = io.BytesIO()
    Image.fromarray(pixels).save(out, "PNG", compress_level=1)
    return "data:image/png;base64," + base64.b64encode(out.getvalue()).decode()


def images_url(images: Tensor) -> str:
    """Return images (N, C, H, W), bytes or numbers from 0 to 1, as one sheet in a data URL."""
    return png_url(tile(to_bytes(images).cpu()))


def points_text(points: Tensor, low: Tensor, high: Tensor) -> str:
    """Return points (N, 2) as base64 of little-endian uint16 pairs, 0 to 65535 across the box from `low` to `high`."""
    unit = ((points.cpu() - low) / (high - low)).clamp(0, 1)
    return base64.b64encode((unit * 65535).round().numpy().astype("<u2").tobytes()).decode()
