"""Read a list, show what it would change, and do exactly that.

``preview`` writes nothing. ``apply`` compares once more behind the district's lock: two lists at once go one after
the other, and whoever confirmed a difference that is no longer the same gets DataChangedError. All or nothing.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import IO

from django.db import IntegrityError, transaction
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts import audit
from accounts.models import User
from grid_platform.sheets.reading import Row
from grids.models import District
from imports.difference import Asked, Preview, compare
from imports.kinds import KINDS
from imports.models import KEPT, Upload


@dataclass(frozen=True)
class Applied:
    """``counts`` by state of the difference; ``secrets``: rows to be handed out once, for people their passwords."""

    counts: dict[str, int]
    secrets: list[tuple[str, ...]]


def preview(
    *,
    kind: str,
    file: IO[bytes],
    district: District,
    by: User | None = None,
    from_day: date | None = None,
    complete: bool = False,
    now: datetime | None = None,
    renamed: Mapping[str, str] | None = None,
) -> Preview:
    """What the file would change and what is wrong with it; writes nothing.

    ``kind``: a key of KINDS. ``from_day``: the day changes begin, for lists that are dated; today without one.
    ``complete``: the file is the whole list, what it lacks ends. ``renamed``: a column by the heading the file
    has instead. Raises FileRefusedError for what is no readable file of the kind.
    """
    chosen, now = KINDS[kind], now or timezone.now()
    asked = Asked(district, by, now, from_day or timezone.localdate(now), complete and chosen.can_be_complete)
    table = chosen.read(file, district, renamed or {})
    found = compare(chosen, table.rows, asked, table.problems)
    return replace(found, unread=tuple(table.unread))


@transaction.atomic
def apply(preview: Preview, *, seen: str = "", request: HttpRequest | None = None) -> Applied:
    """Change what the preview says, in one transaction, and write the run into the audit log.

    ``seen``: the fingerprint the person confirmed, that of the preview without one. Raises ListRefusedError for
    a list with problems, DataChangedError when the difference is another one by now.
    """
    asked = replace(preview.asked, district=_locked(preview.asked.district))
    if preview.problems:
        raise ListRefusedError(preview)
    again = compare(preview.kind, preview.rows, asked)
    if again.problems:
        raise ListRefusedError(again)
    if again.fingerprint != (seen or preview.fingerprint):
        raise DataChangedError
    try:
        with transaction.atomic():
            secrets = preview.kind.write(again.changes, asked)
    except IntegrityError as error:
        # A page wrote the same between comparing and writing.
        raise DataChangedError from error
    audit.record(
        kind="import",
        actor=asked.by,
        subject=preview.kind.code,
        detail={name: count for name, count in again.counts.items() if count}
        | {"from_day": asked.from_day.isoformat(), "complete": asked.complete},
        request=request,
        district=asked.district,
    )
    return Applied(again.counts, secrets)


def _locked(district: District) -> District:
    return District.objects.select_for_update().get(pk=district.pk)


# A list that waits for its confirmation --------------------------------------------------------------


def keep(preview: Preview, *, by: User, file_name: str) -> Upload:
    """Remember a clean list until ``by`` confirms it."""
    asked = preview.asked
    return Upload.objects.create(
        district=asked.district,
        kind=preview.kind.code,
        by=by,
        at=asked.now,
        file_name=file_name[:120],
        from_day=asked.from_day,
        complete=asked.complete,
        rows=[[row.number, row.values] for row in preview.rows],
    )


def forget_old_uploads(*, now: datetime) -> int:
    """Empty the lists nobody confirmed in time; returns how many."""
    return Upload.objects.filter(at__lte=now - KEPT).exclude(rows=[]).update(rows=[])


def preview_of(upload: Upload, *, now: datetime) -> Preview:
    """What a kept list would change by now."""
    asked = Asked(upload.district, upload.by, now, upload.from_day, upload.complete)
    rows = [Row(number, values) for number, values in upload.rows]
    return compare(KINDS[upload.kind], rows, asked)


@transaction.atomic
def confirm(*, upload: Upload, seen: str, now: datetime, request: HttpRequest | None = None) -> Applied:
    """Apply a kept list once; raises as ``apply``, and Upload.DoesNotExist for one that is gone."""
    upload = Upload.objects.waiting(at=now).select_for_update().get(pk=upload.pk)
    done = apply(preview_of(upload, now=now), seen=seen, request=request)
    upload.rows, upload.applied_at = [], now
    upload.save(update_fields=["rows", "applied_at"])
    return done


class ListRefusedError(ValueError):
    """The list has problems; nothing was changed."""

    code = "list_refused"

    def __init__(self, preview: Preview):
        super().__init__(
            _("The list has problems, so nothing was changed. Correct the rows and load it again.")
        )
        self.preview = preview


class DataChangedError(RuntimeError):
    """What is there has changed since the difference was shown; nothing was changed."""

    code = "changed_since"

    def __init__(self) -> None:
        super().__init__(
            _("The data changed since this difference was shown, so nothing was done. Look at it again.")
        )
