"""Does the plane of reconstruction error against realism look as the lecture draws it? Five seeds on three datasets. Does the judge
read one half for real pictures and less for damaged ones, whatever its seed? And, on a Gaussian, does our estimate follow Blau and
Michaeli's closed form?

    python -m benchmarks.tradeoff [--budget quick] [--seeds 5] [--judges 6] [--datasets digits,mnist,sketch-faces] [--realism judge]

Error is the root mean square over pixels, mean of 200 test pictures; realism the median of the judges' log odds against a typical
real picture, or of the score by neighbours in features: the page's own numbers, read from the same finding. Close or far: less or
more than half the error of the training mean. Real or unreal: above or below the lower quartile of real test pictures. A model's
seed is the gallery's too: of its searches, edits and judges. With `--judges`, models of seed 0 meet so many galleries.
"""

import argparse
from collections import defaultdict
from collections.abc import Callable

import torch
from torch import Tensor

from benchmarks.common import machine
from genmodels import device
from genmodels.config import BUDGETS, Budget
from genmodels.datasets.parts.pictures import from_bytes
from genmodels.metrics.frechet import frechet_distance
from genmodels.metrics.parts.edits import edit, far
from genmodels.metrics.perception import GaussianTradeoff
from genmodels.metrics.probes.judge import Judges, folds, verdict
from genmodels.metrics.realism_plane import Correlation
from genmodels.runs import RunSpec, record
from genmodels.store import Store
from genmodels.studies.findings import StudySpec
from genmodels.studies.gallery.finding import Correlations, Critics, Pictures, Plane, pair

MODELS = ("gmm", "autoencoder", "vae", "gan")
BUILT = ("gmm", "autoencoder", "autoencoder-search", "vae", "vae-search", "gan")  # what they make of a picture, by its source
N = 100_000  # examples of the Gaussian
LINES: dict[str, Callable[[dict[str, float], dict[str, float]], bool]] = {
    "VAE left of GAN, both searched": lambda e, r: e["vae-search"] < e["gan"],
    "GAN above VAE, both searched": lambda e, r: r["gan"] > r["vae-search"],
    "VAE encoded left of GAN searched": lambda e, r: e["vae"] < e["gan"],
    "GAN searched above VAE encoded": lambda e, r: r["gan"] > r["vae"],
    "blur: close": lambda e, r: e["blur"] < e["mean"] / 2,
    "blur: unreal": lambda e, r: r["blur"] < r["line"],
    "shift by 2: far": lambda e, r: e["shift2"] > e["mean"] / 2,
    "shift by 2: real": lambda e, r: r["shift2"] > r["line"],
    "real pictures: no error, above every model": lambda e, r: e["identity"] == 0 and r["identity"] > max(r[m] for m in BUILT),
}
DAMAGED = ("blur", "noise", "pixel", "stroke", "missing", "mean")
RULES: dict[str, Callable[[dict[str, float]], bool]] = {  # of medians in per cent
    "real pictures 40 to 60 %": lambda r: 40 <= r["identity"] <= 60,
    "shifted by 1 and by 2 px within 15 of real": lambda r: (
        max(abs(r[name] - r["identity"]) for name in ("shift1", "shift2")) <= 15
    ),
    "every damage below real": lambda r: max(r[name] for name in DAMAGED) < r["identity"],
    "drawn by hand below real": lambda r: r["by hand"] < r["identity"],
    "nothing above real by more than 5": lambda r: max(r.values()) <= r["identity"] + 5,
    "drawn by hand, then shifted: within 15 of that": lambda r: abs(r["by hand"] - r["by hand, shifted"]) <= 15,
}


def look(
    dataset: str, budget: Budget, seed: int, store: Store
) -> tuple[dict[str, float], dict[str, dict[str, float]], dict[str, Correlations]]:
    """Return the mean error and the median realisms of each source, by name, and the rank correlations."""
    runs = [RunSpec.make(dataset, model, seed=seed, budget=budget) for model in MODELS]
    plane = Plane.read(record(StudySpec.make("gallery", runs, {"seed": seed}), store))
    realisms = {}
    for kind in ("judge", "neighbours"):
        realisms[kind] = by_name(plane.names, plane.table[kind].median(1).values)
        realisms[kind]["line"] = float(plane.table[kind][plane.names.index("identity")].quantile(0.25))
    return by_name(plane.names, plane.table["pixels"].mean(1)), realisms, plane.correlations


def judged(dataset: str, budget: Budget, seed: int, store: Store) -> tuple[dict[str, float], Correlation]:
    """Return the medians by judges of that seed, in per cent by source, and the models' rank correlation with its interval."""
    runs = [RunSpec.make(dataset, model, budget=budget) for model in MODELS]
    recording = record(StudySpec.make("gallery", runs, {"seed": seed}), store)
    plane = Plane.read(recording)
    x = from_bytes(Pictures.read(recording).originals)
    judges = Judges.restored(tuple(x.shape[1:]), Critics.read(recording).judges)
    hand = drawn(x)
    moved = edit("shift1", hand, x, device.generator(x.device, seed, "tradeoff"))
    by_hand = torch.stack([verdict(judges(made), folds(len(x), x.device)) for made in (hand, moved)])
    names = [*plane.names, "by hand", "by hand, shifted"]
    medians = 100 * torch.cat([plane.table["judge"], by_hand]).median(1).values.sigmoid()
    return by_name(names, medians), plane.correlation("pixels", "judge").models


def drawn(x: Tensor) -> Tensor:
    """Return x (N, C, H, W) after two strokes of a pad's pen, in the far shade: a hook across the upper half."""
    y, (h, w), shade = x.clone(), x.shape[2:], far(x)
    y[:, :, h // 4 : h // 4 + max(1, h // 12), w // 4 : 3 * w // 4] = shade
    y[:, :, h // 4 : h // 2, 3 * w // 4 : 3 * w // 4 + max(1, w // 12)] = shade
    return y


def judges_of(datasets: list[str], budget: Budget, n_seeds: int) -> None:
    """Print what judges of each seed say of the same models' pictures, and which rules hold."""
    store = Store.from_environment()
    for dataset in datasets:
        seeds = [judged(dataset, budget, seed, store) for seed in range(n_seeds)]
        print(f"\n  {dataset}, to be real by judges of {n_seeds} seeds, medians in per cent")
        for name in seeds[0][0]:
            values = [medians[name] for medians, _ in seeds]
            print(f"  {name:<28}{min(values):>6.0f} to {max(values):.0f}   " + " ".join(f"{value:.0f}" for value in values))
        for rule, holds in RULES.items():
            count = sum(holds(medians) for medians, _ in seeds)
            print(f"  {rule:<48}{count} of {n_seeds} {'pass' if count == n_seeds else 'FAIL'}")
        (first, *others) = [row for _, row in seeds]
        within = sum(first.low <= row.rho <= first.high for row in others)
        rhos = ", ".join(f"{row.rho:+.3f}" for row in others)
        said = f"models' correlation {first.rho:+.3f} ({first.low:+.3f} to {first.high:+.3f})"
        print(f"  {said}, other judges {rhos}: {within} of {len(others)} {'pass' if within == len(others) else 'FAIL'}", flush=True)


def by_name(names: list[str], values: Tensor) -> dict[str, float]:
    """Return values by the sources' names."""
    return dict(zip(names, values.tolist(), strict=True))


def pictures(datasets: list[str], budget: Budget, seeds: int, realisms: list[str]) -> None:
    """Print where every source lies, mean of the seeds, and how often each line of the lecture holds."""
    store = Store.from_environment()
    held: dict[str, dict[tuple[str, str], int]] = defaultdict(lambda: defaultdict(int))
    for dataset in datasets:
        found = []
        for seed in range(seeds):
            found.append(look(dataset, budget, seed, store))
            print(f"  {dataset}, seed {seed}: done", flush=True)
        print(f"\n  {dataset:<28}{'error':>8}" + "".join(f"{kind:>12}" for kind in realisms))
        for name in found[0][0]:
            error = sum(f[0][name] for f in found) / seeds
            means = [sum(f[1][kind][name] for f in found) / seeds for kind in realisms]
            print(f"  {name:<28}{error:>8.3f}" + "".join(f"{mean:>12.2f}" for mean in means))
        for kind in realisms:
            rows = [f[2][pair("pixels", kind)] for f in found]
            rho, pooled = (mean_of(values) for values in ([row.models.rho for row in rows], [row.all for row in rows]))
            print(f"  rank correlation, {kind}: models {rho:+.2f}, with edits {pooled:+.2f}")
            for line, holds in LINES.items():
                held[line][dataset, kind] = sum(holds(f[0], f[1][kind]) for f in found)
        print(flush=True)
    columns = [(dataset, kind) for dataset in datasets for kind in realisms]
    print(f"  {'of ' + str(seeds) + ' seeds':<46}" + "".join(f"{dataset + ', ' + kind:>26}" for dataset, kind in columns))
    for line, counts in held.items():
        marks = [f"{counts[c]} {'pass' if counts[c] == seeds else 'FAIL'}" for c in columns]
        print(f"  {line:<46}" + "".join(f"{mark:>26}" for mark in marks))


def mean_of(values: list[float]) -> float:
    """Return the mean."""
    return sum(values) / len(values)


def gaussian() -> None:
    """Learn the estimates from examples and measure them on others; print closed form and measurement side by side."""
    rng = device.generator(torch.device("cpu"), 0, "tradeoff")
    truth = GaussianTradeoff(torch.tensor([[2.0, 0.6], [0.6, 0.5]]).double(), torch.eye(2).double())
    x = torch.randn(3 * N, 2, generator=rng, dtype=torch.float64) @ torch.linalg.cholesky(truth.cov).T
    y = x + torch.randn(3 * N, 2, generator=rng, dtype=torch.float64)
    gain = torch.linalg.lstsq(y[:N], x[:N]).solution  # least squares learns E[x | y]
    mean = y @ gain
    left = torch.cov((x[:N] - mean[:N]).T)
    draw = torch.randn(N, 2, generator=rng, dtype=torch.float64) @ torch.linalg.cholesky(left).T
    real, mean = x[N : 2 * N], mean[2 * N :]
    carried = mean @ transport(torch.cov((y[:N] @ gain).T), torch.cov(x[:N].T)).T  # as real as x, and as near the mean as can be
    most = truth.towards_a_draw(0)[0]
    ways = {
        "mean to draw": lambda t: (*truth.towards_a_draw(t), mean + t * draw),
        "least error": lambda t: ((1 - t) * most, truth.bound((1 - t) * most), torch.lerp(mean, carried, t)),
    }
    print(f"\n  2-D Gaussian{'t':>20}{'error':>9}{'ours':>9}{'off':>8}{'unrealism':>12}{'ours':>9}{'off':>8}")
    for name, way in ways.items():
        for t in (0.0, 0.25, 0.5, 0.75, 1.0):
            unrealism, error, x_hat = way(t)
            ours, seen = float((x_hat - x[2 * N :]).square().sum(1).mean()), frechet_distance(x_hat, real) ** 0.5
            off = f"{seen / unrealism - 1:+.1%}" if unrealism > 1e-6 else "-"
            line = f"{error:>9.4f}{ours:>9.4f}{ours / error - 1:>+8.1%}{unrealism:>12.4f}{seen:>9.4f}{off:>8}"
            print(f"  {name:<18}{t:>14}{line}")


def transport(a: Tensor, b: Tensor) -> Tensor:
    """Return the matrix that carries N(0, a) to N(0, b) by the shortest way."""
    values, axes = torch.linalg.eigh(a)
    root, back = (axes * values.sqrt()) @ axes.T, (axes / values.sqrt()) @ axes.T
    values, axes = torch.linalg.eigh(root @ b @ root)
    return back @ (axes * values.clamp(min=0).sqrt()) @ axes.T @ back


def main() -> None:
    """Print both parts."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--budget", choices=BUDGETS, default="quick")
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--judges", type=int, default=6)
    parser.add_argument("--datasets", default="digits,mnist,sketch-faces")
    parser.add_argument("--realism", default="judge,neighbours")
    options = parser.parse_args()
    device.limit_threads()
    chosen = options.datasets.split(",")
    if options.judges:
        judges_of(chosen, options.budget, options.judges)
    if options.seeds:
        gaussian()
        pictures(chosen, options.budget, options.seeds, options.realism.split(","))
    print(f"\n  budget {options.budget}; {machine()}")


if __name__ == "__main__":
    main()
