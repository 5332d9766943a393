"""Whatever bytes are uploaded: a dataset or one line, within bounds of memory and time."""

import resource

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from genmodels.config import UserError
from genmodels.datasets import upload
from genmodels.datasets.reading import Options
from tests.datasets.test_reading import ARRAYS, GREY, LABELLED, TABLES, packed, picture, pictures

GIGABYTE = 2**20  # of the kilobytes that the system counts in


def anything(n):
    """So many examples, the same each time, each within 20 s."""
    return settings(max_examples=n, deadline=20_000, suppress_health_check=list(HealthCheck), derandomize=True, database=None)


cells = st.one_of(
    st.floats().map(str),
    st.integers(-(10**20), 10**20).map(str),
    st.text(max_size=8),
    st.sampled_from(
        ["", "NA", "1,5", "7.000,50", '"a,b"', "1e400", "-", "\u22123", "1D5", "'", '"', "0x1F", "1_000", "12:30", "2026-11-28"]
    ),
)
options = st.builds(
    Options,
    x=st.sampled_from([None, "1", "x", "99"]),
    decimal=st.sampled_from([None, ".", ","]),
    low=st.sampled_from([None, 0.0, -1e300, float("nan")]),
    high=st.sampled_from([None, 1.0, 1e300]),
    leave_out=st.booleans(),
)


@st.composite
def tables(draw):
    """A valid table with cells, lines or bytes changed, or one of random cells."""
    separator, end = draw(st.sampled_from(",;\t |")), draw(st.sampled_from(["\n", "\r\n", "\r", "\n\n"]))
    if draw(st.booleans()):
        rows = draw(st.lists(st.lists(cells, max_size=5), max_size=20)) * draw(st.sampled_from([1, 8]))
        return (end.join(separator.join(row) for row in rows)).encode("utf-8", "surrogatepass")
    data = bytearray(draw(st.sampled_from(list(TABLES.values()) + list(LABELLED.values()))))
    return mutated(draw, data)


@st.composite
def archives(draw):
    """A valid archive or array with bytes changed, or a zip of members of any content."""
    if draw(st.booleans()):
        return mutated(draw, bytearray(draw(st.sampled_from(WHOLE))))
    members = draw(st.dictionaries(st.text(min_size=1, max_size=12), st.binary(max_size=200), max_size=6))
    known = draw(st.dictionaries(st.text(min_size=1, max_size=12), st.sampled_from(PARTS), max_size=4))
    return packed({name.replace("\0", "?") or "?": data for name, data in (members | known).items()})


def mutated(draw, data):
    for _ in range(draw(st.integers(0, 6))):
        at = draw(st.integers(0, max(0, len(data) - 1)))
        kind = draw(st.sampled_from(["change", "cut", "insert", "repeat"]))
        if kind == "change" and data:
            data[at] = draw(st.integers(0, 255))
        elif kind == "cut":
            del data[at : at + draw(st.integers(1, 400))]
        elif kind == "insert":
            data[at:at] = draw(st.binary(max_size=40))
        else:
            data[at:at] = data[at : at + 100]
    return bytes(data)


WHOLE = [data for data, *_ in ARRAYS.values()] + [
    packed(pictures(GREY[:, :8, :8])),
    packed({**pictures(GREY[:, :8, :8], "a/{}.png"), "labels.csv": b"a,b\n" * 9}),
    *(data for name, data in TABLES.items() if name in ("a zip", "gzip", "a workbook", "an array", "an array by name")),
]
PARTS = [picture(GREY[0]), picture(GREY[0])[:60], TABLES["an array"], TABLES["numpy's header"], b"", b"PK\x05\x06" + bytes(18)]


def outcome(data, name, chosen):
    try:
        result = upload.preview([(name, data)], chosen)
        content, _ = upload._canonical(result)
    except UserError as error:
        line = str(error)
        assert "\n" not in line
        assert line.isprintable()
        assert len(line) < 400
        assert "cannot be read (" not in line or "array" in line, line  # every kind of fault has a line of its own
    else:
        assert len(content["x"]) >= 100


@pytest.mark.slow
@anything(800)
@given(tables(), options)
def test_any_table_is_read_or_refused_in_one_line(data, chosen):
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    outcome(data, "table.csv", chosen)
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < GIGABYTE


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore::UserWarning")  # zipfile's, of a name that is there twice
@anything(250)
@given(archives(), options)
def test_any_archive_is_read_or_refused_in_one_line(data, chosen):
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    outcome(data, "archive.zip", chosen)
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < GIGABYTE
