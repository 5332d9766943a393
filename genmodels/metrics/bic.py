"""The Bayesian information criterion, for choosing a number of components (Schwarz 1978)."""

import math


def bic(log_likelihood: float, n_parameters: int, n_examples: int) -> float:
    """Return -2 sum_i log p(x_i) + parameters log N, nats, from the mean log-likelihood of N training examples: lowest is best."""
    return -2 * log_likelihood * n_examples + n_parameters * math.log(n_examples)
