"""The training processes: what they print, how they are counted, and that nothing of them outlives its parent."""

import json
import os
import subprocess
import sys
from pathlib import Path

import psutil
import pytest
from distributed import Client

from genmodels.config import UserError
from genmodels.engine import cluster

pytestmark = pytest.mark.slow  # each starts processes of its own

ROOT = Path(__file__).resolve().parents[2]


def descendants(pid):
    return psutil.Process(pid).children(recursive=True)


def child_pids():
    return {p.pid for p in psutil.Process().children()}


def all_gone(processes, seconds=20.0):
    """Whether these processes end within the time; a zombie, whose own parent has yet to look, has ended."""
    return not [p for p in psutil.wait_procs(processes, timeout=seconds)[1] if p.status() != psutil.STATUS_ZOMBIE]


def test_it_prints_its_address_and_nothing_else_has_a_process_a_slot_and_ends_with_its_input(monkeypatch):
    monkeypatch.setenv("GENMODELS_SLOTS", "2")
    streams = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.DEVNULL}
    child = subprocess.Popen([sys.executable, "-m", "genmodels.engine.cluster"], cwd=ROOT, **streams)
    with Client(json.loads(child.stdout.readline())["scheduler"], set_as_default=False, timeout=60) as client:
        client.wait_for_workers(2, timeout=100)
        assert set(client.nthreads().values()) == {1}
        assert len({child.pid, *client.run(os.getpid).values()}) == 3
        assert set(client.run(eval, "__import__('os').environ['OMP_NUM_THREADS']").values()) == {"1"}
        family = [psutil.Process(child.pid), *descendants(child.pid)]
        sockets = [c for process in family for c in process.net_connections() if c.status == psutil.CONN_LISTEN]
        assert {c.laddr.ip for c in sockets} == {"127.0.0.1"}
        client.run(os.write, 1, b"a worker writes to its standard output\n")
        client.submit(print, "and a task prints").result()
    child.stdin.close()
    assert child.wait(20) == 0
    assert child.stdout.read() == b""
    child.stdout.close()
    assert all_gone(family[1:])


def test_the_slots_are_the_cores_up_to_four_unless_told(monkeypatch):
    monkeypatch.delenv("GENMODELS_SLOTS", raising=False)
    assert cluster.slots() == min(4, os.cpu_count())
    monkeypatch.setenv("GENMODELS_SLOTS", "3")
    assert cluster.slots() == 3


@pytest.mark.parametrize("text", ["0", "-1", "65", "two", "1.5", "²"])
def test_a_wrong_number_of_slots_is_one_line_before_anything_starts(monkeypatch, text):
    monkeypatch.setenv("GENMODELS_SLOTS", text)
    before = child_pids()
    with pytest.raises(UserError, match=r"^GENMODELS_SLOTS=.* is not allowed: give a whole number from 1 to 64") as caught:
        cluster.spawn()
    assert "\n" not in str(caught.value)
    assert child_pids() == before


def test_a_child_that_cannot_start_is_one_line(monkeypatch, capfd):
    monkeypatch.setenv("PYTHONHOME", "/nowhere")  # the interpreter itself ends at once
    with pytest.raises(UserError, match=r"did not start .*log says why; GENMODELS_SCHEDULER=inproc"):
        cluster.spawn()
