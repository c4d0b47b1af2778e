"""Files on their way in pieces: what has arrived lies below MEDIA_ROOT/uploads, and its size says how far it is.

A part is one person's of one event, kind and hash, so nobody writes into another's. Two requests may write it at once:
a phone comes back while the server still waits for the rest of the connection it lost. Each block is therefore put
under a lock, and only where its writer believes the end to be; both send the same bytes. A piece is on the disk
when it is acknowledged. No table and no backup knows of parts: one that is lost is sent again.
"""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO
from uuid import UUID

from django.conf import settings
from django.http import UnreadablePostError
from django.utils.translation import gettext_lazy as _

from events.images import EvidenceError

FOLDER = "uploads"
SUFFIX = ".part"
"""What a backup leaves out."""
BLOCK = 1 << 16
MOST = 9
"""Files a person may have begun of one event and not finished."""


@dataclass(frozen=True)
class Part:
    event_id: UUID
    user_id: int
    kind: str
    sha256: str

    @property
    def path(self) -> Path:
        return _folder() / f"{self.event_id}-{self.user_id}-{self.kind}-{self.sha256}{SUFFIX}"

    @property
    def size(self) -> int:
        try:
            return self.path.stat().st_size
        except FileNotFoundError:
            return 0

    def append(self, body: IO[bytes], *, offset: int) -> bool:
        """Put the body behind ``offset``; False where the end is, or meanwhile comes to be, elsewhere.

        What has arrived of a body that breaks off stays. Raises TooManyPartsError.
        """
        if self.size != offset:
            return False
        block = _read(body)
        if not block:
            return True
        if not offset:
            self._refuse_one_too_many()
        file = self._open(create=not offset)
        if file is None:
            return False
        with file:
            try:
                while block:
                    if not _put(file.fileno(), block, offset):
                        return False
                    offset += len(block)
                    block = _read(body)
                return True
            finally:
                os.fsync(file.fileno())

    @contextmanager
    def whole(self) -> Iterator[IO[bytes] | None]:
        """The file for whoever may finish it, one at a time; None when somebody else just has."""
        file = self._open(create=False)
        if file is None:
            yield None
            return
        with file:
            fcntl.flock(file, fcntl.LOCK_EX)
            yield file if os.fstat(file.fileno()).st_nlink else None

    def discard(self) -> None:
        self.path.unlink(missing_ok=True)

    def _open(self, *, create: bool) -> IO[bytes] | None:
        if create:
            self.path.parent.mkdir(parents=True, exist_ok=True)
        try:
            handle = os.open(self.path, os.O_RDWR | (os.O_CREAT if create else 0), 0o600)
            return os.fdopen(handle, "r+b")
        except FileNotFoundError:
            return None

    def _refuse_one_too_many(self) -> None:
        begun = [path for path in _folder().glob(f"{self.event_id}-{self.user_id}-*") if path != self.path]
        if len(begun) >= MOST:
            raise TooManyPartsError(most=MOST)


def _folder() -> Path:
    return settings.MEDIA_ROOT / FOLDER


def _read(body: IO[bytes]) -> bytes:
    """The next block; nothing at the end, and nothing once the connection is gone."""
    try:
        return body.read(BLOCK)
    except UnreadablePostError:
        return b""


def _put(handle: int, block: bytes, offset: int) -> bool:
    """Write a block where the file ends, if it ends there and nobody has finished or swept it."""
    fcntl.flock(handle, fcntl.LOCK_EX)
    try:
        found = os.fstat(handle)
        if found.st_size != offset or not found.st_nlink:
            return False
        while block:
            written = os.pwrite(handle, block, offset)
            block, offset = block[written:], offset + written
        return True
    finally:
        fcntl.flock(handle, fcntl.LOCK_UN)


class TooManyPartsError(EvidenceError):
    code = "too_many_uploads"
    message = _("%(most)s files of this event have been begun and not finished. Finish those first.")
