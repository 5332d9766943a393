"""Formats detected by their first bytes: those that can be read, and those refused by name with a remedy."""

import re

import numpy as np
from numpy.lib import format as npy

from genmodels.config import UserError
from genmodels.datasets.reading.base import ALLOWED

CSV = "save it as CSV"
BINARY: dict[bytes, tuple[str, str]] = {  # first bytes -> what it is, what to do
    b"%PDF": ("a PDF", f"copy the table into a spreadsheet and {CSV}"),
    b"PAR1": ("a Parquet file", "save it as CSV (pandas: read_parquet, then to_csv)"),
    b"FEA1": ("a Feather file", "save it as CSV (pandas: read_feather, then to_csv)"),
    b"ARROW1": ("an Arrow file", "save it as CSV (pandas: read_feather, then to_csv)"),
    b"\x89HDF": ("an HDF5 file", "save its array by numpy.save"),
    b"MATLAB": ("a MATLAB file", "save its array by numpy.save (scipy.io.loadmat reads it)"),
    b"SQLite format 3": ("a database", "save the table as CSV"),
    b"\xd0\xcf\x11\xe0": ("an old Excel or Word file", f"open it and {CSV}, or as XLSX"),
    b"7z\xbc\xaf": ("a 7z archive", "pack it as a zip"),
    b"Rar!": ("a RAR archive", "pack it as a zip"),
    b"BZh": ("a bzip2 archive", "pack it as a zip or gzip"),
    b"\xfd7zXZ": ("an xz archive", "pack it as a zip or gzip"),
    b"II*\0": ("a TIFF", "save it as PNG"),
    b"MM\0*": ("a TIFF", "save it as PNG"),
    b"RDX": ("an R data file", "save it by write.csv"),
    b"SIMPLE  =": ("a FITS file", "save its array by numpy.save"),
    b"\x93NUMPY": ("an array", ""),
}
WORDS: list[tuple[str, str, str]] = [  # pattern of the beginning -> what it is, what to do
    (r"\s*\{\\rtf", "rich text", "save it as plain text"),
    (r"\s*\{.*\}\s*$", "JSON lines", "save it as CSV (pandas: read_json(lines=True), then to_csv)"),
    (r"\s*(\{\s*[\"'}]|\[\s*[\[{\"\d-])", "JSON", "save it as CSV (pandas: read_json, then to_csv)"),
    (r"\s*@relation\b", "an ARFF file", "delete the lines before @data, or save it as CSV"),
    (r"\s*<svg\b|\s*<\?xml[^>]*>\s*(<!--.*?-->\s*)*<svg\b", "an SVG drawing", "save it as PNG"),
    (r"\s*<(!doctype\s+)?html\b", "a web page", "save its table as CSV"),
    (r"\s*<(\?xml|!|[a-z]\w*(\s[^>]*)?>\s*(<|$))", "XML", CSV),
    (r"\s*\(\s*[-+\d.]+\s*,", "tuples as Python prints them", "save them by numpy.savetxt, without parentheses"),
    (r"\s*[-+]?[\d.]+\s+\d+:[-+\d.eE]+", "an svmlight file", CSV),
    (r"\s*%%MatrixMarket", "a Matrix Market file", CSV),
    (r"\s*\\begin\b", "LaTeX", CSV),
]


def refuse_binary(name: str, data: bytes) -> None:
    """Raise one line where the first bytes are those of a format that is not read."""
    for start, (what, cure) in BINARY.items():
        if data.startswith(start) and cure:
            raise UserError(f"{name} is {what}, which is not read here: {cure}")
    if data[:1] == b"\x80" and data[1:2] in b"\x02\x03\x04\x05":
        raise UserError(f"{name} is a pickle, which is never opened, for it could run any program: save it by numpy.save or as CSV")


def refuse_text(name: str, text: str) -> None:
    """Raise one line where the first line is that of a text format that is no table."""
    first = next((line for line in text[:4000].splitlines() if line.strip()), "")
    head = first if re.match(r"\s*\{.*\}\s*$", first) else text[:2000]
    for pattern, what, cure in WORDS:
        if re.match(pattern, head, re.IGNORECASE | re.DOTALL):
            raise UserError(f"{name} is {what}, which is not read here: {cure}")


def decoded(name: str, data: bytes) -> tuple[str, str]:
    """Return a text file's content and its encoding, or raise where it is no text."""
    for mark, encoding in ((b"\xef\xbb\xbf", "utf-8"), (b"\xff\xfe", "utf-16-le"), (b"\xfe\xff", "utf-16-be")):
        if data.startswith(mark):
            return _decode(name, data[len(mark) :], encoding), encoding.upper()
    zeros = np.frombuffer(data[:2000], np.uint8) == 0
    even, odd = (zeros[start::2].mean() if len(zeros) > 3 else 0.0 for start in (0, 1))
    if max(even, odd) > 0.8 and min(even, odd) < 0.2:  # letters of 16 bits without a mark of their order
        encoding = "utf-16-le" if odd > even else "utf-16-be"
        return _decode(name, data, encoding), encoding.upper()
    try:
        text, encoding = data.decode("utf-8"), "UTF-8"
    except UnicodeDecodeError:
        text, encoding = data.decode("cp1252", errors="replace"), "Latin-1"
    return _readable(name, text), encoding


def _decode(name: str, data: bytes, encoding: str) -> str:
    return _readable(name, data.decode(encoding, errors="replace"))


def _readable(name: str, text: str) -> str:
    """Return the text if it is one: nearly all of it printable."""
    sample = text[:4000]
    odd = sum(not (letter.isprintable() or letter in "\t\r\n\f\v") or letter == "\ufffd" for letter in sample)
    if odd > 0.02 * len(sample) + 2:
        raise UserError(f"{name} is neither a picture, an archive, an array nor text: {ALLOWED}")
    return text


def is_array(data: bytes) -> bool:
    """Return whether these are the bytes of an .npy."""
    return data.startswith(npy.MAGIC_PREFIX)
