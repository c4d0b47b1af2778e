"""What the asker and the security administrator do: ask, decide, cancel, fetch. Each act is in the audit log."""

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from django.conf import settings
from django.db import transaction
from django.db.models import F
from django.http import Http404, HttpRequest, QueryDict
from django.utils.translation import get_language

from accounts import audit
from accounts.demands import SECURITY
from accounts.models import User
from accounts.scope import Actor, scope_of
from exports.errors import (
    InTrainingError,
    NothingFoundError,
    NothingToUnmaskError,
    NotReadyError,
    NotWaitingError,
    OwnExportError,
    ReasonMissingError,
    RefusalReasonMissingError,
    ScopeLostError,
    TooManyError,
)
from exports.models import APPROVED_ABOVE, PERSONAL_PERIOD, UNDER_WAY, Export, Status
from exports.sources import WITH_PERSONAL_DATA, source_of
from grid_platform.hints import nudge

AT_A_TIME = 3
"""Exports one person may have under way."""
TASK = "exports.tasks.write_waiting"
NO_FILTERS = ("after", "what")
"""Names in a page's address that are no filters."""


@transaction.atomic
def ask(
    *,
    user: User,
    kind: str,
    format: str,
    query: str,
    now: datetime,
    whole: bool = False,
    reason: str = "",
    request: HttpRequest | None = None,
) -> Export:
    """Take the wish down; a worker writes the file, after an approval where that is needed.

    ``query``: the query string of the page with its filters. ``whole``: personal data unmasked where the asker
    may; wants a reason, and above APPROVED_ABOVE rows within PERSONAL_PERIOD the security administrator's
    approval (field rules, section 10). Raises an ExportError.
    """
    if user.in_training:
        raise InTrainingError
    User.objects.select_for_update(no_key=True).only("pk").get(pk=user.pk)  # one person's wishes take turns
    if Export.objects.of(user).under_way().count() >= AT_A_TIME:
        raise TooManyError(limit=AT_A_TIME)
    whole = whole and kind in WITH_PERSONAL_DATA
    if whole and not reason.strip():
        raise ReasonMissingError
    posts = scope_of(user).posts
    export = Export(
        tenant=user.district_id,
        user=user,
        organization_id=posts[0].organization_id if posts else None,
        posts=[post.id for post in posts],
        kind=kind,
        format=format,
        query=_filters_of(query),
        language=get_language() or settings.LANGUAGE_CODE,
        whole=whole,
        reason=reason.strip() if whole else "",
        asked_at=now,
        status=Status.WAITING,
    )
    size = source_of(export).size(Actor.of(user))
    if not size.rows:
        raise NothingFoundError
    if whole and not size.personal:
        raise NothingToUnmaskError
    export.rows_total, export.personal_rows = size.rows, size.personal if whole else 0
    if needs_approval(export, export.personal_rows):
        export.status = Status.WAITING_APPROVAL
    export.save(force_insert=True)
    _tell("export", export, user, request, reason=export.reason, approval=_awaits(export))
    transaction.on_commit(lambda: nudge(TASK))
    return export


def needs_approval(export: Export, personal_rows: int) -> bool:
    """Whether so many rows of personal data, with those taken before, are more than one takes unapproved."""
    if not export.whole or export.decided_by_id:
        return False
    since = export.asked_at - PERSONAL_PERIOD
    taken = Export.objects.exclude(pk=export.pk).personal_rows_taken(export.user, since=since)
    return taken + personal_rows > APPROVED_ABOVE


@transaction.atomic
def decide(
    *,
    export_id: int,
    by: User,
    approve: bool,
    now: datetime,
    decision: str = "",
    request: HttpRequest | None = None,
) -> Export:
    """The security administrator's word. Raises Http404 for anybody else, and an ExportError."""
    if not scope_of(by).holds(SECURITY):
        raise Http404
    waiting = Export.objects.select_for_update(of=["self"]).filter(tenant=by.district_id)
    export = waiting.select_related("user").filter(pk=export_id).first()
    if export is None:
        raise Http404
    if export.user_id == by.pk:
        raise OwnExportError
    if export.status != Status.WAITING_APPROVAL:
        raise NotWaitingError
    if not approve and not decision.strip():
        raise RefusalReasonMissingError
    export.status = Status.WAITING if approve else Status.REFUSED
    export.decided_by, export.decided_at, export.decision = by, now, decision.strip()
    export.save(update_fields=["status", "decided_by", "decided_at", "decision"])
    _tell("export_approved" if approve else "export_refused", export, by, request, of=export.user.username)
    transaction.on_commit(lambda: nudge(TASK))
    return export


@transaction.atomic
def cancel(*, export_id: int, user: User, now: datetime, request: HttpRequest | None = None) -> Export:
    """By the asker alone; a worker that writes it stops within a batch. Raises Http404 and NotWaitingError."""
    export = _own(user, export_id)
    done = Export.objects.filter(pk=export.pk, status__in=UNDER_WAY).update(
        status=Status.CANCELLED, finished_at=now, run=None
    )
    if not done:
        raise NotWaitingError
    _tell("export_cancelled", export, user, request)
    return export


@dataclass(frozen=True)
class Fetched:
    path: Path
    name: str
    format: str


@transaction.atomic
def fetch(*, export_id: int, user: User, now: datetime, request: HttpRequest | None = None) -> Fetched:
    """The file for its asker, while the posts by which it was read are still held.

    Raises Http404 for anybody else, NotReadyError and ScopeLostError.
    """
    export = _own(user, export_id)
    path = settings.MEDIA_ROOT / export.file
    if not Export.objects.ready(at=now).filter(pk=export.pk).exists() or not path.is_file():
        raise NotReadyError
    if not holds_still(export, user):
        raise ScopeLostError
    Export.objects.filter(pk=export.pk).update(downloads=F("downloads") + 1)
    _tell("export_fetched", export, user, request, sha256=export.sha256)
    return Fetched(path, export.file_name, export.format)


def holds_still(export: Export, user: User) -> bool:
    """Whether every post held at the asking is held now; what came by a post goes with it."""
    return user.is_active and set(export.posts) <= {post.id for post in scope_of(user).posts}


def _own(user: User, export_id: int) -> Export:
    export = Export.objects.of(user).filter(pk=export_id).first()
    if export is None:
        raise Http404
    return export


def _filters_of(query: str) -> str:
    filters = QueryDict(query, mutable=True)
    for name in NO_FILTERS:
        filters.pop(name, None)
    return filters.urlencode()


def _awaits(export: Export) -> bool:
    return export.status == Status.WAITING_APPROVAL


def _tell(kind: str, export: Export, by: User, request: HttpRequest | None, **more: object) -> None:
    """Codes and numbers; what was searched for may be somebody's name, so only that there was a search."""
    filters = {
        name: "…" if name == "q" else value for name, value in QueryDict(export.query).items() if value
    }
    detail = {
        "kind": export.kind,
        "format": export.format,
        "rows": export.rows_total,
        "personal_rows": export.personal_rows,
        **filters,
        **{name: value for name, value in more.items() if value},
    }
    audit.record(kind=kind, actor=by, subject=export.number, detail=detail, request=request)
