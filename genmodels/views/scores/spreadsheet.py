"""Every score of every run as CSV."""

import csv
import io
from collections.abc import Sequence

from genmodels.views.scores.lines import ScoredRun

NUMBERS = ("value", "floor", "floor_low", "floor_high", "ceiling")
HEADER = ("dataset", "model", "seed", "group", "score", "title", *NUMBERS, "n", "note")


def csv_text(columns: Sequence[Sequence[ScoredRun]]) -> str:
    """Return every score of every run, one line each; a missing number is empty, a run without scores gives its reason."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(HEADER)
    for one in (one for column in columns for one in column):
        run = [one.run.dataset, one.run.model, one.run.seed]
        if one.table is None:
            writer.writerow([*run, *[""] * 9, one.reason])
            continue
        for score in one.table:
            numbers = [getattr(score, name) for name in NUMBERS]
            writer.writerow([*run, score.group, score.name, score.title, *numbers, one.table.n, score.note])
    return out.getvalue()
