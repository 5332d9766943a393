"""Escapes text from outside (an address, a file name, a label, an error that quotes one), so that Markdown shows it literally.

All such text passes `plain` where it is shown; it can make no link, picture, formula, icon or HTML.
"""

import re

# Characters that open a Markdown construct; an underscore within a word opens none.
SPECIAL = re.compile(r"[\\`*\[\]<>$~|#&]|(?<!\w)_|_(?!\w)")
# Where bare addresses, icons and emoji are recognised after Markdown is parsed, so that a backslash does not help.
JOINTS = re.compile(r"(?<=[:@])(?=\S)|(?<=\bwww)(?=\.)", re.IGNORECASE)
JOINER = "\u2060"  # word joiner: no width, no line break


def plain(text: object) -> str:
    """Return the text on one line, escaped for Markdown."""
    return SPECIAL.sub(r"\\\g<0>", JOINTS.sub(JOINER, " ".join(str(text).split())))
