"""A part of a file, as players ask for it (RFC 9110, section 14): Safari plays nothing without.

One span of bytes is answered; several at once, other units and what cannot be read get the whole file, as the
standard allows.
"""

import re
from dataclasses import dataclass
from typing import IO

SPAN = re.compile(r"bytes=([0-9]{0,18})-([0-9]{0,18})")


class NoSuchBytesError(Exception):
    """The span begins behind the file's end: 416."""


@dataclass(frozen=True)
class Span:
    """The bytes from ``first`` to ``last``, both included, of a file of ``size``."""

    first: int
    last: int
    size: int

    @property
    def length(self) -> int:
        return self.last - self.first + 1

    def __str__(self) -> str:
        """As ``Content-Range`` tells it."""
        return f"bytes {self.first}-{self.last}/{self.size}"


def wanted_span(told: str | None, size: int) -> Span | None:
    """What a ``Range`` header asks for; None: all of the file. Raises NoSuchBytesError."""
    found = SPAN.fullmatch((told or "").replace(" ", ""))
    if not found or found[0] == "bytes=-":
        return None
    if not found[1]:  # so many from the end
        first, last = max(0, size - int(found[2])), size - 1
    else:
        first, last = int(found[1]), min(int(found[2] or size), size - 1)
        if found[2] and int(found[2]) < first:
            return None
    if first > last:
        raise NoSuchBytesError
    return Span(first, last, size)


class Slice:
    """A file that ends where its span does; it has no descriptor, so that no server sends past that."""

    def __init__(self, file: IO[bytes], span: Span) -> None:
        file.seek(span.first)
        self._file, self._left = file, span.length

    def read(self, size: int) -> bytes:
        data = self._file.read(min(size, self._left))
        self._left -= len(data)
        return data

    def close(self) -> None:
        self._file.close()
