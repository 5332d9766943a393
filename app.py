"""The server, `streamlit run app.py`: it starts and stops the engine; the pages are in pages/."""

import asyncio
import gc
import logging
import sys
import threading
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import streamlit as st
from starlette.middleware import Middleware

ROOT = Path(__file__).resolve().parent
if str(ROOT) not in sys.path:
    sys.path.insert(0, str(ROOT))

from genmodels import datasets, device, models  # noqa: E402 - the project's folder must be on the path first
from genmodels.config import UserError  # noqa: E402
from genmodels.engine import engine  # noqa: E402
from genmodels.runs import RunSpec  # noqa: E402
from pages.parts import contents, host, state  # noqa: E402


def _start_workers() -> None:
    """Start the workers before the first training is requested, which saves its viewer five seconds; then read past times."""
    try:
        engine.engine().is_connected = state.connected
        engine.engine().start()
        for name in models.models():  # the first estimate of a process reads all recordings, and loads the data they are of
            RunSpec.make(datasets.OPENING, name).estimate(engine.engine().store)
    except UserError as error:
        logging.getLogger("genmodels").warning("%s", error)  # whoever requests a training sees it too


@asynccontextmanager
async def lifespan(app: Any) -> AsyncIterator[None]:
    """Import what every page needs before the first viewer arrives; stop the jobs when the server stops."""
    device.limit_threads()  # two threads of torch on a busy machine took 17 times the time of one
    datasets.sources()
    models.models()
    contents.entries()
    host.preload()
    gc.collect()
    gc.freeze()  # what is loaded now lives as long as the server: later collections can skip it
    threading.Thread(target=_start_workers, daemon=True).start()
    collecting = asyncio.create_task(host.collect_garbage())
    try:
        yield
    finally:
        collecting.cancel()
        engine.shutdown()


host.make_room()
# A `pages/` folder beside the main script switches Streamlit to its legacy router; beside pages/shell.py there is none.
app = st.App(str(ROOT / "pages" / "shell.py"), lifespan=lifespan, middleware=[Middleware(host.Room)])
