"""Text from outside, as Markdown shows it letter by letter: an address, a file name, a label, an error that quotes one of them.

Every piece of such text passes `plain` where it is shown: no link, picture, formula, icon or HTML comes of it.
"""

import re

# What opens a construct of Markdown; within a word an underscore opens none.
SPECIAL = re.compile(r"[\\`*\[\]<>$~|#&]|(?<!\w)_|_(?!\w)")
# Where a bare address, an icon or an emoji is recognised after Markdown was read, so that a backslash does not help.
JOINTS = re.compile(r"(?<=[:@])(?=\S)|(?<=\bwww)(?=\.)", re.IGNORECASE)
JOINER = "\u2060"  # has no width, and no line breaks at it


def plain(text: object) -> str:
    """Return the text on one line, such that Markdown shows it as it is."""
    return SPECIAL.sub(r"\\\g<0>", JOINTS.sub(JOINER, " ".join(str(text).split())))
