"""A file sent in pieces: who may, how far it is, and what its last byte does.

A phone on a bad network sends a piece and is told how many bytes are here; it goes on from there, whatever happened
to its answers. ``dispatch.evidence.attach`` decides about the whole file.
"""

import uuid
from dataclasses import dataclass
from datetime import datetime
from typing import IO

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.scope import Actor
from dispatch.errors import InputError, MoveError, NotFoundError, NotPermittedError
from dispatch.evidence import attach, close_if_complete, may_attach
from events.evidence import HashMismatchError, max_bytes, refuse_one_too_many
from events.images import EmptyFileError, EvidenceError, TooManyBytesError
from events.models import Event, Evidence
from events.parts import Part


@dataclass(frozen=True)
class Progress:
    """``size``: what the sender told, else what is stored; ``photos_missing``: of the event, None where it is out of
    sight."""

    sha256: str
    size: int | None
    received_bytes: int
    evidence: Evidence | None
    photos_missing: int | None


def progress(
    *, actor: Actor, event_id: uuid.UUID, kind: str, sha256: str, size: int | None = None
) -> Progress:
    """How far a file is; writes nothing. Raises NotFoundError."""
    event, row = _known(actor, event_id, kind, sha256)
    if row and row.received_at:
        return _finished(event, row, size)
    if event is None:
        raise NotFoundError()
    return _on_its_way(event, _part(actor, event_id, kind, sha256), size)


def take(
    *,
    actor: Actor,
    event_id: uuid.UUID,
    kind: str,
    sha256: str,
    size: int,
    offset: int,
    length: int,
    body: IO[bytes],
    now: datetime,
) -> Progress:
    """Put one piece of ``length`` bytes behind ``offset``, and attach the file once all of its ``size`` are here.

    Sent again after that, whatever of it, it is finished for ever, also when the event is out of sight since.
    Raises NotFoundError, NotPermittedError, InputError, WrongOffsetError or an evidence error.
    """
    event, row = _known(actor, event_id, kind, sha256)
    part = _part(actor, event_id, kind, sha256)
    if row and row.received_at:
        part.discard()  # Left by a crash between the row and the part's end.
        if event and row.uploaded_by_id == actor.user_id:
            event = close_if_complete(actor=actor, event_id=event.pk, now=now) or event
        return _finished(event, row, size)
    if event is None:
        raise NotFoundError()
    if not may_attach(event, actor, now):
        raise NotPermittedError()
    _check(kind, size, offset, length)
    if not offset and row is None:
        refuse_one_too_many(event, kind, actor.user)
    fits = part.append(body, offset=offset)
    if part.size >= size:
        return _attach(actor, event_id, part, size, now)
    return _on_its_way(event, part, size) if fits else _elsewhere(actor, event_id, part, size)


def _known(actor: Actor, event_id: uuid.UUID, kind: str, sha256: str) -> tuple[Event | None, Evidence | None]:
    """The event if it is in sight, and the file's row if it is promised or here; of an event out of sight only one's
    own finished file. Two statements, the row first: who sees that the file is here sees the event with it."""
    named = {"tenant": actor.district.pk, "event": event_id, "kind": kind, "sha256": sha256}
    row = Evidence.objects.filter(**named).first()
    event = Event.objects.visible_to(actor.user).select_related("item").filter(pk=event_id).first()
    if event is None and row and not (row.received_at and row.uploaded_by_id == actor.user_id):
        row = None
    return event, row


def _part(actor: Actor, event_id: uuid.UUID, kind: str, sha256: str) -> Part:
    return Part(event_id, actor.user.pk, kind, sha256)


def _check(kind: str, size: int, offset: int, length: int) -> None:
    """What the sender announces, before a byte is read."""
    if not size:
        raise EmptyFileError
    if size > (most := max_bytes(kind)):
        raise TooManyBytesError(megabytes=most // 1_000_000)
    if offset + length > size:
        words = _("The piece goes beyond the size that was announced. Send the file from its beginning.")
        raise InputError(fields={"X-Size": [{"code": "piece_too_long", "message": words}]})


def _attach(actor: Actor, event_id: uuid.UUID, part: Part, size: int, now: datetime) -> Progress:
    """All bytes are here: they become evidence, or go."""
    with part.whole() as file:
        if file is None:
            return _elsewhere(actor, event_id, part, size)
        try:
            if part.size > size:
                raise HashMismatchError
            event, row = attach(
                actor=actor, event_id=event_id, kind=part.kind, upload=file, sha256=part.sha256, now=now
            )
        except EvidenceError:
            part.discard()
            raise
        part.discard()
    event.refresh_from_db(fields=["photos_missing"])
    return _finished(event, row, size)


def _elsewhere(actor: Actor, event_id: uuid.UUID, part: Part, size: int) -> Progress:
    """The part does not end where the sender believed; perhaps because another request has just finished it."""
    event, row = _known(actor, event_id, part.kind, part.sha256)
    if row and row.received_at:
        return _finished(event, row, size)
    raise WrongOffsetError(received_bytes=part.size)


def _on_its_way(event: Event, part: Part, size: int | None) -> Progress:
    return Progress(part.sha256, size, part.size, None, event.photos_missing)


def _finished(event: Event | None, row: Evidence, size: int | None) -> Progress:
    size = size or row.size
    return Progress(row.sha256, size, size, row, event.photos_missing if event else None)


class WrongOffsetError(MoveError):
    code = "wrong_offset"
    message = gettext_lazy("Another number of bytes is here already. Go on from the one that is told.")
