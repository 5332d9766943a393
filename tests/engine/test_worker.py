"""What a worker's errors say to viewers: one line, and nothing of where things lie."""

import pytest

from genmodels.engine.worker import one_line


@pytest.mark.parametrize(
    ("error", "line"),
    [
        (
            FileNotFoundError(2, "No such file", "/srv/me/cache/runs/ab/x.json"),
            "FileNotFoundError: [Errno 2] No such file: '(a file)'",
        ),
        (OSError("cannot map ~/models/net (2 of 3 and/or 1/2)"), "OSError: cannot map (a file) (2 of 3 and/or 1/2)"),
        (ValueError("at\nC:\\data\\x.npz: bad\tvalue"), "ValueError: at (a file) bad value"),
    ],
)
def test_an_unforeseen_error_tells_no_place_on_the_server(error, line):
    assert one_line(error) == f"training failed: {line}"
