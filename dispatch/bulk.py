"""One verb for many events: each its own move, each with its own answer.

Every event is moved by ``advance`` in a transaction of its own, so one refusal stops no other. The key of
each move is made from the key of the whole and the event's, so sending the whole again moves nothing
twice and gets the answers of the first time.
"""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from accounts.scope import Actor
from dispatch.advance import advance, own_step
from dispatch.errors import MoveError, NotFoundError
from dispatch.routing import propose
from dispatch.workflow import VERBS
from events.models import Event

MOST = 100
"""Events of one call."""
IN_BULK = ("accept", "dispatch", "urge", "verify", "comment")
"""Verbs whose input can be shared by many events."""
REVERSE = {"dispatch": "recall"}
"""The table's verb that takes another back. A recall is charged to no agency, but the event no longer counts as
dispatched accurately. No other has one: an accepted event stays accepted, a verified one can only be reopened,
which counts as a reopening."""


class Outcome(StrEnum):
    DONE = "done"
    REFUSED = "refused"
    NOT_FOUND = "not_found"


@dataclass(frozen=True)
class Target:
    """An event and the version the person looked at."""

    event_id: uuid.UUID
    version: int | None = None


@dataclass(frozen=True)
class Result:
    """What became of one event. ``event`` is as it is afterwards; None where the person may not see it."""

    event_id: uuid.UUID
    outcome: Outcome
    event: Event | None = None
    code: str = ""
    words: str | Promise = ""


class TooManyError(MoveError):
    code, status = "too_many_events", 400
    message = _("At most 100 events at a time. Choose fewer.")


class NotInBulkError(MoveError):
    code, status = "not_in_bulk", 400
    message = _("This is done event by event: open each of them.")


class NobodyProposedError(MoveError):
    code = "nobody_proposed"
    message = _("No rule and no responsibility names who should act. Open the event and choose.")


def move_each(
    verb_code: str,
    *,
    actor: Actor,
    targets: Sequence[Target],
    now: datetime,
    bulk_id: uuid.UUID,
    data: Mapping[str, Any] | None = None,
) -> list[Result]:
    """Move every target once, in the order given; returns a result for each.

    ``data`` is the input all share. A dispatch without a ``lead`` goes to each event's own proposed one.
    Raises TooManyError and NotInBulkError before anything is moved.
    """
    if verb_code not in IN_BULK and verb_code not in REVERSE.values():
        raise NotInBulkError()
    wanted = {target.event_id: target for target in targets}
    if len(wanted) > MOST:
        raise TooManyError()
    visible = Event.objects.visible_to(actor.user).select_related("item__category", "desk__area")
    found = visible.in_bulk(wanted)
    return [
        _move(verb_code, actor, target, found.get(key), now, uuid.uuid5(bulk_id, str(key)), data or {})
        for key, target in wanted.items()
    ]


def _move(
    verb_code: str,
    actor: Actor,
    target: Target,
    event: Event | None,
    now: datetime,
    request_id: uuid.UUID,
    data: Mapping[str, Any],
) -> Result:
    key = target.event_id
    try:
        if event is None:
            raise NotFoundError()
        moved = advance(
            verb_code,
            actor=actor,
            event_id=key,
            now=now,
            version=target.version,
            request_id=request_id,
            data=_with_lead(verb_code, actor, event, now, data),
        )
        return Result(key, Outcome.DONE, moved)
    except NotFoundError as error:
        if own_step(verb_code, actor=actor, event_id=key, request_id=request_id):
            return Result(key, Outcome.DONE)
        return Result(key, Outcome.NOT_FOUND, None, error.code, error.message)
    except MoveError as error:
        return Result(key, Outcome.REFUSED, event, error.code, words_of(error))


def _with_lead(
    verb_code: str, actor: Actor, event: Event, now: datetime, data: Mapping[str, Any]
) -> Mapping[str, Any]:
    """Proposed for the event as it was read before; should it have changed meanwhile, its version refuses."""
    if verb_code != "dispatch" or data.get("lead"):
        return data
    proposal = propose(event, district=actor.district, at=now)
    if proposal.lead is None:
        raise NobodyProposedError()
    return {**data, "lead": proposal.lead.pk, "amount": proposal.amount or ""}


def words_of(error: MoveError) -> str:
    """Of refused input what is wrong with it, not that fields are marked: a list has none."""
    told = [str(row["message"]) for rows in error.fields.values() for row in rows]
    return " ".join(told) or str(error.message)


def may_in_general(verb_code: str, actor: Actor) -> bool:
    """Whether any post of the person could ever do this; what one event says is asked when it is moved."""
    scope = actor.scope
    return any(
        who.permission and (scope.codes(who.permission) or scope.units(who.permission))
        for who in VERBS[verb_code].who
    )
