"""Scores as a table between floor and ceiling, as pictures of what is missing and of what is near, as curves, and as CSV."""

import csv
import io
import math
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from typing import Any

from torch import Tensor

from genmodels import models
from genmodels.studies.lines import GROUPS, Row, Scale, rows
from genmodels.views import tiles

DASH = "—"
LEFT, RIGHT = 0.25, 0.12  # of the way from floor to ceiling, how much of a track lies before it and behind it
Sheet = dict[str, Any]  # scores.json of one run
HEADER = (
    "dataset",
    "model",
    "seed",
    "group",
    "score",
    "title",
    "value",
    "floor",
    "floor_low",
    "floor_high",
    "ceiling",
    "n",
    "note",
)


@dataclass(frozen=True)
class Cell:
    """What one model reads in one line, in each of its seeds that can."""

    values: tuple[float, ...]
    note: str

    @property
    def mean(self) -> float | None:
        """The mean over the seeds, or None for a dash."""
        return sum(self.values) / len(self.values) if self.values else None


@dataclass(frozen=True)
class Line:
    """One line of the table: floor, a cell for each model, ceiling."""

    row: Row
    floor: tuple[float, float, float] | None  # mean, lowest, highest
    ceiling: float | None
    cells: tuple[Cell, ...]


def lines(sheets: Sequence[Sequence[Sheet]]) -> list[Line]:
    """Return the table's lines from the sheets of each model, one a seed; a line is there if any model has it."""
    found = []
    for row in rows():
        of_models = [[line for sheet in seeds for line in sheet["rows"] if line["name"] == row.name] for seeds in sheets]
        any_of = [line for of_model in of_models for line in of_model]
        if not any_of or all(_empty(line) for line in any_of):
            continue
        first = any_of[0]
        floor = None if first["floor"] is None else (first["floor"], first["floor_low"], first["floor_high"])
        cells = tuple(_cell(of_model) for of_model in of_models)
        found.append(Line(row, floor, first["ceiling"], cells))
    return found


def _empty(line: dict[str, Any]) -> bool:
    return line["value"] is None and (line["floor"] is None or line["ceiling"] is None)


def _cell(of_model: list[dict[str, Any]]) -> Cell:
    values = tuple(line["value"] for line in of_model if line["value"] is not None)
    return Cell(values, of_model[0]["note"] if of_model else "")


def position(value: float, floor: float, ceiling: float, scale: Scale) -> float:
    """Return where a value stands on the way from floor, 0, to ceiling, 1; less than 0 is beyond what real examples read."""
    low, high = _bent(floor, scale), _bent(ceiling, scale)
    return (_bent(value, scale) - low) / (high - low) if high != low else 0.0


def _bent(value: float, scale: Scale) -> float:
    if scale == "root":
        return math.sqrt(max(value, 0.0))
    return math.log(max(value, 1e-9)) if scale == "log" else value


def readable(line: Line) -> bool:
    """Whether noise reads clearly worse than real examples: else there is no way from one to the other to stand on."""
    if line.floor is None or line.ceiling is None:
        return False
    _, low, high = line.floor
    below, above = line.ceiling < low, line.ceiling > high
    return {"higher": below, "lower": above, "nearer": below or above, "neither": False}[line.row.better]


def number(value: float | None) -> str:
    """Return three significant digits without an exponent, or a dash."""
    if value is None:
        return DASH
    if value == round(value) or abs(value) >= 1000:
        return f"{value:,.0f}".replace("-0", "0") if round(value) == 0 else f"{value:,.0f}"
    places = max(0, min(4, 2 - math.floor(math.log10(abs(value)))))
    text = f"{value:.{places}f}"
    return text.removeprefix("-") if float(text) == 0 else text


def table(sheets: Sequence[Sequence[Sheet]]) -> str:
    """Return the scores as an HTML table, group by group; one column a model between floor and ceiling."""
    kinds = [models.model(seeds[0]["run"]["model"]) for seeds in sheets]
    heads = "".join(f'<th scope="col" class="{kind.family}"><span>{escape(kind.title)}</span></th>' for kind in kinds)
    body = [f'<thead><tr><th scope="col">score</th><th scope="col">real</th>{heads}<th scope="col">noise</th></tr></thead>']
    group = ""
    for line in lines(sheets):
        if line.row.group != group:
            group = line.row.group
            body.append(f'<tr class="group"><th scope="colgroup" colspan="{len(kinds) + 3}">{escape(GROUPS[group])}</th></tr>')
        cells = "".join(
            f'<td class="{kind.family}">{_drawn(cell, line)}</td>' for kind, cell in zip(kinds, line.cells, strict=True)
        )
        floor = number(line.floor[0]) if line.floor else DASH
        about = f"<details><summary>{escape(line.row.title)}{_arrow(line.row)}</summary>{escape(line.row.about)}</details>"
        head = f'<th scope="row" title="{escape(line.row.about)}">{about}</th>'
        body.append(f'<tr>{head}<td class="end">{floor}</td>{cells}<td class="end">{number(line.ceiling)}</td></tr>')
    return f'<table class="scores" style="--columns:{len(kinds) + 2}">{"".join(body)}</table>'


def _arrow(row: Row) -> str:
    signs = {"lower": "↓", "higher": "↑", "nearer": "→←", "neither": ""}
    words = {"lower": "lower is better", "higher": "higher is better", "nearer": "nearer to real is better", "neither": ""}
    return f' <small title="{words[row.better]}">{signs[row.better]}</small>' if signs[row.better] else ""


def _drawn(cell: Cell, line: Line) -> str:
    """Return a cell: the mean, the seeds' range, and where they stand between floor and ceiling."""
    mean, hint = cell.mean, f' title="{escape(cell.note)}"' if cell.note else ""
    if mean is None:
        return f"<b{hint}>{DASH}</b>"
    sign = {"log-likelihood": "≥ ", "bits-per-dim": "≤ "}.get(line.row.name, "") if cell.note.startswith("a bound") else ""
    low, high = min(cell.values), max(cell.values)
    spread = f"<small>{number(low)} to {number(high)}</small>" if len(cell.values) > 1 else ""
    return f"<b{hint}>{sign}{number(mean)}</b>{_extra(cell, line)}{spread}{_track(line, mean, low, high)}"


def _extra(cell: Cell, line: Line) -> str:
    return f" <small>{escape(cell.note)}</small>" if line.row.name == "active" else ""


def _track(line: Line, mean: float, low: float, high: float) -> str:
    if not readable(line):
        return ""
    assert line.floor is not None
    assert line.ceiling is not None
    floor, scale, ceiling = line.floor[0], line.row.scale, line.ceiling
    where = position(mean, floor, ceiling, scale)
    real = sorted(_percent(position(v, floor, ceiling, scale)) for v in line.floor[1:])
    band = sorted(_percent(position(v, floor, ceiling, scale)) for v in (low, high))
    words = f"{round(100 * where)} % of the way from real to noise"
    beyond = " beyond" if not -LEFT <= where <= 1 + RIGHT else ""
    return (
        f'<span class="track" role="img" aria-label="{words}" title="{words}">'
        f'<i class="real" style="left:{real[0]:.1f}%;width:{real[1] - real[0]:.1f}%"></i>'
        f'<i class="tick" style="left:{_percent(0):.1f}%"></i><i class="tick" style="left:{_percent(1):.1f}%"></i>'
        f'<i class="band" style="left:{band[0]:.1f}%;width:{band[1] - band[0]:.1f}%"></i>'
        f'<i class="dot{beyond}" style="left:{_percent(where):.1f}%"></i></span>'
    )


def _percent(where: float) -> float:
    """Return a place between floor and ceiling in percent of the track, which ends a little behind both."""
    return 100 * (min(max(where, -LEFT), 1 + RIGHT) + LEFT) / (1 + LEFT + RIGHT)


def csv_text(sheets: Sequence[Sequence[Sheet]]) -> str:
    """Return every score of every run, one row each; what is not there is empty."""
    out, titles = io.StringIO(), {row.name: row for row in rows()}
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(HEADER)
    for sheet in (sheet for seeds in sheets for sheet in seeds):
        run = sheet["run"]
        for line in sheet["rows"]:
            row = titles[line["name"]]
            numbers = [line[name] for name in HEADER[6:11]]
            writer.writerow(
                [run["dataset"], run["model"], run["seed"], row.group, row.name, row.title, *numbers, sheet["n"], line["note"]]
            )
    return out.getvalue()


def bins_html(told: dict[str, Any], pictures: dict[str, Tensor], ink: str) -> str:
    """Return the bins that samples leave out, as training pictures, and those that they overdo, as samples."""
    parts = []
    for name, of, words in (("rare", "training pictures", "Missing"), ("frequent", "samples", "Overdone")):
        figures = [
            f'<figure><img class="{ink}" src="{_strip(pictures[name][i])}" alt="{of} of bin {b + 1}"/>'
            f"<figcaption>{told['expected'][b]:.1%} of the data, {told['observed'][b]:.1%} of samples</figcaption></figure>"
            for i, b in enumerate(told[name])
        ]
        body = "".join(figures) or "<p>No bin significantly.</p>"
        parts.append(f"<h4>{words}</h4>{body}")
    return f'<div class="bins">{"".join(parts)}</div>'


def _strip(pictures: Tensor) -> str:
    return tiles.png_url(tiles.tile(pictures, len(pictures)))


def nearest_html(distances: Sequence[float], pictures: dict[str, Tensor], ink: str) -> str:
    """Return the samples nearest to the training set, each above its nearest training picture, with their distance."""
    pairs = [
        f'<figure><img class="{ink}" src="{tiles.png_url(tiles.tile(sample[None], 1))}" alt="sample {i + 1}"/>'
        f'<img class="{ink}" src="{tiles.png_url(tiles.tile(real[None], 1))}" alt="its nearest training picture"/>'
        f"<figcaption>{distances[i]:.3f}</figcaption></figure>"
        for i, (sample, real) in enumerate(zip(pictures["samples"], pictures["training"], strict=True))
    ]
    return f'<div class="pairs">{"".join(pairs)}</div>'
