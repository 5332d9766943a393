"""The table of scores as HTML: one column a model, between real examples and noise."""

from collections.abc import Sequence
from html import escape

from genmodels import models
from genmodels.studies.scores.rows import GROUPS, Row
from genmodels.views import glossary
from genmodels.views.scores.lines import DASH, Cell, Line, ScoredRun, lines, number, place, readable

FLOOR, CEILING = '<a href="#term-floor">real</a>', '<a href="#term-ceiling">noise</a>'
HEADLINE = "frechet-ratio"  # of its group, where there is room for one score
LEFT, RIGHT = 0.25, 0.12  # parts of a track before the floor and behind the ceiling, in units of the way between them


def table(columns: Sequence[Sequence[ScoredRun]], brief: bool = False) -> str:
    """Return the scores as an HTML table, group by group; a `brief` one has one score of each group."""
    kinds = [models.model(column[0].run.model) for column in columns]
    heads = "".join(f'<th scope="col" class="{kind.name}"><span>{escape(kind.title)}</span></th>' for kind in kinds)
    body = [f'<thead><tr><th scope="col">score</th><th scope="col">{FLOOR}</th>{heads}<th scope="col">{CEILING}</th></tr></thead>']
    group = ""
    for line in _one_a_group(lines(columns)) if brief else lines(columns):
        if line.row.group != group and not brief:
            group = line.row.group
            body.append(f'<tr class="group"><th scope="colgroup" colspan="{len(kinds) + 3}">{escape(GROUPS[group])}</th></tr>')
        cells = "".join(f'<td class="{kind.name}">{_cell(cell, line)}</td>' for kind, cell in zip(kinds, line.cells, strict=True))
        floor = number(line.floor[0]) if line.floor else DASH
        name = f"<span>{escape(line.row.title)}</span>{_arrow(line.row)}"
        about = f"<details><summary>{name}</summary><span>{_meaning(line.row)}</span></details>"
        head = f'<th scope="row" title="{escape(line.row.about)}">{about}</th>'
        body.append(f'<tr>{head}<td class="end">{floor}</td>{cells}<td class="end">{number(line.ceiling)}</td></tr>')
    return f'<table class="scores" style="--columns:{len(kinds) + 2}">{"".join(body)}</table>'


def _one_a_group(every: Sequence[Line]) -> list[Line]:
    """Return the first line of each group, of the one with the Fréchet ratio that."""
    chosen: dict[str, Line] = {}
    for line in every:
        if line.row.group not in chosen or line.row.name == HEADLINE:
            chosen[line.row.group] = line
    return list(chosen.values())


def legend(columns: Sequence[Sequence[ScoredRun]]) -> str:
    """Return what the table's columns and signs mean, and what was compared."""
    first = next(run.table for column in columns for run in column if run.table is not None)
    seeds = [run.run.seed for run in columns[0]]
    spread = (
        f" Each number is the mean of {len(seeds)} trainings, seeds {seeds[0]} to {seeds[-1]}, with their lowest and highest; "
        "where one of them has no value there is no mean."
    )
    return (
        f"<p>{first.n:,} samples of each model against as many test ones. <b>Real</b>: training examples in place of samples; "
        f"the grey band is the lowest to highest of several such sets. <b>Noise</b>: even over the data's range. A dot stands "
        "where the model does on the way from real, the first mark, to noise, the second. Features: "
        f"{glossary.linked_html(escape(first.features))}.{spread if len(seeds) > 1 else ''} A dotted line opens what is meant.</p>"
    )


def _meaning(row: Row) -> str:
    """Return what is measured, as HTML, with a link to each term of the title that the sentence does not hold."""
    more = sorted(glossary.occurring(row.title) - glossary.occurring(row.about))
    links = [f'<a href="#{glossary.ANCHOR}{slug}">{escape(glossary.terms()[slug].name)}</a>' for slug in more]
    return glossary.linked_html(escape(row.about)) + (f" More: {', '.join(links)}." if links else "")


def _arrow(row: Row) -> str:
    signs = {"lower": "↓", "higher": "↑", "nearer": "→←", "neither": ""}
    words = {"lower": "lower is better", "higher": "higher is better", "nearer": "nearer to real is better", "neither": ""}
    return f' <small title="{words[row.better]}">{signs[row.better]}</small>' if signs[row.better] else ""


def _cell(cell: Cell, line: Line) -> str:
    """Return the mean, the seeds' range, and where they lie between floor and ceiling; a dash if a seed has no value."""
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
    """Return a place between floor and ceiling in per cent of the track, which ends a little behind both."""
    return 100 * (min(max(where, -LEFT), 1 + RIGHT) + LEFT) / (1 + LEFT + RIGHT)
