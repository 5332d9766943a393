"""Starts the dashboard as a user would: a process of its own on a free port, with its own cache."""

import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


@dataclass
class Server:
    """A running dashboard."""

    process: subprocess.Popen[bytes]
    url: str
    cache: Path
    log: Path

    def kill(self) -> None:
        """End it as a crash would."""
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()


@contextmanager
def serve(cache: Path, files: str = "", **environment: str) -> Iterator[Server]:
    """Run the dashboard on `cache` until the block ends; `files` limits its open files as `ulimit` does, "-Sn 256" say."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [sys.executable, "-m", "streamlit", "run", "app.py", "--server.port", str(port), "--server.address", "127.0.0.1"]
    if files:
        command = ["sh", "-c", f'ulimit {files} && exec "$@"', "sh", *command]
    with tempfile.NamedTemporaryFile(prefix=f"genmodels-{port}-", suffix=".log", delete=False) as log:
        process = subprocess.Popen(
            command, cwd=ROOT, env=os.environ | {"GENMODELS_CACHE": str(cache)} | environment, stdout=log, stderr=log
        )
    url = f"http://127.0.0.1:{port}"
    try:
        _wait_for_health(url, process)
        yield Server(process, url, cache, Path(log.name))
    finally:
        process.terminate()
        try:
            process.wait(20)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _wait_for_health(url: str, process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        if process.poll() is not None:
            raise RuntimeError(f"the server ended with code {process.returncode}")
        try:
            with urllib.request.urlopen(f"{url}/_stcore/health", timeout=2) as answer:
                if answer.status == 200:
                    return
        except OSError:
            time.sleep(0.2)
    raise TimeoutError("the server did not become healthy in 60 s")
