"""Failures on demand: a row a failure, with what makes it, what shows it and the setting that mends it.

All run in about a second or two on one core. `benchmarks/failures.py` prints their numbers over five seeds.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from genmodels.runs import RunSpec
from genmodels.studies.failure_signs import SIGNS, Sign, SignName

CaseName = Literal[
    "mode-collapse",
    "d-too-strong",
    "vanishing-gradient",
    "critic-without-bound",
    "posterior-collapse",
    "beta-too-big",
    "sigma-too-small",
    "holes",
    "overfitting",
    "learning-rate",
    "singular-covariance",
    "wrong-start",
]


@dataclass(frozen=True)
class Case:
    """One failure. `cause` are the settings that make it, `cure` those that take their place, on the same `common` ones."""

    patient: str  # a name that does not give it away
    epithet: str
    name: str  # the diagnosis
    asked: str  # how it was made, and what will be seen
    answers: tuple[str, str, str]
    right: int
    symptom: str  # what is seen
    why: str  # one or two sentences with a formula
    remedy: str
    dataset: str
    model: str
    sign: SignName
    ill: float  # the sign of every failing run is here or beyond
    well: float  # and of every mended run here or beyond, on the other side
    common: Mapping[str, Any] = field(default_factory=dict)
    cause: Mapping[str, Any] = field(default_factory=dict)
    cure: Mapping[str, Any] = field(default_factory=dict)
    cured_by: str = ""  # another model, where no setting mends it

    def failing(self, seed: int = 0) -> RunSpec:
        """Return the run that fails."""
        return RunSpec.make(self.dataset, self.model, {**self.common, **self.cause}, seed)

    def mended(self, seed: int = 0) -> RunSpec:
        """Return the run that is mended."""
        return RunSpec.make(self.dataset, self.cured_by or self.model, {**self.common, **self.cure}, seed)

    def shown_by(self) -> Sign:
        """Return the number that shows it."""
        return SIGNS[self.sign]

    def is_ill(self, value: float) -> bool:
        """Whether this number is that of the failure."""
        return value <= self.ill if self.ill < self.well else value >= self.ill

    def is_well(self, value: float) -> bool:
        """Whether this number is that of a mended run."""
        return value >= self.well if self.ill < self.well else value <= self.well


GAN = {"hidden_dim": 128, "steps": 400, "ema": 0, "loss": "non-saturating", "gamma": 0}
VAE = {"steps": 800, "learning_rate": 3e-3}
DEEP = {"depth": 5}

CASES: dict[CaseName, Case] = {
    "mode-collapse": Case(
        patient="The forger",
        epithet="in a hurry",
        name="Mode collapse",
        asked="G takes steps thirty times as large as D's. What do its 64 samples show after 400 updates?",
        answers=("All ten digits, roughly drawn", "One or two figures, over and over", "Grey noise"),
        right=1,
        symptom="64 samples, and hardly a second idea among them. Replay it: when D has learned to reject one digit, G moves "
        "on to the next, with all its samples at once.",
        why="Against a $D$ that stands still, the best $G$ is no distribution but one picture, "
        "$G(z)=\\arg\\max_x D(x)$ for every $z$: nothing in $\\mathbb E[\\log D(G(z))]$ rewards variety. "
        "Only a $D$ that keeps up does.",
        remedy="Let D keep up: equal step sizes.",
        dataset="digits",
        model="gan",
        sign="classes",
        ill=5,
        well=9,
        common=GAN | {"discriminator_learning_rate": 1e-3},
        cause={"generator_learning_rate": 3e-2},
        cure={"generator_learning_rate": 1e-3},
    ),
    "d-too-strong": Case(
        patient="The detective",
        epithet="who is never wrong",
        name="D too strong",
        asked="Minimax, and now D takes the large steps, fifty times G's. A better teacher: what becomes of the pupil?",
        answers=("D is right every time, and G learns little", "Sharp digits, sooner than usual", "D is right half of the time"),
        right=0,
        symptom="D tells every real digit from every sample, from early on. The samples stay smudges, all much alike.",
        why="Against the best $D$, $G$ minimises $2\\,\\mathrm{JSD}(p,q)-\\log 4$. Where $D$ is right on every pair, "
        "$\\mathrm{JSD}=\\log 2$: its maximum, near or far. A teacher who only says *wrong* does not say in which direction.",
        remedy="Slow D down to G's pace: the game needs a D that errs.",
        dataset="digits",
        model="gan",
        sign="accuracy",
        ill=0.98,
        well=0.9,
        common=GAN | {"loss": "minimax", "generator_learning_rate": 1e-3},
        cause={"discriminator_learning_rate": 5e-2},
        cure={"discriminator_learning_rate": 1e-3},
    ),
    "vanishing-gradient": Case(
        patient="The pupil",
        epithet="whom nobody corrects",
        name="Vanishing generator gradient",
        asked="The lecture's minimax loss, word for word, nothing to keep D smooth. Eight Gaussians: where do the samples go?",
        answers=("Onto all eight", "Onto three or four", "Off the map, and there they stay"),
        right=2,
        symptom="The cloud has left the picture. D is certain that it is fake, and so it never hears which way is back.",
        why="$\\nabla\\log(1-D)=-D\\,\\nabla\\mathrm{logit}$: the surer $D$ is that a sample is fake, $D(G(z))\\to 0$, the less "
        "that sample is pulled. $-\\log D$ has the same fixed point, and its pull $(1-D)\\,\\nabla\\mathrm{logit}$ stays.",
        remedy="Maximise log D in place of minimising log(1 − D). It now moves; to find all eight takes a smooth D too (γ).",
        dataset="gaussians-8",
        model="gan",
        sign="pull",
        ill=1.0,
        well=10.0,
        common={"hidden_dim": 64, "steps": 600, "ema": 0, "gamma": 0},
        cause={"loss": "minimax"},
        cure={"loss": "non-saturating"},
    ),
    "critic-without-bound": Case(
        patient="The critic",
        epithet="without a leash",
        name="Wasserstein without its bound",
        asked="Wasserstein's loss, but without the penalty on D's slopes: γ = 0. What does D do?",
        answers=("It settles at the distance between real and fake", "Its numbers grow and grow", "It answers ½ for everything"),
        right=1,
        symptom="D's claim of how far fake is from real is many times too large, and the samples are littered with stray ink.",
        why="$\\sup_D\\,\\mathbb E[D(x)]-\\mathbb E[D(G(z))]$ is a distance only over $\\lVert\\nabla D\\rVert\\le 1$: "
        "without that, $2D$ is always better than $D$, and the supremum is infinite.",
        remedy="Give back the penalty on slopes other than 1.",
        dataset="digits",
        model="gan",
        sign="critic",
        ill=10.0,
        well=5.0,
        common={"hidden_dim": 128, "steps": 400, "loss": "wasserstein"},
        cause={"gamma": 0},
        cure={"gamma": 10},
    ),
    "posterior-collapse": Case(
        patient="The poet",
        epithet="who stopped listening",
        name="Posterior collapse",
        asked="A VAE of black or white pixels, five hidden layers deep. To name one of ten digits takes log 10 = 2.3 nats. "
        "How much will its code of eight numbers tell of a picture?",
        answers=(
            "Less than that: not even which digit it is",
            "About twice as much",
            "About 14 nats: the digit, its slant, its thickness",
        ),
        right=0,
        symptom="Its code cannot even name the digit. Reconstructions come in a handful of sorts: the decoder has stopped asking.",
        why="While the decoder is still deaf, $\\mathbb E[\\log P(X|z)]$ gains nothing from $z_i$, but $D[Q\\Vert P(z)]$ "
        "charges for it at once: $Q(z_i|X)\\to\\mathcal N(0,1)$. From then on $z_i$ is noise, which the decoder learns to ignore.",
        remedy="Warm-up: β rises slowly from 0, so that codes are in use before they are charged for.",
        dataset="digits",
        model="vae",
        sign="told",
        ill=2.3,
        well=4.0,
        common={"steps": 500, "learning_rate": 5e-3, "likelihood": "bernoulli"} | DEEP,
        cause={"warmup": 0.0},
        cure={"warmup": 0.8},
    ),
    "beta-too-big": Case(
        patient="The miser",
        epithet="who counts every nat",
        name="β too big",
        asked="A VAE that pays twenty times the price for every nat in its code. What do 64 samples look like?",
        answers=("64 soft digits", "64 times the same blur", "64 digits, sharper than usual"),
        right=1,
        symptom="64 samples, one picture: the mean of all digits. So is every reconstruction. Cheap, and perfectly regular.",
        why="A dimension of $z$ is worth its price only where it explains more variance than $\\beta\\sigma^2$ (Lucas 2019). "
        "Beyond, $D[Q\\Vert P(z)]=0$ is the optimum: $z$ tells nothing, and the best answer to nothing is the mean.",
        remedy="Pay what a nat costs: β = 1.",
        dataset="digits",
        model="vae",
        sign="active",
        ill=2,
        well=7,
        common=VAE,
        cause={"beta": 20.0},
        cure={"beta": 1.0},
    ),
    "sigma-too-small": Case(
        patient="The perfectionist",
        epithet="who forgives no pixel",
        name="σ too small",
        asked="β = .01, which is β = 1 with a decoder's σ' = σ√β, ten times too small: every pixel must be right. What suffers?",
        answers=("The reconstructions", "The samples", "Neither: a smaller error is better"),
        right=1,
        symptom="The reconstructions have never been better. The samples are digits from a fever dream.",
        why="$\\lVert x-\\mu(z)\\rVert^2/2\\sigma^2$ outweighs $D[Q\\Vert P(z)]$: the clouds $Q(z|X)$ shrink to points and drift "
        "apart. $\\mathbb E_x\\,Q(z|X)$ is no longer $\\mathcal N(0,I)$, from which samples are drawn: they fall between.",
        remedy="β = 1, the learned σ.",
        dataset="digits",
        model="vae",
        sign="frechet",
        ill=6.0,
        well=5.0,
        common=VAE,
        cause={"beta": 0.01},
        cure={"beta": 1.0},
    ),
    "holes": Case(
        patient="The copyist",
        epithet="asked to improvise",
        name="Holes between the codes",
        asked="An autoencoder copies digits well through a code of eight numbers. Now it decodes z ~ N(0, I): what comes out?",
        answers=("Almost writing: strokes of no digit", "Digits", "The training pictures again"),
        right=0,
        symptom="It copies faithfully, and improvises runes.",
        why="$\\lVert x-d(e(x))\\rVert^2$ is asked at the codes $e(x)$ and nowhere else: between them and around them $d$ may be "
        "anything, and nothing makes codes look like $\\mathcal N(0,I)$.",
        remedy="A VAE: it adds D[Q‖P(z)], and noise that fills the holes.",
        dataset="digits",
        model="autoencoder",
        sign="frechet",
        ill=8.0,
        well=5.0,
        common={"steps": 600, "learning_rate": 2e-2},
        cured_by="vae",
    ),
    "overfitting": Case(
        patient="The crammer",
        epithet="who learns by heart",
        name="Overfitting",
        asked="A deep VAE studies 1,437 digits, each a hundred times. Its ELBO on them climbs and climbs. And on other digits?",
        answers=("It climbs as well", "It climbs, then falls", "It never moves"),
        right=1,
        symptom="The line climbs, the circles (held-out digits) turn round and fall: it knows its pictures, not digits.",
        why="What is maximised is the mean over $N$ pictures, not $\\mathbb E_{p(x)}$: $\\sigma$ shrinks to fit those, and a "
        "held-out picture pays $\\lVert x-\\mu(z)\\rVert^2/2\\sigma^2$ for it.",
        remedy="Stop where the circles turn.",
        dataset="digits",
        model="vae",
        sign="gap",
        ill=30.0,
        well=10.0,
        common={"learning_rate": 5e-3} | DEEP,
        cause={"steps": 1200},
        cure={"steps": 250},
    ),
    "learning-rate": Case(
        patient="The giant",
        epithet="with a giant's steps",
        name="Learning rate too high",
        asked="An autoencoder whose steps are a hundred times the usual. Its training is…",
        answers=("A hundred times as fast", "Noisy, but it gets there", "Over at once: nothing is learned after it"),
        right=2,
        symptom="Every reconstruction is one and the same mean picture: the first steps have thrown its units where they are flat.",
        why="A step of Adam has length $\\eta$ in every weight, whatever the gradient's. Over its hundred weights, a unit's input "
        "moves by up to a hundred $\\eta$; where SiLU is flat its slope, and with it every gradient, is $0$: there is no way back.",
        remedy="A hundredth of it.",
        dataset="digits",
        model="autoencoder",
        sign="explained",
        ill=0.2,
        well=0.5,
        common={"steps": 600},
        cause={"learning_rate": 1e-1},
        cure={"learning_rate": 1e-3},
    ),
    "singular-covariance": Case(
        patient="The specialist",
        epithet="who knows 24 digits",
        name="Singular covariance",
        asked="60 Gaussians share 1,437 digits of 64 pixels: 24 each. EM's likelihood rises to 300 nats. On held-out digits?",
        answers=("Nearly as high", "A little lower", "Minus a million"),
        right=2,
        symptom="The training likelihood is magnificent. The held-out one has seven digits, after a minus.",
        why="24 points span 23 of 64 directions. Along the others $\\Sigma_k$ is singular: "
        "$-\\frac12\\log\\lvert\\Sigma_k\\rvert\\to\\infty$ pays without end, and a picture off that plane is charged "
        "$\\frac12(x-\\mu_k)^\\top\\Sigma_k^{-1}(x-\\mu_k)\\to\\infty$.",
        remedy="Add a little variance in every direction.",
        dataset="digits",
        model="gmm",
        sign="gap",
        ill=10_000.0,
        well=100.0,
        common={"n_components": 60, "steps": 10},
        cause={"reg_covar": 1e-8},
        cure={"reg_covar": 3e-3},
    ),
    "wrong-start": Case(
        patient="The climber",
        epithet="on the wrong hill",
        name="A local optimum of EM",
        asked="25 Gaussians for 25 clusters, and EM never falls. The means start on 25 random points. Does it find the clusters?",
        answers=("Yes: it climbs to the top", "No: some get two Gaussians, others share one", "No: all end in one place"),
        right=1,
        symptom="Some clusters are served twice, others share one wide Gaussian, whose samples fall between them.",
        why="EM climbs $\\sum_i\\log p(x_i)$ without a fall, to the nearest top. 25 points fall one into each of 25 clusters with "
        "probability $25!/25^{25}\\approx 2\\cdot10^{-10}$, and no small step carries a Gaussian across the gap.",
        remedy="Start at the centres of k-means (k-means++ spreads its first guesses).",
        dataset="grid-25",
        model="gmm",
        sign="on-mode",
        ill=0.8,
        well=0.95,
        common={"steps": 15},
        cause={"init": "random points"},
        cure={"init": "k-means"},
    ),
}
