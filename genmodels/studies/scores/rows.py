"""The rows of a score table: the group of each, which way is better, and its scale between floor and ceiling."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Literal

from genmodels import metrics
from genmodels.metrics.base import Metric

Better = Literal["lower", "higher", "nearer", "neither"]
Scale = Literal["linear", "log", "root"]  # by which a value is placed between floor and ceiling


@dataclass(frozen=True)
class Row:
    """One row of the table."""

    name: str
    title: str
    group: str  # one of GROUPS
    better: Better
    about: str  # one or two sentences, shown on the page
    scale: Scale = "linear"


GROUPS = {  # in order, each with its question
    "both": "Fidelity and variety at once: are samples distributed as real examples are?",
    "fidelity": "Fidelity: does each sample look real?",
    "variety": "Variety: is every kind of real example among the samples?",
    "copying": "Copying: are samples nearer to the training set than new examples are?",
    "likelihood": "Likelihood: how probable are test examples?",
    "reconstruction": "Reconstruction: how well is a test example rebuilt?",
    "latent": "Latent space: what is in a code?",
    "cost": "Cost",
}
PLACES: Mapping[str, tuple[str, Scale]] = {  # of the discovered metrics; others belong to the first group
    "frechet-ratio": ("both", "root"),  # both are squared distances
    "kernel-distance": ("both", "root"),
    "precision": ("fidelity", "linear"),
    "density": ("fidelity", "linear"),
    "realism": ("fidelity", "linear"),
    "recall": ("variety", "linear"),
    "coverage": ("variety", "linear"),
    "memorisation": ("copying", "linear"),
}
OWN = (  # computed from more than features
    Row(
        "js-density",
        "Divergence from the true density",
        "both",
        "lower",
        "Jensen-Shannon divergence of the samples from the known density, nats, by nearest neighbours, which blur sharp edges: a "
        "checkerboard moved by .2 reads .21 for .23. 0 is the same, .69 apart.",
    ),
    Row(
        "js-density-exact",
        "The same, both densities known",
        "both",
        "lower",
        "Jensen-Shannon divergence of the model's own density from the known one, nats; only a model with an exact likelihood.",
    ),
    Row(
        "high-quality",
        "On a mode",
        "fidelity",
        "higher",
        "Share of samples within three standard deviations of a mode; of the true density .989.",
    ),
    Row(
        "sharpness",
        "Sharpness",
        "fidelity",
        "nearer",
        "Differences of neighbouring pixels, squared, over those of real pictures; less than 1 is blurred, more is grainy.",
        "log",
    ),
    Row("modes", "Modes found", "variety", "higher", "Modes with at least one sample within three standard deviations."),
    Row(
        "modes-kl",
        "Unevenness over modes",
        "variety",
        "lower",
        "How unevenly the samples are spread over the modes, nats: 0 if evenly, log K if on one.",
    ),
    Row(
        "classes-kl",
        "Divergence of classes",
        "variety",
        "lower",
        "How much the classes of the samples, as the classifier names them, diverge from those of training examples, nats.",
    ),
    Row(
        "bins-different",
        "Bins filled wrongly",
        "variety",
        "lower",
        "How many of the training set's bins the samples fill significantly too rarely or too often (NDB, at .05).",
    ),
    Row(
        "bins-js",
        "Divergence over bins",
        "variety",
        "lower",
        "Jensen-Shannon divergence, over those bins, of the samples from training examples, nats.",
    ),
    Row(
        "birthday",
        "Different examples, by repetitions",
        "variety",
        "higher",
        "How many equally likely examples would repeat as soon as these do; ≥ where they hardly repeat. Noise never does.",
        "log",
    ),
    Row(
        "log-likelihood",
        "log p(x)",
        "likelihood",
        "higher",
        "Mean log density of test examples, nats, in data units; ≥ is an importance-weighted lower bound. Floor: the true density, "
        "where it is known. Ceiling: the even density of noise.",
    ),
    Row(
        "bits-per-dim",
        "Bits per dimension",
        "likelihood",
        "lower",
        "The same of pictures stored in 256 levels and dequantised, -log2 of their probability over their numbers; noise takes 8.",
    ),
    Row(
        "reconstruction",
        "Reconstruction error",
        "reconstruction",
        "lower",
        "Root mean square error of test examples rebuilt, data units, by an encoder or by search, as is said: they do not compare. "
        "What is invertible rebuilds anything. Floor: the examples themselves; ceiling: the training mean.",
    ),
    Row(
        "knn",
        "Class told by the code",
        "latent",
        "higher",
        "How often the 5 training examples with the nearest codes vote for a test example's class. Floor: the same of raw data. "
        "Ceiling: always the largest class.",
    ),
    Row(
        "active",
        "Active units",
        "latent",
        "neither",
        "Dimensions of the code whose posterior mean varies over examples: Var > .01.",
    ),
    Row(
        "path-length",
        "Path length",
        "latent",
        "lower",
        "How fast features change along an arc between two codes drawn from the prior, over a cross-fade of its two ends; about 1 "
        "is smooth, more leaps.",
        "log",
    ),
    Row("seconds", "Training, s", "cost", "neither", "Seconds of fitting alone, as recorded, on the machine that trained it."),
    Row("parameters", "Parameters", "cost", "neither", "How many numbers the fit learns."),
    Row("megabytes", "Size, MB", "cost", "neither", "What the recording's weights take on disk."),
)


@cache
def rows() -> dict[str, Row]:
    """Return every row by name, group by group: the discovered metrics, then those computed from more than features."""
    every = [_of_metric(metric) for metric in metrics.metrics().values()] + list(OWN)
    return {row.name: row for row in sorted(every, key=lambda row: list(GROUPS).index(row.group))}


def _of_metric(metric: Metric) -> Row:
    group, scale = PLACES.get(metric.name, ("both", "linear"))
    return Row(metric.name, metric.title, group, metric.better, metric.about, scale)
