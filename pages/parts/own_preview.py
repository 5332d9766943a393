"""What uploaded files hold, shown before it is used: a table's columns to choose from, or pictures as they will be kept."""

import hashlib
import threading
from collections import OrderedDict
from collections.abc import Callable, Sequence
from typing import Any

import streamlit as st
import torch

from genmodels.config import UserError
from genmodels.datasets import upload
from genmodels.datasets.reading import SIDES, AmbiguousTable, BadPictures, File, Options, Pixels, Reading, Table
from genmodels.views.tiles import tile
from pages.parts import cards
from pages.parts.plain import plain
from pages.parts.session import clear_widget, session, set_widget, start_widget, widget_key, widget_or_none, widget_value

PAGE = "own-preview"
PICTURES_SHOWN = 24
MAX_READINGS = 4  # of the whole server: each may hold 64 MB
NO_LABELS = "no labels"
MARKS = {"decimal point": ".", "decimal comma": ","}

_READINGS: OrderedDict[tuple[str, Options], Reading] = OrderedDict()
_LOCK = threading.Lock()


def draw(files: Sequence[File], use: Callable[[str], None]) -> None:
    """Draw how the files are understood, what can be decided otherwise, and the button that keeps them as a dataset."""
    digest = _digest(files)
    prefix = f"{session().own_data.popover}-{digest[:12]}"
    options = _options(prefix)
    try:
        with st.spinner("Reading"):
            contents = _read(files, digest, options)
    except UserError as error:
        cards.fault(error)
        _remedy(error, prefix, options)
        return
    with st.container(horizontal=True, vertical_alignment="center"):
        st.button("Use these", type="primary", key=widget_key(PAGE, f"use-{prefix}"), on_click=_use, args=(contents, use))
        st.caption(plain(". ".join(line[:1].upper() + line[1:] for line in [_count(contents), *contents.notes])) + ".")
    if fault := session().own_data.fault:
        cards.fault(fault)
        session().own_data.fault = ""
    if contents.table:
        _draw_table(contents.table, prefix)
    if contents.pixels:
        _draw_pictures(contents, contents.pixels, prefix)
    if options.leave_out:
        _leave_out(prefix)


def _use(contents: Reading, use: Callable[[str], None]) -> None:
    try:
        use(upload.keep(contents))
    except UserError as error:
        session().own_data.fault = str(error)


def _read(files: Sequence[File], digest: str, options: Options) -> Reading:
    """Return what the files hold; the last few readings are kept, for the script runs again at every click."""
    with _LOCK:
        if (digest, options) in _READINGS:
            _READINGS.move_to_end((digest, options))
            return _READINGS[digest, options]
    contents = upload.preview(files, options)
    with _LOCK:
        _READINGS[digest, options] = contents
        while len(_READINGS) > MAX_READINGS:
            _READINGS.popitem(last=False)
    return contents


def _digest(files: Sequence[File]) -> str:
    """Return a hash of names and contents."""
    digest = hashlib.sha256()
    for name, data in files:
        digest.update(f"{len(name)} {name} {len(data)} ".encode())
        digest.update(data)
    return digest.hexdigest()


def _options(prefix: str) -> Options:
    """Return what the viewer has decided with the widgets that were drawn before."""

    def held(name: str) -> Any:
        return widget_or_none(PAGE, f"{name}-{prefix}")

    label = held("label")
    return Options(
        x=held("x"),
        y=held("y"),
        label="" if label == NO_LABELS else label,
        decimal=MARKS.get(held("decimal") or ""),
        low=held("low"),
        high=held("high"),
        side=held("side") or Options().side,
        leave_out=bool(held("leave-out")),
    )


def _remedy(error: UserError, prefix: str, options: Options) -> None:
    """Draw the widget by which the viewer can answer the fault, if there is one."""
    if isinstance(error, BadPictures) or options.leave_out:
        _leave_out(prefix)
    if isinstance(error, AmbiguousTable) or options.decimal:
        st.segmented_control("Decimal mark", list(MARKS), key=widget_key(PAGE, f"decimal-{prefix}"))
    if options != Options():
        st.button("Start again", key=widget_key(PAGE, f"reset-{prefix}"), on_click=_reset, args=(prefix,))


def _reset(prefix: str) -> None:
    for name in ("x", "y", "label", "decimal", "low", "high", "side", "leave-out"):
        clear_widget(PAGE, f"{name}-{prefix}")


def _leave_out(prefix: str) -> None:
    st.toggle("Leave out pictures that cannot be used", key=start_widget(PAGE, f"leave-out-{prefix}", value=False))


def _draw_table(table: Table, prefix: str) -> None:
    """Draw the first rows, and which columns are x, y and label."""
    names = [column.name for column in table.columns]
    st.dataframe([dict(zip(names, row, strict=True)) for row in table.rows], hide_index=True, height=178)
    numeric = [column.name for column in table.columns if column.numeric]
    with st.container(horizontal=True):
        for name, title, choices, value in (
            ("x", "x", numeric, table.x),
            ("y", "y", numeric, table.y),
            ("label", "Label", [NO_LABELS, *names], table.label or NO_LABELS),
        ):
            key = start_widget(PAGE, f"{name}-{prefix}", value)
            if widget_value(PAGE, f"{name}-{prefix}") not in choices:
                set_widget(PAGE, f"{name}-{prefix}", value)
            st.selectbox(title, choices, format_func=plain, key=key, width=130)
    st.caption(f"Separated by: {plain(table.separator)}; decimal {'comma' if table.decimal == ',' else 'point'}; {table.encoding}.")


def _draw_pictures(contents: Reading, pixels: Pixels, prefix: str) -> None:
    """Draw the first pictures as they will be kept, and the range and side that decide that."""
    images = torch.from_numpy(contents.x[:PICTURES_SHOWN].copy())
    images = images[:, :1] if bool((images == images[:, :1]).all()) else images
    sheet = tile(images, 8)
    st.image(sheet.repeat(2, 0).repeat(2, 1), width="stretch", caption=f"The first {len(images)}, as they will be kept")
    with st.container(horizontal=True):
        st.number_input("Black", key=start_widget(PAGE, f"low-{prefix}", pixels.low), width=130, format="%g")
        st.number_input("White", key=start_widget(PAGE, f"high-{prefix}", pixels.high), width=130, format="%g")
        st.selectbox("Side", sorted(SIDES), key=start_widget(PAGE, f"side-{prefix}", pixels.side), width=130)
    height, width = pixels.shape
    st.caption(f"The files' values go from {pixels.smallest:,g} to {pixels.largest:,g}; the first has {width}x{height} pixels.")


def _count(contents: Reading) -> str:
    noun = "points" if contents.table or contents.x.ndim == 2 else f"pictures of {contents.x.shape[2]}x{contents.x.shape[3]}"
    labels = f", {len(set(contents.labels))} labels" if contents.labels else ", without labels"
    return f"{len(contents.x):,} {noun}{labels}"
