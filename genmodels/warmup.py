"""To be imported for its effect: all that a training needs is loaded. Workers are forked from a process that has done so."""

import torch

from genmodels import datasets, device, models, runs  # noqa: F401 - runs is loaded, not used

device.limit_threads()
datasets.sources()
models.models()
torch.optim.Adam([torch.nn.Parameter(torch.zeros(1))])  # the first optimiser of a process loads another second's worth of code
