"""Report: the loop's first verb, idempotent under the client's key.

The event's key is a UUID made by the client. The same key, reporter and content get the stored answer;
the same key with anything else is refused. ``occurred_at`` is the client's, corrected by the client's
``sent_at`` and clamped when it is still ahead; ``recorded_at`` is the server's. Item and grid are those of the day it
happened; what lies in a grid that has ended since goes on with it (``dispatch.recoding``). A place outside the
district or the worker's own grid is a flag for the desk, never a refusal. What the reporter knows to be reported
already is merged in the same transaction (``dispatch.same_as``).
"""

import hashlib
import json
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import IntegrityError, transaction
from django.utils import timezone

from accounts.scope import Actor
from dispatch.advance import Move, advance, write_step
from dispatch.clocks import calendar_of
from dispatch.conditions import Situation
from dispatch.errors import DifferentContentError, InputError, NotPermittedError
from dispatch.evidence import close_if_complete
from dispatch.numbers import number, taken_and_serial, training_number
from dispatch.permission import authority
from dispatch.report_form import ReportForm
from dispatch.same_as import MISSED, leading_for
from dispatch.workflow import VERBS
from events.models import Event, Evidence, Level, ReporterContact
from grids.datum import to_wgs84
from grids.locate import locate


@dataclass(frozen=True)
class Reported:
    """The stored event, and whether this call stored it."""

    event: Event
    created: bool


def report(*, actor: Actor, event_id: uuid.UUID, data: Mapping[str, Any], now: datetime) -> Reported:
    """Store a report and its photo manifest. Raises a MoveError; nothing is written then.

    ``data``: see ``ReportForm``. With nothing repeated: three statements for the event and its step, one each
    for the key with the number, clocks, manifest and outbox; and those of a move where it is merged at once.
    """
    form = ReportForm(actor, data, now=now)
    if not form.is_valid():
        raise InputError(fields=form.errors.get_json_data())
    content = form.cleaned_data
    content_hash = _hash(content)
    existing, serial = _taken(actor, event_id)
    if existing:
        return _repeated(actor, event_id, content_hash)
    event, place_flags = _event(actor, event_id, content, now)
    event.content_hash = content_hash
    event.number = training_number(event_id, now) if event.training else number(event.tenant, now, serial)
    event.flags += place_flags
    verb = VERBS["report"]
    situation = Situation(event, actor, now, calendar_of(actor.district))
    permitted, _ = authority(verb, situation)
    if not permitted:
        raise NotPermittedError()
    post = actor.scope.post_over(event.area_code) or next(iter(actor.scope.posts), None)
    move = Move(verb, situation, post, {})
    move.texts = {"description": event.description, "address": event.address, "result": content["result"]}
    system = Actor.system(actor.district)
    try:
        with transaction.atomic():
            leading = leading_for(event, actor, content["same_as"]) if content["same_as"] else None
            if content["same_as"] and leading is None:
                event.flags.append(MISSED)
            move.params = {
                "item": event.item.code,
                "area": event.area_code,
                "source": event.source,
                "flags": event.flags,
            }
            write_step(move)
            _promise(event, content["photos"], actor, post, now)
            _keep_contact(event, content["reporter_name"], content["reporter_phone"])
            if leading:
                event = advance(
                    "auto_merge", actor=system, event_id=event_id, now=now, data={"leading": leading}
                )
            if event.training:
                event = advance("route", actor=system, event_id=event_id, now=now)
    except IntegrityError:
        if Event.with_training.filter(pk=event_id).exists():
            return _repeated(actor, event_id, content_hash)
        raise
    if event.self_close_pending and not event.photos_missing:
        event = close_if_complete(actor=actor, event_id=event_id, now=now) or event
    return Reported(event, created=True)


def _taken(actor: Actor, event_id: uuid.UUID) -> tuple[bool, int]:
    """Training takes no serial of the real events."""
    if actor.in_training:
        return Event.with_training.filter(pk=event_id).exists(), 0
    return taken_and_serial(event_id)


def _hash(content: Mapping[str, Any]) -> str:
    """What makes two reports the same: all that was sent but the moment of sending.

    ``same_as`` is left out where nothing was sent: the hashes of what was reported before there was one stay true.
    """
    derived = {"sent_at", "happened_at", "time_flags"} | ({"same_as"} if not content["same_as"] else set())
    kept = {name: value for name, value in content.items() if name not in derived}
    kept |= {name: content[name] and content[name].code for name in ("item", "area_code")}
    return hashlib.sha256(json.dumps(kept, default=str, sort_keys=True).encode()).hexdigest()


def _repeated(actor: Actor, event_id: uuid.UUID, content_hash: str) -> Reported:
    event = Event.with_training.select_related("item", "desk").get(pk=event_id)
    if event.reporter_id != actor.user_id or event.content_hash != content_hash:
        raise DifferentContentError()
    return Reported(event, created=False)


def _event(
    actor: Actor, event_id: uuid.UUID, content: Mapping[str, Any], now: datetime
) -> tuple[Event, list[str]]:
    """The unsaved event and the flags of its place."""
    item = content["item"]
    event = Event(
        id=event_id,
        tenant=actor.district.pk,
        item=item,
        urgency=item.urgency,
        level=item.level,
        sensitive=item.sensitive,
        source=content["source"],
        training=actor.in_training,
        description=content["description"],
        address=content["address"],
        reporter=actor.user,
        reporter_confidential=content["confidential"],
        occurred_at=content["happened_at"],
        recorded_at=now,
        state="",
        flags=content["time_flags"],
        photos_missing=len(content["photos"]),
    )
    flags, codes = _place(event, actor, content)
    event.self_close_pending = content["self_close"] and any(_may_self_close(actor, code) for code in codes)
    return event, flags


def _may_self_close(actor: Actor, area_code: str) -> bool:
    """Outside of the worker's own grid the report goes its ordinary way; a desk's is judged once it is routed."""
    return actor.scope.covers("self_close_in_area", area_code) or bool(actor.scope.units("self_close_events"))


def _place(event: Event, actor: Actor, content: Mapping[str, Any]) -> tuple[list[str], set[str]]:
    """Set the event's place from the point, else from the area named; returns the flags for the desk, and the codes of
    the place then and today: a worker whose post has gone on to the new grid still reports from the own one."""
    flags = []
    today = ""
    if content["longitude"] is not None:
        raw = (content["longitude"], content["latitude"])
        event.raw_point = [*raw, content["datum"]]
        event.longitude, event.latitude = to_wgs84(content["datum"], *raw)
        day = timezone.localdate(event.occurred_at)
        place = locate(actor.district, event.longitude, event.latitude, on=day)
        today = locate(actor.district, event.longitude, event.latitude).area_code
        event.area_code, event.place_level = place.area_code, place.level
        flags += ["on_edge"] * place.on_edge + ["outside_district"] * place.outside
    elif content["area_code"]:
        event.area_code, event.place_level = content["area_code"].code, content["area_code"].level
        flags.append("no_point")
    else:
        event.area_code, event.place_level = actor.district.pk, Level.DISTRICT
        flags.append("place_unknown")
    event.reported_area_code = event.area_code
    codes = {event.area_code, today or event.area_code}
    is_own = any(actor.scope.covers("view_area_events", code) for code in codes)
    if "outside_district" not in flags and not is_own:
        flags.append("outside_own_area")
    return flags, codes


def _keep_contact(event: Event, name: str, phone: str) -> None:
    """Beside the event, not in a step: steps stay for ever, this can be erased."""
    if name or phone:
        ReporterContact.objects.create(event=event, tenant=event.tenant, name=name, phone=phone)


def _promise(event: Event, photos: list[dict], actor: Actor, post, now: datetime) -> None:
    """The manifest: the event is complete when every promised photo is here."""
    Evidence.objects.bulk_create(
        [
            Evidence(
                tenant=event.tenant,
                event=event,
                kind=photo["kind"],
                sha256=photo["sha256"],
                uploaded_by=actor.user,
                organization_id=post.organization_id if post else None,
                promised_at=now,
            )
            for photo in photos
        ]
    )
