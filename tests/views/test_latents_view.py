"""What the browser draws of a latent space: each dot in its place, each class in its colour, each number as it was found."""

import base64
import itertools

import numpy as np
import pytest
import torch

from genmodels import datasets, models
from genmodels.runs import RunSpec
from genmodels.studies.latents.finding import ClassAccuracy, Codes, Descent, LatentSpace, MapSummary, SmallMap, SmallMaps
from genmodels.views.latents import maps, methods, scene, words


def pairs(text: str) -> np.ndarray:
    return np.frombuffer(base64.b64decode(text), "<u2").reshape(-1, 2) / 65535


def finding(z, x_hat, prior=None, axes=None):
    """A finding made by hand."""
    return LatentSpace(
        dimensions=z.shape[1],
        variance=[0.5, 0.25],
        neighbours_kept=0.375,
        test=Codes(z, x_hat, z if axes is None else axes),
        prior=prior,
        accuracy=ClassAccuracy(codes=0.9, raw=0.95, n_neighbours=5, n_train=1437),
    )


SQUARE = torch.tensor([[0.0, 0.0], [1.0, 0.0], [0.0, 1.0], [1.0, 1.0]])
PICTURES = torch.zeros(4, 1, 8, 8, dtype=torch.uint8)
EDGE = 0.05 / 1.1  # the margin, as a share of the whole


def test_dots_keep_their_shape_and_leave_a_margin():
    low, high = scene.box(SQUARE)
    np.testing.assert_allclose(pairs(maps._frame(SQUARE, None)["y"]), EDGE + SQUARE.numpy() / 1.1, atol=1e-4)
    wide = scene.box(SQUARE * torch.tensor([4.0, 1.0]))
    assert (wide[1] - wide[0]).tolist() == pytest.approx([4.4, 4.4])  # a square: an axis is not stretched
    assert (low < 0).all()
    assert (high > 1).all()
    assert bool(torch.isfinite(torch.cat(scene.box(torch.zeros(3, 2)))).all())


def test_a_two_dimensional_latent_is_drawn_as_it_is_with_prior_samples_in_the_same_box():
    run = RunSpec.make("moons", "vae", {"latent_dim": 2})
    latents = finding(SQUARE, SQUARE, Codes(2 * SQUARE, SQUARE, SQUARE))
    column = maps.column(run, "as it is", True, [], latents)
    dots, laid = (pairs(column["frames"][0][name]) for name in ("y", "prior"))
    np.testing.assert_allclose(2 * (dots[1] - dots[0]), laid[1] - laid[0], atol=1e-4)
    assert column["axes"] == ["z₁", "z₂"]
    assert column["range"] == ["-0.1", "2.1", "-0.1", "2.1"]
    assert "prior" not in maps.column(run, "as it is", False, [], latents)["frames"][0]


def test_of_more_dimensions_as_it_is_is_a_dash_with_its_reason():
    column = maps.column(RunSpec.make("digits", "vae"), "as it is", True, [], finding(torch.zeros(4, 8), PICTURES))
    assert (column["state"], column["frames"]) == ("none", [])
    assert column["message"].startswith("8 dimensions")


def test_a_mixture_of_points_is_coloured_by_its_likeliest_component():
    run = RunSpec.make("moons", "gmm", {"n_components": 3})
    z = torch.tensor([[0.1, 0.2, 0.7], [0.8, 0.1, 0.1]])
    column = maps.column(run, "as it is", True, [], finding(z, SQUARE[:2], Codes(SQUARE, SQUARE, SQUARE)))
    assert list(base64.b64decode(column["labels"])) == [2, 0]
    assert "likeliest component" in column["what"]


def descent(n=4):
    return Descent(n, [0, 750], torch.stack([SQUARE * 1e-4, SQUARE * 50]))


def summary(prior=None, samples=None):
    return MapSummary(divergence=0.4567, neighbours_kept=0.5, perplexity=30.0, prior=prior, samples=samples)


def test_every_frame_of_a_map_fills_its_box_and_prior_samples_come_with_the_last():
    latents = finding(torch.zeros(4, 8), PICTURES, Codes(torch.zeros(4, 8), PICTURES, SQUARE), axes=SQUARE)
    run = RunSpec.make("digits", "vae")
    column = maps.column(run, "t-SNE", True, [], latents, descent(), summary(prior=SQUARE * 50 + 25))
    assert column["marks"] == [0, 750]
    np.testing.assert_allclose(pairs(column["frames"][0]["y"]), EDGE + SQUARE.numpy() / 1.1, atol=1e-4)
    assert [("prior" in frame) for frame in column["frames"]] == [False, True]
    assert column["priorSprite"].startswith("data:image/png")
    assert [(f["name"], f["value"]) for f in column["facts"]] == [
        ("class from the code", "90.0%"),
        ("neighbours kept", "50%"),
        ("KL of the map", "0.457"),
    ]
    assert column["facts"][0]["note"] == "raw pixels 95.0%; 5 nearest of 1,437 training codes vote"


def test_of_a_map_that_still_iterates_the_newest_frame_is_drawn():
    column = maps.column(RunSpec.make("digits", "vae"), "t-SNE", True, [], None, descent())
    assert column["marks"] == [750]
    (frame,) = column["frames"]
    np.testing.assert_allclose(pairs(frame["y"]), EDGE + SQUARE.numpy() / 1.1, atol=1e-4)
    assert "prior" not in frame


def test_each_of_the_nine_maps_says_what_it_is_of():
    finding = SmallMaps([SmallMap(30.0, 2, 0.4567, 0.5, SQUARE)])
    (column,) = maps.seeds(RunSpec.make("digits", "vae"), finding)
    assert (column["title"], column["what"]) == ("perplexity 30, start 2", "KL 0.46 nats, neighbours kept 50%")
    np.testing.assert_allclose(pairs(column["frames"][0]["y"]), EDGE + SQUARE.numpy() / 1.1, atol=1e-4)


@pytest.mark.parametrize(
    ("sampler", "source"),
    [("prior", "z ~ N(0, I)"), ("gmm on codes", "z from 10 Gaussians fitted to training codes"), ("encoded data", "z ~ q(z|x) of")],
)
def test_crosses_are_called_what_the_sampler_draws(sampler, source):
    vae = RunSpec.make("digits", "vae", {"sampler": sampler})
    assert words.crosses([vae], "t-SNE").startswith(f"codes to sample from: {source}")
    assert source in vae.kind(vae.settings, vae.source.shape).samples_are()
    assert words.crosses([RunSpec.make("digits", "autoencoder")], "t-SNE") == ""


def test_of_a_joint_map_the_second_half_are_samples():
    run = RunSpec.make("moons", "gan")
    column = maps.column(run, "with samples", True, [], None, descent(n=2), summary(samples=SQUARE[:2]))
    for frame in column["frames"]:
        assert len(pairs(frame["y"])) == len(pairs(frame["prior"])) == 2


def test_the_picked_examples_reconstructions_are_those_kept():
    strip = maps.column(RunSpec.make("moons", "vae"), "as it is", False, [3, 0], finding(SQUARE, SQUARE))["strip"]
    low, high = scene.box(datasets.load("moons", scene.CPU).test[: scene.N_EXAMPLES])
    np.testing.assert_allclose(low.numpy() + pairs(strip) * (high - low).numpy(), SQUARE[[3, 0]].numpy(), atol=1e-3)


def test_the_scene_holds_the_labels_or_the_attribute_of_every_example():
    digits = scene.scene("digits", "")
    assert list(base64.b64decode(digits["labels"])) == datasets.load("digits", scene.CPU).test_labels.tolist()
    faces, data = scene.scene("sketch-faces", "smile"), datasets.load("sketch-faces", scene.CPU)
    smile = data.test_attributes[: faces["n"], data.source.attributes.index("smile")]
    values = np.frombuffer(base64.b64decode(faces["values"]), np.uint8)
    assert np.corrcoef(values, smile.numpy())[0, 1] > 0.9999
    assert (values.min(), values.max()) == (0, 255)
    ring = scene.scene("ring", "")
    assert "labels" not in ring
    assert "values" not in ring


@pytest.mark.parametrize(("text", "expected"), [("", []), ("3.20", [3, 20]), ("3.3.9999", [3])])
def test_picks_of_the_address_that_there_are_not_are_left_out(text, expected):
    assert scene.valid_picks("digits", text) == expected


def test_the_sentence_names_the_best_code_and_whether_it_beats_raw_pixels():
    findings = [(RunSpec.make("digits", name), finding(torch.zeros(4, 8), PICTURES)) for name in ("vae", "gan")]
    assert "90.0% of held-out examples is told by the VAE (GAN 90.0%): less than raw pixels tell (95.0%)" in words.sentence(
        findings
    )
    assert words.sentence([]) == ""


def test_what_a_latent_is_is_written_for_each_family_and_differs():
    names = {words.what(RunSpec.make("digits", name), None, "t-SNE") for name in models.models()}
    assert len(names) >= len(models.models()) - 1  # VAE and VAE-GAN have the same kind of code
    assert "search of 50 steps" in words.what(RunSpec.make("digits", "gan"), None, "t-SNE")
    assert "no p(z)" in methods.impossible(RunSpec.make("digits", "autoencoder"), "with samples")


# Machado, Oliveira and Fernandes (2009), severity 1, on linear RGB.
BLINDNESS = {
    "none": np.eye(3),
    "protanopia": np.array([[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998]]),
    "deuteranopia": np.array([[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.011820, 0.042940, 0.968881]]),
}


def linear(colour: str) -> np.ndarray:
    rgb = np.array([int(colour[i : i + 2], 16) for i in (1, 3, 5)]) / 255
    return np.where(rgb <= 0.04045, rgb / 12.92, ((rgb + 0.055) / 1.055) ** 2.4)


def lab(rgb: np.ndarray) -> np.ndarray:
    xyz = np.array([[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]]) @ rgb.clip(0, 1)
    f = np.where((t := xyz / [0.9505, 1, 1.089]) > 0.008856, np.cbrt(t), 7.787 * t + 16 / 116)
    return np.array([116 * f[1] - 16, 500 * (f[0] - f[1]), 200 * (f[1] - f[2])])


@pytest.mark.parametrize("eyes", BLINDNESS)
@pytest.mark.parametrize(("palette", "paper"), [(scene.LIGHT, "#fbfaf7"), (scene.DARK, "#14161b")])
def test_ten_classes_stay_apart_from_one_another_and_from_the_page_for_colour_blind_eyes(palette, paper, eyes):
    seen = [lab(BLINDNESS[eyes] @ linear(colour)) for colour in palette]
    apart = {pair: float(np.linalg.norm(seen[pair[0]] - seen[pair[1]])) for pair in itertools.combinations(range(10), 2)}
    assert min(apart.values()) > 13, min(apart, key=lambda pair: apart[pair])
    page = linear(paper) @ [0.2126, 0.7152, 0.0722]
    for colour in palette:
        light, dark = sorted([float(linear(colour) @ [0.2126, 0.7152, 0.0722]), float(page)], reverse=True)
        assert (light + 0.05) / (dark + 0.05) > 2.1, colour
