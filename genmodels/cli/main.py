"""The command line: list, import, train, sample, reconstruct, score, warm, app.

Errors are one line on stderr and exit code 2. Nothing here is slow to import (see `commands.py`), so that help and usage errors
answer at once, and Ctrl-C during a command's imports is one line too.
"""

import argparse
import os
import signal
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import NoReturn

from genmodels.cli import commands
from genmodels.config import BUDGETS, UserError

Add = Callable[[str, Callable[[argparse.Namespace], None], str], argparse.ArgumentParser]  # name, what it does, help


def start() -> int:
    """Run the command line of this process: SIGTERM ends it as Ctrl-C does, so that half-written files are removed."""
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    return main()


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; return the exit code: 0, 2 after an error of one line, 130 after Ctrl-C or SIGTERM."""
    try:
        options = _parser().parse_args(arguments)
        options.command(options)
        sys.stdout.flush()
    except KeyboardInterrupt:
        return _complain("interrupted; nothing half-written is kept", 130)
    except BrokenPipeError:  # the reader of our output has left, as `head` does
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except UserError as error:
        return _complain(str(error), 2)
    except OSError as error:
        return _complain(f"{error.filename}: {error.strerror}" if error.filename and error.strerror else str(error), 2)
    return 0


def _complain(message: str, code: int) -> int:
    line = " ".join(message.split())
    print("genmodels: " + (line if len(line) <= 600 else line[:597] + "..."), file=sys.stderr)
    return code


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        raise UserError(f"{message} (`{self.prog} --help` tells more)")


def _parser() -> _Parser:
    parser = _Parser(prog="python -m genmodels", description="Train small generative models and use them.", allow_abbrev=False)
    parsers = parser.add_subparsers(required=True, metavar="COMMAND")

    def add(name: str, command: Callable[[argparse.Namespace], None], help: str) -> argparse.ArgumentParser:
        one = parsers.add_parser(name, help=help, description=help, allow_abbrev=False)
        one.set_defaults(command=command)
        return one

    _add_data(add)
    _add_runs(add)
    _add_uses(add)
    _add_server(add)
    return parser


def _add_data(add: Add) -> None:
    one = add("list", commands.show, "Show the datasets, the models with their settings, or the finished runs.")
    one.add_argument("what", choices=["datasets", "models", "runs"])
    one.add_argument("--json", action="store_true", help="print one JSON object")

    help = "Keep pictures (files, a folder, a zip, NPY, NPZ) or points (a table, NPY, NPZ) as a dataset; print its name."
    one = add("import", commands.import_files, help)
    one.add_argument("files", metavar="FILE", nargs="+", type=Path)
    one.add_argument("--side", type=int, default=32, help="largest side of a picture: 8, 16, 28, 32, 48 or 64 pixels (default 32)")
    one.add_argument("--x", metavar="COLUMN", help="column of the first coordinate, name or number (default: the first of numbers)")
    one.add_argument("--y", metavar="COLUMN", help="column of the second coordinate (default: the second of numbers)")
    one.add_argument("--label", metavar="COLUMN", help="column of the labels; an empty name for none (default: the one of words)")
    one.add_argument("--decimal", choices=[".", ","], help="decimal mark of a table, where it cannot be told")
    one.add_argument("--range", metavar="LOW:HIGH", help="values that become black and white (default: the usual range of them)")
    one.add_argument("--leave-out", action="store_true", help="leave out single pictures that cannot be read or are far too small")
    one.add_argument("--dry-run", action="store_true", help="only show how the files are understood")


def _add_runs(add: Add) -> None:
    one = add("train", commands.train, "Train a model on a dataset, unless that run is there already.")
    one.add_argument("dataset", metavar="DATASET")
    one.add_argument("model", metavar="MODEL")
    one.add_argument("--budget", choices=BUDGETS, default="standard", help="the preset: about 10, 60 or 300 s (default standard)")
    one.add_argument("--set", metavar="NAME=VALUE", action="append", default=[], help="one setting; the rest stay as preset")
    one.add_argument("--seed", type=int, default=0, help="of the training (default 0)")
    one.add_argument("--json", action="store_true", help="print one JSON object")

    help = "Make what the pages open with, and what their sliders lead to next, on the datasets named or on all."
    one = add("warm", commands.warm, help)
    one.add_argument("datasets", metavar="DATASET", nargs="*")
    one.add_argument("--budget", choices=BUDGETS, default="quick", help="of the runs: about 10, 60 or 300 s each (default quick)")
    one.add_argument("--opening", action="store_true", help="only what the pages open with")


def _add_uses(add: Add) -> None:
    one = add("sample", commands.sample, "Draw new examples x (n, *shape), in data units, from a run.")
    one.add_argument("key", metavar="KEY")
    one.add_argument("-n", metavar="N", type=int, required=True, help=f"how many, 1 to {commands.MAX_N}")
    one.add_argument("--seed", type=int, default=0, help="of the noise (default 0)")
    one.add_argument("--out", metavar="FILE.npz", type=Path, required=True)

    help = "Rebuild the first test examples: x, x_hat and error, the root mean square per example."
    one = add("reconstruct", commands.reconstruct, help)
    one.add_argument("key", metavar="KEY")
    one.add_argument("-n", metavar="N", type=int, default=32, help="how many (default 32)")
    one.add_argument("--out", metavar="FILE.npz", type=Path, required=True)

    one = add("score", commands.score, "Show every score of a run between what other real examples and what noise read.")
    one.add_argument("key", metavar="KEY")
    one.add_argument("--json", action="store_true", help="print one JSON object")


def _add_server(add: Add) -> None:
    one = add("app", commands.app, "Start the dashboard, in a checkout.")
    one.add_argument("--port", type=int, default=8501, help="on which it listens (default 8501)")
