"""Errors as cards: one line that says what to do, never a traceback, never another viewer's problem."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager

import streamlit as st

from genmodels.config import UserError

log = logging.getLogger("genmodels.pages")


@contextmanager
def guard() -> Iterator[None]:
    """Show what the user can mend as it is said, and anything else as a card whose details are in the server's log."""
    try:
        yield
    except UserError as error:
        st.error(str(error), icon="⚠️")
    except Exception as error:  # Streamlit's own control flow is of BaseException and passes
        log.exception("a page failed")
        st.error(
            f"This page met a fault of ours ({type(error).__name__}). Your settings are kept in the address; reload to try again, "
            "or open the page without them.",
            icon="⚠️",
        )


def notices(lines: list[str]) -> None:
    """Show what was wrong in the address, and what was taken instead."""
    for line in lines:
        st.warning(line, icon="ℹ️")
