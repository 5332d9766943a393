"""What a GAN's discriminator thinks of its samples through the training: D as it ended, asked about every snapshot."""

from collections.abc import Iterator
from typing import Any

import torch
from torch import Tensor

from genmodels.config import Config, UserError
from genmodels.datasets.parts.pictures import from_bytes
from genmodels.models.gan import GAN
from genmodels.runs import RunSpec
from genmodels.studies.base import Study, StudyContext


class OpinionConfig(Config):
    """Nothing is to be chosen."""


def ranks(fake_logits: Tensor, real_logits: Tensor) -> Tensor:
    """Return for each fake (N,) the share of the real (M,) that D holds less real, ties by half: of no scale and no zero of D's."""
    order = real_logits.sort().values
    below = torch.searchsorted(order, fake_logits.contiguous())
    upto = torch.searchsorted(order, fake_logits.contiguous(), right=True)
    return (below + upto).float() / (2 * len(order))


class Opinion(Study):
    """Asks the final D about fixed noise's samples at each snapshot, and about the test pictures."""

    name = "opinion"
    title = "What D thinks of each sample"
    version = 2
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
        """Write each sample's rank among the test pictures, its logit less their mean, and how often D prefers one of them."""
        run, data = context.run(self.runs[0]), context.data(self.runs[0].dataset)
        model, marks = run.load_model(context.where), run.status()["marks"]
        assert isinstance(model, GAN)
        real = model.judge(data.test)
        ranked, leads = [], []
        for i in range(len(marks)):
            fake = model.judge(from_bytes(run.snapshot(i)["samples"].to(context.where)))
            ranked.append(ranks(fake, real))
            leads.append(fake - real.mean())
            yield (i + 1) / len(marks)
        table = torch.stack(ranked).cpu()  # (marks, samples)
        context.tensors("opinions.safetensors", {"ranks": table, "leads": torch.stack(leads)})
        context.json("opinion.json", {"marks": marks, "prefers_real": (1 - table.mean(1)).tolist(), "test": len(data.test)})
