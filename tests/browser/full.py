"""Every page with all that it can show: recordings of few steps, made in seconds, and a link to each page that reads them.

The recordings lie in a cache of their own, because some stand where a page looks for longer ones.
"""

import pytest

from genmodels.metrics.probes import attributes, features, judge
from genmodels.runs import RunSpec, record
from genmodels.store import Store
from genmodels.studies import ring
from genmodels.studies.autoencoders import longer_specs, plane_specs
from genmodels.studies.autoencoders import study as autoencoders
from genmodels.studies.failures import cases
from genmodels.studies.failures.study import indicator_specs
from genmodels.studies.findings import StudySpec
from genmodels.studies.mixtures import study as mixtures
from genmodels.studies.scores import study as scores
from pages.parts.lessons import PAGES
from tests.untrained import untrained_run

PAIR = "models=gmm,vae&gmm.steps=2&vae.steps=40&auto=0"
FULL = {
    "samples": f"?{PAIR}",
    "samples, points": f"?data=moons&{PAIR}",
    "latents": f"latents?{PAIR}",
    "gallery": f"gallery?{PAIR}",
    "scores": f"scores?{PAIR}",
    "mixtures": "mixtures?auto=0&k=3",
    "ring": "ring?auto=0",
    "autoencoders": "autoencoders?auto=0",
    "likelihood": "likelihood?part=gradient&auto=0",
    "adversarial": "adversarial?rounds=12&target=one+Gaussian&against=nothing&auto=0&frame=5",
    "arithmetic": "arithmetic?on=digits&auto=0",
    "failures": "failures?case=learning-rate&stage=reveal&guess=2&auto=0",
}
NAMES = sorted(file.stem for file in PAGES.glob("*/*.py") if file.parent.name != "parts")
LINKS = FULL | {name: f"{name}?auto=0" for name in NAMES if name not in FULL}


def fill(store: Store) -> None:
    """Record what the links show."""
    with pytest.MonkeyPatch.context() as patch:
        for probe, steps in ((judge, 5), (features, 20), (attributes, 20)):
            patch.setattr(probe, "STEPS", steps)
        compare(store)
        mixture(store, patch)
        lecture(store, patch)
        failure(store)


def compare(store: Store) -> None:
    """Record two models on points and on digits, and what is computed of those on digits."""
    for data in ("moons", "digits"):
        runs = [RunSpec.make(data, model, {"steps": steps}) for model, steps in (("gmm", 2), ("vae", 40))]
        for run in runs:
            record(run, store)
    record(StudySpec.make("gallery", runs), store)
    for run in runs:
        record(scores.spec(run), store)
        for study in ("latents", "latent-map"):
            record(StudySpec.make(study, [run]), store)


def mixture(store: Store, patch: pytest.MonkeyPatch) -> None:
    """Record the mixtures of few components that page 1 of the lecture opens with."""
    patch.setattr(mixtures, "MAX_K", 5)
    patch.setattr(mixtures, "STEPS", 12)
    record(StudySpec.make("mixtures", [], {"toy": "pinwheel"}), store)


def lecture(store: Store, patch: pytest.MonkeyPatch) -> None:
    """Record what the other pages of the lecture open with."""
    mixed, vae, gan = ring.specs(12, "quick")
    for spec in (vae, gan, *(RunSpec.make("digits", model) for model in ("vae", "gan"))):
        short_run(spec, store)
    record(StudySpec.make("ring", [mixed, vae, gan]), store)
    pair, presets = plane_specs("digits"), longer_specs("digits")
    brief = RunSpec.make("digits", "vae", {"latent_dim": 2, "steps": 40})
    untrained = autoencoders.untrained
    patch.setattr(autoencoders, "untrained", lambda spec, data, beta: untrained(brief, data, beta))
    for spec in (*pair, *presets):
        untrained_run(spec, store)
    record(StudySpec.make("code-plane", pair, {"beta": 1.0}), store)
    record(StudySpec.make("code-samplers", presets), store)
    record(StudySpec.make("elbo-gradient"), store)
    for perfect in (False, True):
        record(StudySpec.make("adversarial", settings={"rounds": 12, "target": "one Gaussian", "perfect": perfect}), store)
    record(StudySpec.make("arithmetic", [RunSpec.make("digits", model) for model in ("vae", "gan")]), store)


def failure(store: Store) -> None:
    """Record a failure and its mended run."""
    for spec in indicator_specs(cases.CASES["learning-rate"], 0):
        record(spec, store)


def short_run(spec: RunSpec, store: Store) -> None:
    """Put a training of few steps where a page looks for the whole."""
    if store.find(spec.key):
        return
    short = record(RunSpec.make(spec.dataset, spec.model, spec.settings.model_dump() | {"steps": 20}), store)
    assert short is not None
    writer = store.writer(spec.key)
    for file in sorted(short.path.rglob("*")):
        name = str(file.relative_to(short.path))
        if file.suffix == ".safetensors":
            writer.tensors(name, short.tensors(name))
    writer.json("status.json", short.json("status.json"))
    writer.json("spec.json", spec.to_json())
    writer.finish()
