"""The terms of the field that pages use, each with its meaning: pages link a term to it, docs/glossary.md lists all."""

import re
from dataclasses import dataclass


@dataclass(frozen=True)
class Term:
    """A term, other forms of it, one or two sentences that say what it means, a formula, and the page that shows it best."""

    name: str
    meaning: str
    page: str  # by its name in the address, "" for the opening page
    formula: str = ""
    forms: tuple[str, ...] = ()  # other words for it; of those in small letters the first may be a capital, and an s may follow

    @property
    def slug(self) -> str:
        """The term as a part of an address."""
        return re.sub(r"[^a-z]+", "-", self.name.lower().replace("é", "e")).strip("-")


TERMS = (
    Term(
        "active unit",
        "A dimension of the code that a VAE uses: its posterior mean varies over examples, with variance above .01. The "
        "others stay at the prior and carry nothing.",
        "scores",
        "Var_x[μ_d(x)] > 0.01",
    ),
    Term(
        "beta",
        "The weight of the KL term in a VAE's loss. 1 gives the ELBO; more makes codes follow the prior, less makes "
        "reconstructions sharper and leaves gaps between codes.",
        "autoencoders",
        "loss = −E_q[log p(x|z)] + β KL(q(z|x) ‖ p(z))",
        ("β",),
    ),
    Term(
        "BIC",
        "Bayesian information criterion: the misfit to the training data plus a charge for each fitted number. Its least "
        "value chooses a number of components without held-out data.",
        "mixtures",
        "−2 log L + d log n, nats",
        ("Bayesian information criterion",),
    ),
    Term(
        "bits per dimension",
        "The mean number of bits a model needs for one pixel: −log₂ of the probability of a picture in 256 levels, over its "
        "pixels. Even noise needs 8.",
        "scores",
        "−log₂ P(x) / D",
    ),
    Term(
        "ceiling",
        "What a score reads for noise that is even over the data's range. A model that reads no better has learnt nothing "
        "that this score can see.",
        "scores",
    ),
    Term(
        "code",
        "The few numbers z that stand for an example in a model: what an encoder returns, or what a search finds that the "
        "decoder turns into the example.",
        "latents",
        forms=("latent code",),
    ),
    Term(
        "coverage",
        "The share of real examples that have a generated one nearer than their nearest real neighbours reach: variety, "
        "little moved by outliers.",
        "scores",
    ),
    Term(
        "discriminator",
        "The network D of a GAN that estimates the probability that an example is real. The generator G learns from its slope.",
        "adversarial",
        "best possible: D(x) = p(x) / (p(x) + q(x))",
    ),
    Term(
        "effective sample size",
        "How many equally weighted draws would estimate as well as these unequally weighted ones; 1 means that a single draw "
        "decides.",
        "likelihood",
        "(Σ w)² / Σ w²",
        ("effective sample",),
    ),
    Term(
        "ELBO",
        "Evidence lower bound: what a VAE climbs in place of log p(x), which it cannot compute. It lacks the KL divergence of "
        "q(z|x) from the true posterior.",
        "likelihood",
        "E_q[log p(x|z)] − KL(q(z|x) ‖ p(z)) ≤ log p(x)",
        ("evidence lower bound",),
    ),
    Term(
        "EM",
        "Expectation maximisation: computes the responsibilities of the components, then the components that fit them best, "
        "and repeats. The likelihood never falls.",
        "mixtures",
        forms=("expectation maximisation",),
    ),
    Term(
        "features",
        "The numbers by which pictures are compared: the last hidden layer of a classifier of the dataset, of an autoencoder "
        "where there are no labels. Points are their own features.",
        "scores",
        forms=(
            "feature space",
            "feature distance",
        ),
    ),
    Term(
        "floor",
        "What a score reads for training examples in place of samples: no model can be expected to do better. Of a Fréchet "
        "ratio it is 1.",
        "scores",
    ),
    Term(
        "Fréchet ratio",
        "The Fréchet distance (FID) of samples from held-out examples over that of as many other real examples, both as "
        "Gaussians in feature space. Its floor is 1: samples no farther off than real examples are.",
        "scores",
        "‖μ − μ′‖² + tr(Σ + Σ′ − 2(ΣΣ′)^½), over the same of real examples",
        (
            "Fréchet distance",
            "FID",
        ),
    ),
    Term(
        "held-out",
        "Not used in training: a model that does well on these examples has learnt the distribution and not its examples.",
        "scores",
        forms=(
            "test example",
            "test image",
            "test picture",
        ),
    ),
    Term(
        "importance weight",
        "How much a draw z from a proposal Q counts in an average over the prior: with it, draws from where they matter "
        "estimate p(x) without bias.",
        "likelihood",
        "p(x|z) p(z) / q(z|x)",
        (
            "importance-weighted",
            "importance sampling",
        ),
    ),
    Term(
        "Jensen-Shannon divergence",
        "The mean KL divergence of two densities from their equal mixture, in nats: 0 for equal ones, log 2 = .69 for ones "
        "that nowhere overlap. Symmetric.",
        "scores",
        "½ KL(p ‖ m) + ½ KL(q ‖ m), m = ½(p + q)",
    ),
    Term(
        "judge",
        "A small network, of no model, that tells real pictures from models' outputs and from damaged ones. It judges only "
        "pictures that it has not learnt from.",
        "gallery",
    ),
    Term(
        "KL divergence",
        "How far a density q is from p, in nats: how much likelier q finds its own draws than p does, on average. 0 only if "
        "they are equal; not symmetric.",
        "likelihood",
        "KL(q ‖ p) = E_q[log q(x) − log p(x)], also D[q ‖ p]",
        ("KL",),
    ),
    Term(
        "latent variable",
        "A variable z that is never observed: it is drawn first, then x given z. It is a mixture's component, or the code of "
        "a VAE or GAN.",
        "mixtures",
        "p(x) = ∫ p(x|z) p(z) dz",
    ),
    Term(
        "log-likelihood",
        "The log of the density that a model gives to examples, in nats: the higher for held-out ones, the better the model "
        "knows where data lie. A GAN has none.",
        "likelihood",
        "mean of log p(x)",
        (
            "likelihood",
            "log density",
        ),
    ),
    Term(
        "memorisation",
        "How often a sample lies nearer to the training set than a held-out example does: about .5 for a model that has "
        "learnt the distribution, 1 for copies.",
        "scores",
    ),
    Term(
        "mode collapse",
        "A generator that makes only some of the kinds of real examples, each of them well: precision stays high, recall falls.",
        "failures",
    ),
    Term(
        "nats",
        "The unit of log-probabilities with the natural logarithm; 1 nat is 1.44 bits.",
        "likelihood",
        forms=("nat",),
    ),
    Term(
        "path length",
        "How fast features change along an arc between two codes from the prior, over a cross-fade of its ends. About 1 is "
        "smooth, more means leaps.",
        "arithmetic",
        forms=("perceptual path length",),
    ),
    Term(
        "PCA",
        "Principal component analysis: the directions along which codes vary most. A map by the first two keeps large "
        "distances and may lay clusters on each other.",
        "latents",
    ),
    Term(
        "perplexity",
        "About how many neighbours of each point t-SNE tries to keep. Maps at different perplexities do not compare.",
        "latents",
        "2 to the entropy, in bits, of a point's distribution over its neighbours",
    ),
    Term(
        "posterior",
        "p(z|x): which codes could have made an example. A VAE's encoder approximates it by a Gaussian, q(z|x).",
        "likelihood",
        "p(z|x) = p(x|z) p(z) / p(x)",
    ),
    Term(
        "posterior collapse",
        "A VAE that ignores its code: q(z|x) equals the prior for every example, the KL term is 0 and all reconstructions are "
        "alike.",
        "failures",
    ),
    Term(
        "precision",
        "The share of samples that lie within the neighbourhoods of real examples: fidelity. Samples of one kind alone can "
        "have all of it.",
        "scores",
    ),
    Term(
        "prior",
        "The distribution p(z) from which codes are drawn to sample, mostly N(0, I). A sample is good only where the decoder "
        "has learnt codes from there.",
        "autoencoders",
    ),
    Term(
        "rank correlation",
        "Whether one measure rises with another, whatever the shape of the curve (Spearman's ρ): 1 always, −1 the other way "
        "round, 0 no relation.",
        "gallery",
    ),
    Term(
        "realism",
        "How real a single picture looks to a judge: its log odds of being real, less those of a typical real picture, so "
        "that real ones read about one half; whether it is the right picture does not count. Among the scores: how far inside "
        "the neighbourhood of a real example a sample lies.",
        "gallery",
    ),
    Term(
        "recall",
        "The share of real examples that lie within the neighbourhoods of samples: variety. Samples strewn wide have it too: "
        "read it with precision.",
        "scores",
    ),
    Term(
        "reconstruction error",
        "How far a picture is from what encoder and decoder make of it: the root of the mean squared difference. It need not "
        "go with realism.",
        "gallery",
        "√(mean (x − x̂)²)",
        ("RMSE",),
    ),
    Term(
        "responsibilities",
        "The probability, for an example, that each component of a mixture has made it; they add up to 1.",
        "mixtures",
        "p(z = k | x)",
        ("responsibility",),
    ),
    Term(
        "t-SNE",
        "A map that keeps neighbours together: points that are close among the codes come to lie close. Distances between "
        "clusters and their sizes mean nothing.",
        "latents",
    ),
)
