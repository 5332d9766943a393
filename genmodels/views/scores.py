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
from genmodels.runs import RunSpec
from genmodels.store import Recording
from genmodels.studies.scores.lines import GROUPS, Row, Scale, rows
from genmodels.views import tiles

DASH = "—"
LEFT, RIGHT = 0.25, 0.12  # of the way from floor to ceiling, how much of a track lies before it and behind it
Sheet = dict[str, Any]  # scores.json of one run, or what `absent` makes of one that has no scores
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
    """What one model reads in one line, in each of its seeds that has a value; the note is of the first that has none."""

    values: tuple[float, ...]
    seeds: int
    note: str

    @property
    def mean(self) -> float | None:
        """The mean over the seeds; None for a dash where one of them has no value, since that one may be the worst."""
        return sum(self.values) / self.seeds if len(self.values) == self.seeds else None


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
        of_models = [[_line(sheet, row.name) for sheet in seeds] for seeds in sheets]
        any_of = [line for of_model in of_models for line in of_model if "floor" in line]
        if all(_empty(line) for line in any_of):
            continue
        first = any_of[0]
        floor = None if first["floor"] is None else (first["floor"], first["floor_low"], first["floor_high"])
        cells = tuple(_cell(of_model) for of_model in of_models)
        found.append(Line(row, floor, first["ceiling"], cells))
    return found


def absent(spec: RunSpec, reason: str) -> Sheet:
    """Return the sheet of a run that has no scores, for this reason: every line is a dash."""
    run = {"key": spec.key, "dataset": spec.dataset, "model": spec.model, "seed": spec.seed}
    return {"run": run, "reason": reason, "rows": []}


def _line(sheet: Sheet, name: str) -> dict[str, Any]:
    """Return a sheet's line, or one with no more than the reason why it is not there."""
    return next((line for line in sheet["rows"] if line["name"] == name), {"value": None, "note": sheet.get("reason", "")})


def _empty(line: dict[str, Any]) -> bool:
    return line["value"] is None and (line["floor"] is None or line["ceiling"] is None)


def _cell(of_model: list[dict[str, Any]]) -> Cell:
    values = tuple(line["value"] for line in of_model if line["value"] is not None)
    lacking = [line for line in of_model if line["value"] is None]
    return Cell(values, len(of_model), (lacking or of_model)[0]["note"])


def position(value: float, floor: float, ceiling: float, scale: Scale) -> float:
    """Return where a value stands on the way from floor, 0, to ceiling, 1; less than 0 is beyond what real examples read."""
    low, high = _bent(floor, scale), _bent(ceiling, scale)
    return (_bent(value, scale) - low) / (high - low) if high != low else 0.0


def _bent(value: float, scale: Scale) -> float:
    if scale == "root":
        return math.sqrt(max(value, 0.0))
    return math.log(max(value, 1e-9)) if scale == "log" else value


def place(value: float, line: Line) -> float:
    """Return where a value stands in its line: on either side of real where the nearer is the better, it is as far."""
    assert line.floor is not None
    assert line.ceiling is not None
    where = position(value, line.floor[0], line.ceiling, line.row.scale)
    return abs(where) if line.row.better == "nearer" else where


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
    heads = "".join(f'<th scope="col" class="{kind.name}"><span>{escape(kind.title)}</span></th>' for kind in kinds)
    body = [f'<thead><tr><th scope="col">score</th><th scope="col">real</th>{heads}<th scope="col">noise</th></tr></thead>']
    group = ""
    for line in lines(sheets):
        if line.row.group != group:
            group = line.row.group
            body.append(f'<tr class="group"><th scope="colgroup" colspan="{len(kinds) + 3}">{escape(GROUPS[group])}</th></tr>')
        cells = "".join(f'<td class="{kind.name}">{_drawn(cell, line)}</td>' for kind, cell in zip(kinds, line.cells, strict=True))
        floor = number(line.floor[0]) if line.floor else DASH
        name, meaning = escape(line.row.title) + _arrow(line.row), escape(line.row.about)
        about = f"<details><summary>{name}</summary><span>{meaning}</span></details>"
        head = f'<th scope="row" title="{escape(line.row.about)}">{about}</th>'
        body.append(f'<tr>{head}<td class="end">{floor}</td>{cells}<td class="end">{number(line.ceiling)}</td></tr>')
    return f'<table class="scores" style="--columns:{len(kinds) + 2}">{"".join(body)}</table>'


def _arrow(row: Row) -> str:
    signs = {"lower": "↓", "higher": "↑", "nearer": "→←", "neither": ""}
    words = {"lower": "lower is better", "higher": "higher is better", "nearer": "nearer to real is better", "neither": ""}
    return f' <small title="{words[row.better]}">{signs[row.better]}</small>' if signs[row.better] else ""


def _drawn(cell: Cell, line: Line) -> str:
    """Return a cell: the mean, the seeds' range, and where they stand between floor and ceiling; a dash if a seed has no value."""
    mean, hint = cell.mean, f' title="{escape(cell.note)}"' if cell.note else ""
    if not cell.values:
        return f"<b{hint}>{DASH}</b>"
    low, high = min(cell.values), max(cell.values)
    spread = f"{number(low)} to {number(high)}" if number(low) != number(high) else ""
    if mean is None:
        return f"<b{hint}>{DASH}</b><small>{len(cell.values)} of {cell.seeds} seeds: {spread or number(low)}</small>"
    sign = {"bits-per-dim": "≤ "}.get(line.row.name, "≥ ") if cell.note.startswith("a bound") else ""
    small = f"<small>{spread}</small>" if spread else ""
    return f"<b{hint}>{sign}{number(mean)}</b>{_extra(cell, line)}{small}{_track(line, mean, low, high)}"


def _extra(cell: Cell, line: Line) -> str:
    return f" <small>{escape(cell.note)}</small>" if line.row.name == "active" else ""


def _track(line: Line, mean: float, low: float, high: float) -> str:
    if not readable(line):
        return ""
    assert line.floor is not None
    where = place(mean, line)
    real = sorted(_percent(place(v, line)) for v in (*line.floor[1:], *([line.floor[0]] if line.row.better == "nearer" else [])))
    real = [real[0], real[-1]]
    band = sorted(_percent(place(v, line)) for v in (low, high))
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
    """Return every score of every run, one row each; what is not there is empty, a run without scores gives its reason."""
    out, titles = io.StringIO(), {row.name: row for row in rows()}
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(HEADER)
    for sheet in (sheet for seeds in sheets for sheet in seeds):
        run = sheet["run"]
        if not sheet["rows"]:
            writer.writerow([run["dataset"], run["model"], run["seed"], *[""] * 9, sheet["reason"]])
        for line in sheet["rows"]:
            row = titles[line["name"]]
            numbers = [line[name] for name in HEADER[6:11]]
            writer.writerow(
                [run["dataset"], run["model"], run["seed"], row.group, row.name, row.title, *numbers, sheet["n"], line["note"]]
            )
    return out.getvalue()


def legend(sheets: Sequence[Sequence[Sheet]]) -> str:
    """Return what the table's columns and signs mean, and what was compared."""
    first = next(sheet for of_model in sheets for sheet in of_model if sheet["rows"])
    seeds = [sheet["run"]["seed"] for sheet in sheets[0]]
    spread = (
        f" Each number is the mean of {len(seeds)} trainings, seeds {seeds[0]} to {seeds[-1]}, with their lowest and highest; "
        "where one of them has no value there is no mean."
    )
    return (
        f"<p>{first['n']:,} samples of each model against as many test ones. <b>Real</b>: training examples in place of samples; "
        f"the grey band is the lowest to highest of several such sets. <b>Noise</b>: even over the data's range. A dot stands "
        "where the model does on the way from real, the first mark, to noise, the second. Features: "
        f"{escape(first['features'])}.{spread if len(seeds) > 1 else ''} A name opens what is measured.</p>"
    )


BINS_OF_POINTS = (
    "<p>The modes, where they are known, or else the training set's bins, as large as their share of the data. "
    '<span style="color:#8b6bc4">Purple</span>: samples fall in too rarely; <span style="color:#e66101">orange</span>: too often; '
    "full colour at 6 standard errors.</p>"
)


def bins_html(findings: Sequence[Recording], ink: str) -> str:
    """Return the bins that samples leave out, as training pictures, and those that they overdo, as samples, for each model."""
    parts = []
    for finding in findings:
        told, pictures = finding.json("bins.json"), finding.tensors("bins.safetensors")
        body = _bins(told, pictures, "rare", "Missing: training pictures", "training pictures", ink)
        body += _bins(told, pictures, "frequent", "Overdone: samples", "samples", ink)
        parts.append(f'<section class="bins">{_head(finding)}{body}</section>')
    n = len(findings[0].json("bins.json")["z"]) if findings else 0
    note = (
        f"The training set is cut into {n} bins of like pictures. Shown are those that the samples fill significantly too rarely "
        f"or too often, the worst six; chance alone makes {0.05 * n:.0f} of {n} look so."
    )
    return f'<p>{note}</p><div class="scores-columns">{"".join(parts)}</div>'


def _bins(told: dict[str, Any], pictures: dict[str, Tensor], name: str, title: str, of: str, ink: str) -> str:
    figures = [
        f'<figure><img class="{ink}" src="{tiles.png_url(tiles.tile(pictures[name][i], len(pictures[name][i])))}" '
        f'alt="{of} of bin {index + 1}"/>'
        f"<figcaption>data {told['expected'][index]:.1%}, samples {told['observed'][index]:.1%}</figcaption></figure>"
        for i, index in enumerate(told[name])
    ]
    return f"<h4>{title}</h4>{''.join(figures) or '<p>No bin significantly.</p>'}"


def _head(finding: Recording) -> str:
    kind = models.model(finding.json("scores.json")["run"]["model"])
    return f'<h3 class="{kind.name}"><span>{escape(kind.title)}</span></h3>'


def nearest_html(findings: Sequence[Recording], reference: Recording, ink: str) -> str:
    """Return the samples nearest to the training set, each above its nearest training picture, with their distance."""
    real = reference.json("reference.json")["nearest"]
    parts = []
    for finding in findings:
        distances, pictures = finding.json("nearest.json")["distance"], finding.tensors("nearest.safetensors")
        pairs = [
            f'<figure><img class="{ink}" src="{_one(sample)}" alt="sample {i + 1}"/>'
            f'<img class="{ink}" src="{_one(near)}" alt="its nearest training picture"/>'
            f"<figcaption>{distances[i]:.3f}</figcaption></figure>"
            for i, (sample, near) in enumerate(zip(pictures["samples"], pictures["training"], strict=True))
        ]
        line = f"Nearest {distances[0]:.3f}, median {distances[len(distances) // 2]:.3f} of {len(distances)}."
        parts.append(f'<section class="pairs">{_head(finding)}<p>{line}</p>{"".join(pairs)}</section>')
    note = (
        "The samples that lie nearest to a training picture, the nearest first, each above that picture; below, how far apart they "
        f"are, root mean square of pixels. Held-out pictures, which cannot be copies: nearest {real[0]:.3f}, median "
        f"{real[len(real) // 2]:.3f} of {len(real)}. A copy would read 0; a smooth sample is near without being one."
    )
    return f'<p>{note}</p><div class="scores-columns">{"".join(parts)}</div>'


def _one(picture: Tensor) -> str:
    return tiles.png_url(tiles.tile(picture[None], 1))


def curves_legend(told: Sequence[tuple[str, Sequence[dict[str, Any]]]], n_seeds: int) -> str:
    """Return what the curves over training are of, with the models' colours, and of how many of the seeds."""
    names = ", ".join(
        f'<b class="{name}" style="color:var(--model)">{escape(models.model(name).title)}</b>'
        + (f" ({len(seeds)} of {n_seeds} seeds)" if len(seeds) < n_seeds else "")
        for name, seeds in told
    )
    n = max((seed["n"] for _, seeds in told for seed in seeds), default=0)
    return (
        f"<p>{names}. Of the {n:,} samples from fixed noise that a training keeps at each mark: few, so these values are rough "
        f"and are not those of the table. Grey: what {n:,} other real examples read. The error is that of 1,000 test examples.</p>"
    )
