"""Rows of pictures, a label and a PNG each, sharp at any size."""

import html

import streamlit as st
from torch import Tensor

from genmodels.datasets.parts.pictures import to_bytes
from genmodels.views import tiles

CSS = """
.picture-rows { display: grid; grid-template-columns: max-content minmax(0, 1fr); gap: 6px 14px; align-items: center; }
.picture-rows p { margin: 0; font-size: .9rem; }
.picture-rows img { display: block; image-rendering: pixelated; max-width: 100%; height: auto; }
.picture-rows.ink img { filter: invert(1); mix-blend-mode: multiply; }
.picture-rows.ink.dark img { filter: none; mix-blend-mode: screen; }
@media (max-width: 640px) { .picture-rows { grid-template-columns: minmax(0, 1fr); } }
"""


def rows(lines: list[tuple[str, Tensor]], side: int = 56, ink: bool = False) -> None:
    """Draw each label and its pictures (N, C, H, W), `side` CSS pixels high; `ink` is dark on a light page, light on a dark one."""
    parts = []
    for label, images in lines:
        width = side * images.shape[3] * len(images) // images.shape[2]
        url = tiles.png_url(tiles.tile(to_bytes(images).cpu(), len(images)))
        text = html.escape(label)
        parts.append(f'<p>{text}</p><img src="{url}" width="{width}" alt="{text}: {len(images)} pictures">')
    kind = f"picture-rows{' ink' if ink else ''}{' dark' if st.context.theme.type == 'dark' else ''}"
    st.html(f'<style>{CSS}</style><div class="{kind}">{"".join(parts)}</div>')
