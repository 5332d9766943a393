"""A run's weights, curves and samples as files to download."""

import csv
import io

import numpy as np

from genmodels.runs import Run


def curves_csv(run: Run) -> str:
    """Return all curves as one CSV, one row an update; scores of training and test examples only at snapshots."""
    parts = {"": run.columns("history"), "training_": run.columns("training"), "test_": run.columns("evaluation")}
    names = [(prefix, name) for prefix, columns in parts.items() for name in columns if name != "step"]
    rows: dict[int, dict[str, float]] = {}
    for prefix, columns in parts.items():
        for i, step in enumerate(columns.get("step", [])):
            rows.setdefault(int(step), {}).update({prefix + name: values[i] for name, values in columns.items() if name != "step"})
    out = io.StringIO()
    table = csv.DictWriter(out, ["step", *(prefix + name for prefix, name in names)], restval="", lineterminator="\n")
    table.writeheader()
    for step in sorted(rows):
        table.writerow({"step": step, **rows[step]})
    return out.getvalue()


def samples_npz(run: Run, n: int) -> bytes:
    """Return n samples `x` (n, *shape), float32 in data units, from seed 0, as an .npz."""
    out = io.BytesIO()
    np.savez_compressed(out, x=run.sample(n).numpy())
    return out.getvalue()
