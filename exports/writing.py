"""The worker's part: takes one waiting export after the other and writes its file.

1. ``_take`` gives a waiting row, or one whose worker gave no sign of life for SILENCE, to this run: state
   running, the run's own key, one more try. At most EXPORTS_AT_ONCE run at a time, whoever asked, so that the
   workers have hands left for the loop.
2. The rows are read batch by batch as the asker, under the posts held at that moment; after each batch one
   conditional UPDATE says how far it is. It meets no row when the asker cancelled or another run took over:
   then this run ends.
3. The file is written in a folder of the run, flushed to the disk, and only then named in the row, by a
   conditional UPDATE again. A killed worker leaves a folder that no row names; ``clear_away`` removes it.

So an export may be run twice, and the second run alone is seen.
"""

import logging
import os
import shutil
import uuid
from collections.abc import Callable
from datetime import datetime, timedelta
from hashlib import file_digest
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import connection, transaction
from django.db.models import Q, QuerySet
from django.utils import timezone, translation
from django.utils.text import get_valid_filename
from django.utils.translation import gettext as _

from accounts.models import User
from accounts.scope import Actor
from exports.actions import holds_still, needs_approval
from exports.errors import FiltersRefusedError, ScopeLostError
from exports.models import Export, Kind, Status
from exports.sources import source_of
from exports.writers import WRITERS, Mark

log = logging.getLogger(__name__)

SILENCE = timedelta(minutes=2)
"""Longer than any batch, and than packing the largest Excel file."""
MOST_TRIES = 3
FOLDER = "exports"
FAILED = {"status": Status.FAILED, "run": None}
TURNS = 4_201_104
"""Key of the advisory lock under which the running ones are counted."""
Clock = Callable[[], datetime]


class StoppedError(Exception):
    """Cancelled, or taken over by another run: whatever this run wrote is nobody's."""


def write_waiting(clock: Clock = timezone.now) -> int:
    """Write what waits until nothing more may be taken; returns how many were taken."""
    taken = 0
    while export := _take(clock()):
        taken += 1
        _write(export, clock)
    return taken


@transaction.atomic
def _take(now: datetime) -> Export | None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [TURNS])
    alive = Q(status=Status.RUNNING, beat_at__gte=now - SILENCE)
    lost = Q(status=Status.RUNNING) & ~alive
    Export.objects.filter(lost, tries__gte=MOST_TRIES).update(
        **FAILED, failure="interrupted", finished_at=now
    )
    if Export.objects.filter(alive).count() >= settings.EXPORTS_AT_ONCE:
        return None
    waiting = Export.objects.filter(Q(status=Status.WAITING) | lost).order_by("pk")
    export = waiting.select_for_update(of=["self"]).select_related("organization", "user").first()
    if export is None:
        return None
    export.status, export.run, export.beat_at = Status.RUNNING, uuid.uuid4(), now
    export.tries, export.rows_written = export.tries + 1, 0
    export.save(update_fields=["status", "run", "beat_at", "tries", "rows_written"])
    return export


def _write(export: Export, clock: Clock) -> None:
    """One run; its end is in the row whatever happens, unless the worker is killed."""
    folder = settings.MEDIA_ROOT / FOLDER / f"{export.pk}-{export.run}"
    kept = False
    try:
        with translation.override(export.language):
            folder.mkdir(parents=True)
            kept = _run(export, folder, clock)
    except StoppedError:
        pass
    except (ScopeLostError, FiltersRefusedError) as refusal:
        _mine(export).update(**FAILED, failure=refusal.code, finished_at=clock())
    except Exception:
        log.exception("export %s failed", export.number)
        _mine(export).update(**FAILED, failure="error", finished_at=clock())
    finally:
        if not kept:
            shutil.rmtree(folder, ignore_errors=True)


def _run(export: Export, folder: Path, clock: Clock) -> bool:
    """Whether there is a file now; False when it went back to wait for an approval."""
    actor = _asker(export)
    source = source_of(export)
    total = source.size(actor).rows
    path = folder / f"export.{export.format}"
    mark = _mark(export, clock())
    written, personal, after = 0, 0, ""
    with WRITERS[export.format](path, source.columns(actor), mark) as writer:
        while True:
            batch = source.batch(actor, after)
            writer.write(batch.rows)
            written, personal, after = written + len(batch.rows), personal + batch.personal, batch.after
            if personal > export.personal_rows and needs_approval(export, personal):
                found = source.size(actor).personal
                _update(export, status=Status.WAITING_APPROVAL, run=None, rows_written=0, personal_rows=found)
                return False
            _update(export, beat_at=clock(), rows_written=written, rows_total=max(total, written))
            if not after:
                break
            actor = _asker(export)
    done = clock()
    _update(
        export,
        status=Status.DONE,
        run=None,
        finished_at=done,
        personal_rows=personal,
        expires_at=done + timedelta(days=settings.EXPORT_KEPT_DAYS),
        file=str(path.relative_to(settings.MEDIA_ROOT)),
        file_name=_file_name(export),
        **_on_disk(path),
    )
    return True


def _asker(export: Export) -> Actor:
    """The person as they are now. Raises ScopeLostError when a post held at the asking is gone."""
    user = User.objects.select_related("district").get(pk=export.user_id)
    if not holds_still(export, user):
        raise ScopeLostError
    user.training_until = None  # A file is of real events, whatever its asker practises meanwhile.
    return Actor.of(user)


def _mine(export: Export) -> QuerySet[Export]:
    """The row, as long as it is this run's."""
    return Export.objects.filter(pk=export.pk, status=Status.RUNNING, run=export.run)


def _update(export: Export, **values: Any) -> None:
    if not _mine(export).update(**values):
        raise StoppedError


def _mark(export: Export, now: datetime) -> Mark:
    words = {
        "name": export.user.display_name,
        "username": export.user.username,
        "unit": export.organization.name if export.organization else "—",
        "time": f"{timezone.localtime(now):%Y-%m-%d %H:%M}",
        "number": export.number,
    }
    title = str(Kind(export.kind).label)
    return Mark(
        _("%(title)s, export no. %(number)s") % {"title": title, "number": export.number},
        _("Taken by %(name)s (%(username)s), %(unit)s, %(time)s, export no. %(number)s") % words,
    )


def _file_name(export: Export) -> str:
    day = f"{timezone.localtime(export.asked_at):%Y%m%d-%H%M}"
    name = f"{Kind(export.kind).label}-{day}-{export.number}-{export.user.display_name}"
    return f"{get_valid_filename(name)}.{export.format}"


def _on_disk(path: Path) -> dict[str, Any]:
    """Size and hash of a file that is on the disk, and not only on its way there."""
    with path.open("rb") as file:
        os.fsync(file.fileno())
        digest = file_digest(file, "sha256").hexdigest()
    for folder in (path.parent, path.parent.parent):
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
    return {"size": path.stat().st_size, "sha256": digest}


# Clearing away ----------------------------------------------------------------------------------


def clear_away(*, now: datetime) -> int:
    """Expire what is old, then remove every folder no row needs; returns how many rows expired."""
    expired = Export.objects.filter(status=Status.DONE, expires_at__lte=now).update(
        status=Status.EXPIRED, file=""
    )
    forgotten = now - timedelta(days=settings.EXPORT_KEPT_DAYS)
    expired += Export.objects.filter(status=Status.WAITING_APPROVAL, asked_at__lte=forgotten).update(
        status=Status.EXPIRED, finished_at=now
    )
    _remove_folders()
    return expired


def _remove_folders() -> None:
    root = settings.MEDIA_ROOT / FOLDER
    if not root.is_dir():
        return
    # The folders first: one that begins after they are listed is not looked at.
    there = {folder.name: folder for folder in root.iterdir()}
    rows = Export.objects.filter(status__in=[Status.RUNNING, Status.DONE])
    needed = {
        Path(file).parent.name if file else f"{pk}-{run}"
        for pk, run, file in rows.values_list("pk", "run", "file")
    }
    for name in there.keys() - needed:
        shutil.rmtree(there[name], ignore_errors=True)
