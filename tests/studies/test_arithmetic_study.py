"""What finds a direction does not judge it; the sums that are counted are different ones."""

import pytest
import torch

from genmodels import datasets
from genmodels.metrics.probes import attributes, features
from genmodels.metrics.probes.attributes import Attributes, Teller
from genmodels.models.vae import VAE
from genmodels.progress import finish
from genmodels.runs import Run, RunSpec, record
from genmodels.studies import arithmetic
from genmodels.studies.base import StudyContext
from genmodels.studies.findings import StudySpec

CPU = torch.device("cpu")


def linear(middle):
    """Reads two numbers of the code itself: each attribute is there from `middle` up."""
    about = Attributes(("a", "b"), torch.tensor([True, True]), torch.full((2,), middle), torch.ones(2))
    return Teller(about, torch.nn.Identity(), torch.ones(2))


class Plain(torch.nn.Module):
    """A model whose code is the picture."""

    def decode(self, z):
        return z


def sums(judge, rng, n=4000):
    z = torch.randn(n, 2, generator=rng)
    return arithmetic._sums(Plain(), linear(0.0), judge, z, z, rng)


@pytest.mark.parametrize(("middle", "success"), [(-100.0, 1.0), (100.0, 0.0)])
def test_sums_have_both_attributes_when_the_judge_says_so_whatever_found_them(middle, success, rng):
    assert [row.success for row in sums(linear(middle), rng)] == [success, success]


def test_forty_sums_are_forty_different_ones_even_of_thirty_codes(rng):
    codes = torch.randn(arithmetic.LEAST_CODES, 2, generator=rng)
    draws = arithmetic._draws(codes, rng)
    assert draws.shape == (40, 3, 2)
    assert all(len(draw.unique(dim=0)) == 3 for draw in draws)
    assert len(draws.mean(1).unique(dim=0)) >= 39  # of 4,060 sets two can be alike
    (row, _) = sums(linear(0.0), rng)
    assert row.codes == pytest.approx([380] * 3, rel=0.2)  # 4,000 times the square of P[z > 1/2]


@pytest.mark.parametrize("dataset", arithmetic.DATASETS)
def test_neither_model_of_the_page_is_tuned_for_it(dataset):
    assert [(run.model, run.changed) for run in arithmetic.specs(dataset, "standard")] == [("vae", {}), ("gan", {})]


def test_directions_are_judged_by_the_teller_that_did_not_find_them(store, monkeypatch):
    """Of tellers so poor that they differ: what the finding says is the judge's answer, computed again."""
    for module in (attributes, features):
        monkeypatch.setattr(module, "STEPS", 40)
    for name, few in {"N_DIRECTIONS": 400, "N_JUDGE": 30, "PATHS": 4}.items():
        monkeypatch.setattr(arithmetic, name, few)
    spec = RunSpec.make("digits", "vae", {"steps": 30, "hidden_dim": 16, "latent_dim": 2})
    finding = arithmetic.ArithmeticFinding.read(record(StudySpec.make("arithmetic", [spec]), store))
    context, data = StudyContext(store, CPU, store.writer("0" * 64)), datasets.load("digits", CPU)
    result = finding.models[spec.key]
    judge = finish(attributes.teller(data, "judge", context.rng(0, "judge")))
    model = Run.open(spec.key, store).load_model(CPU)
    assert isinstance(model, VAE)
    z = torch.randn(arithmetic.N_JUDGE, 2, generator=context.rng(0, "judge"))
    moves = attributes.turn(model.decode, judge, z, result.directions, torch.arange(0.25, 3.1, 0.25), 2.0)
    assert result.change == [pytest.approx(row, abs=1e-4) for row in moves.change.tolist()]
    assert finding.quality["judge"] == pytest.approx(judge.quality.tolist(), abs=1e-4)
