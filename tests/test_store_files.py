"""A file is written whole or not at all."""

import contextlib

from genmodels.store.files import replacing, write_whole


def test_a_file_is_replaced_whole_and_no_draft_is_left(tmp_path):
    path = tmp_path / "x"
    path.write_bytes(b"before")
    write_whole(path, b"after")
    assert path.read_bytes() == b"after"
    assert list(tmp_path.iterdir()) == [path]


def test_what_fails_leaves_what_was_there(tmp_path):
    path = tmp_path / "x"
    path.write_bytes(b"before")
    with contextlib.suppress(InterruptedError), replacing(path) as draft:
        draft.write_bytes(b"half")
        assert path.read_bytes() == b"before"
        raise InterruptedError
    assert path.read_bytes() == b"before"
    assert list(tmp_path.iterdir()) == [path]
