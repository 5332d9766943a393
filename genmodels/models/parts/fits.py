"""The work of fitting a model, counted from the sizes of its layers, where the count is long (`work.py` has the units)."""

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING

from genmodels.models.parts import work
from genmodels.models.parts.codes import CODED, MIXTURE_SIZE
from genmodels.models.parts.gaussians import AT_ONCE, SCREENED
from genmodels.models.parts.work import Fit, Layer, Sizes, Work

OVERLAP, OVERLAP_OF_POINTS = 0.02, 0.5  # fraction of a mixture's further components that have a part in an example
NOT_NEGLIGIBLE = 0.3  # fraction of an example's further codes that pass a gradient, on average

if TYPE_CHECKING:
    from genmodels.models.gan import GAN
    from genmodels.models.gmm import GMM
    from genmodels.models.vae import VAE
    from genmodels.models.vae_gan import VAEGAN


def vae(model: "VAE", n: Sizes) -> Fit:
    """Return the passes of encoder and decoder; with k codes per example one without gradient, and one with it for some codes."""
    s, b, d = model.settings, min(model.settings.batch_size, n.train), math.prod(model.shape)
    encoder, decoder = work.layers(model.encoder), work.layers(model.decoder)
    step = work.forward(encoder, b) + work.backward(encoder, b, to_inputs=False) + work.pointwise(b * d, 4) + work.adam(model)
    step += work.drawing(b * d) if s.noise or s.likelihood == "bernoulli" else Work()
    n_gradient = b * (1 + (s.k - 1) * NOT_NEGLIGIBLE)
    one_code = _bound(model, decoder, b)
    k_codes = _bound(model, decoder, n_gradient) + work.forward(decoder, b * s.k) + _density(model, b * s.k)
    fraction = s.k_after if s.k > 1 else 1.0
    step += one_code * fraction + (k_codes + Work(calls=60)) * (1 - fraction)
    sampler = work.em(CODED, MIXTURE_SIZE, s.latent_dim) * 30 * (math.log2(s.steps + 1) if s.sampler != "prior" else 1)
    snapshot = work.forward(encoder, n.codes + n.reconstructions + n.scored)
    snapshot += work.forward(decoder, n.samples + n.reconstructions + n.scored) + _density(model, n.scored)
    codes = b * max(s.k, 1)
    peak = max(
        work.activations(encoder, b)
        + work.activations(decoder, n_gradient if s.k > 1 else b)
        + 8 * d * (n_gradient if s.k > 1 else b),
        work.widest(decoder, codes) + 4 * codes * d,
        work.widest(decoder, n.test) + 6 * n.test * d,
    )
    return Fit(work.pointwise(n.train * d, 4) + sampler, step, snapshot, 4 * work.weights(model) + peak)


def _bound(model: "VAE", decoder: Sequence[Layer], n: float) -> Work:
    """Return the bound of n codes, forward and backward."""
    density = _density(model, n)
    return work.forward(decoder, n) + work.backward(decoder, n) + density * 1.7 + Work(calls=40)


def _density(model: "VAE", n: float) -> Work:
    """Return the likelihood given n decoded codes."""
    numbers = n * math.prod(model.shape)
    n_calls = {"gaussian": 0, "gaussian per pixel": 3, "bernoulli": 1}[model.settings.likelihood]
    extra = work.pointwise(numbers, 6) if model.settings.likelihood == "gaussian per pixel" else Work()
    return work.pointwise(numbers, 4) + work.transcendental(numbers, n_calls) + extra + Work(calls=20)


def gan(model: "GAN", n: Sizes) -> Fit:
    """Return the passes of generator and discriminator; a gradient penalty differentiates D twice."""
    s, b, d = model.settings, min(model.settings.batch_size, n.train), math.prod(model.shape)
    g, judge = work.layers(model.generator), work.layers(model.discriminator)
    fake = work.forward(g, b) + (work.transcendental(b * d) + work.pointwise(b * d, 3) if len(model.shape) == 3 else Work())
    of_penalty = 0 if not s.gamma else b if s.loss == "wasserstein" else 2 * b
    step = fake + _judgement(model, judge, 2 * b) + work.backward(judge, 2 * b, to_inputs=False)
    if of_penalty:
        step += work.penalty(judge, of_penalty) + _features(model, of_penalty) * 3 + Work(calls=20)
    if s.loss == "wasserstein" and s.gamma:
        step += _judgement(model, judge, b) + work.backward(judge, b, to_inputs=False)
    if s.loss == "relativistic":
        step += _judgement(model, judge, b)
    step += fake + _judgement(model, judge, b) + work.slope(judge, b) + _features(model, b) + work.backward(g, b, to_inputs=False)
    step += work.adam(model.generator, model.discriminator) + work.average(model.generator) + work.pointwise(b * d, 8)
    if s.loss == "hinge":
        step += work.passing(work.weights(model.discriminator), calls=0) * 40 + Work(calls=25 * (s.depth + 1))
    snapshot = _judgement(model, judge, 2 * n.scored) + work.forward(g, n.scored + n.samples) + Work(calls=60)
    n_weights = work.weights(model.generator, model.discriminator)
    peak = max(
        work.activations(judge, 2 * b)
        + 3 * work.activations(judge, of_penalty)
        + work.activations(g, b)
        + 8 * b * d * (1 + 2 * s.octaves),
        work.widest(judge, n.test) + work.widest(g, n.test) + 6 * n.test * d,
    )
    return Fit(work.pointwise(n.train * d, 4), step + Work(calls=120), snapshot, 4 * n_weights + work.weights(model.average) + peak)


def _judgement(model: "GAN", judge: list[Layer], n: float) -> Work:
    return work.forward(judge, n) + _features(model, n)


def vae_gan(model: "VAEGAN", n: Sizes) -> Fit:
    """Return the passes of all three networks; encoder and decoder have losses of their own."""
    s, b, d = model.settings, min(model.settings.batch_size, n.train), math.prod(model.shape)
    encoder, decoder, judge = map(work.layers, (model.pair.encoder, model.pair.decoder, model.discriminator))
    step = work.forward(encoder, b) + work.forward(decoder, 2 * b) + work.pointwise(2 * b * d, 6)
    step += work.forward(judge, 8 * b) + _features(model, 8 * b) + work.backward(judge, 3 * b, to_inputs=False)
    if s.gamma:
        step += work.penalty(judge, 3 * b) + _features(model, 3 * b) * 3
    step += work.slope(judge, 4 * b) + _features(model, 4 * b) + work.slope(decoder, 2 * b)
    step += work.backward(encoder, b, to_inputs=False) + work.backward(decoder, 2 * b, to_inputs=False)
    step += work.adam(model.pair, model.discriminator) + work.average(model.pair) + work.pointwise(2 * b * d, 12) + Work(calls=350)
    step += work.transcendental(2 * b * d, 2) if len(model.shape) == 3 else Work()
    snapshot = work.forward(encoder, n.codes + n.reconstructions + n.scored)
    snapshot += (
        work.forward(decoder, n.samples + n.reconstructions + 2 * n.scored)
        + work.forward(judge, 2 * n.scored)
        + _features(model, 2 * n.scored)
    )
    n_weights = work.weights(model.pair, model.discriminator)
    peak = max(
        work.activations(judge, (9 if s.gamma else 6) * b)
        + work.activations(encoder, b)
        + work.activations(decoder, 2 * b)
        + 12 * b * d,
        work.widest(decoder, 2 * n.test) + work.widest(judge, n.test) + 6 * n.test * d,
    )
    return Fit(work.pointwise(n.train * d, 5), step, snapshot, 4 * n_weights + work.weights(model.average) + peak)


def _features(model: "GAN | VAEGAN", n: float) -> Work:
    """Return the Fourier features of n examples."""
    numbers = n * math.prod(model.shape)
    return (work.transcendental(numbers, 2) + work.pointwise(numbers, 3)) * model.settings.octaves + work.passing(numbers, numbers)


def gmm(model: "GMM", n: Sizes) -> Fit:
    """Return the work of EM: per step the density of every example under every component, then the moments."""
    k, d, all_d = *model.means.shape, math.prod(model.shape)
    training, scored = (_mixture_density(model, size) for size in (n.train, n.scored))
    kind, square = model.settings.covariance_type, 2 * n.train * d * d
    full, matrices = kind == "full", {"full": k, "tied": 1}.get(kind, 0)
    overlap = _overlap(k, d)
    products = {"full": overlap * square, "tied": square}.get(kind, 2 * n.train * k * d)
    rows = overlap * n.train * d if full else n.train * d
    step = training + Work(doubles=products + 2 * n.train * k * d + 2 * matrices * d**3)
    step += work.pointwise(2 * rows, 3) + work.pointwise(2 * n.train * k, 6) + Work(calls=20 * (k if full else 3))
    lloyd = Work(doubles=2 * n.train * k * d * 60) if model.settings.init == "k-means" else Work()
    start = lloyd + training + work.pointwise(2 * n.train * d, 6) + Work(doubles=square + 2 * matrices * d**3, calls=1000)
    if model.axes:
        start += Work(doubles=2 * n.train * all_d * (all_d + 3 * d) + 20 * all_d**3) + work.pointwise(2 * n.train * all_d, 8)
        scored += Work(doubles=4 * n.scored * all_d * d) + work.pointwise(2 * n.scored * all_d, 6)
    codes = Work(doubles=2 * (n.reconstructions * k * d + (n.samples + n.reconstructions) * d * all_d))
    snapshot = scored * (1 + (n.codes + n.reconstructions) / max(n.scored, 1)) + codes
    copies = 3 if model.axes is None else 4
    tables = 8 * max(matrices * d * d, k * d)
    peak = 2 * (n.train * all_d * copies + 3 * n.train * d + 4 * n.train * k + tables + n.samples * d * (d if full else 1))
    return Fit(start, step, snapshot, peak)


def _mixture_density(model: "GMM", n: float) -> Work:
    """Return the density of n examples under each component."""
    k, d = model.means.shape
    passes = work.pointwise(2 * n * k, 4) + Work(transcendentals=n * k)
    if model.settings.covariance_type == "full" and d >= SCREENED:
        n_exact = _overlap(k, d) * n
        products = Work(products=2 * k * n * d * d, doubles=2 * n_exact * d * d, calls=14 * k * math.ceil(n / AT_ONCE))
        return (
            products + passes + work.pointwise(min(n, AT_ONCE) * d, 2) * (k * n / min(n, AT_ONCE)) + work.pointwise(n_exact * d, 6)
        )
    if model.settings.covariance_type == "full":
        return Work(doubles=2 * k * n * d * d, calls=5 * k) + passes + work.pointwise(2 * n * d, 2) * k
    if model.settings.covariance_type == "tied":
        return Work(doubles=2 * n * d * (d + k), calls=20) + passes + work.pointwise(2 * n * d, 2)
    return Work(doubles=4 * n * k * d, calls=20) + passes + work.pointwise(2 * n * d, 3)


def _overlap(k: int, d: int) -> float:
    """Return how many of k components have a part in an example, on average: in many dimensions hardly more than one."""
    return 1 + (k - 1) * (OVERLAP if d >= SCREENED else OVERLAP_OF_POINTS)
