"""A list of lessons as the part of an address: its file, compressed, in letters that an address may have."""

import base64
import binascii
import json
import zlib

from genmodels.config import UserError
from pages.parts.course import MAX_BYTES, Lesson, from_file, to_file

MAX_LENGTH = 6000  # of the text; servers and messengers cut addresses of more than 8,000
PATTERN = rf"^[A-Za-z0-9_-]{{0,{MAX_LENGTH}}}$"
DAMAGED = "the link's list of lessons is damaged: ask for the link anew, or for the file"


def to_text(lessons: list[Lesson]) -> str:
    """Return the list as a text that `from_text` reads; a list that is too long raises `UserError`."""
    compact = json.dumps(json.loads(to_file(lessons)), separators=(",", ":"), ensure_ascii=False)
    text = base64.urlsafe_b64encode(zlib.compress(compact.encode(), 9)).decode().rstrip("=")
    if len(text) > MAX_LENGTH:
        raise UserError(f"the list is too long for a link ({len(text):,} letters, {MAX_LENGTH:,} are allowed): export it as a file")
    return text


def from_text(text: str) -> list[Lesson]:
    """Return the list in a link, under the rules of a file; whatever is wrong with it is one `UserError`."""
    try:
        packed = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
        unpacker = zlib.decompressobj()
        content = unpacker.decompress(packed, MAX_BYTES + 1)  # never more: a short text may unpack to gigabytes
    except (binascii.Error, zlib.error, ValueError):
        raise UserError(DAMAGED) from None
    if not unpacker.eof and len(content) <= MAX_BYTES:
        raise UserError(DAMAGED)
    return from_file(content)
