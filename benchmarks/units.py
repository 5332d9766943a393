"""Does anything depend on the units of the data? Log-density and spread of samples of each model, in other units and far from 0.

    python -m benchmarks.units [--steps 30]

600 points of a correlated Gaussian times a factor plus an offset of so many spreads, brought as a table. Shown is by how much
log p + 2 log(factor), nats, differs from that at factor 1 and offset 0, and the worst ratio of the samples' spreads. Games
amplify rounding, and at 1e9 spreads float64 itself rounds the data by 1e-7 of them.
"""

import argparse
import math
import os
import tempfile

import numpy as np

from benchmarks.common import machine
from genmodels.datasets import upload
from genmodels.runs import Run, RunSpec, record
from genmodels.store import Store

MODELS = ("gmm", "mfa", "vae", "flow-matching", "gan")
FACTORS = (1e-9, 1e-6, 1e-3, 1e3, 1e6, 1e9)
OFFSETS = (0.0, 1e3, 1e6, 1e9)  # spreads


def trained(model: str, factor: float, offset: float, steps: int, store: Store) -> Run:
    """Return the run of a model on the points in other units."""
    x = factor * (np.random.default_rng(0).normal(size=(600, 2)) @ [[1.0, 0.6], [0.0, 0.5]] + offset)
    name = upload.add([("points.csv", "\n".join(f"{a!r},{b!r}" for a, b in x.tolist()).encode())])
    spec = RunSpec.make(name, model, {"steps": steps})
    return Run(record(spec, store), spec)


def log_density(run: Run) -> float | None:
    """Return the mean log-density of the test set, nats, or its bound; None for a model without either."""
    scores = run.result().test
    return scores.get("log_likelihood", scores.get("elbo"))


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--steps", type=int, default=30)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        os.environ["GENMODELS_CACHE"] = folder
        store = Store.from_environment()
        print("| model | offset, spreads | " + " | ".join(f"{factor:g}" for factor in FACTORS) + " |")
        print("|---|---|" + "---|" * len(FACTORS))
        for model in MODELS:
            here = trained(model, 1.0, 0.0, options.steps, store)
            density, spread = log_density(here), here.sample(2000).double().std(0)
            for offset in OFFSETS:
                cells = []
                for factor in FACTORS:
                    there = trained(model, factor, offset, options.steps, store)
                    ratio = there.sample(2000).double().std(0) / factor / spread
                    worst = max(float(ratio.max()), 1 / float(ratio.min()))
                    value = log_density(there)
                    gap = "-" if density is None or value is None else f"{value + 2 * math.log(factor) - density:+.4f}"
                    cells.append(f"{gap}, {worst:.4f}")
                print(f"| {model} | {offset:g} | " + " | ".join(cells) + " |", flush=True)
    print(machine())


if __name__ == "__main__":
    main()
