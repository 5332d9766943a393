"""Zip and gzip files: every name, size and method is checked before the first byte is unpacked."""

import gzip
import io
import re
import zipfile
import zlib

from genmodels.config import UserError
from genmodels.datasets.reading.base import MAX_EXAMPLES, MAX_MEMBERS, MAX_UNPACKED, File, is_hidden, safe_name

ZIP = (b"PK\x03\x04", b"PK\x05\x06")  # a zip's first member, or its end if it has none
GZIP = b"\x1f\x8b"


def unzip(name: str, data: bytes) -> list[File]:
    """Return a zip's files, with their paths inside it; hidden ones are left out."""
    if data.count(b"PK\x01\x02") > MAX_MEMBERS:  # entries, counted before there is an object for each
        raise UserError(f"{name} has more than {MAX_MEMBERS:,} members: give at most {MAX_EXAMPLES:,} pictures")
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            members = [member for member in archive.infolist() if _is_file(member, name)]
            if len(members) > MAX_EXAMPLES + 100:
                raise UserError(f"{name} has {len(members):,} files: give at most {MAX_EXAMPLES:,}")
            if (size := sum(member.file_size for member in members)) > MAX_UNPACKED:
                raise UserError(f"{name} unpacks to {size / 1e6:,.0f} MB: at most {MAX_UNPACKED / 1e6:.0f} MB are allowed")
            return [(member.filename, _content(archive, member)) for member in members]
    except (UserError, MemoryError):
        raise
    except Exception as error:  # whatever a hostile archive makes zipfile and zlib raise
        raise UserError(f"{name} is no whole zip ({type(error).__name__}): pack it again") from None


def _is_file(member: zipfile.ZipInfo, archive: str) -> bool:
    name = member.orig_filename.replace("\\", "/")
    where = f"{archive} has a member {safe_name(name)}"
    if name.startswith("/") or re.match(r"[A-Za-z]:", name) or ".." in name.split("/") or "\0" in name:
        raise UserError(f"{where} that points out of the archive: pack the files without absolute paths and without ..")
    if member.flag_bits & 0x41:
        raise UserError(f"{where} that is encrypted: pack it without a password")
    # Python unpacks the other methods without a bound on what comes out of a piece.
    if member.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        raise UserError(f"{where} packed by an unusual method: pack it as a plain zip (deflate)")
    return not member.is_dir() and not is_hidden(name)


def _content(archive: zipfile.ZipFile, member: zipfile.ZipInfo) -> bytes:
    with archive.open(member) as file:
        content = file.read(member.file_size + 1)  # to the end, where the checksum is compared
    if len(content) != member.file_size:
        raise zipfile.BadZipFile("a size that is not true")
    return content


def gunzip(name: str, data: bytes) -> bytes:
    """Return the content of a gzip file."""
    try:
        with gzip.GzipFile(fileobj=io.BytesIO(data)) as file:
            content = file.read(MAX_UNPACKED + 1)
    except (OSError, EOFError, zlib.error) as error:
        raise UserError(f"{name} is no whole gzip file ({type(error).__name__}): pack it again") from None
    if len(content) > MAX_UNPACKED:
        raise UserError(f"{name} unpacks to more than {MAX_UNPACKED / 1e6:.0f} MB: give less")
    return content
