"""Lets only harmless Excel files in: of a bounded size, packed and unpacked, without document type or password.

What the zip's directory says about sizes is not believed; every part is unpacked once and counted.
"""

from io import BytesIO
from typing import IO
from zipfile import BadZipFile, ZipFile
from zlib import error as ZlibError

from django.utils.translation import gettext_lazy as _

MOST_BYTES = 10_000_000
MOST_UNPACKED = 120_000_000
MOST_PARTS = 300
CHUNK = 1 << 16
OLD_OR_LOCKED = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
"""How Excel 97-2003 files begin, and newer ones with a password."""

WORDS = {
    "file_empty": _("The file is empty. Choose the filled template."),
    "file_too_big": _("The file is larger than %(most)s MB. Divide it into several files."),
    "old_or_locked": _(
        "The file is of the old Excel format or has a password. Save it as .xlsx without a password."
    ),
    "not_excel": _("This is not an Excel file. Save the table as .xlsx and choose that file."),
    "file_broken": _("The file is damaged. Open it in Excel, save it as .xlsx and choose it again."),
    "not_geojson": _("This is no GeoJSON file with a list of places. Export a FeatureCollection of points."),
    "file_bomb": _(
        "Unpacked, the file is larger than a table can be. Copy the rows into a new file and save it."
    ),
    "file_strange": _(
        "The file holds parts that Excel does not write. Copy the rows into a new file and save it."
    ),
}


class FileRefusedError(ValueError):
    """The file is not read at all; ``code`` is a key of WORDS."""

    def __init__(self, code: str):
        super().__init__(WORDS[code] % {"most": MOST_BYTES // 1_000_000})
        self.code = code


def safe_bytes(file: IO[bytes]) -> BytesIO:
    """The whole file in memory; raises FileRefusedError."""
    content = file.read(MOST_BYTES + 1)
    if not content:
        raise FileRefusedError("file_empty")
    if len(content) > MOST_BYTES:
        raise FileRefusedError("file_too_big")
    if content.startswith(OLD_OR_LOCKED):
        raise FileRefusedError("old_or_locked")
    if not content.startswith(b"PK"):
        raise FileRefusedError("not_excel")
    try:
        with ZipFile(BytesIO(content)) as parts:
            _look_through(parts)
    except (BadZipFile, ZlibError, EOFError, NotImplementedError, RuntimeError, OSError):
        raise FileRefusedError("file_broken") from None
    return BytesIO(content)


def _look_through(parts: ZipFile) -> None:
    names = parts.namelist()
    if "xl/workbook.xml" not in names:
        raise FileRefusedError("not_excel")
    if len(names) > MOST_PARTS:
        raise FileRefusedError("file_strange")
    unpacked = 0
    for name in names:
        last = b""
        with parts.open(name) as part:
            while chunk := part.read(CHUNK):
                unpacked += len(chunk)
                if unpacked > MOST_UNPACKED:
                    raise FileRefusedError("file_bomb")
                # Excel declares no document type; entities are how XML grows and reads other files.
                window = last + chunk
                if name.endswith((".xml", ".rels")) and (b"<!DOCTYPE" in window or b"<!ENTITY" in window):
                    raise FileRefusedError("file_strange")
                last = chunk[-9:]
