"""Brings a backup into an empty database and media folder, and proves that it is whole.

1. Nothing is touched before manifest and dump are as they were written, this release knows the backup's
   migrations, the roles are there, the database is empty (or ``replace`` says that it may go) and nobody works in it.
2. The dump comes in by one transaction of the tables' owner, rights and triggers with it. The media follow,
   each with its hash looked at.
3. Rows are counted against the manifest, then newer migrations are applied.
4. Proved are the chains of steps, the files that rows name, and that the application's role can neither change nor
   remove a step. Log-ins of the backup's time end: one ended since then must not come alive again.
"""

import shutil
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.db import connection
from django.db.migrations.loader import MigrationLoader

from accounts.models import Session
from events.models import Evidence
from events.steps import verify_chains
from grids.models import District
from operations import pg_programs
from operations.archive import DUMP, MEDIA, BackupError, Manifest, copy, key_fingerprint, read_sums
from operations.backup import count_rows

GUARDS = {"steps_append_only", "steps_no_truncate"}
OTHERS = (
    "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid() "
    "AND COALESCE(backend_type, 'client backend') = 'client backend'"
)
LEAVING_SECONDS = 2.0
"""The server's process outlives the program it served by a moment: a dump just made still counts as connected."""


def restore(folder: Path, *, replace: bool = False) -> Iterator[str]:
    """Does it all, telling each thing when it is proved. Raises BackupError at the first that is not."""
    manifest = Manifest.read(folder)
    _refuse_what_cannot_work(manifest)
    _make_room(replace=replace)
    pg_programs.run(
        "pg_restore", "--single-transaction", "--exit-on-error", "--no-owner",
        "--dbname", connection.settings_dict["NAME"], folder / DUMP,
    )  # fmt: skip
    _compare_rows(manifest)
    yield f"{len(manifest.tables)} tables have the {sum(manifest.tables.values())} rows they had"
    call_command("migrate", verbosity=0, skip_checks=True)
    if manifest.with_media:
        yield f"{_restore_media(folder, replace=replace)} files have the content they had"
    yield f"{_verify_chains()} events' chains of steps hold"
    yield f"{_find_files()} files that rows name are there"
    _verify_rights()
    yield f"{settings.APPLICATION_ROLE} can neither change nor remove a step"
    Session.objects.all().delete()
    yield "every log-in of the backup's time is ended"
    if manifest.key_fingerprint != key_fingerprint():
        yield "SECRET_KEY is another one than at the backup: what was signed with the old one is void"


def _refuse_what_cannot_work(manifest: Manifest) -> None:
    known = MigrationLoader(None).disk_migrations
    if unknown := [key for key in manifest.migrations.items() if key not in known]:
        told = ", ".join(".".join(key) for key in unknown)
        raise BackupError(
            "newer_release", f"The backup is of a newer release: {told} is unknown to this one."
        )
    if manifest.role != settings.APPLICATION_ROLE:
        raise BackupError(
            "other_role",
            f"The backup's rights are those of {manifest.role}, but DATABASE_URL names {settings.APPLICATION_ROLE}.",
        )
    if not _one("SELECT count(*) FROM pg_roles WHERE rolname = %s", manifest.role):
        raise BackupError("no_role", f"The role {manifest.role} is missing: run deploy/roles.sql first.")
    if _one("SELECT current_user") == manifest.role:
        raise BackupError("not_owner", "Only the tables' owner restores: set AS_OWNER=1.")
    if others := _others():
        raise BackupError("in_use", f"{others} others are connected: stop web, worker and beat first.")


def _others() -> int:
    """How many others are connected, once those that are leaving are gone."""
    until = time.monotonic() + LEAVING_SECONDS
    while (others := _one(OTHERS)) and time.monotonic() < until:
        time.sleep(0.05)
    return others


def _make_room(*, replace: bool) -> None:
    """Only an empty database, unless what is in it may go; whole, for a restore on top would be neither."""
    if not count_rows():
        return
    if not replace:
        raise BackupError("not_empty", "The database is not empty: take an empty one, or say --replace.")
    with connection.cursor() as cursor:
        cursor.execute(
            "DROP SCHEMA public CASCADE; CREATE SCHEMA public; GRANT USAGE ON SCHEMA public TO PUBLIC"
        )


def _compare_rows(manifest: Manifest) -> None:
    present = count_rows()
    if wrong := [
        f"{name}: {present.get(name, 0)} instead of {rows}"
        for name, rows in manifest.tables.items()
        if present.get(name) != rows
    ]:
        raise BackupError("other_rows", "Rows are missing or too many: " + "; ".join(wrong))


def _restore_media(folder: Path, *, replace: bool) -> int:
    root = settings.MEDIA_ROOT
    if replace:
        for path in root.glob("*"):  # the folder itself may be a mounted volume
            shutil.rmtree(path) if path.is_dir() else path.unlink()
    number = 0
    for name, digest in read_sums(folder):
        if name.startswith(f"{MEDIA}/"):
            if copy(folder / name, root / name.removeprefix(f"{MEDIA}/")) != digest:
                raise BackupError("damaged", f"{folder / name} is damaged: its SHA-256 is another one.")
            number += 1
    return number


def _verify_chains() -> int:
    broken = [row for district in District.objects.all() for row in verify_chains(district.pk)]
    if broken:
        told = "; ".join(
            f"event {row.event_number}, step {row.sequence}: {row.reason}" for row in broken[:20]
        )
        raise BackupError("broken_chains", f"{len(broken)} chains of steps are broken: {told}")
    return _one("SELECT count(*) FROM events_event")


def _find_files() -> int:
    """Received evidence lies where its row says; thumbnails are made again when they are asked for."""
    number = 0
    for name in Evidence.objects.exclude(received_at=None).values_list("file", flat=True).iterator():
        if not (settings.MEDIA_ROOT / name).is_file():
            raise BackupError(
                "missing_file", f"{settings.MEDIA_ROOT / name} is missing: restore the media too."
            )
        number += 1
    return number


def _verify_rights() -> None:
    role = settings.APPLICATION_ROLE
    for table in ("events_step", "accounts_auditentry"):
        may = "has_table_privilege(%s, %s, %s)"
        if not _one(f"SELECT {may} AND {may}", role, table, "SELECT", role, table, "INSERT"):
            raise BackupError("no_rights", f"{role} may not read and append {table}.")
        if _one(f"SELECT {may}", role, table, "UPDATE, DELETE, TRUNCATE"):
            raise BackupError("too_many_rights", f"{role} may change {table}.")
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT tgname FROM pg_trigger WHERE tgrelid = 'events_step'::regclass AND tgenabled IN ('O', 'A')"
        )
        if missing := GUARDS - {name for (name,) in cursor.fetchall()}:
            raise BackupError(
                "no_guard", f"Triggers of events_step are missing: {', '.join(sorted(missing))}"
            )


def _one(query: str, *parameters: str) -> Any:
    with connection.cursor() as cursor:
        cursor.execute(query, parameters or None)
        return cursor.fetchone()[0]
