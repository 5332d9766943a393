"""How long scores take once the features are there: seconds of processor time on one thread, the median of five."""

import statistics
import time

import pytest
import torch
from torch import Tensor

from genmodels.metrics import metrics
from genmodels.metrics.bins import bin_scores, training_bins
from genmodels.metrics.birthday import birthday
from genmodels.metrics.classes import class_histogram
from genmodels.metrics.divergence import js_divergence_of_samples
from genmodels.metrics.latent import knn_accuracy

N, F, CLASSES = 2000, 64, 10
BUDGET = 2.0


def seeded(seed: int = 0) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def normal(seed: int, width: int = F) -> Tensor:
    return torch.randn(N, width, generator=seeded(seed))


def seconds(score) -> float:
    taken = []
    for _ in range(5):
        start = time.process_time()
        score()
        taken.append(time.process_time() - start)
    return statistics.median(taken)


@pytest.mark.slow
def test_all_scores_of_two_thousand_examples_take_less_than_two_seconds():
    fake, test, train = (normal(seed) for seed in range(3))
    labels, bins = torch.arange(N) % CLASSES, training_bins(train, seeded())
    scores = {metric.name: lambda m=metric: m.compute(fake, test, train, seeded()) for metric in metrics().values()} | {
        "bins": lambda: bin_scores(bins, fake),
        "birthday": lambda: birthday(fake, test, seeded()),
        "class histogram": lambda: class_histogram(fake[:, :CLASSES], test[:, :CLASSES]),
        "accuracy of codes": lambda: knn_accuracy(test, labels, train, labels),
        "divergence": lambda: js_divergence_of_samples(lambda x: -x.square().sum(1) / 2, normal(3, 2), normal(4, 2)),
    }
    taken = {name: seconds(score) for name, score in scores.items()}
    print(", ".join(f"{name} {t:.3f} s" for name, t in sorted(taken.items(), key=lambda item: -item[1])))
    assert sum(taken.values()) < BUDGET, taken
