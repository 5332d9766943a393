"""The command line: list, import, train, sample, reconstruct, score, warm.

Errors are one line on stderr and exit code 2. What is slow to import is imported by the command that needs it: help and usage
errors answer at once, and Ctrl-C during the import is one line too.
"""

import argparse
import contextlib
import json
import os
import sys
import zipfile
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

from genmodels.config import BUDGETS, UserError

if TYPE_CHECKING:
    from torch import Tensor

    from genmodels.runs import RunSpec
    from genmodels.store import Store

MAX_N = 100_000
BATCH = 500  # examples on the device at once
Chunks = tuple[tuple[int, ...], Iterable["Tensor"]]  # the whole array's shape, and its pieces along the first axis


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; return 0, 2 after an error told in one line, 130 after Ctrl-C."""
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
    commands = parser.add_subparsers(required=True, metavar="COMMAND")

    def add(name: str, command: Callable[[argparse.Namespace], None], help: str) -> argparse.ArgumentParser:
        one = commands.add_parser(name, help=help, description=help, allow_abbrev=False)
        one.set_defaults(command=command)
        return one

    one = add("list", _list, "Show the datasets, the models with their settings, or the finished runs.")
    one.add_argument("what", choices=["datasets", "models", "runs"])
    one.add_argument("--json", action="store_true", help="print one JSON object")

    one = add(
        "import", _import, "Keep pictures (files, a folder, a zip, an NPZ) or points (CSV, NPZ) as a dataset; print its name."
    )
    one.add_argument("files", metavar="FILE", nargs="+", type=Path)
    one.add_argument(
        "--side", type=int, default=32, help="largest side of a picture in pixels: 8, 16, 28, 32, 48 or 64 (default 32)"
    )

    one = add("train", _train, "Train a model on a dataset, unless that run is there already.")
    one.add_argument("dataset", metavar="DATASET")
    one.add_argument("model", metavar="MODEL")
    one.add_argument("--budget", choices=BUDGETS, default="standard", help="the preset: about 10, 60 or 300 s (default standard)")
    one.add_argument("--set", metavar="NAME=VALUE", action="append", default=[], help="one setting; the rest stay as preset")
    one.add_argument("--seed", type=int, default=0, help="of the training (default 0)")
    one.add_argument("--json", action="store_true", help="print one JSON object")

    one = add("sample", _sample, "Draw new examples x (n, *shape), float32, in data units, from a run.")
    one.add_argument("key", metavar="KEY")
    one.add_argument("-n", metavar="N", type=int, required=True, help=f"how many, 1 to {MAX_N}")
    one.add_argument("--seed", type=int, default=0, help="of the noise (default 0)")
    one.add_argument("--out", metavar="FILE.npz", type=Path, required=True)

    one = add("reconstruct", _reconstruct, "Rebuild the first test examples: x, x_hat and error, the root mean square per example.")
    one.add_argument("key", metavar="KEY")
    one.add_argument("-n", metavar="N", type=int, default=32, help="how many (default 32)")
    one.add_argument("--out", metavar="FILE.npz", type=Path, required=True)

    one = add("score", _score, "Show every score of a run between what other real examples and what noise read.")
    one.add_argument("key", metavar="KEY")
    one.add_argument("--json", action="store_true", help="print one JSON object")

    one = add("warm", _warm, "Make what the pages open with, runs and findings, on the datasets named or on all.")
    one.add_argument("datasets", metavar="DATASET", nargs="*")
    one.add_argument("--budget", choices=BUDGETS, default="quick", help="of the runs: about 10, 60 or 300 s each (default quick)")
    return parser


def _list(options: argparse.Namespace) -> None:
    show = {"datasets": _list_datasets, "models": _list_models, "runs": _list_runs}[options.what]
    content, lines = show()
    print(json.dumps(content) if options.json else "\n".join(lines))


def _list_datasets() -> tuple[dict[str, Any], list[str]]:
    from genmodels import datasets

    rows = [
        {"name": s.name, "title": s.title, "shape": list(s.shape), "licence": s.licence, "about": s.about}
        for s in datasets.sources().values()
    ]
    width = max(len(s.name) for s in datasets.sources().values())
    lines = [f"{r['name']:<{width}}  {'x'.join(map(str, r['shape'])):<8} {r['about']} ({r['licence']})" for r in rows]
    return {"datasets": rows}, lines


def _list_models() -> tuple[dict[str, Any], list[str]]:
    from genmodels import models

    rows: list[dict[str, Any]] = []
    lines: list[str] = []
    for name, kind in models.models().items():
        knobs = list(kind.Settings.knobs().values())
        rows.append({"name": name, "title": kind.title, "about": kind.about, "knobs": [vars(k) for k in knobs]})
        lines += [f"{name}: {kind.about}"]
        lines += [f"  {k.name:<28} {k.default!s:<13} {k.allowed()}. {k.help}" for k in knobs]
    return {"models": rows}, lines


def _list_runs() -> tuple[dict[str, Any], list[str]]:
    from genmodels.runs import catalogue
    from genmodels.store import Store

    store = Store.from_environment()
    rows: list[dict[str, Any]] = []
    lines: list[str] = []
    for run in catalogue(store):
        spec, status = run.spec, run.status()
        row = {"key": spec.key, "dataset": spec.dataset, "model": spec.model, "seed": spec.seed}
        row |= {"budget": spec.budget, "changed": spec.changed}
        rows.append(row | {"seconds": status["seconds"], "finished": status["provenance"]["finished"]})
        title = f"{spec.dataset} {spec.model} {spec.budget} seed={spec.seed}" + "".join(
            f" {n}={v}" for n, v in spec.changed.items()
        )
        lines.append(f"{spec.key}  {rows[-1]['finished']}  {status['seconds']:8.1f} s  {title}")
    return {"runs": rows, "aside": store.aside()}, lines + [f"set aside: {line}" for line in store.aside()]


def _train(options: argparse.Namespace) -> None:
    from genmodels.runs import RunSpec
    from genmodels.store import Store

    pairs = [text.partition("=") for text in options.set]
    wrong = [name for name, equals, _ in pairs if not equals]
    if wrong:
        raise UserError(f"--set {wrong[0][:40]!r} has no value: give NAME=VALUE, such as steps=100")
    spec = RunSpec.make(options.dataset, options.model, {name: value for name, _, value in pairs}, options.seed, options.budget)
    report = _record(spec, Store.from_environment())
    if options.json:
        print(json.dumps(report))
        return
    for name in ("key", "cached", "seconds", "steps"):
        print(f"{name:<9}{report[name]}")
    for name in ("final", "test"):
        print(f"{name:<9}" + "  ".join(f"{loss} {value:.6g}" for loss, value in report[name].items()))


def _record(spec: "RunSpec", store: "Store") -> dict[str, Any]:
    """Train `spec` in this process, unless it is there already, and return what `train` reports of it."""
    from genmodels import ahead

    cached, recording = ahead.make(spec, store)
    status = recording.json("status.json")
    final = {name: value for name, value in status["final"].items() if name != "step"}
    report = {"key": spec.key, "cached": cached, "seconds": status["seconds"], "steps": status["step"], "final": final}
    return report | {
        "test": status["test"],
        "dataset": spec.dataset,
        "model": spec.model,
        "seed": spec.seed,
        "budget": spec.budget,
        "changed": spec.changed,
    }


def _sample(options: argparse.Namespace) -> None:
    from genmodels import device
    from genmodels.models.base import Samples
    from genmodels.runs import MAX_SEED, Run
    from genmodels.store import Store

    _within("-n", options.n, 1, MAX_N)
    _within("--seed", options.seed, 0, MAX_SEED)
    where = device.choose_device()
    run = Run.open(options.key, Store.from_environment())
    model = run.load_model(where)
    if not isinstance(model, Samples):
        raise UserError(f"a run of {run.spec.model} cannot sample: it {model.samples_are()}; {_able('sample')} can")
    rng = device.generator(where, options.seed, "sample")
    batches = (model.sample(size, rng) for size in _sizes(options.n))
    _write(options.out, {"x": ((options.n, *run.spec.source.shape), batches)})
    print(f"{options.n} samples written to {options.out}")


def _reconstruct(options: argparse.Namespace) -> None:
    import torch

    from genmodels import datasets, device
    from genmodels.models.base import Reconstructs
    from genmodels.runs import Run
    from genmodels.store import Store

    where = device.choose_device()
    run = Run.open(options.key, Store.from_environment())
    model = run.load_model(where)
    if not isinstance(model, Reconstructs):
        raise UserError(f"a run of {run.spec.model} cannot reconstruct: it {model.reconstruct_note}; {_able('reconstruct')} can")
    test = datasets.load(run.spec.dataset, where).test
    _within("-n", options.n, 1, min(len(test), MAX_N))
    x = test[: options.n]
    x_hat = torch.cat([model.reconstruct(part) for part in x.split(BATCH)])
    error = (x - x_hat).flatten(1).square().mean(1).sqrt()  # (N,)
    _write(options.out, {name: (tuple(a.shape), [a]) for name, a in {"x": x, "x_hat": x_hat, "error": error}.items()})
    print(f"{options.n} reconstructions written to {options.out}, root mean square error {error.mean():.4g}")


def _score(options: argparse.Namespace) -> None:
    from genmodels import findings
    from genmodels.runs import Run
    from genmodels.store import Store
    from genmodels.studies import lines, scores
    from genmodels.views.scores import number

    store = Store.from_environment()
    spec = scores.spec(Run.open(options.key, store).spec)
    cached = findings.find(spec, store) is not None
    sheet = findings.perform(spec, store).json("scores.json")
    if options.json:
        print(json.dumps({"key": spec.key, "cached": cached, **sheet}))
        return
    titles = {row.name: row.title for row in lines.rows()}
    width = max(len(titles[row["name"]]) for row in sheet["rows"])
    print(f"{'':<{width}}{'real':>12}{'model':>12}{'noise':>12}")
    for row in sheet["rows"]:
        cells = "".join(f"{number(row[name]):>12}" for name in ("floor", "value", "ceiling"))
        print(f"{titles[row['name']]:<{width}}{cells}  {row['note']}".rstrip())


def _warm(options: argparse.Namespace) -> None:
    from genmodels import ahead, datasets
    from genmodels.store import Store

    store = Store.from_environment()
    specs = ahead.opening([datasets.source(name).name for name in options.datasets] or list(datasets.sources()), options.budget)
    faults: list[str] = []
    for spec in specs:
        try:
            cached, recording = ahead.make(spec, store)
        except UserError as error:  # data that cannot be fetched, say: the rest is wanted all the same
            faults.append(f"{ahead.title(spec)}: {error}")
            continue
        done = "was there" if cached else f"{recording.json('status.json')['seconds']:.1f} s"
        print(f"{spec.key}  {ahead.title(spec)}: {done}", flush=True)
    if faults:
        raise UserError(f"{len(faults)} of {len(specs)} could not be made, the first: {faults[0]}")


def _import(options: argparse.Namespace) -> None:
    from genmodels import datasets
    from genmodels.datasets import unpack, upload

    paths = [p for path in options.files for p in (sorted(path.rglob("*")) if path.is_dir() else [path]) if not p.is_dir()]
    if (size := sum(path.stat().st_size for path in paths)) > unpack.MAX_BYTES:
        raise UserError(f"{size / 1e6:.1f} MB are too many: give at most {unpack.MAX_BYTES / 1e6:.0f} MB")
    name = upload.add([(path.name, path.read_bytes()) for path in paths], options.side)
    print(f"{name}  {datasets.source(name).about}")


def _within(name: str, value: int, low: int, high: int) -> None:
    if not low <= value <= high:
        raise UserError(f"{name} {value} is not allowed; give a whole number from {low} to {high}")


def _able(method: str) -> str:
    from genmodels import models

    return ", ".join(name for name, kind in models.models().items() if hasattr(kind, method))


def _sizes(n: int) -> Iterator[int]:
    return (min(BATCH, n - start) for start in range(0, n, BATCH))


def _write(path: Path, arrays: Mapping[str, Chunks]) -> None:
    """Write an .npz of float32 piece by piece, whole or not at all: memory holds one piece, a failure leaves nothing."""
    from numpy.lib import format as npy

    path = path.resolve()
    if path.exists() and not path.is_file():
        raise UserError(f"--out {path} is no file that can be replaced: give another name")
    draft = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        with zipfile.ZipFile(draft, "w") as archive:
            for name, (shape, pieces) in arrays.items():
                with archive.open(f"{name}.npy", "w", force_zip64=True) as member:
                    npy.write_array_header_1_0(member, {"descr": "<f4", "fortran_order": False, "shape": shape})
                    for piece in pieces:
                        member.write(piece.detach().cpu().numpy().astype("<f4").tobytes())
        os.replace(draft, path)
    except OSError as error:
        raise UserError(f"--out {path} cannot be written ({error.strerror or error})") from None
    finally:
        with contextlib.suppress(OSError):
            draft.unlink()


if __name__ == "__main__":
    sys.exit(main())
