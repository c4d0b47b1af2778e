"""Makes a backup while the service runs.

1. One transaction sees the database at one moment: it counts every table's rows, and pg_dump reads the same
   snapshot.
2. The media come after the dump. A file is on the disk before its row says so and is never changed, so every
   file the dump names is among them; later ones come along and harm nobody.
3. The folder has its name only when it is whole; ``<name>.partial`` is what a killed backup leaves.
"""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import connection
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder

from operations import pg_programs
from operations.archive import (
    DUMP,
    MANIFEST,
    MEDIA,
    SUMS,
    BackupError,
    Manifest,
    copy,
    digest_of,
    key_fingerprint,
    write_sum,
)


def backup(folder: Path, *, now: datetime, with_media: bool = True) -> Manifest:
    """Write a whole backup into a folder that is not there yet. Raises BackupError."""
    if folder.exists():
        raise BackupError("exists", f"{folder} exists already: name a new folder for each backup.")
    partial = folder.with_name(folder.name + ".partial")
    shutil.rmtree(partial, ignore_errors=True)
    partial.mkdir(parents=True)
    partial.chmod(0o700)
    with _one_moment() as snapshot:
        manifest = Manifest(
            made_at=now.astimezone(UTC).isoformat(),
            role=settings.APPLICATION_ROLE,
            migrations=last_migrations(),
            tables=count_rows(),
            key_fingerprint=key_fingerprint(),
            with_media=with_media,
        )
        pg_programs.run("pg_dump", "--format", "custom", "--snapshot", snapshot, "--file", partial / DUMP)
    manifest.write(partial)
    with (partial / SUMS).open("w") as sums:
        for name in (MANIFEST, DUMP):
            write_sum(sums, digest_of(partial / name), name)
        if with_media:
            for name, digest in _copy_media(partial / MEDIA):
                write_sum(sums, digest, f"{MEDIA}/{name}")
    os.sync()
    partial.rename(folder)
    return manifest


@contextmanager
def _one_moment() -> Iterator[str]:
    """A transaction that sees one moment for as long as it lasts; the name by which pg_dump joins it."""
    if connection.in_atomic_block:
        raise BackupError("in_transaction", "A backup begins its own transaction.")
    with connection.cursor() as cursor:
        cursor.execute("BEGIN TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        try:
            cursor.execute("SELECT pg_export_snapshot()")
            yield cursor.fetchone()[0]
        finally:
            cursor.execute("ROLLBACK")


def count_rows() -> dict[str, int]:
    """The rows of every table."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public' ORDER BY tablename")
        names = [name for (name,) in cursor.fetchall()]
        return {name: _count(cursor, name) for name in names}


def _count(cursor: Any, table: str) -> int:
    cursor.execute(f"SELECT count(*) FROM {connection.ops.quote_name(table)}")
    return cursor.fetchone()[0]


def last_migrations() -> dict[str, str]:
    """The newest migration of each application that is in the database."""
    applied = MigrationRecorder(connection).applied_migrations()
    graph = MigrationLoader(connection).graph
    known = [key for key in graph.nodes if key in applied]
    return {app: max(name for other, name in known if other == app) for app, _ in known}


def _copy_media(target: Path) -> Iterator[tuple[str, str]]:
    """(name, SHA-256) of each file as it was copied; one that goes meanwhile belonged to no row."""
    root = settings.MEDIA_ROOT
    for path in sorted(root.rglob("*")):
        if not path.is_file() or path.suffix == ".part":
            continue
        name = path.relative_to(root)
        try:
            yield str(name), copy(path, target / name)
        except FileNotFoundError:
            continue
