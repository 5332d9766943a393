"""Files as people have them are read as their owners mean them, or refused in one line that names the cause and the cure."""

import gzip
import io
import itertools
import zipfile

import numpy as np
import openpyxl
import pytest
from PIL import Image

from genmodels.config import UserError
from genmodels.datasets import upload
from genmodels.datasets.reading import AmbiguousTable, BadPictures, Options

rng = np.random.default_rng(0)
POINTS = rng.normal([2, -1], [1, 3], (120, 2)).round(4)
KINDS = ["ab"[i % 2] for i in range(120)]
GREY = rng.integers(0, 255, (120, 28, 28), dtype=np.uint8)
CLASSES = np.arange(120) % 3


def text(rows, separator=",", head="", end="\n", foot=""):
    return (head + "".join(separator.join(map(str, row)) + end for row in rows) + foot).encode()


def npz(**arrays):
    file = io.BytesIO()
    np.savez(file, **arrays)
    return file.getvalue()


def npy(array):
    file = io.BytesIO()
    np.save(file, array)
    return file.getvalue()


def packed(members):
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    return file.getvalue()


def picture(pixels, kind="PNG", **options):
    file = io.BytesIO()
    Image.fromarray(pixels).save(file, kind, **options)
    return file.getvalue()


def pictures(pixels, form="{}.png"):
    return {form.format(i): picture(p) for i, p in enumerate(pixels)}


def workbook(rows):
    book, file = openpyxl.Workbook(), io.BytesIO()
    for row in rows:
        book.active.append(row)
    book.save(file)
    return file.getvalue()


def read(data, name="file", **options):
    return upload.preview([(name, data)], Options(**options))


def comma(value):
    return str(value).replace(".", ",")


def spoiled(i, value):
    """The points as rows of text, one value of which is another."""
    return [(value if k == i else x, y) for k, (x, y) in enumerate(POINTS.tolist())]


ROWS = POINTS.tolist()
SWAP = str.maketrans(",.", ".,")
PETS = ["cat", "cow", "dog"]
NAMES = [str(c) for c in CLASSES]
PIXELS = ",".join(f"pixel{i}" for i in range(784))
MEASURED = [(*row, 1.5 * row[0], 2, k) for k, row in zip(KINDS, ROWS, strict=True)]
TABLES = {
    "numpy's header": text(ROWS, " ", "# x y\n"),
    "a header of more words than columns": text(ROWS, " ", "petal length  petal width\n"),
    "decimal comma, semicolons": text([map(comma, row) for row in ROWS], ";", "x;y\r\n", "\r\n"),
    "decimal comma, tabs": text([map(comma, row) for row in ROWS], "\t"),
    "decimal comma, blanks": text([map(comma, row) for row in ROWS], " "),
    "UTF-16 with a mark": "x\ty\r\n".encode("utf-16") + text(ROWS, "\t").decode().encode("utf-16-le"),
    "UTF-16 without": text(ROWS, "\t").decode().encode("utf-16-le"),
    "UTF-8 with a mark": b"\xef\xbb\xbf" + text(ROWS),
    "Latin-1": "L\u00e4nge;Gr\u00f6\u00dfe\n".encode("latin-1") + text(ROWS, ";"),
    "old line ends": text(ROWS, end="\r"),
    "pandas' index": text([(i, *row) for i, row in enumerate(ROWS)], head=",x,y\n"),
    "an index from 1, named": text([(i, *row) for i, row in enumerate(ROWS, 1)], head="id,x,y\n"),
    "an index without a header": text([(i, *row) for i, row in enumerate(ROWS)]),
    "R's row names": text([(f'"{i}"', *row) for i, row in enumerate(ROWS, 1)], " ", '"x" "y"\n'),
    "a comma at each end": text([(*row, "") for row in ROWS], head="x,y,\n"),
    "blanks around": text([("", *row, "") for row in ROWS], "  "),
    "blanks after some": text([(*row, " ") if i % 3 else row for i, row in enumerate(ROWS)], " "),
    "sep= of a spreadsheet": text(ROWS, ";", "sep=;\nx;y\n"),
    "a title": text(ROWS, head="Experiment 12\nx (mm),y (mm)\n"),
    "a footer": text(ROWS, foot="# end of run\n"),
    "a footer of words": text(ROWS, foot="mean,of all\n"),
    "the typographic minus": text(ROWS).decode().replace("-", "\u2212").encode(),
    "Fortran's exponents": text([(f"{x:.8e}".replace("e", "D"), f"{y:.8e}".replace("e", "D")) for x, y in ROWS], " "),
    "thousands set apart": text([(f'"{1e4 * x:,.2f}"', f'"{1e4 * y:,.2f}"') for x, y in ROWS]),
    "thousands by points": text([(f"{1e4 * x:,.2f}".translate(SWAP), f"{1e4 * y:,.2f}".translate(SWAP)) for x, y in ROWS], ";"),
    "digits set apart by underscores": text([(f"{round(1e4 * x):_}", f"{round(1e4 * y):_}") for x, y in ROWS]),
    "everything quoted": text([(f'"{x}"', f'"{y}"') for x, y in ROWS], head='"x","y"\n'),
    "a semicolon's comment": text(ROWS, head="% made by hand\n// twice\nx,y\n"),
    "a zip": packed({"points.csv": text(ROWS)}),
    "a zip of what a Mac packs": packed({"p.csv": text(ROWS), "__MACOSX/._p.csv": b"x"}),
    "gzip": gzip.compress(text(ROWS)),
    "a workbook": workbook([("x", "y"), *ROWS]),
    "an array": npy(POINTS),
    "an array by name": npz(data=POINTS),
    "an array of Fortran": npy(np.asfortranarray(POINTS)),
}  # fmt: skip


@pytest.mark.parametrize("what", TABLES)
def test_a_table_is_read_as_its_owner_means_it(what):
    result = read(TABLES[what])
    scale = 1e4 if "thousands" in what or "underscores" in what else 1
    np.testing.assert_allclose(result.x, scale * POINTS, rtol=1e-6)
    assert result.labels is None


@pytest.mark.parametrize(
    ("what", "note"),
    [
        ("pandas' index", "columns x and y of 3; row numbers left out"),
        ("R's row names", "columns x and y of 3; row numbers left out"),
        ("a title", "line 1 left out: Experiment 12"),
        ("a footer of words", "line 121 left out: mean?of all"),
        ("decimal comma, tabs", "decimal comma"),
        ("numpy's header", ""),
    ],
)
def test_what_was_chosen_or_left_out_is_said(what, note):
    assert "; ".join(read(TABLES[what]).notes) == note


@pytest.mark.parametrize("cell", ["NA", "", "?", "nan", "N/A", "null", "-"])
def test_a_row_with_a_missing_value_is_left_out_and_counted(cell):
    for i in (0, 60, 119):
        result = read(text(spoiled(i, cell)))
        np.testing.assert_array_equal(result.x, np.delete(POINTS, i, 0))
        assert result.notes == ("1 row with missing values left out",)


def test_a_word_among_numbers_is_refused_with_its_line():
    with pytest.raises(UserError, match="line 61: none at all is no number"):
        read(text(spoiled(60, "none at all")))


def test_a_row_of_another_width_is_refused_with_its_line():
    with pytest.raises(UserError, match="line 61 has 3 columns where most have 2"):
        read(text([(*row, 5) if i == 60 else row for i, row in enumerate(ROWS)]))


LABELLED = {
    "label first": text([(k, *row) for k, row in zip(KINDS, ROWS, strict=True)], head="class,x,y\n"),
    "label last": text([(*row, k) for k, row in zip(KINDS, ROWS, strict=True)]),
    "labels quoted, with commas": text([(*row, f'"{k}, left"') for k, row in zip(KINDS, ROWS, strict=True)], head="x,y,where\n"),
    "four measurements and a species": text(MEASURED, head="a,b,c,d,species\n"),
}  # fmt: skip


@pytest.mark.parametrize("what", LABELLED)
def test_labels_are_the_column_of_words(what):
    result = read(LABELLED[what])
    np.testing.assert_array_equal(result.x, POINTS)
    assert [label[0] for label in result.labels] == KINDS


def test_columns_are_chosen_by_name_or_number():
    data = LABELLED["four measurements and a species"]
    chosen = read(data, x="b", y="3", label="")
    np.testing.assert_allclose(chosen.x, np.stack([POINTS[:, 1], 1.5 * POINTS[:, 0]], 1))
    assert chosen.labels is None
    assert chosen.notes == ("columns b and c of 5",)
    assert (chosen.table.x, chosen.table.y, chosen.table.label) == ("b", "c", "")
    assert [c.name for c in chosen.table.columns if not c.numeric] == ["species"]
    with pytest.raises(UserError, match="column species holds no numbers"):
        read(data, x="species")
    with pytest.raises(UserError, match="no column: give one of a, b, c, d, species"):
        read(data, y="z")


def test_a_missing_label_is_no_class():
    rows = [(*row, "" if i % 4 == 0 else k) for i, (k, row) in enumerate(zip(KINDS, ROWS, strict=True))]
    many = [*rows, *rows]
    result = read(text(many, head="x,y,label\n"))
    assert set(result.labels) == {"a", "b"}
    assert "60 rows without a label left out" in result.notes


def test_one_number_with_a_decimal_comma_is_asked_about():
    lines = text([(f"{6 + i % 5},{i % 100:02d}",) for i in range(150)])
    with pytest.raises(AmbiguousTable, match="say which is the decimal mark"):
        read(lines)
    assert read(lines, decimal=".").x.shape == (150, 2)
    with pytest.raises(UserError, match="1 column"):
        read(lines, decimal=",")
    dice = text(rng.integers(1, 7, (150, 2)).tolist())
    assert read(dice).x.shape == (150, 2)


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (text([(f"({x}", f" {y})") for x, y in ROWS]), "tuples as Python prints them.*savetxt"),
        (b"".join(b'{"x": %f, "y": %f}\n' % tuple(row) for row in ROWS), "JSON lines.*CSV"),
        (b'[{"x": 1}]', "JSON,.*CSV"),
        (text(ROWS, head="@relation p\n@attribute x numeric\n@data\n"), "an ARFF file.*@data"),
        (b"PAR1" + bytes(99), "a Parquet file.*CSV"),
        (b"\x89HDF\r\n" + bytes(99), "an HDF5 file.*numpy.save"),
        (b"<html><table></table></html>", "a web page.*CSV"),
        (packed({"word/document.xml": b"<w/>"}), "a Word document.*CSV"),
        (packed({"xl/workbook.xml": b"<w/>"}), "a workbook that cannot be read.*CSV"),
        (packed({"a.csv": text(ROWS), "b.csv": text(ROWS)}), "2 tables: give one"),
        (gzip.compress(bytes(10**6))[:-20], "no whole gzip"),
        (text(spoiled(3, "1e999")), "line 4: 1e999 is infinite"),
    ],
)
def test_what_is_not_read_is_refused_by_its_name_with_a_cure(data, words):
    with pytest.raises(UserError, match=words):
        read(data)


ARRAYS = {
    "labels before pictures": (npz(y_train=CLASSES, x_train=GREY), GREY, NAMES),
    "flat squares": (npz(x=GREY.reshape(120, 784), y=CLASSES), GREY, NAMES),
    "one-hot labels": (npz(x=GREY, y=np.eye(3)[CLASSES]), GREY, NAMES),
    "labels of bytes": (npz(images=GREY, labels=np.array([b"cat", b"cow", b"dog"])[CLASSES]), GREY, [PETS[c] for c in CLASSES]),
    "pictures alone": (npy(GREY), GREY, None),
    "0 to 1, rounded beyond": (npz(x=GREY / np.float32(255) * np.float32(1.0000002)), GREY, None),
    "-1 to 1": (npz(x=GREY / 127.5 - 1), GREY, None),
    "12 bits of 16": (npz(x=(GREY.astype(int) * 4095 // 255).astype(np.uint16)), GREY, None),
    "16 bits": (npz(x=GREY.astype(np.uint16) * 257), GREY, None),
    "colour, channels first": (npz(arr_0=np.stack([GREY] * 3, 1)), GREY, None),
    "rows of a table": (text([(c, *p.ravel()) for c, p in zip(CLASSES, GREY, strict=True)], head=f"label,{PIXELS}\n"), GREY, NAMES),
}  # fmt: skip


@pytest.mark.parametrize("what", ARRAYS)
def test_pictures_of_an_array_keep_their_greys_and_labels(what):
    data, expected, labels = ARRAYS[what]
    result = read(data)
    assert np.abs(result.x[:, 0].astype(int) - expected).max() <= 1
    assert result.labels == labels


@pytest.mark.parametrize(
    ("pixels", "limits"),
    [
        (GREY.astype(np.float32) * 16 / 254, (0, 16)),
        (GREY / 127.5, (0, 2)),
        (GREY.astype(np.uint16) * 16, (0, 4095)),
        (GREY / 255.0, (0, 1)),
        (GREY.astype(float) - 50, (-50, 204)),
    ],
)
def test_the_range_is_that_of_the_values_and_may_be_given(pixels, limits):
    result = read(npz(x=pixels))
    assert (result.pixels.low, result.pixels.high) == limits
    given = read(npz(x=pixels), low=0.0, high=float(limits[1]) * 2)
    assert given.notes == (f"values 0 to {2 * limits[1]:g} taken as black to white",)
    assert given.x.max() <= 129


def test_an_example_without_a_label_is_left_out():
    result = read(npz(x=np.concatenate([GREY, GREY[:, ::-1]]), y=np.where(np.arange(240) % 4, np.arange(240) % 3, np.nan)))
    assert set(result.labels) == {"0", "1", "2"}
    assert result.notes == ("60 examples without a label left out",)


def test_folders_are_labels():
    members = {f"train/{'cat' if i % 2 else 'dog'}/{i}.png": picture(p) for i, p in enumerate(GREY)}
    result = read(packed(members))
    assert result.labels == ["cat" if i % 2 else "dog" for i in range(120)]
    assert result.notes == ("labels from 2 folders",)
    assert read(packed(pictures(GREY, "all/{}.png"))).labels is None


@pytest.mark.parametrize("form", ["{}", "images/{}.png", "{}.png"])
def test_a_table_that_names_the_pictures_labels_them(form):
    table = text([(form.format(i), KINDS[i]) for i in range(120)], head="file,kind\n")
    result = read(packed({**pictures(GREY, "images/{}.png"), "labels.csv": table}))
    assert result.labels == KINDS
    assert result.notes == ("labels from labels.csv",)


def test_what_is_no_picture_beside_pictures_is_left_out_and_said():
    result = read(packed({**pictures(GREY), "labels.csv": b"id,label\n0,1\n", "features.npy": npy(POINTS)}))
    assert result.labels is None
    assert result.notes == ("2 other files left out: labels.csv",)
    assert len(result.x) == 120


@pytest.mark.parametrize(
    ("name", "data", "words"),
    [
        ("icons/thumb.png", picture(GREY[0, :9, :9]), r"icons/thumb.png \(9x9\) would make all 121 pictures as small"),
        ("spacer.gif", picture(GREY[0, :1, :1], "GIF"), r"spacer.gif \(1x1\) cannot be used"),
        ("broken.png", b"\x89PNG nothing", "broken.png is no picture"),
    ],
)
def test_one_bad_picture_is_named_and_left_out_on_request(name, data, words):
    files = packed({**pictures(GREY), name: data})
    with pytest.raises(BadPictures, match=words):
        read(files)
    result = read(files, leave_out=True)
    assert len(result.x) == 120
    assert name in result.notes[0]


def test_a_picture_of_which_the_middle_is_damaged_is_left_out_on_request():
    whole = picture(rng.integers(0, 255, (99, 99), dtype=np.uint8))
    files = packed({**pictures(GREY), "half.png": whole[: len(whole) // 2]})
    with pytest.raises(BadPictures, match="half.png is damaged"):
        read(files)
    assert len(read(files, leave_out=True).x) == 120


def test_bits_beyond_eight_are_stretched_to_those_in_use():
    deep = [Image.fromarray(p.astype(np.uint16) * 16) for p in GREY]
    members = {}
    for i, image in enumerate(deep):
        file = io.BytesIO()
        image.save(file, "PNG")
        members[f"{i}.png"] = file.getvalue()
    result = read(packed(members))
    assert result.notes == ("values 0 to 4,095 taken as black to white",)
    assert np.abs(result.x[:, 0].astype(int) - GREY).max() <= 1


@pytest.mark.parametrize("mode", ["1", "L", "P", "RGB", "RGBA", "CMYK", "LA", "I;16"])
def test_pictures_of_any_mode_are_read(mode):
    images = [Image.fromarray(p).convert("L") for p in GREY]
    images = [Image.fromarray(p.astype(np.uint16) * 257) for p in GREY] if mode == "I;16" else [i.convert(mode) for i in images]
    members = {}
    for i, image in enumerate(images):
        file = io.BytesIO()
        image.save(file, "JPEG" if mode == "CMYK" else "PNG", **({"quality": 100} if mode == "CMYK" else {}))
        members[f"{i}.png"] = file.getvalue()
    result = read(packed(members))
    close = 128 if mode == "1" else 40 if mode == "CMYK" else 2
    assert np.abs(result.x[:, 0].astype(int) - GREY).mean() <= close


def test_a_camera_note_that_cannot_be_read_turns_nothing():
    exif = Image.Exif()
    exif[0x0112] = 6
    note = bytearray(exif.tobytes())
    place = note.index(b"\x12\x01") if b"\x12\x01" in note else note.index(b"\x01\x12")
    little = note[6:8] == b"II"
    note[place + 2 : place + 4] = (5).to_bytes(2, "little" if little else "big")  # a fraction, as some phones write it
    note[place + 8 : place + 12] = (8).to_bytes(4, "little" if little else "big")
    broken = picture(GREY[0], "JPEG", exif=bytes(note))
    files = {**{f"{i}.jpg": picture(p, "JPEG") for i, p in enumerate(GREY[1:])}, "odd.jpg": broken}
    assert len(read(packed(files)).x) == 120


def test_pictures_of_one_grey_are_blamed_themselves():
    with pytest.raises(UserError, match="all but one colour: their values lie between 0 and 1 of 255"):
        upload.keep(read(packed(pictures((GREY > 127).astype(np.uint8)))))
    assert read(packed(pictures((GREY > 127).astype(np.uint8))), high=1.0).x.max() == 255


def test_what_was_said_stands_in_the_datasets_description(tmp_path, monkeypatch):
    monkeypatch.setenv("GENMODELS_CACHE", str(tmp_path))
    name = upload.add([("iris.csv", LABELLED["four measurements and a species"])])
    about = upload.make(name).about
    assert about.endswith("Columns a and b of 5, labels from species.")


# ---- variants: every combination of habits, drawn at random ---------------------------------------------------------------

HABITS = list(
    itertools.product(
        [",", ";", "\t", " ", "|"],  # separator
        [".", ","],  # decimal mark
        ["", "names", "comment"],  # header
        [False, True],  # index
        ["utf-8", "utf-8-sig", "utf-16", "latin-1"],
        ["\n", "\r\n", "\r"],
        ["", "NA", "?"],  # missing
    )
)
CHOSEN = [HABITS[i] for i in np.random.default_rng(1).permutation(len(HABITS)) if HABITS[i][0] != HABITS[i][1]][:60]


@pytest.mark.parametrize(("separator", "mark", "header", "index", "encoding", "end", "missing"), CHOSEN)
def test_a_table_of_any_habits_is_read(separator, mark, header, index, encoding, end, missing):
    rows = [[str(x).replace(".", mark), str(y).replace(".", mark)] for x, y in ROWS]
    expected = POINTS
    if missing:
        rows[40][1], expected = missing, np.delete(POINTS, 40, 0)
    rows = [[str(i), *row] for i, row in enumerate(rows)] if index else rows
    names = ["gr\u00f6\u00dfe", "y"]
    names = (["id", *names] if index else names) if header else []
    head = ("# " if header == "comment" else "") + separator.join(names) + end if names else ""
    body = head + "".join(separator.join(row) + end for row in rows)
    result = read(body.encode(encoding))
    np.testing.assert_allclose(result.x, expected, rtol=1e-9)


@pytest.mark.parametrize("labels", [None, "words", "one-hot", "column"])
@pytest.mark.parametrize("layout", ["NHW", "NHWC", "NCHW", "flat"])
@pytest.mark.parametrize(
    ("dtype", "scale", "shift"), [("u1", 1, 0), ("f4", 1 / 255, 0), ("f8", 2 / 255, -1), ("u2", 257, 0), ("f4", 16 / 254, 0)]
)
def test_an_array_of_any_habits_is_read(labels, layout, dtype, scale, shift):
    x = (GREY.astype(float) * scale + shift).astype(dtype)
    x = {"NHW": x, "NHWC": x[..., None], "NCHW": x[:, None], "flat": x.reshape(120, -1)}[layout]
    y = {"words": np.array(KINDS), "one-hot": np.eye(3)[CLASSES], "column": CLASSES[:, None]}.get(labels)
    result = read(npz(X=x, **({} if y is None else {"target": y})))
    assert np.abs(result.x[:, 0].astype(int) - GREY).max() <= 1
    assert (result.labels is None) == (labels is None)
    if labels in ("one-hot", "column"):
        assert result.labels == [str(c) for c in CLASSES]
