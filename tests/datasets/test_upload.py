"""What a viewer brings becomes a dataset under its content's name; what would hurt is one line, and nothing is ever unpickled."""

import io
import itertools
import json
import os
import pickle
import random
import struct
import time
import zipfile
import zlib

import numpy as np
import pytest
import torch
from PIL import Image

from genmodels import datasets, models
from genmodels.config import UserError
from genmodels.datasets import upload
from genmodels.datasets.parts import uploads
from genmodels.datasets.reading import Options
from genmodels.datasets.reading.pictures import choose_side
from genmodels.runs import RunSpec

CPU = torch.device("cpu")


@pytest.fixture(autouse=True)
def cache(tmp_path, monkeypatch):
    monkeypatch.setenv("GENMODELS_CACHE", str(tmp_path))
    return tmp_path


def noise(n=100, *shape, seed=0):
    return np.random.default_rng(seed).integers(0, 256, (n, *shape), dtype=np.uint8)


def as_file(pixels, kind="PNG", **options):
    out = io.BytesIO()
    (pixels if isinstance(pixels, Image.Image) else Image.fromarray(pixels)).save(out, kind, **options)
    return out.getvalue()


def packed(members, method=zipfile.ZIP_DEFLATED, compresslevel=None):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", method, compresslevel=compresslevel) as archive:
        for name, data in members:
            archive.writestr(name, data)
    return out.getvalue()


def npz(**arrays):
    out = io.BytesIO()
    np.savez_compressed(out, **arrays)
    return out.getvalue()


def npy(array, allow_pickle=False):
    out = io.BytesIO()
    np.save(out, array, allow_pickle=allow_pickle)
    return out.getvalue()


def table(points, *more):
    return "\n".join(",".join(map(str, row)) for row in [*more, *points]).encode()


def add(data, name="file", **options):
    return upload.add([(name, data)], Options(**options))


def everything(name):
    source = datasets.source(name)
    arrays = source.load()
    x = torch.cat([arrays.train, arrays.test])
    return source.units.in_data(x) if source.units else x


def rows(x):
    return sorted(map(tuple, np.asarray(x, np.float32).reshape(len(x), -1).tolist()))


# ---- what is taken ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["PNG", "BMP", "GIF", "WEBP", "JPEG"])
def test_pictures_of_every_kind_come_back_as_they_were(kind):
    pixels = noise(102, 16, 16)
    options = {"lossless": True} if kind == "WEBP" else {"quality": 100} if kind == "JPEG" else {}
    name = add(packed([(f"set/{i}.{kind}", as_file(p, kind, **options)) for i, p in enumerate(pixels)]))
    source, x = datasets.source(name), everything(name)
    assert source.shape == (1, 16, 16)
    if kind == "JPEG":  # not to the last bit
        assert x.mean().item() == pytest.approx(pixels.mean() / 255, abs=0.01)
    else:
        assert rows(x * 255) == rows(pixels)


def test_a_folder_of_loose_pictures_is_the_same_dataset_as_a_zip_of_them_whatever_they_are_called():
    files = [(f"{i}.png", as_file(p)) for i, p in enumerate(noise(100, 16, 16, 3))]
    shuffled = random.Random(0).sample([(f"album/{name}.JPG", data) for name, data in files], 100)
    junk = [(".DS_Store", b"\0"), ("album/Thumbs.db", b"x")]
    name = upload.add(shuffled + junk)
    mac = [(f"__MACOSX/._{n}", b"junk") for n, _ in files]
    assert name == add(packed([("inner/", b""), *files, *mac, (".hidden/a.png", b"")]), "other.zip")
    assert datasets.source(name).shape == (3, 16, 16)


@pytest.mark.parametrize(
    "layout",
    [
        lambda x: x,
        lambda x: x[:, None],
        lambda x: x[..., None],
        lambda x: np.repeat(x[..., None], 3, 3),
        lambda x: x / 255,
        lambda x: x.astype(np.float32)[:, None] / 255,
        lambda x: x.astype(np.int64),
        lambda x: x.astype(">f8"),
        np.asfortranarray,
        lambda x: x[::-1],
        lambda x: np.concatenate([x, x[:20]]),
    ],
)
def test_an_array_of_pictures_is_the_same_dataset_however_it_is_laid_out(layout):
    pixels = noise(110, 28, 28)
    name = add(npz(x=pixels))
    assert add(npz(other=layout(pixels))) == name
    assert add(packed([(f"{i}.png", as_file(p)) for i, p in enumerate(pixels)])) == name
    assert rows(everything(name) * 255) == rows(pixels)
    assert datasets.source(name).shape == (1, 28, 28)


def test_channels_first_and_last_are_told_apart():
    pixels = noise(100, 16, 16, 3)
    name = add(npz(x=pixels))
    assert add(npz(x=pixels.transpose(0, 3, 1, 2))) == name
    assert rows(everything(name).permute(0, 2, 3, 1) * 255) == rows(pixels)


def test_points_keep_their_units_and_repeat_as_often_as_they_came():
    points = np.round(np.random.default_rng(0).normal([500, -3], [90, 0.2], (300, 2)), 1).astype(np.float32)
    assert len(np.unique(points, axis=0)) < 300
    name = add(npz(x=points))
    assert rows(everything(name)) == rows(points)
    assert add(table(points.tolist()), "points.csv") == name
    assert add(table(points[::-1].tolist(), ("width", "height")), "with-header.csv") == name
    for mark in (";", "\t", "  "):
        text = "\ufeff" + "\r\n".join(mark.join(map(str, row)) for row in points.tolist()) + "\r\n\r\n"
        assert add(text.encode()) == name
    assert datasets.source(name).shape == (2,)
    assert add(npz(x=np.vstack([points, [[-0.0, 1]]]))) == add(npz(x=np.vstack([points, [[0.0, 1]]])))


def test_labels_stay_with_their_examples_and_every_class_is_met_on_both_sides():
    points = np.random.default_rng(0).normal(size=(200, 2)).round(3)
    words = ["rare" if i < 2 else "9" if points[i, 0] < 0 else "10" for i in range(200)]
    name = add(npz(x=points, y=np.array(words)))
    arrays, source = datasets.source(name).load(), datasets.source(name)
    assert source.classes == ("9", "10", "rare")
    known = {tuple(p): w for p, w in zip(points.tolist(), words, strict=True)}
    for x, y in ((arrays.train, arrays.train_labels), (arrays.test, arrays.test_labels)):
        assert [known[tuple(p)] for p in source.units.in_data(x).numpy().round(3).tolist()] == [
            source.classes[k] for k in y.tolist()
        ]
        assert y.dtype == torch.int64
        assert y.unique().tolist() == [0, 1, 2]
    assert add(table([(*p, w) for p, w in zip(points.tolist(), words, strict=True)], ("a", "b", "label"))) == name
    assert add(npz(x=points, y=np.array(words)[::-1])) != name
    assert add(npz(x=points)) != name
    numbers = add(npz(y=np.repeat([3, 1], 100), x=points))
    assert datasets.source(numbers).classes == ("1", "3")


def test_of_an_animation_the_first_frame_is_taken():
    pixels = noise(100, 16, 16)
    moving = [
        as_file(Image.fromarray(p), "GIF", save_all=True, append_images=[Image.fromarray(255 - p)] * 3, duration=50) for p in pixels
    ]
    assert rows(everything(upload.add([(f"{i}.gif", data) for i, data in enumerate(moving)])) * 255) == rows(pixels)


def test_transparent_is_white_and_sixteen_bits_are_scaled():
    pixels = noise(100, 8, 8)
    clear = np.dstack([np.zeros((8, 8, 3), np.uint8), np.where(np.eye(8) > 0, 255, 0)[..., None].astype(np.uint8)])
    deep = [Image.fromarray(p.astype(np.uint16) * 257) for p in pixels]
    name = upload.add([("clear.png", as_file(clear)), *((f"{i}.png", as_file(p)) for i, p in enumerate(deep))])
    assert rows(everything(name) * 255) == rows([*pixels, np.where(np.eye(8) > 0, 0, 255)])


def test_a_picture_is_turned_upright_as_its_camera_noted():
    pixels, note = noise(100, 16, 16), Image.Exif()
    note[0x0112] = 6  # to be turned a quarter clockwise
    turned = add(packed([(f"{i}.png", as_file(Image.fromarray(p), exif=note)) for i, p in enumerate(pixels)]))
    assert rows(everything(turned) * 255) == rows(np.rot90(pixels, -1, (1, 2)))


@pytest.mark.parametrize(
    ("height", "width", "cap", "side"),
    [(100, 90, 32, 32), (100, 90, 64, 64), (63, 200, 64, 48), (31, 40, 32, 28), (28, 28, 32, 28), (27, 28, 32, 16), (8, 8, 32, 8)],
)
def test_pictures_become_the_largest_square_that_enlarges_none(height, width, cap, side):
    assert datasets.source(add(npz(x=noise(100, height, width)), side=cap)).shape == (1, side, side)


def test_the_middle_square_is_kept_and_made_smaller_without_aliasing():
    ramp = np.tile(np.linspace(0, 255, 128), (64, 1))  # its middle square runs from a quarter to three quarters
    stripes = np.tile([[0.0, 255.0]], (64, 64))  # too fine to be seen: grey
    fill = [ramp, stripes, *noise(98, 64, 128)]
    x = everything(add(npz(x=np.stack(fill)), side=16))[:, 0]
    rising = x[(x.diff(dim=2) > 0).flatten(1).all(1)]
    assert len(rising) == 1
    assert rising[0].mean(0).tolist() == pytest.approx(np.linspace(0.25 + 1 / 64, 0.75 - 1 / 64, 16), abs=0.012)
    grey = x[(x - 0.5).abs().flatten(1).amax(1) < 0.05]
    assert len(grey) == 1


def test_many_pictures_are_made_so_small_that_they_fit():
    assert choose_side(64, 5_000, 64) == 64
    assert choose_side(64, 20_000, 64) == 32


def test_it_keeps_the_promises_of_every_dataset():
    for data in (npz(x=noise(600, 16, 16)), npz(x=np.random.default_rng(1).normal(size=(600, 2)))):
        name = add(data)
        source, once, again = datasets.source(name), datasets.source(name).load(), datasets.source(name).load()
        assert (len(once.train), len(once.test)) == (500, 100)
        assert torch.equal(once.train, again.train)
        assert torch.equal(once.test, again.test)
        assert once.train.dtype == torch.float32
        assert once.train.is_contiguous()
        assert len(torch.cat([once.train, once.test]).unique(dim=0)) == 600
        assert "600" in source.about
        assert source.about.endswith(".")
        assert datasets.load(name, CPU).source is source
        spread = once.train.var(0).sum()
        assert (once.train.mean(0) - once.test.mean(0)).square().sum() < 4 * spread * (1 / 500 + 1 / 100)


def test_of_the_fewest_examples_32_are_held_out():
    arrays = datasets.source(add(npz(x=noise(100, 8, 8)))).load()
    assert (len(arrays.train), len(arrays.test)) == (68, 32)


# ---- what is refused ----------------------------------------------------------------------------------------------------


class Trap:
    """Unpickled, it would make a folder."""

    def __reduce__(self):
        return os.mkdir, (os.environ["GENMODELS_CACHE"] + "/trapped",)


def png_of_size(width, height):
    """A PNG that announces a size and holds nearly nothing."""

    def chunk(kind, content):
        return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))

    header = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(b"\0" * 99)) + chunk(b"IEND", b"")


def in_a_zip(one, name="odd.png"):
    return packed([*((f"{i}.png", as_file(p)) for i, p in enumerate(noise(110, 16, 16))), (name, one)])


def patched(data, old, new):
    assert old in data
    return data.replace(old, new)


def encrypted(data):
    """The same zip, whose members all claim to be encrypted."""
    out = bytearray(data)
    for mark, at in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        place = out.find(mark)
        while place >= 0:
            out[place + at] |= 1
            place = out.find(mark, place + 4)
    return bytes(out)


def understated(content):
    """A zip whose one member says that it is 100 bytes large."""
    data = bytearray(packed([("a.png", content)]))
    real = struct.pack("<I", len(content))
    return bytes(data.replace(real, struct.pack("<I", 100)))


def overlapping():
    """A zip of which a hundred entries share one member's bytes."""
    data = packed([("a", b"\0" * 2_000_000)])
    start = data.index(b"PK\x01\x02")
    end = data.index(b"PK\x05\x06")
    entry = data[start:end]
    tail = struct.pack("<4sHHHHIIH", b"PK\x05\x06", 0, 0, 300, 300, 300 * len(entry), start, 0)
    return data[:start] + entry * 300 + tail


def wild_header(text):
    header = text.encode().ljust(117) + b"\n"
    return packed([("x.npy", b"\x93NUMPY\x01\x00" + struct.pack("<H", len(header)) + header + b"\0" * 64)])


SVG = b'<svg xmlns="http://www.w3.org/2000/svg"><rect width="9" height="9"/></svg>'
POINTS = np.random.default_rng(0).normal(size=(100, 2))
HOSTILE = {
    "an empty file": (lambda: b"", "empty"),
    "text renamed .png": (lambda: b"I am no picture\nI am text\n", "no line of it holds two numbers"),
    "text renamed .png in a zip": (lambda: in_a_zip(b"I am no picture"), "odd.png is no picture"),
    "an SVG": (lambda: SVG, "an SVG drawing.*PNG"),
    "an SVG in a zip": (lambda: in_a_zip(SVG, "a.svg"), "a.svg is no picture"),
    "bytes of nothing": (lambda: bytes(range(256)) * 20, "neither a picture"),
    "one picture": (lambda: as_file(noise(1, 16, 16)[0]), "1 pictures are too few: give 100"),
    "pictures of one pixel": (lambda: packed([(f"{i}", as_file(p)) for i, p in enumerate(noise(100, 1, 1))]), "only 1 pixels"),
    "the same picture again and again": (lambda: packed([(f"{i}", as_file(noise(1, 9, 9)[0])) for i in range(110)]), "1 different"),
    "pictures of nothing": (lambda: npz(x=np.zeros((110, 8, 8))), "all but one colour"),
    "a picture cut off": (lambda: in_a_zip(as_file(noise(1, 99, 99)[0])[:-3000]), "damaged"),
    "a picture that announces 4 giga pixels": (lambda: in_a_zip(png_of_size(2**16, 2**16)), "too large"),
    "a picture that announces 100 mega pixels": (lambda: in_a_zip(png_of_size(10_000, 10_000)), "too large"),
    "one picture that announces 100 mega pixels": (lambda: png_of_size(10_000, 10_000), "too large|too few"),
    "a picture that announces no pixel": (lambda: in_a_zip(png_of_size(0, 0)), "no picture|only 0"),
    "a picture that announces more than it has": (lambda: in_a_zip(png_of_size(4000, 4000)), "damaged"),
    "many pictures of 16 mega pixels": (
        lambda: packed([(f"{i}", png_of_size(4000, 4000)) for i in range(100)]),
        "million pixels in all",
    ),
    "a TIFF": (lambda: in_a_zip(as_file(noise(1, 16, 16)[0], "TIFF")), "a TIFF.*PNG"),
    "a PDF": (lambda: b"%PDF-1.7\n1 0 obj\n" * 9, "a PDF"),
    "20,001 pictures": (lambda: packed([(f"{i}.png", b"") for i in range(20_001)]), "20,001 pictures are too many"),
    "20,001 pictures in an array": (lambda: npz(x=noise(20_001, 8, 8)), "20,001 examples are too many"),
    "20,001 lines": (lambda: table(np.arange(40_004).reshape(-1, 2).tolist()), "more than 20,000 rows"),
    "70,000 members": (lambda: b"PK\x03\x04" + b"PK\x01\x02" * 70_000, "more than 60,000 members"),
    "a zip bomb": (lambda: packed([("a.png", bytes(270_000_000))], compresslevel=1), "unpacks to 270 MB: at most 268"),
    "a zip bomb of shared bytes": (overlapping, "unpacks to"),
    "a zip that understates its sizes": (lambda: understated(bytes(10_000)), "no whole zip"),
    "a zip by bzip2": (lambda: packed([("a.png", b"\0" * 1_000)], zipfile.ZIP_BZIP2), "unusual method"),
    "a zip by lzma": (lambda: packed([("a.png", b"\0" * 1_000)], zipfile.ZIP_LZMA), "unusual method"),
    "a zip cut off": (lambda: in_a_zip(b"")[:-200], "no whole zip"),
    "a zip with a changed byte": (lambda: patched(packed([("a", b"A" * 9)], zipfile.ZIP_STORED), b"AAAA", b"ABAA"), "no whole zip"),
    "an empty zip": (lambda: packed([]), "0 pictures are too few"),
    "a zip of folders": (lambda: packed([("a/", b""), ("b/", b"")]), "0 pictures are too few"),
    "a zip in a zip": (lambda: packed([(f"{i}", packed([])) for i in range(100)]), "is no picture"),
    "a path upwards": (lambda: in_a_zip(b"", "../../evil.png"), "points out of the archive"),
    "a path upwards, hidden": (lambda: in_a_zip(b"", "__MACOSX/../../evil"), "points out of the archive"),
    "a path upwards, by backslashes": (lambda: in_a_zip(b"", "a\\..\\evil.png"), "points out of the archive"),
    "an absolute path": (lambda: in_a_zip(b"", "/etc/passwd"), "points out of the archive"),
    "a drive's path": (lambda: in_a_zip(b"", "C:\\evil.png"), "points out of the archive"),
    "a name with a zero": (lambda: patched(in_a_zip(b"", "a@b.png"), b"a@b.png", b"a\0b.png"), "points out of the archive"),
    "an encrypted zip": (lambda: encrypted(in_a_zip(b"")), "encrypted"),
    "a pickled array": (
        lambda: packed([("x.npy", npy(np.array([Trap()] * 100), allow_pickle=True))]),
        "objects are never unpacked",
    ),
    "a pickled label": (lambda: packed([("x.npy", npy(POINTS)), ("y.npy", npy(np.array([Trap()] * 100), True))]), "never unpacked"),
    "a pickle": (lambda: pickle.dumps(Trap()), "a pickle, which is never opened"),
    "a pickle in a zip": (lambda: in_a_zip(pickle.dumps(Trap())), "a pickle, which is never opened"),
    "a pickle as an array": (lambda: packed([("x.npy", pickle.dumps(Trap()))]), "1 pictures are too few|a pickle"),
    "structured rows": (lambda: npz(x=np.zeros(100, "f8,f8")), "plain numbers"),
    "complex numbers": (lambda: npz(x=POINTS.astype(complex)), "plain numbers"),
    "dates": (lambda: npz(x=np.zeros((100, 2), "M8[s]")), "plain numbers"),
    "words": (lambda: npz(x=np.array([["a", "b"]] * 100)), "plain numbers"),
    "an array cut off": (lambda: packed([("x.npy", npy(POINTS)[:-8])]), "cut off"),
    "an array that announces a peta": (
        lambda: wild_header("{'descr': '<f8', 'fortran_order': False, 'shape': (1000000000000000, 2), }"),
        "cut off",
    ),
    "an array of minus one": (
        lambda: wild_header("{'descr': '|u1', 'fortran_order': False, 'shape': (-8, -8), }"),
        "cannot be read",
    ),
    "a header that calls": (lambda: wild_header("{'descr': __import__('os').mkdir('x'), 'shape': ()}"), "cannot be read"),
    "a header that nests": (lambda: wild_header("{'descr': " + "(" * 90 + "}"), "cannot be read"),
    "an array of format 9": (lambda: packed([("x.npy", b"\x93NUMPY\x09\x00" + b"\0" * 99)]), "cannot be read"),
    "labels alone": (lambda: npz(y=np.arange(100)), "no examples"),
    "too few labels": (lambda: npz(x=POINTS, y=np.zeros(99)), "one label each"),
    "one label": (lambda: npz(x=POINTS, y=np.array(3)), "one label each"),
    "a label for each": (lambda: npz(x=POINTS, y=np.arange(100)), "100 different labels"),
    "a label that is there once": (lambda: npz(x=POINTS, y=np.eye(100)[0].astype(int)), "label 1 is there once"),
    "one number": (lambda: npz(x=np.array(3.0)), "0 examples are too few"),
    "rows of five zeros": (lambda: npz(x=np.zeros((100, 5))), "same first or second"),
    "five channels": (lambda: npz(x=np.zeros((100, 16, 16, 5))), "holds"),
    "wide and flat": (lambda: npz(x=noise(100, 3, 90)), "only 3 pixels"),
    "no width": (lambda: npz(x=np.zeros((100, 8, 0))), "only 0 pixels"),
    "NaN pictures": (lambda: npz(x=np.where(np.arange(100) == 3, np.nan, noise(100, 8, 8).T / 255).T), "NaN or infinity"),
    "infinite pictures": (lambda: npz(x=np.where(np.arange(100) == 3, np.inf, noise(100, 8, 8).T / 255).T), "NaN or infinity"),
    "NaN points": (lambda: npz(x=np.where(POINTS > 2, np.nan, POINTS)), "NaN"),
    "points whose squares overflow": (lambda: npz(x=POINTS * 1e200), "in other units"),
    "equal points": (lambda: npz(x=np.ones((100, 2))), "same first or second"),
    "points on a line": (lambda: npz(x=POINTS * [1, 0]), "same first or second"),
    "points that differ by less than their type holds": (lambda: npz(x=1e12 + POINTS * 1e-9), "same first or second"),
    "a few far off": (lambda: npz(x=np.concatenate([POINTS, [[1e12, 0]]])), "can be told apart"),
    "NaN alone in a CSV": (lambda: table([("nan", i) for i in range(110)]), "1 column of numbers|no line of it"),
    "infinity in a CSV": (lambda: table([*POINTS.tolist(), ("1e999", 1)]), "line 101: 1e999 is infinite"),
    "three columns of text": (lambda: table([("a", "b", "c")] * 110), "no line of it holds two numbers"),
    "four equal columns": (lambda: table([(1, 2, 3, 4)] * 110), "same first or second"),
    "one column": (lambda: table([(1,)] * 110), "has 1 column:"),
    "a row in the middle that ends": (
        lambda: table([*POINTS.tolist(), (1,), *POINTS.tolist()]),
        "line 101 has 1 column where most have 2",
    ),
    "a header alone": (lambda: b"x,y\n", "no line of it holds two numbers"),
    "one endless line": (lambda: b"1," * 1_000_000, "too long"),
    "endless quotes": (lambda: b'"' * 999, "no line of it holds two numbers"),
    "blank lines": (lambda: b"\n" * 1_000_000, "more than 20,000 lines"),
    "zeros": (lambda: bytes(5000), "nor text"),
    "21 MB": (lambda: bytes(21 * 10**6), "21.0 MB are too many: give at most 20"),
}


@pytest.mark.parametrize("what", HOSTILE)
def test_what_would_hurt_is_one_line_and_leaves_nothing(what, cache, monkeypatch):
    data, words = HOSTILE[what][0](), HOSTILE[what][1]
    for name in ("load", "loads", "Unpickler"):
        monkeypatch.setattr(pickle, name, lambda *a, **k: pytest.fail("something was unpickled"))
    started = time.process_time()
    with pytest.raises(UserError, match=words) as refused:
        add(data, "file.png")
    message = str(refused.value)
    assert "\n" not in message
    assert len(message) < 300
    assert message.isprintable()
    assert ": " in message
    assert list(cache.rglob("*")) == []
    assert time.process_time() - started < 5


def test_the_trap_would_have_sprung(cache):
    """The test above means something: numpy's own reader, allowed to unpickle, does spring it."""
    (data,) = (HOSTILE["a pickled array"][0](),)
    np.load(io.BytesIO(data), allow_pickle=True)["x"]
    assert (cache / "trapped").is_dir()


def test_a_member_is_never_unpacked_beyond_what_it_announced(monkeypatch):
    """Of a member of 10 kB that says 100 bytes, not more than a few thousand are ever held."""
    held = []
    read = zipfile.ZipExtFile._read1
    monkeypatch.setattr(zipfile.ZipExtFile, "_read1", lambda self, n: held.append(read(self, n)) or held[-1])
    with pytest.raises(UserError, match="no whole zip"):
        add(understated(bytes(50_000_000)))
    assert sum(map(len, held)) <= 100


def test_a_picture_is_measured_before_it_is_decoded(monkeypatch):
    data = in_a_zip(png_of_size(5000, 5000))
    monkeypatch.setattr(Image.Image, "load", lambda self: pytest.fail("decoded"))
    monkeypatch.setattr("PIL.ImageFile.ImageFile.load", lambda self: pytest.fail("decoded"))
    with pytest.raises(UserError, match="too large"):
        add(data)


def test_several_files_are_pictures_or_refused():
    files = [(f"{i}.png", as_file(p)) for i, p in enumerate(noise(100, 8, 8))]
    for other in (npz(x=POINTS), b"1,2\n" * 100, in_a_zip(b"")):
        assert upload.preview([*files, ("other", other)]).notes == ("1 other file left out: other",)
        with pytest.raises(UserError, match="other.jpg is no picture"):
            upload.add([*files, ("other.jpg", other)])
    with pytest.raises(UserError, match="no file is there"):
        upload.add([])
    with pytest.raises(UserError, match="20 MB"):
        upload.add([(str(i), bytes(10**6)) for i in range(21)])
    with pytest.raises(UserError, match="side = 33"):
        upload.add(files, Options(side=33))


def test_a_name_in_a_message_means_nothing_to_what_draws_it():
    with pytest.raises(UserError) as refused:
        add(b"", "x" * 500 + "](http://evil.test/a.png)<b>\n`$\\alpha$`:red[*")
    assert not set("[]()<>\n`$\\*") & set(str(refused.value).partition(" is empty")[0])
    assert len(str(refused.value)) < 200


def outcome(files):
    try:
        return upload.add(files)[:4]
    except UserError as error:
        return "refused" if "\n" not in str(error) else str(error)


def test_any_bytes_at_all_are_taken_or_refused_in_one_line():
    """Whatever is cut or changed in good files: never anything but a name or one line."""
    chance = random.Random(0)

    def spoiled(data):
        bad = bytearray(data)
        for _ in range(chance.randint(1, 4)):
            bad[chance.randrange(len(bad))] = chance.randrange(256)
        if chance.random() < 0.2:
            del bad[chance.randrange(len(bad)) :]
        return bytes(bad)

    archives = [npz(x=noise(100, 8, 8), y=np.repeat([1, 2], 50)), in_a_zip(as_file(noise(1, 16, 16)[0])), table(POINTS.tolist())]
    assert {outcome([("file", spoiled(data))]) for _, data in itertools.product(range(30), archives)} == {"refused"}
    for kind in ("PNG", "GIF", "JPEG", "BMP", "WEBP"):
        good = [(f"{i}", as_file(p, kind)) for i, p in enumerate(noise(100, 8, 8))]
        assert {outcome([("bad", spoiled(good[0][1])), *good[1:]]) for _ in range(8)} <= {"refused", "own-"}


# ---- how it is kept -----------------------------------------------------------------------------------------------------


def test_it_is_in_no_list_and_found_by_its_whole_name_only(cache):
    name = add(npz(x=POINTS))
    assert name not in datasets.sources()
    assert datasets.source(name).private
    assert RunSpec.make(name, "gmm").source is datasets.source(name)
    (file,) = (cache / "uploads").iterdir()
    assert file.name == f"{name}.safetensors"
    header = json.loads(file.read_bytes()[8 : 8 + int.from_bytes(file.read_bytes()[:8], "little")])
    assert set(header) == {"__metadata__", "x"}
    bad = [
        name[:-1],
        name + "0",
        "own-" + name[4:].upper() + "G",
        "own-" + "0" * 32,
        "own-../../etc/passwd",
        "own-" + "/" * 32,
        "own-",
        name + "\n",
    ]
    for other in bad:
        words = "is not on this server" if other == bad[3] else "followed by 32 of the digits 0-9a-f"
        with pytest.raises(UserError, match=rf"^no dataset named .*{words}") as refused:
            datasets.source(other)
        assert "\n" not in str(refused.value)
        assert len(str(refused.value)) < 400
        assert name[4:12] not in str(refused.value) or name[4:12] in other


def test_uploaded_again_it_is_there_again(cache):
    data = npz(x=POINTS)
    name = add(data)
    before = everything(name)
    (cache / "uploads" / f"{name}.safetensors").unlink()
    with pytest.raises(UserError, match="upload it again"):
        datasets.source(name)
    assert add(data) == name
    assert torch.equal(everything(name), before)


def test_the_longest_unused_makes_room(cache, monkeypatch):
    names = [add(npz(x=noise(100, 16, 16, seed=i))) for i in range(4)]
    size = (cache / "uploads" / f"{names[0]}.safetensors").stat().st_size
    monkeypatch.setattr(uploads, "LIMIT_BYTES", 4 * size)
    for age, name in zip((400, 300, 200, 100), names, strict=True):
        os.utime(cache / "uploads" / f"{name}.safetensors", (time.time() - age,) * 2)
    (cache / "uploads" / ".old.part").touch()
    os.utime(cache / "uploads" / ".old.part", (1, 1))
    datasets.source(names[0]).load()  # used: no longer the next to go
    newest = add(npz(x=noise(100, 16, 16, seed=9)))
    left = {file.stem for file in (cache / "uploads").iterdir()}
    assert left == {names[0], names[2], names[3], newest}


def test_the_newest_stays_even_if_it_alone_is_too_large(monkeypatch):
    monkeypatch.setattr(uploads, "LIMIT_BYTES", 10)
    assert len(everything(add(npz(x=POINTS)))) == 100


@pytest.mark.parametrize("damage", [lambda d: d[:-1], lambda d: d[:-1] + bytes([d[-1] ^ 1]), lambda d: b"", lambda d: b"{}" * 99])
def test_a_damaged_file_is_removed_and_asked_for_again(cache, damage):
    name = add(npz(x=POINTS))
    file = cache / "uploads" / f"{name}.safetensors"
    load = datasets.source(name).load
    file.write_bytes(damage(file.read_bytes()))
    upload._declare.cache_clear()
    for ask in (load, lambda: datasets.source(name)):
        with pytest.raises(UserError, match="upload it again"):
            ask()
    assert not file.exists()


@pytest.mark.parametrize(
    "fault", [MemoryError(), RuntimeError("DefaultCPUAllocator: can't allocate memory"), PermissionError(13, "no")]
)
def test_what_cannot_be_read_for_the_moment_is_kept_and_can_be_read_later(cache, monkeypatch, fault):
    name = add(npz(x=POINTS))

    def fail(data):
        raise fault

    with monkeypatch.context() as patch:
        patch.setattr(uploads, "tensors_from_bytes", fail)
        with pytest.raises(UserError, match="cannot be read now .*it is kept; try again") as output:
            datasets.source(name).load()
    assert str(cache) not in str(output.value)
    assert len(everything(name)) == 100


@pytest.mark.parametrize("where", ["zipfile.ZipFile", "numpy.lib.format.read_magic", "numpy.frombuffer", "PIL.Image.open"])
def test_files_for_which_memory_is_short_are_not_blamed(monkeypatch, where):
    files = npz(x=POINTS) if "Image" not in where else packed([(f"{i}.png", as_file(noise(8, 8, seed=i))) for i in range(100)])

    def fail(*arguments, **options):
        raise MemoryError

    monkeypatch.setattr(where, fail)
    with pytest.raises(UserError, match="not enough memory free to read these files: try again soon"):
        add(files)


def test_one_datasets_file_under_anothers_name_is_not_taken(cache):
    one, other = add(npz(x=POINTS)), add(npz(x=POINTS + 1))
    folder = cache / "uploads"
    os.replace(folder / f"{one}.safetensors", folder / f"{other}.safetensors")
    with pytest.raises(UserError, match="upload it again"):
        datasets.source(other).load()


def test_a_cache_that_cannot_be_written_is_one_line(monkeypatch):
    monkeypatch.setenv("GENMODELS_CACHE", "/proc/genmodels")
    with pytest.raises(UserError, match="cannot be written .* GENMODELS_CACHE"):
        add(npz(x=POINTS))


def test_a_cache_that_cannot_be_touched_can_be_read(monkeypatch):
    name = add(npz(x=POINTS))

    def refuse(*arguments):
        raise PermissionError

    monkeypatch.setattr(os, "utime", refuse)
    assert len(everything(name)) == 100


@pytest.mark.slow
@pytest.mark.parametrize("model", list(models.models()))
@pytest.mark.parametrize("kind", ["pictures", "colour", "points"])
def test_every_model_can_be_fitted_to_the_smallest_upload_as_preset(kind, model, fitted):
    data = {"pictures": noise(100, 8, 8), "colour": noise(100, 16, 16, 3), "points": POINTS * 30 + 500}[kind]
    assert fitted(add(npz(x=data)), model).parameter_count() > 0
