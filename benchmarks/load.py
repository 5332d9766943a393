"""A hundred viewers: how long they wait, what goes wrong, what they cost. They speak Streamlit's own protocol to a server of ours.

    python -m benchmarks.load [--viewers 100] [--seconds 60] [--every 6] [--arrivals 20] [--opens 1000] [--files "-Sn 256"]

Viewers arrive at an even pace, open the opening page, and each `every` seconds run it again, every second time by a widget of
theirs. Then windows are opened and closed, one after the other, to see whether descriptors and memory come back. The server
listens on 127.0.0.1 alone, and is given the page's runs beforehand (GENMODELS_CACHE keeps them).
"""

import argparse
import asyncio
import itertools
import os
import tempfile
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import psutil
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import WebSocketException

from benchmarks.common import machine
from genmodels.models import OPENING
from genmodels.runs import RunSpec, record
from genmodels.store import Store
from tests.serving import Server, serve

PATIENCE = 60.0  # seconds after which a viewer has given up
WIDGET = "-nearest"  # the end of the toggle's id on the opening page


@dataclass
class Answer:
    """What one run of a page sent: seconds until its end, messages, bytes, and each fault that a viewer would see."""

    seconds: float = 0.0
    messages: int = 0
    bytes: int = 0
    faults: list[str] = field(default_factory=list)


@dataclass
class Tally:
    """What all viewers met."""

    opens: list[Answer] = field(default_factory=list)
    reruns: list[Answer] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)

    def note(self, kind: list[Answer], answer: Answer) -> None:
        """Count an answer among its kind, and its faults among all."""
        kind.append(answer)
        self.faults += answer.faults


class Viewer:
    """A browser's window, as far as the server can tell: it keeps large messages, and says so."""

    def __init__(self, socket: ClientConnection, query: str = "", page: str = ""):
        self.socket, self.query, self.page = socket, query, page
        self.cached: set[str] = set()
        self.widgets: dict[str, bool] = {}
        self.on = False

    async def run(self, turn: bool = False) -> Answer:
        """Run the page, having turned its toggle if `turn`, and return what came until it was done."""
        back = BackMsg()
        back.rerun_script.query_string, back.rerun_script.page_name = self.query, self.page
        back.rerun_script.cached_message_hashes.extend(self.cached)
        if turn:
            self.on = not self.on
        for widget in self.widgets:
            back.rerun_script.widget_states.widgets.add(id=widget, bool_value=self.on)
        begun, answer = time.perf_counter(), Answer()
        await self.socket.send(back.SerializeToString())
        while not self._over(await self._message(answer)):
            pass
        answer.seconds = time.perf_counter() - begun
        return answer

    async def _message(self, answer: Answer) -> ForwardMsg:
        content = await asyncio.wait_for(self.socket.recv(), PATIENCE)
        message = ForwardMsg.FromString(content)  # type: ignore[arg-type] - the server sends bytes
        answer.messages += 1
        answer.bytes += len(content)
        answer.faults += faults(message)
        if message.metadata.cacheable:
            self.cached.add(message.hash)
        if message.WhichOneof("type") == "page_info_changed":
            self.query = message.page_info_changed.query_string
        toggle = message.delta.new_element.checkbox.id
        if toggle.endswith(WIDGET):
            self.widgets[toggle] = True
        return message

    @staticmethod
    def _over(message: ForwardMsg) -> bool:
        done = (ForwardMsg.FINISHED_SUCCESSFULLY, ForwardMsg.FINISHED_WITH_COMPILE_ERROR)
        return message.WhichOneof("type") == "script_finished" and message.script_finished in done


def faults(message: ForwardMsg) -> list[str]:
    """Return what in a message a viewer would take for an error."""
    element = message.delta.new_element
    if element.WhichOneof("type") == "exception":
        return [f"{element.exception.type}: {element.exception.message}"]
    if element.WhichOneof("type") == "alert" and element.alert.format == element.alert.ERROR:
        return [element.alert.body]
    if message.WhichOneof("type") == "script_finished" and message.script_finished == ForwardMsg.FINISHED_WITH_COMPILE_ERROR:
        return ["the script did not compile"]
    return []


async def window(url: str, work: Callable[[Viewer], Awaitable[None]], tally: Tally, query: str, page: str = "") -> None:
    """Open a window, note how long it took, and let `work` be done in it; a window that is lost is a fault."""
    begun = time.perf_counter()
    address = url.replace("http", "ws") + "/_stcore/stream"
    try:
        async with connect(address, subprotocols=["streamlit"], max_size=None, compression=None, open_timeout=PATIENCE) as socket:  # type: ignore[list-item]
            viewer = Viewer(socket, query, page)
            answer = await viewer.run()
            answer.seconds = time.perf_counter() - begun
            tally.note(tally.opens, answer)
            await work(viewer)
    except (OSError, WebSocketException, TimeoutError) as error:
        tally.faults.append(f"{type(error).__name__}: {error}")


async def crowd(url: str, viewers: int, seconds: float, every: float, arrivals: float, query: str = "") -> Tally:
    """Let viewers come and stay on the opening page for so many seconds after the last has come."""
    tally, end = Tally(), time.monotonic() + viewers / arrivals + seconds

    async def stay(number: int) -> None:
        await asyncio.sleep(number / arrivals)

        async def again(viewer: Viewer) -> None:
            await asyncio.sleep(every * (number * 0.618 % 1))  # not all at once
            for turn in itertools.cycle([False, True]):
                begun = time.monotonic()
                tally.note(tally.reruns, await viewer.run(turn))
                if time.monotonic() > end:
                    return
                await asyncio.sleep(max(0.0, every - (time.monotonic() - begun)))

        await window(url, again, tally, query)

    await asyncio.gather(*(stay(number) for number in range(viewers)))
    return tally


@dataclass(frozen=True)
class Cost:
    """What the server's process holds."""

    files: int
    megabytes: float
    seconds: float  # of processor time so far

    @classmethod
    def of(cls, server: Server) -> "Cost":
        """Return what it holds now."""
        process = psutil.Process(server.process.pid)
        return cls(process.num_fds(), process.memory_info().rss / 2**20, sum(process.cpu_times()[:2]))


async def come_and_go(server: Server, opens: int, arrivals: float, query: str = "", marks: int = 5) -> tuple[Tally, list[Cost]]:
    """Open and close so many windows at an even pace; return what they met, and what the server held at each mark."""
    tally, costs = Tally(), [Cost.of(server)]

    async def leave(viewer: Viewer) -> None:
        """Look at nothing more."""

    async def come(number: int) -> None:
        await asyncio.sleep(number / arrivals)
        await window(server.url, leave, tally, query)

    for _ in range(marks):
        await asyncio.gather(*(come(number) for number in range(opens // marks)))
        costs.append(Cost.of(server))
    return tally, costs


def ready(cache: Path) -> None:
    """Train what the opening page shows, unless it is there."""
    for model in OPENING:
        record(RunSpec.make("digits", model), Store(cache))


def quantile(answers: list[Answer], share: float) -> float:
    """Return the seconds within which this share of the answers came."""
    return float(np.quantile([answer.seconds for answer in answers], share)) if answers else float("nan")


def row(name: str, answers: list[Answer]) -> str:
    """Return a line of the table."""
    mean: dict[str, Any] = {part: np.mean([getattr(a, part) for a in answers] or [0]) for part in ("messages", "bytes")}
    times = " | ".join(f"{quantile(answers, share):.3f}" for share in (0.5, 0.95, 1.0))
    return f"| {name} | {len(answers):,} | {times} | {mean['messages']:.0f} | {mean['bytes'] / 1000:.0f} |"


def main() -> None:
    """Print what the viewers met, and what they cost."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    for name, usual in {"viewers": 100, "seconds": 60.0, "every": 6.0, "arrivals": 20.0, "opens": 1000}.items():
        parser.add_argument(f"--{name}", type=type(usual), default=usual)
    parser.add_argument("--files", default="-Sn 256", help="how many files the server may have open, as ulimit takes it")
    options = parser.parse_args()
    cache = Path(os.environ.get("GENMODELS_CACHE") or Path(tempfile.gettempdir()) / "genmodels-load")
    ready(cache)
    with serve(cache, options.files) as server:
        empty = Cost.of(server)
        tally = asyncio.run(crowd(server.url, options.viewers, options.seconds, options.every, options.arrivals))
        full = Cost.of(server)
        visits, costs = asyncio.run(come_and_go(server, options.opens, options.arrivals))
        report(tally, visits, [empty, full, *costs])
        print(f"The server's log: {server.log.stat().st_size:,} bytes, {server.log}")
    print(f"{machine()}, load {os.getloadavg()[0]:.1f} at the end")


def report(tally: Tally, visits: Tally, costs: list[Cost]) -> None:
    """Print the table, the costs and the errors: none is asked, and at most .5 s for 95 % of reruns, 2.5 s for 95 % of opens."""
    print("| | times | p50 s | p95 s | longest s | messages | kB |\n|---|---|---|---|---|---|---|")
    print("\n".join([row("open", tally.opens), row("rerun", tally.reruns), row("come and go", visits.opens)]))
    print("Open files at the start, with all viewers, as others came and went: " + ", ".join(str(cost.files) for cost in costs))
    print("Memory, MB: " + ", ".join(f"{cost.megabytes:.0f}" for cost in costs))
    seconds = (costs[1].seconds - costs[0].seconds) / max(1, len(tally.opens) + len(tally.reruns))
    print(f"Processor time of the server: {1000 * seconds:.0f} ms for each open and rerun")
    errors = tally.faults + visits.faults
    print(f"Errors: {len(errors)} " + "; ".join(sorted({error[:100] for error in errors})[:5]))


if __name__ == "__main__":
    main()
