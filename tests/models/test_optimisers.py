"""Adam is torch's, bit by bit, and neither a training nor an estimate of one loads torch's compiler."""

import subprocess
import sys

import pytest
import torch
from torch import nn

from genmodels.models.parts import nets
from genmodels.models.parts.optimisers import Adam

ALONE = """
import sys
from contextlib import suppress
from pathlib import Path
from genmodels import models
from genmodels.config import UserError
from genmodels.runs import RunSpec, cost, record
from genmodels.store import Store

store = Store(Path(sys.argv[1]))
for dataset in ("moons", "digits"):
    for name in models.models():
        for knob in models.model(name).Settings.knobs().values():
            for choice in knob.choices:
                with suppress(UserError):  # a convolution of points
                    cost.counted(RunSpec.make(dataset, name, {knob.name: choice}))
        if dataset == "digits":
            record(RunSpec.make(dataset, name, {"steps": 2}), store)
print(*{"torch._dynamo", "sympy", "torch._inductor"} & set(sys.modules))
"""


def network() -> nn.Module:
    net = nets.mlp([4, 16, 16, 4], nn.SiLU)
    nets.initialise(net, torch.Generator().manual_seed(0))
    return net


@pytest.mark.parametrize("betas", [(0.9, 0.999), (0.0, 0.99)])
def test_fifty_updates_are_those_of_torchs_fused_adam_and_its_cosine_bit_by_bit(betas, rng):
    ours, theirs = network(), network()
    adam = torch.optim.Adam(theirs.parameters(), lr=0.01, betas=betas, fused=True)
    cosine = torch.optim.lr_scheduler.CosineAnnealingLR(adam, T_max=50)
    pairs = [(ours, *nets.adam_with_cosine(ours.parameters(), 0.01, 50, betas)), (theirs, adam, cosine)]
    for _ in range(50):
        x = torch.randn(8, 4, generator=rng)
        for net, optimiser, schedule in pairs:
            optimiser.zero_grad()
            (net(x) - x).square().mean().backward()
            optimiser.step()
            schedule.step()
    assert all(torch.equal(one, other) for one, other in zip(ours.parameters(), theirs.parameters(), strict=True))
    assert not any(torch.equal(one, other) for one, other in zip(ours.parameters(), network().parameters(), strict=True))


def test_a_parameter_without_a_gradient_stands_and_its_first_step_is_a_first_step():
    late, early = nn.Parameter(torch.zeros(1)), nn.Parameter(torch.zeros(1))
    adam = Adam([late, early], 0.1)
    early.grad = torch.ones(1)
    adam.step()
    assert (late.item(), early.item()) == (0.0, pytest.approx(-0.1))
    late.grad = torch.ones(1)
    adam.step()
    assert late.item() == pytest.approx(-0.1)
    adam.zero_grad()
    assert late.grad is early.grad is None


@pytest.mark.slow
def test_neither_a_training_nor_an_estimate_loads_torchs_compiler(tmp_path):
    end = subprocess.run([sys.executable, "-c", ALONE, str(tmp_path)], check=False, capture_output=True, text=True)
    assert (end.stdout, end.stderr) == ("\n", "")
