"""What a host allows: over it, one line names the setting to lower and the nearest value; a worker's memory is bounded besides."""

import re
import subprocess
import sys
from dataclasses import replace

import pytest

from genmodels.config import UserError
from genmodels.runs import RunSpec, limits, record

HOSTILE = {"k": 64, "hidden_dim": 1024, "depth": 5, "batch_size": 2048, "steps": 1000}


@pytest.fixture(autouse=True)
def limited(monkeypatch):
    monkeypatch.setenv("GENMODELS_RUN_SECONDS", "3600")
    monkeypatch.setenv("GENMODELS_RUN_GB", "4")


def refusal(spec):
    with pytest.raises(UserError) as refused:
        limits.check(spec)
    (line,) = str(refused.value).splitlines()
    return line


def remedy(spec, line):
    """The spec with the setting that the line names, and that setting and value."""
    name, value = re.search(r"lower (\w+) to (\d+)$", line).groups()
    return replace(spec, settings=spec.settings.model_copy(update={name: int(value)})), name, int(value)


@pytest.mark.parametrize("model", ["autoencoder", "vae", "gan", "vae-gan", "flow-matching", "gmm", "mfa"])
@pytest.mark.parametrize("dataset", ["digits", "moons"])
@pytest.mark.parametrize("budget", ["quick", "thorough"])
def test_every_preset_is_allowed(model, dataset, budget):
    limits.check(RunSpec.make(dataset, model, budget=budget))


def test_the_hostile_link_is_refused_with_the_nearest_value_that_is_not():
    spec = RunSpec.make("digits", "vae", HOSTILE)
    line = refusal(spec)
    assert line.startswith("vae on digits with k = 64, hidden_dim = 1024, depth = 5, batch_size = 2048, steps = 1000 needs about ")
    assert " s, 3,600 s are allowed here: lower " in line
    allowed, name, value = remedy(spec, line)
    limits.check(allowed)
    refusal(replace(allowed, settings=allowed.settings.model_copy(update={name: int(1.15 * value) + 1})))


def test_memory_is_refused_before_it_is_taken(monkeypatch):
    monkeypatch.setenv("GENMODELS_RUN_SECONDS", "1e9")
    monkeypatch.setenv("GENMODELS_RUN_GB", "0.5")
    spec = RunSpec.make("digits", "vae", HOSTILE)
    line = refusal(spec)
    assert "GB of memory, 0.5 GB are allowed here: lower " in line
    limits.check(remedy(spec, line)[0])


def test_what_was_changed_is_lowered_rather_than_what_was_not(monkeypatch):
    monkeypatch.setenv("GENMODELS_RUN_SECONDS", "100")
    assert refusal(RunSpec.make("digits", "vae", {"steps": 200_000})).split("lower ")[1].startswith("steps to ")
    assert refusal(RunSpec.make("digits", "vae", {"k": 64, "k_after": 0.0})).split("lower ")[1].startswith("k to ")


def test_a_training_over_the_limit_is_not_begun_by_any_way(store, monkeypatch):
    monkeypatch.setenv("GENMODELS_RUN_SECONDS", "0.001")
    with pytest.raises(UserError, match=r"^gmm on moons needs about .* s are allowed here: "):
        record(RunSpec.make("moons", "gmm"), store)
    assert not (store.root / "growing").exists()


@pytest.mark.parametrize("text", ["0", "-1", "nan", "an hour", "inf"])
@pytest.mark.parametrize("name", ["GENMODELS_RUN_SECONDS", "GENMODELS_RUN_GB"])
def test_a_limit_that_is_none_is_one_line(name, text, monkeypatch):
    monkeypatch.setenv(name, text)
    with pytest.raises(UserError, match=rf"^{name}='{text}' is no number of \w+: give for example \d+, or leave it unset$"):
        limits.check(RunSpec.make("moons", "gmm"))


BOUNDED = """
import torch
from genmodels.runs import limits
from genmodels import runs
from genmodels.config import UserError
from genmodels.store import Store
from pathlib import Path
limits.check = lambda spec: None  # as if the estimate had been far too low
store = Store(Path({root!r}))
try:
    with limits.bounded():
        runs.record(runs.RunSpec.make("digits", "vae", {settings!r}), store)
except UserError as error:
    print(error)
torch.zeros(2 * 10**8).fill_(1)  # .8 GB, once more allowed
print(list((store.root / "growing").glob("*")), store.keys())
"""


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="only Linux bounds a process's memory")
def test_a_worker_that_is_out_of_memory_says_so_blames_the_settings_and_lives_on(tmp_path, monkeypatch):
    monkeypatch.setenv("GENMODELS_RUN_GB", "0.3")
    script = BOUNDED.format(root=str(tmp_path), settings={**HOSTILE, "depth": 1})
    answer = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False)
    assert answer.returncode == 0, answer.stderr[-2000:]
    line, left = answer.stdout.splitlines()
    assert re.fullmatch(r"vae on digits with k = 64, .* ran out of memory \(0\.3 GB are allowed here\): lower \w+", line)
    assert left == "[] []"
