"""What a backup is: a folder with ``database.dump``, ``media/``, ``manifest.json`` and ``SHA256SUMS``.

SHA256SUMS is what ``sha256sum --check`` reads, so a backup can be checked without the product. The manifest
says of which state the dump is: its moment, the last migration of each application, the rows of each table, the
application's database role, and a fingerprint of SECRET_KEY. The key itself is not in it, and no password: they
are kept apart. The dump holds personal data and the secrets of second steps: the folder is for its owner only.
"""

import hashlib
import json
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import IO

from django.conf import settings

FORMAT = 1
DUMP, MANIFEST, SUMS, MEDIA = "database.dump", "manifest.json", "SHA256SUMS", "media"


class BackupError(RuntimeError):
    """A backup cannot be made or restored; the message says why and what to do."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


@dataclass(frozen=True)
class Manifest:
    made_at: str
    """UTC, ISO."""
    role: str
    migrations: dict[str, str]
    tables: dict[str, int]
    key_fingerprint: str
    with_media: bool
    format: int = FORMAT

    def write(self, folder: Path) -> None:
        (folder / MANIFEST).write_text(json.dumps(asdict(self), indent=1, sort_keys=True) + "\n")

    @classmethod
    def read(cls, folder: Path) -> "Manifest":
        """Of a whole backup whose manifest and dump are as they were written. Raises BackupError."""
        try:
            sums = dict(read_sums(folder))
            told = json.loads((folder / MANIFEST).read_text())
        except (OSError, ValueError) as error:
            raise BackupError("unreadable", f"{folder} is no backup: {error}") from error
        if told.get("format") != FORMAT:
            raise BackupError("other_format", f"{folder} is a backup of another format than {FORMAT}.")
        for name in (MANIFEST, DUMP):
            if sums.get(name) != digest_of(folder / name):
                raise BackupError("damaged", f"{folder / name} is damaged: its SHA-256 is another one.")
        return cls(**told)


def digest_of(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def copy(source: Path, target: Path) -> str:
    """Copy a file and return the SHA-256 of what was written, hexadecimal."""
    digest = hashlib.sha256()
    target.parent.mkdir(parents=True, exist_ok=True)
    with source.open("rb") as from_, target.open("wb") as to:
        while block := from_.read(1 << 20):
            digest.update(block)
            to.write(block)
    return digest.hexdigest()


def write_sum(file: IO[str], digest: str, name: str) -> None:
    file.write(f"{digest}  {name}\n")


def read_sums(folder: Path) -> Iterator[tuple[str, str]]:
    """(name, digest) of every file of the backup."""
    with (folder / SUMS).open() as lines:
        for line in lines:
            digest, name = line.rstrip("\n").split("  ", 1)
            yield name, digest


def key_fingerprint() -> str:
    """Tells whether SECRET_KEY is the same; of a key as long as the checks ask for it gives nothing away."""
    return hashlib.sha256(b"grid-platform backup " + settings.SECRET_KEY.encode()).hexdigest()[:16]
