"""The commands of the command line; modules that are slow to import are imported by the command that needs them."""

import itertools
import json
import os
import sys
import zipfile
from argparse import Namespace
from collections.abc import Iterable, Mapping
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

from genmodels.config import UserError

if TYPE_CHECKING:
    from torch import Tensor

    from genmodels.datasets.reading import Options
    from genmodels.runs import RunSpec
    from genmodels.store import Store

MAX_N = 100_000
Chunks = tuple[tuple[int, ...], Iterable["Tensor"]]  # the whole array's shape, and its pieces along the first axis


def show(options: Namespace) -> None:
    """Print the datasets, the models with their settings, or the finished runs."""
    listing = {"datasets": _list_datasets, "models": _list_models, "runs": _list_runs}[options.what]
    content, lines = listing()
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
        spec, seconds, finished = run.spec, run.status().seconds, run.result().provenance.finished
        row = {"key": spec.key, "dataset": spec.dataset, "model": spec.model, "seed": spec.seed}
        row |= {"budget": spec.budget, "changed": spec.changed}
        rows.append(row | {"seconds": seconds, "finished": finished})
        title = f"{spec.dataset} {spec.model} {spec.budget} seed={spec.seed}" + "".join(
            f" {n}={v}" for n, v in spec.changed.items()
        )
        lines.append(f"{spec.key}  {finished}  {seconds:8.1f} s  {title}")
    return {"runs": rows, "aside": store.aside()}, lines + [f"set aside: {line}" for line in store.aside()]


def train(options: Namespace) -> None:
    """Train a run unless its recording exists, and print a report."""
    from genmodels.runs import RunSpec
    from genmodels.store import Store

    pairs = [text.partition("=") for text in options.set]
    bare = [name for name, equals, _ in pairs if not equals]
    if bare:
        raise UserError(f"--set {bare[0][:40]!r} has no value: give NAME=VALUE, such as steps=100")
    spec = RunSpec.make(options.dataset, options.model, {name: value for name, _, value in pairs}, options.seed, options.budget)
    report = _record(spec, Store.from_environment())
    if options.json:
        print(json.dumps(report))
        return
    for name in ("key", "cached", "seconds", "steps"):
        print(f"{name:<9}{report[name]}")
    for name in ("final", "training", "test"):
        print(f"{name:<9}" + "  ".join(f"{loss} {value:.6g}" for loss, value in report[name].items()))


def _record(spec: "RunSpec", store: "Store") -> dict[str, Any]:
    """Train `spec` in this process, unless its recording exists, and return the report of `train`."""
    from genmodels.engine import preload
    from genmodels.runs import Run

    cached, recording = preload.make(spec, store)
    run = Run(recording, spec)
    status, result = run.status(), run.result()
    final = {name: value for name, value in result.final.items() if name != "step"}
    report = {"key": spec.key, "cached": cached, "seconds": status.seconds, "steps": status.step, "final": final}
    return report | {
        "training": result.training,
        "test": result.test,
        "dataset": spec.dataset,
        "model": spec.model,
        "seed": spec.seed,
        "budget": spec.budget,
        "changed": spec.changed,
    }


def sample(options: Namespace) -> None:
    """Write samples of a run."""
    from genmodels.runs import MAX_SEED, Run
    from genmodels.store import Store

    _check_range("-n", options.n, 1, MAX_N)
    _check_range("--seed", options.seed, 0, MAX_SEED)
    run = Run.open(options.key, Store.from_environment())
    _write(options.out, {"x": ((options.n, *run.spec.source.shape), run.sample_batches(options.n, options.seed))})
    print(f"{options.n} samples written to {options.out}")


def reconstruct(options: Namespace) -> None:
    """Write the first test examples beside their reconstructions by a run."""
    import genmodels
    from genmodels.runs import Run
    from genmodels.store import Store

    run = Run.open(options.key, Store.from_environment())
    run.check_able("reconstruct")
    test = genmodels.load(run.spec.dataset).test
    _check_range("-n", options.n, 1, min(len(test), MAX_N))
    x = run.spec.source.in_data(test[: options.n].cpu())
    x_hat = run.reconstruct(x)
    error = (x - x_hat).flatten(1).square().mean(1).sqrt()  # (N,)
    _write(options.out, {name: (tuple(a.shape), [a]) for name, a in {"x": x, "x_hat": x_hat, "error": error}.items()})
    print(f"{options.n} reconstructions written to {options.out}, root mean square error {error.mean():.4g}")


def score(options: Namespace) -> None:
    """Print every score of a run between floor and ceiling."""
    from genmodels.runs import Run, record
    from genmodels.store import Store
    from genmodels.studies.scores import study
    from genmodels.studies.scores.finding import ScoreTable
    from genmodels.views.scores.lines import number

    store = Store.from_environment()
    spec = study.spec(Run.open(options.key, store).spec)
    cached = store.find(spec.key) is not None
    table = ScoreTable.read(record(spec, store))
    if options.json:
        print(json.dumps({"key": spec.key, "cached": cached, **asdict(table)}))
        return
    width = max(len(score.title) for score in table)
    print(f"{'':<{width}}{'real':>12}{'model':>12}{'noise':>12}")
    for score in table:
        cells = "".join(f"{number(value):>12}" for value in (score.floor, score.value, score.ceiling))
        print(f"{score.title:<{width}}{cells}  {score.note}".rstrip())


def app(options: Namespace) -> None:
    """Replace this process by the dashboard's server."""
    script = Path(__file__).resolve().parents[2] / "app.py"
    if not script.is_file():
        raise UserError("the dashboard is no part of the installed package: run `genmodels app`, or `make app`, in a checkout")
    os.execv(sys.executable, [sys.executable, "-m", "streamlit", "run", str(script), "--server.port", str(options.port)])


def warm(options: Namespace) -> None:
    """Compute the recordings that pages open with, then those that their controls lead to; failures are reported at the end."""
    from genmodels import datasets
    from genmodels.engine import preload
    from genmodels.store import Store

    store = Store.from_environment()
    names = [datasets.source(name).name for name in options.datasets] or list(datasets.sources())
    nearby = [] if options.opening else preload.ahead(names)
    specs = list({spec.key: spec for spec in [*preload.opening(names, options.budget), *nearby]}.values())
    missing = [spec for spec in specs if not store.find(spec.key)]
    minutes = sum(spec.estimate(store) for spec in missing) / 60
    print(
        f"{len(specs)} recordings, {len(missing)} of them to make: about {max(1, round(minutes)) if missing else 0} min", flush=True
    )
    faults: list[str] = []
    for spec in specs:
        try:
            cached, recording = preload.make(spec, store)
        except UserError as error:  # data that cannot be downloaded, for example: the others are computed all the same
            faults.append(f"{spec.label}: {error}")
            continue
        state = "was there" if cached else f"{recording.json('status.json')['seconds']:.1f} s"
        print(f"{spec.key}  {spec.label}: {state}", flush=True)
    if faults:
        raise UserError(f"{len(faults)} of {len(specs)} could not be made, the first: {faults[0]}")


def import_files(options: Namespace) -> None:
    """Keep the user's own files as a dataset, and print its name; with `--dry-run` only print how they are understood."""
    from genmodels import datasets
    from genmodels.datasets import reading, upload

    contents = upload.preview(_files(options.files), _reading_options(options))
    if options.dry_run:
        print("\n".join(reading.summary(contents)))
        return
    name = upload.keep(contents)
    print(f"{name}  {datasets.source(name).about}")


def _files(paths: Iterable[Path]) -> list[tuple[str, bytes]]:
    """Return name and content of the files, and of those in folders by their paths inside it; hidden ones are left out."""
    from genmodels.datasets import reading

    inside = [(path, p.relative_to(path)) for path in paths if path.is_dir() for p in sorted(path.rglob("*")) if p.is_file()]
    paths_by_name = {str(name): path / name for path, name in inside if not reading.is_hidden(str(name))}
    paths_by_name |= {path.name: path for path in paths if not path.is_dir()}
    if (size := sum(path.stat().st_size for path in paths_by_name.values())) > reading.MAX_BYTES:
        raise UserError(f"{size / 1e6:.1f} MB are too many: give at most {reading.MAX_BYTES / 1e6:.0f} MB")
    return [(name, path.read_bytes()) for name, path in paths_by_name.items()]


def _reading_options(options: Namespace) -> "Options":
    """Return the options of the command line that say how files are read."""
    from genmodels.datasets.reading import Options

    try:
        low, high = map(float, options.range.split(":")) if options.range else (None, None)
    except ValueError:
        raise UserError(f"--range {options.range[:40]} is not allowed; give black and white as LOW:HIGH, such as 0:4095") from None
    columns = {"x": options.x, "y": options.y, "label": options.label}
    return Options(**columns, decimal=options.decimal, low=low, high=high, side=options.side, leave_out=options.leave_out)


def _check_range(name: str, value: int, low: int, high: int) -> None:
    if not low <= value <= high:
        raise UserError(f"{name} {value} is not allowed; give a whole number from {low} to {high}")


def _write(path: Path, arrays: Mapping[str, Chunks]) -> None:
    """Write an .npz piece by piece, whole or not at all: memory holds one piece, a failure leaves no file."""
    from numpy.lib import format as npy

    from genmodels.store.files import replacing

    path = path.resolve()
    if path.exists() and not path.is_file():
        raise UserError(f"--out {path} is no file that can be replaced: give another name")
    try:
        with replacing(path) as draft, zipfile.ZipFile(draft, "w") as archive:
            for name, (shape, pieces) in arrays.items():
                remaining = iter(pieces)
                first = next(remaining)
                descr = "<f8" if first.element_size() == 8 else "<f4"  # float64 where data units need it
                with archive.open(f"{name}.npy", "w", force_zip64=True) as member:
                    npy.write_array_header_1_0(member, {"descr": descr, "fortran_order": False, "shape": shape})
                    for piece in itertools.chain([first], remaining):
                        member.write(piece.detach().cpu().numpy().astype(descr).tobytes())
    except OSError as error:
        raise UserError(f"--out {path} cannot be written ({error.strerror or error})") from None
