"""The numbers that settle the lecture's seven pages, each beside what it must be; and how long each page's script runs, warm.

    python -m benchmarks.lecture [--pages 5]

Numbers are read from the studies' openings, as the pages read them; what is missing is trained. A page's time is one run of its
script through the shell, without a browser, everything in the cache: the median of five.
"""

import argparse
import statistics
import time
from collections.abc import Callable, Iterator
from contextlib import redirect_stderr
from io import StringIO
from pathlib import Path
from typing import get_args

from benchmarks.common import machine
from genmodels import device, studies
from genmodels.runs import record
from genmodels.store import Recording, Store
from genmodels.studies.adversarial import GameFinding
from genmodels.studies.arithmetic import ArithmeticFinding
from genmodels.studies.autoencoders import PlaneFinding, SamplersFinding
from genmodels.studies.failures import FailureFinding
from genmodels.studies.failures.cases import CASES
from genmodels.studies.findings import StudySpec
from genmodels.studies.likelihood import BruteForceFinding, GradientsFinding, IdentityFinding
from genmodels.studies.likelihood.brute_force import Proposal
from genmodels.studies.mixtures import Curve, UsesFinding
from genmodels.studies.opinion import OpinionFinding
from genmodels.studies.ring import ModelOfY, RingFinding
from genmodels.studies.swap import SwapFinding
from genmodels.views import arithmetic as arithmetic_view
from genmodels.views import elbo, likelihood
from genmodels.views.k_curve import best_point

SHELL = Path(__file__).resolve().parent.parent / "pages" / "shell.py"
PAGES = ("mixtures", "ring", "autoencoders", "likelihood", "adversarial", "arithmetic", "failures")
LOG4, FLIPS = 1.3863, 0.8
PROPOSALS: tuple[Proposal, ...] = ("q", "prior")
Line = tuple[str, str, str, bool | None]  # what, must be, is, whether it holds; None: nothing is expected


def openings(name: str) -> Iterator[tuple[StudySpec, Recording]]:
    """Yield the findings that pages open with, of one study."""
    for runs, settings in studies.study(name).opening():
        spec = StudySpec.make(name, runs, settings)
        yield spec, record(spec, Store.from_environment())


def first(name: str) -> Recording:
    """Return the first of them."""
    return next(openings(name))[1]


def mixtures() -> Iterator[Line]:
    """EM never falls, BIC finds eight."""
    falls, steps = 0.0, 0
    for spec, finding in openings("mixtures"):
        points = Curve.read(finding).points
        falls, steps = max(falls, *(p.fall for p in points)), steps + sum(p.steps for p in points)
        if spec.settings.model_dump()["toy"] == "gaussians-8" and spec.settings.model_dump()["start"] == "k-means":
            best = best_point(points)
            rand = next(p.rand or 0.0 for p in points if p.k == 8)
            yield "BIC's choice on 8 Gaussians", "8", str(best.k), best.k == 8
            yield "adjusted Rand of 8 components there", "> .99", f"{rand:.4f}", rand > 0.99
    yield f"largest fall of the likelihood in {steps:,} EM steps", "0, to rounding 1e-9", f"{falls:.1g} nats", falls < 1e-9
    uses = UsesFinding.read(first("mixture-uses"))
    for use in uses.mixtures:
        rand, accuracy = use.rand or 0.0, use.knn_accuracy or 0.0
        values = f"Rand {rand:.2f}, neighbours {accuracy:.1%} (pixels {uses.pixels.knn_accuracy or 0.0:.1%})"
        what = f"digits, ten groups, {use.name.lower()}"
        yield what, "Rand > .5, neighbours > 80 %", values, rand > 0.5 and accuracy > 0.8  # chance: 0 and a tenth


def ring_page() -> Iterator[Line]:
    """Every model falls short of the truth by a divergence, which is none on x; the bound by more."""
    finding = RingFinding.read(first("ring"))
    nats = finding.log_likelihoods
    lacks = {"gaussian_x": nats.shortfall_x()} | {name: nats.shortfall(name) for name in get_args(ModelOfY)}
    at_most = 5 / finding.n_train + 0.01  # D of a fitted Gaussian: its parameters over 2N, and the scatter of the test points
    name = f"true log p(y) of {finding.n_test:,} points, less the Gaussian's, on x"
    yield name, f"0 +- {at_most:.3f}", f"{lacks['gaussian_x']:.4f} nats", abs(lacks["gaussian_x"]) < at_most
    yield "the same, on y", "> 1: no Gaussian is a ring", f"{lacks['gaussian']:.2f} nats", lacks["gaussian"] > 1
    yield "mixture of 12, on y", "between 0 and the Gaussian's", f"{lacks['gmm']:.2f} nats", 0 < lacks["gmm"] < lacks["gaussian"]
    yield "VAE's bound, on y", "between 0 and the Gaussian's", f"{lacks['vae']:.2f} nats", 0 < lacks["vae"] < lacks["gaussian"]


def autoencoders() -> Iterator[Line]:
    """A second model of the codes mends the samples; beta and sigma are one knob."""
    longer = SamplersFinding.read(first("code-samplers"))
    ae, vae = ([ratio.mean for ratio in ratios] for ratios in (longer.autoencoder, longer.vae))
    words = f"Fréchet ratio, codes of {longer.latent_dim}: "
    yield words + "AE, N(0, I)", "> AE, codes of data", f"{ae[0]:.1f}, {ae[3]:.1f}", ae[0] > ae[3]
    yield words + "AE, Gaussian on its codes", "-", f"{ae[1]:.1f}", None
    yield words + "VAE, N(0, I)", "< AE, N(0, I)", f"{vae[0]:.1f}, {ae[0]:.1f}", vae[0] < ae[0]
    yield words + "VAE, mixture", "< VAE, N(0, I)", f"{vae[2]:.1f}, {vae[0]:.1f}", vae[2] < vae[0]
    for _, finding in openings("code-plane"):
        plane = PlaneFinding.read(finding)
        beta, ratios = plane.beta, [plane.autoencoder.ratios[1].mean, plane.vae.ratios[0].mean, plane.vae.ratios[2].mean]
        if beta == 1:
            yield "codes of 2: VAE + mixture", "< VAE, N(0, I)", f"{ratios[2]:.1f}, {ratios[1]:.1f}", ratios[2] < ratios[1]
            yield (
                "codes of 2: AE, Gaussian on its codes",
                "-",
                f"{ratios[0]:.1f}",
                None,
            )
        else:
            name = f"VAE in both units of beta = {beta:g}: reconstructions differ by"
            yield name, "0, of a grey scale of 1: < .02", f"{plane.unit_difference:.1g}", plane.unit_difference < 0.02


def likelihood_page() -> Iterator[Line]:
    """Against the closed form and against quadrature; the identity; both gradients."""
    for _, finding in openings("brute-force"):
        estimates = BruteForceFinding.read(finding)
        dims = list(estimates.models)
        exact = "closed form" if len(dims) > 1 else "quadrature"
        for dim in dims:
            q, prior = (likelihood.root_mean_square(estimates, dim, proposal)[-1] for proposal in PROPOSALS)
            n_q, n_prior = (likelihood.effective_size(estimates, dim, proposal)[-1] for proposal in PROPOSALS)
            name = f"log P(X), {dim} latent dimensions, from Q; from P(z), n = {estimates.sizes[-1]:,}"
            yield name, f"{exact} to .5 nats, from Q", f"off by {q:.2g} nats of {n_q:,.0f}; {prior:.2g} of {n_prior:,.0f}", q < 0.5
        if len(dims) > 1:
            low, *_, high = (likelihood.root_mean_square(estimates, dim, "prior")[-1] for dim in dims)
            name = "brute force's error from 2 to 64 dimensions"
            yield name, "grows, to > 10 nats", f"{low:.2g} to {high:.3g}", high > 10
    for when, terms in elbo.states(IdentityFinding.read(first("elbo-identity"))).items():
        rest = abs(terms.remainder)
        yield f"the identity's four terms, {when} training", "0 to 1e-3 nats", f"{rest:.1g} nats", rest < 1e-3
    gradients = GradientsFinding.read(first("elbo-gradient"))
    for method, sample in gradients.samples.items():
        error = sample.deviation / gradients.draws**0.5
        value, holds = (
            f"{sample.mean:.2f} +- {error:.2f} (one draw {sample.deviation:.1f})",
            abs(sample.mean - gradients.exact) < 4 * error,
        )
        yield f"mean gradient, {method}", f"exact: {gradients.exact:.2f}, to 4 errors", value, holds


def adversarial() -> Iterator[Line]:
    """D against a perfect generator."""
    for spec, finding in openings("adversarial"):
        settings = spec.settings.model_dump()
        if settings["perfect"]:
            last = GameFinding.read(finding).measurements[-1]
            loss, accuracy = last.sample_loss, last.sample_accuracy or 0.0
            where = f"{settings['target']}, perfect generator"
            yield f"D's loss, {where}", f"log 4 = {LOG4} to .01", f"{loss:.4f}", abs(loss - LOG4) < 0.01
            yield f"D's accuracy, {where}", ".5 to .01", f"{accuracy:.4f}", abs(accuracy - 0.5) < 0.01
    opinion = OpinionFinding.read(first("opinion"))
    yield "digits: how often D prefers the real picture", "-; .5 is fooled", f"{opinion.prefers_real[-1]:.2f}", None


def arithmetic() -> Iterator[Line]:
    """How many attributes can be switched on; who finds the fake out."""
    for spec, finding in openings("arithmetic"):
        content = ArithmeticFinding.read(finding)
        for run in spec.runs:
            model = content.models[run.key]
            flips = {n: f for n, f in zip(content.names, model.flipped, strict=True) if f is not None}
            less = ", ".join(f"{n} {f:.0%}" for n, f in sorted(flips.items(), key=lambda item: item[1]) if f < FLIPS)
            good, of = arithmetic_view.reliable(model, FLIPS)
            is_ = f"{good} of {of}" + (f"; less: {less}" if less else "")
            yield f"{run.dataset}, {run.model}: attributes that flip within 3 std", "all, in >= 80 % of cases", is_, good == of
    judgements = SwapFinding.read(first("swap")).judgements
    accuracies = ", ".join(f"{judgement.detector:.0%}" for judgement in judgements)
    yield (
        "detector against fakes, worse to better",
        "-; 50 % is fooled",
        f"{accuracies}; against true frames {judgements[-1].detector_floor:.0%}",
        None,
    )


def failures() -> Iterator[Line]:
    """Seed 0 of every failure and of its cure; `benchmarks/failures.py` takes five."""
    values = {
        (spec.runs[0].key, spec.settings.model_dump()["indicator"]): FailureFinding.read(finding).value
        for spec, finding in openings("failures")
    }
    for name, case in CASES.items():
        ill, well = values[case.failing().key, case.indicator], values[case.mended().key, case.indicator]
        measure, holds = case.measure(), case.is_ill(ill) and case.is_well(well)
        yield f"{name}: {measure.title}", measure.text(case.ill, case.well), measure.text(ill, well), holds


SETTLES: dict[str, Callable[[], Iterator[Line]]] = dict(
    zip(PAGES, (mixtures, ring_page, autoencoders, likelihood_page, adversarial, arithmetic, failures), strict=True)
)


def seconds(page: str, times: int) -> tuple[float, list[str]]:
    """Return the median time of a page's script and what errors it shows; the first run, which loads code, does not count."""
    from streamlit.testing.v1 import AppTest

    durations, wrong = [], []
    for _ in range(times + 1):
        at = AppTest.from_file(str(SHELL), default_timeout=120)
        at.switch_page(f"lecture/{page}.py")
        start = time.perf_counter()
        with redirect_stderr(StringIO()):
            at.run()
        durations.append(time.perf_counter() - start)
        wrong = [e.value for e in [*at.error, *at.exception]]
        wrong += ["still waits for something"] if any(b.key in ("begin", "stop") for b in at.button) else []
    return statistics.median(durations[1:]), wrong


def main() -> None:
    """Print both tables."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--pages", type=int, default=5, help="runs of each page's script (0: none)")
    options = parser.parse_args()
    device.limit_threads()
    passes = total = 0
    print("| page | what settles it | must be | is | |\n|---|---|---|---|---|")
    for number, page in enumerate(PAGES, 1):
        if not (SHELL.parent / "lecture" / f"{page}.py").exists():
            print(f"| {number} {page} | not there | | | |")
            continue
        for what, must, is_, holds in SETTLES[page]():
            passes, total = passes + (holds is True), total + (holds is not None)
            verdict = {True: "pass", False: "**FAIL**", None: ""}[holds]
            print(f"| {number} {page} | {what} | {must} | {is_} | {verdict} |".replace("−", "-"), flush=True)
    print(f"\n{passes} of {total} hold.\n")
    if options.pages:
        print("| page | its script, everything there, s | |\n|---|---|---|")
    for page in PAGES if options.pages else ():
        if (SHELL.parent / "lecture" / f"{page}.py").exists():
            took, wrong = seconds(page, options.pages)
            print(f"| {page} | {took:.2f} | {' '.join('; '.join(wrong).split())[:120]} |", flush=True)
    print(f"\n{machine()}")


if __name__ == "__main__":
    main()
