"""Classifier two-sample test: held-out accuracy of a network that discriminates real from generated (Lopez-Paz and Oquab 2017).

.5 is a perfect generator, 1 one whose examples are all recognised. Each half is classified by a network trained on the other.
"""

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from genmodels.metrics.base import Metric, check_features
from genmodels.models.parts import nets

LEAST = 20  # of each kind: ten to train on and ten to test on
HIDDEN_DIM, BATCH_SIZE, LEARNING_RATE, STEPS = 64, 128, 3e-3, 300


def two_sample_accuracy(fake: Tensor, real: Tensor, rng: torch.Generator) -> float:
    """Return the held-out accuracy on features (N, F) and (M, F), the mean of both kinds', so that chance is .5 for any N and M."""
    check_features("the two-sample test", LEAST, fake=fake, real=real)
    halves = [_halves(fake, rng), _halves(real, rng)]
    right: list[Tensor] = []
    for held_out in (0, 1):
        judge = _learn(halves[0][1 - held_out], halves[1][1 - held_out], rng)
        right += [_right(-judge(halves[0][held_out])), _right(judge(halves[1][held_out]))]
    return float(torch.stack(right).mean())


def _right(logits: Tensor) -> Tensor:
    """Return the fraction of positive logits; zero counts half."""
    return (logits.double().sign().mean() + 1) / 2


def _halves(x: Tensor, rng: torch.Generator) -> tuple[Tensor, Tensor]:
    order = torch.randperm(len(x), generator=rng, device=rng.device).to(x.device)
    return x[order[::2]].double(), x[order[1::2]].double()


@torch.enable_grad()
def _learn(fake: Tensor, real: Tensor, rng: torch.Generator) -> nn.Module:
    """Return a network with one logit (N,), larger for real, trained on balanced minibatches."""
    both = torch.cat([fake, real])
    mean, std = both.mean(0), both.std(0)
    constant = std <= 1e-6 * std.max() + 1e-12 * mean.abs()  # up to rounding: such a feature carries no information
    std = torch.where(constant, torch.inf, std)
    net = nets.mlp([both.shape[1], HIDDEN_DIM, HIDDEN_DIM, 1], nn.SiLU).to(both.device)
    nets.initialise(net, rng)
    optimiser, schedule = nets.adam_with_cosine(net.parameters(), LEARNING_RATE, STEPS)
    pairs = zip(*(nets.batches(((kind - mean) / std).float(), BATCH_SIZE // 2, rng) for kind in (fake, real)))
    for _, (fake_batch, real_batch) in zip(range(STEPS), pairs):
        loss = F.softplus(net(fake_batch)).mean() + F.softplus(-net(real_batch)).mean()
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
        schedule.step()
    return _Judge(mean, std, net.requires_grad_(False))


class _Judge(nn.Module):
    """The network, on features that are not standardised."""

    def __init__(self, mean: Tensor, std: Tensor, net: nn.Module):
        super().__init__()
        self.mean, self.std, self.net = mean, std, net

    def forward(self, x: Tensor) -> Tensor:
        """Return the logits, (N,)."""
        return self.net(((x - self.mean) / self.std).float())[:, 0]


c2st = Metric(
    name="two-sample",
    title="Told from real",
    better="nearer",
    ideal=0.5,
    about="How often a small net, trained to tell generated from real, is right on examples it has not seen; .5 is guessing.",
    compute=lambda fake, test, train, rng: two_sample_accuracy(fake, test, rng),
)
