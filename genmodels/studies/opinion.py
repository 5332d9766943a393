"""A GAN's discriminator on its samples through the training: the final D's logits at every snapshot."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

from genmodels.config import Config, UserError
from genmodels.datasets.parts.pictures import from_bytes
from genmodels.models.gan import GAN
from genmodels.runs import RunSpec
from genmodels.studies.base import Study, StudyContext
from genmodels.studies.finding import Finding


@dataclass(frozen=True, eq=False)
class OpinionFinding(Finding):
    """D on the samples of T snapshots, each N samples of the same noise."""

    snapshot_steps: list[int]  # (T,)
    prefers_real: list[float]  # (T,) how often D gives a test picture a higher logit than a sample
    n_test: int
    ranks: Tensor  # (T, N) the fraction of test pictures with a lower logit than the sample
    leads: Tensor  # (T, N) the sample's logit less the mean of the test pictures'


class OpinionConfig(Config):
    """No settings."""


def ranks(fake_logits: Tensor, real_logits: Tensor) -> Tensor:
    """Return for each fake (N,) the fraction of real ones (M,) with a lower logit, ties by half: free of D's scale and zero."""
    order = real_logits.sort().values
    below = torch.searchsorted(order, fake_logits.contiguous())
    not_above = torch.searchsorted(order, fake_logits.contiguous(), right=True)
    return (below + not_above).float() / (2 * len(order))


class Opinion(Study):
    """The final D's logits of fixed noise's samples at each snapshot, beside those of the test pictures."""

    name = "opinion"
    title = "What D thinks of each sample"
    version = 3
    Settings = OpinionConfig
    seconds = 1.0

    @classmethod
    def opening(cls) -> list[tuple[list[RunSpec], dict[str, Any]]]:
        """Return the GAN whose samples the page opens with."""
        return [([RunSpec.make("digits", "gan")], {})]

    def check(self) -> None:
        """Refuse anything but one GAN of pictures."""
        if len(self.runs) != 1 or self.runs[0].kind is not GAN or not self.runs[0].source.is_image:
            raise UserError("opinion asks the discriminator of one GAN of pictures: give its run")

    def perform(self, context: StudyContext) -> Iterator[float]:
        """Judge the samples of every snapshot."""
        run, data = context.run(self.runs[0]), context.data(self.runs[0].dataset)
        model, steps = run.load_model(context.where), run.status().snapshot_steps
        assert isinstance(model, GAN)
        real = model.judge(data.test)
        sample_ranks, leads = [], []
        for i in range(len(steps)):
            fake = model.judge(from_bytes(run.snapshot(i)["samples"].to(context.where)))
            sample_ranks.append(ranks(fake, real))
            leads.append(fake - real.mean())
            yield (i + 1) / len(steps)
        table = torch.stack(sample_ranks).cpu()
        OpinionFinding(steps, (1 - table.mean(1)).tolist(), len(data.test), table, torch.stack(leads)).write(context)
