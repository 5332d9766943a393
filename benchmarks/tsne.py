"""Is the t-SNE as good as scikit-learn's, faster, and the same again? `python -m benchmarks.tsne [--repeats 3] [--perplexity 30]`.

1,800 codes of three kinds, each on one thread, in turns; medians of processor time. Both divergences are of the same affinities.
"""

import argparse
import time
from collections.abc import Callable
from statistics import median

import numpy as np
import torch
from sklearn.manifold import TSNE
from threadpoolctl import threadpool_limits
from torch import Tensor

from benchmarks.common import machine, trained
from genmodels import datasets, device
from genmodels.datasets.base import Dataset
from genmodels.metrics.embedding import map_divergence
from genmodels.models.base import Encodes
from genmodels.studies.latents.embedding import Map

N = 1800


def principal(data: Dataset, n_axes: int) -> Tensor:
    """Return the first N pictures on their widest principal axes, (N, n_axes)."""
    x = data.train[:N].flatten(1).double()
    return torch.linalg.svd(x - x.mean(0), full_matrices=False).U[:, :n_axes]


def vae_codes() -> Tensor:
    """Return the codes of test pictures by a VAE of the quick budget, (N, 16)."""
    model, data, _ = trained("mnist", "vae", "quick", seed=0)
    assert isinstance(model, Encodes)
    with torch.no_grad():
        return model.encode(data.test[:N]).cpu().double()


def timed(make: Callable[[Tensor, float], np.ndarray], z: Tensor, perplexity: float) -> tuple[np.ndarray, float]:
    """Return the map and the seconds of processor time that it took."""
    begun = time.process_time()
    return make(z, perplexity), time.process_time() - begun


def ours(z: Tensor, perplexity: float) -> np.ndarray:
    """Return our map, (N, 2), with all its pauses."""
    *_, last = Map(z, perplexity, seed=0).descend()
    return last.y.numpy()


def theirs(z: Tensor, perplexity: float) -> np.ndarray:
    """Return scikit-learn's map with its own settings, (N, 2)."""
    return np.asarray(TSNE(2, perplexity=perplexity, init="pca", random_state=0, n_jobs=1).fit_transform(z.numpy()), np.float64)


def main() -> None:
    """Print, for each kind of codes, both divergences and both times."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--perplexity", type=float, default=30.0)
    options = parser.parse_args()
    device.limit_threads()
    mnist, digits = (datasets.load(name, device.choose_device()) for name in ("mnist", "digits"))
    kinds = {
        "MNIST, 16 of a VAE": vae_codes(),
        "MNIST, 30 axes": principal(mnist, 30).cpu(),
        "digits, 64 pixels": torch.cat([digits.train, digits.test]).flatten(1).cpu().double(),
    }
    print(f"{'codes':<20}{'N':>6}{'scikit-learn: KL':>18}{'s':>7}{'ours: KL':>12}{'s':>7}{'faster':>9}  the same again")
    with threadpool_limits(1):
        for name, z in kinds.items():
            runs = [[timed(make, z, options.perplexity) for make in (theirs, ours)] for _ in range(options.repeats)]
            affinities = torch.from_numpy(Map(z, options.perplexity, seed=0).affinities())
            kl = [map_divergence(affinities, torch.from_numpy(pair[0])) for pair in runs[0]]
            seconds = [median(run[who][1] for run in runs) for who in (0, 1)]
            same = all(np.array_equal(run[1][0], runs[0][1][0]) for run in runs)
            print(
                f"{name:<20}{len(z):>6}{kl[0]:>18.4f}{seconds[0]:>7.2f}{kl[1]:>12.4f}{seconds[1]:>7.2f}"
                f"{seconds[0] / seconds[1]:>8.2f}x  {'yes, to the last bit' if same else 'NO'}",
                flush=True,
            )
    print(f"\nmedians of {options.repeats}, perplexity {options.perplexity:g}; {machine()}")


if __name__ == "__main__":
    main()
