"""Judges of single pictures: small nets that have learnt real pictures from what models make of them, and from random damage.

Each net names the fault of a picture: none, what one model makes, or one way of damage; naming the fault teaches more than whether
there is one. A realism is log p(none) - log p(any fault) of a picture, less the median of that over real pictures which taught
nothing: the log odds that of it and a typical real picture it is the real one. So a real picture reads about one half.

Real are training pictures; test pictures come in as what models make of them. Each judge learns one of three folds of these, and
is asked about the others. All are moved about by some pixels: place tells nothing. Judges see pixels: features look past a blur.
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
LEARNING_RATE, STEPS = 5e-3, 300  # and for small pictures, whose steps are cheap, five thirds as many
SHIFT = 2  # pixels that a picture is moved by at most
TYPICAL = 400  # training pictures that teach nothing, at most a fifth: what is typical of real ones is read from them
DAMAGED = 2 / 3  # share of damaged pictures among the fakes
AT_ONCE = 12  # batches that are damaged together: it takes a quarter of the time


class Judges(nn.Module):
    """One net a fold, from pictures (N, C, H, W) to logits, larger for real; `n_sets` kinds of models' pictures are faults."""

    centres: Tensor  # (FOLDS,) the median logit of real pictures
    shares: Tensor  # (n_sets,) of the pictures that models made

    def __init__(self, shape: tuple[int, ...], n_sets: int):
        super().__init__()
        small = math.prod(shape) <= 256
        halvings = max((d for d in (1, 2) if all(side % 2**d == 0 and side >> d >= 2 for side in shape[1:])), default=0)
        body, depth = ("mlp", 2) if small or not halvings else ("conv", halvings)  # where all pixels are neighbours, none are
        self.shape, self.batch_size, self.steps = shape, 96 if small else 64, STEPS * 5 // 3 if small else STEPS
        n_out = 1 + len(KINDS) + n_sets
        self.units = nets.Standardise(math.prod(shape))
        self.nets = nn.ModuleList(nets.encoder(body, shape, 256 if small else 128, depth, n_out) for _ in range(FOLDS))
        self.register_buffer("centres", torch.zeros(FOLDS))
        self.register_buffer("shares", torch.full((n_sets,), 1 / n_sets))

    @classmethod
    def restored(cls, shape: tuple[int, ...], state: Mapping[str, Tensor]) -> Self:
        """Return the judges that `state_dict` told of."""
        judges = cls(shape, len(state["shares"]))
        judges.load_state_dict(state)
        return judges.eval().requires_grad_(False)

    def fit(self, real: Tensor, fakes: Sequence[Tensor], rng: torch.Generator) -> Generator[float, None, None]:
        """Learn from training pictures (M, *shape) and, for a model, k sets of its pictures (k, N, *shape); yield the share done.

        Models have equal shares; within sets of rebuilt pictures the i-th is made of test picture i.
        """
        if len(real) < LEAST or any(made.shape[1] < LEAST for made in fakes):
            counts = [len(real), *(made.shape[1] for made in fakes)]
            raise UserError(f"a judge needs at least {LEAST} pictures, real ones and of each model, got {min(counts)}")
        made = torch.cat(list(fakes))  # (K, N, *shape)
        self.shares.copy_(torch.cat([torch.full((len(sets),), 1 / len(sets) / len(fakes)) for sets in fakes]))
        order = torch.randperm(len(real), generator=rng, device=rng.device)
        n_typical = min(TYPICAL, len(real) // 5)
        typical, taught = real[order[:n_typical]], real[order[n_typical:]]
        self.units.learn(torch.cat([taught.flatten(1), made.flatten(0, 1).flatten(1)]))
        nets.initialise(self, rng)
        optimiser, schedule = nets.adam_with_cosine(self.nets.parameters(), LEARNING_RATE, self.steps)
        batches = self._batches(taught, rng)
        for step in range(self.steps):
            with torch.enable_grad():
                loss = torch.stack([self._loss(fold, *next(batches), made, rng) for fold in range(FOLDS)]).sum()
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
        """Yield for ever real and then damaged pictures (B, *shape), moved about, and their faults (B,)."""
        n_real, n_damaged = self.batch_size, int(DAMAGED * self.batch_size)
        sizes = [AT_ONCE * n for n in (n_real, n_damaged, n_damaged)]
        while True:
            which = torch.randint(len(real), (sum(sizes),), generator=rng, device=rng.device).to(real.device)
            intact, whole, others = real[which].split(sizes)
            damaged, kind = damage(whole, others, rng)
            x = displaced(torch.cat([intact, damaged]), SHIFT, rng).split([sizes[0], sizes[1]])
            none = torch.zeros_like(kind[:1]).expand(n_real)
            for good, bad, kinds in zip(x[0].split(n_real), x[1].split(n_damaged), kind.split(n_damaged), strict=True):
                yield torch.cat([good, bad]), torch.cat([none, 1 + kinds])

    def _loss(self, fold: int, x: Tensor, fault: Tensor, made: Tensor, rng: torch.Generator) -> Tensor:
        """Return a judge's cross-entropy of the faults of x (B, *shape) and of as many pictures of its fold as make fakes half."""
        n = 2 * self.batch_size - len(x)
        whose = torch.multinomial(self.shares, n, replacement=True, generator=rng)
        which = fold + FOLDS * torch.randint((made.shape[1] - fold + FOLDS - 1) // FOLDS, (n,), generator=rng, device=rng.device)
        fakes = displaced(made[whose, which], SHIFT, rng)
        out = self.nets[fold](self.units(torch.cat([x, fakes]).flatten(1)))
        return F.cross_entropy(out, torch.cat([fault, 1 + len(KINDS) + whose]))


def folds(n: int, where: torch.device) -> Tensor:
    """Return which judge has learnt from what was made of each of n test pictures, (n,)."""
    return torch.arange(n, device=where) % FOLDS


def verdict(logits: Tensor, fold: Tensor, counts: Sequence[int] = (1,) * FOLDS) -> Tensor:
    """Return the mean of logits (FOLDS, ..., N) over the judges that have not learnt from each picture's fold (N,), (..., N).

    Each judge counts so many times.
    """
    weights = torch.tensor(counts, device=logits.device)[:, None] * (fold != torch.arange(FOLDS, device=fold.device)[:, None])
    weights = weights.to(logits).reshape(FOLDS, *[1] * (logits.ndim - 2), -1)
    return (weights * logits).sum(0) / weights.sum(0)


def resampled(logits: Tensor, fold: Tensor) -> Tensor:
    """Return the verdicts of all equally likely draws of judges with replacement, (V, ..., N), but those of one judge alone."""
    draws = [d for d in itertools.product(range(FOLDS), repeat=FOLDS) if len(set(d)) > 1]
    return torch.stack([verdict(logits, fold, [draw.count(i) for i in range(FOLDS)]) for draw in draws])
