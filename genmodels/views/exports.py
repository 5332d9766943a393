"""A run to take away: weights, curves and samples as files."""

import csv
import io

import numpy as np

from genmodels import device, modelcache
from genmodels.runs import Run

BATCH = 500


def weights(run: Run) -> bytes:
    """Return the fitted weights as safetensors."""
    return run.recording.read("model.safetensors")


def curves_csv(run: Run) -> str:
    """Return history and evaluation as one CSV: a row a step, test columns filled at the marks alone."""
    history, evaluation = run.columns("history"), run.columns("evaluation")
    names = [n for n in history if n != "step"]
    tests = [n for n in evaluation if n != "step"]
    at_mark = {int(step): [evaluation[n][i] for n in tests] for i, step in enumerate(evaluation.get("step", []))}
    trained = {int(step): [history[n][i] for n in names] for i, step in enumerate(history.get("step", []))}
    out = io.StringIO()
    table = csv.writer(out, lineterminator="\n")
    table.writerow(["step", *names, *(f"test_{n}" for n in tests)])
    for step in sorted({*at_mark, *trained}):
        table.writerow([step, *trained.get(step, [""] * len(names)), *at_mark.get(step, [""] * len(tests))])
    return out.getvalue()


def samples_npz(run: Run, n: int) -> bytes:
    """Return `x`, n samples (n, *shape) float32 in data units from seed 0, as an .npz; the model comes from the device cache."""
    where = device.choose_device()
    model = modelcache.shared().get(run.spec.key, lambda: run.load_model(where))
    rng = device.generator(where, 0, "sample")
    sizes = [min(BATCH, n - start) for start in range(0, n, BATCH)]
    x = np.concatenate([model.sample(size, rng).cpu().numpy() for size in sizes])  # type: ignore[operator]
    out = io.BytesIO()
    np.savez_compressed(out, x=x.astype(np.float32))
    return out.getvalue()
