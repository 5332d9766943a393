"""Judges of single pictures: small networks that discriminate real pictures from models' outputs and from random damage.

Each network classifies the fault of a picture: none, the output of one set of a model, or one kind of damage; naming the fault
trains better than a binary target. The realism of a picture is log p(none) - log p(any fault), less its median over held-out real
pictures: the log odds that it is the real one of it and a typical real picture. So a real picture reads about one half.

Real pictures are training pictures; test pictures occur only as models' reconstructions. Each judge is trained on one of three
folds of these and judges the others. All pictures are shifted by a few pixels, so that position carries no information. Judges see
pixels, since features ignore blur.
"""

import itertools
import math
from collections.abc import Generator, Mapping, Sequence
from typing import Self

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from genmodels.config import UserError
from genmodels.metrics.parts.damage import KINDS, damage, displaced
from genmodels.models.parts import nets

LEAST = 20  # pictures
FOLDS = 3
LEARNING_RATE, STEPS = 5e-3, 300  # for small pictures, whose steps are cheap, 5/3 as many
SHIFT = 2  # largest shift of a picture in pixels
TYPICAL = 400  # training pictures held out, at most a fifth, for the median of real ones
DAMAGED = 2 / 3  # fraction of damaged pictures among the fakes
AT_ONCE = 12  # minibatches that are damaged together, in a quarter of the time


class Judges(nn.Module):
    """A network per fold, from pictures (N, C, H, W) to logits, larger for real; `n_sets` sets of models' outputs are faults."""

    centres: Tensor  # (FOLDS,) the median logit of real pictures
    shares: Tensor  # (n_sets,) of the models' outputs

    def __init__(self, shape: tuple[int, ...], n_sets: int):
        super().__init__()
        small = math.prod(shape) <= 256
        halvings = max((d for d in (1, 2) if all(side % 2**d == 0 and side >> d >= 2 for side in shape[1:])), default=0)
        body, depth = ("mlp", 2) if small or not halvings else ("conv", halvings)  # convolutions do not help on small pictures
        self.shape, self.batch_size, self.steps = shape, 96 if small else 64, STEPS * 5 // 3 if small else STEPS
        n_out = 1 + len(KINDS) + n_sets
        self.units = nets.Standardise(math.prod(shape))
        self.nets = nn.ModuleList(nets.encoder(body, shape, 256 if small else 128, depth, n_out) for _ in range(FOLDS))
        self.register_buffer("centres", torch.zeros(FOLDS))
        self.register_buffer("shares", torch.full((n_sets,), 1 / n_sets))

    @classmethod
    def restored(cls, shape: tuple[int, ...], state: Mapping[str, Tensor]) -> Self:
        """Return the judges with this `state_dict`."""
        judges = cls(shape, len(state["shares"]))
        judges.load_state_dict(state)
        return judges.eval().requires_grad_(False)

    def fit(self, real: Tensor, fakes: Sequence[Tensor], rng: torch.Generator) -> Generator[float, None, None]:
        """Train on training pictures (M, *shape) and, for each model, k sets of its outputs (k, N, *shape); yield the progress.

        Models have equal weights; in sets of reconstructions the i-th is that of test picture i.
        """
        if len(real) < LEAST or any(outputs.shape[1] < LEAST for outputs in fakes):
            counts = [len(real), *(outputs.shape[1] for outputs in fakes)]
            raise UserError(f"a judge needs at least {LEAST} pictures, real ones and of each model, got {min(counts)}")
        outputs = torch.cat(list(fakes))  # (K, N, *shape)
        self.shares.copy_(torch.cat([torch.full((len(set_),), 1 / len(set_) / len(fakes)) for set_ in fakes]))
        order = torch.randperm(len(real), generator=rng, device=rng.device)
        n_typical = min(TYPICAL, len(real) // 5)
        typical, training = real[order[:n_typical]], real[order[n_typical:]]
        self.units.learn(torch.cat([training.flatten(1), outputs.flatten(0, 1).flatten(1)]))
        nets.initialise(self, rng)
        optimiser, schedule = nets.adam_with_cosine(self.nets.parameters(), LEARNING_RATE, self.steps)
        batches = self._batches(training, rng)
        for step in range(self.steps):
            with torch.enable_grad():
                loss = torch.stack([self._loss(fold, *next(batches), outputs, rng) for fold in range(FOLDS)]).sum()
                optimiser.zero_grad()
                loss.backward()
            optimiser.step()
            schedule.step()
            yield (step + 1) / self.steps
        self.requires_grad_(False)
        self.centres.copy_(self(typical).median(1).values)

    def forward(self, x: Tensor) -> Tensor:
        """Return each judge's logits of x (N, *shape), (FOLDS, N): 0 for a typical real picture."""
        outs = torch.stack([net(self.units(x.flatten(1))) for net in self.nets])  # (FOLDS, N, 1 + faults)
        return outs[..., 0] - outs[..., 1:].logsumexp(2) - self.centres[:, None]

    def _batches(self, real: Tensor, rng: torch.Generator) -> Generator[tuple[Tensor, Tensor], None, None]:
        """Yield minibatches of real and then damaged pictures (B, *shape), shifted, and their faults (B,), for ever."""
        n_real, n_bad = self.batch_size, int(DAMAGED * self.batch_size)
        sizes = [AT_ONCE * n for n in (n_real, n_bad, n_bad)]
        while True:
            index = torch.randint(len(real), (sum(sizes),), generator=rng, device=rng.device).to(real.device)
            originals, victims, others = real[index].split(sizes)
            bad_pictures, kind = damage(victims, others, rng)
            x = displaced(torch.cat([originals, bad_pictures]), SHIFT, rng).split([sizes[0], sizes[1]])
            none = torch.zeros_like(kind[:1]).expand(n_real)
            for good, bad, kinds in zip(x[0].split(n_real), x[1].split(n_bad), kind.split(n_bad), strict=True):
                yield torch.cat([good, bad]), torch.cat([none, 1 + kinds])

    def _loss(self, fold: int, x: Tensor, fault: Tensor, outputs: Tensor, rng: torch.Generator) -> Tensor:
        """Return a judge's cross-entropy of the faults of x (B, *shape) and of outputs of its fold, so that half are fakes."""
        n = 2 * self.batch_size - len(x)
        set_ = torch.multinomial(self.shares, n, replacement=True, generator=rng)
        index = fold + FOLDS * torch.randint((outputs.shape[1] - fold + FOLDS - 1) // FOLDS, (n,), generator=rng, device=rng.device)
        fakes = displaced(outputs[set_, index], SHIFT, rng)
        out = self.nets[fold](self.units(torch.cat([x, fakes]).flatten(1)))
        return F.cross_entropy(out, torch.cat([fault, 1 + len(KINDS) + set_]))


def folds(n: int, where: torch.device) -> Tensor:
    """Return the judge trained on the reconstructions of each of n test pictures, (n,)."""
    return torch.arange(n, device=where) % FOLDS


def verdict(logits: Tensor, fold: Tensor, counts: Sequence[int] = (1,) * FOLDS) -> Tensor:
    """Return the mean of logits (FOLDS, ..., N) over the judges not trained on its fold (N,), weighted by `counts`, (..., N)."""
    weights = torch.tensor(counts, device=logits.device)[:, None] * (fold != torch.arange(FOLDS, device=fold.device)[:, None])
    weights = weights.to(logits).reshape(FOLDS, *[1] * (logits.ndim - 2), -1)
    return (weights * logits).sum(0) / weights.sum(0)


def resampled(logits: Tensor, fold: Tensor) -> Tensor:
    """Return the verdicts of all draws of judges with replacement, (V, ..., N), except those of a single judge."""
    draws = [d for d in itertools.product(range(FOLDS), repeat=FOLDS) if len(set(d)) > 1]
    return torch.stack([verdict(logits, fold, [draw.count(i) for i in range(FOLDS)]) for draw in draws])
