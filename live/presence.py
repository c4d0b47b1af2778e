"""Who else looks at or works on an event right now: kept in Valkey for ``KEPT_SECONDS``, nothing but ids.

Of people of the reader's own organisations the name is told; of others their organisation, if it takes part in the
event; of anybody else nothing. Rows of a list tell only that a colleague is there. A reporter who asked that their
name be kept is never told. Without Valkey nobody is there, and after a failure it is not asked for ``REST_SECONDS``,
so a page waits for it seldom and shortly.
"""

import json
import logging
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import redis

from accounts.models import Organization, User
from accounts.scope import Scope
from events.models import Event
from events.sight import Facts
from grid_platform.live_messages import client, publish

log = logging.getLogger(__name__)

KEPT_SECONDS = 45
REST_SECONDS = 30
MOST_SHOWN = 8
_rests_until = 0.0


@dataclass(frozen=True)
class Present:
    """``name``: of a person, or of an organisation when ``is_unit``."""

    name: str
    is_unit: bool
    works: bool


def look(event: Event, user: User, scope: Scope, *, works: bool = False, leaves: bool = False) -> None:
    """Note that the person looks at the event, works on it, or leaves; those it concerns are hinted at a change."""
    if event.reporter_confidential and event.reporter_id == user.pk:
        return
    entry = {"units": sorted(scope.own_organizations), "works": works, "at": int(time.time())}
    with _asked() as valkey:
        if valkey is None:
            return
        before = valkey.hget(_key(event.pk), str(user.pk))
        if leaves:
            valkey.hdel(_key(event.pk), str(user.pk))
        else:
            with valkey.pipeline(transaction=False) as pipeline:
                pipeline.hset(_key(event.pk), str(user.pk), json.dumps(entry))
                pipeline.expire(_key(event.pk), KEPT_SECONDS)
                pipeline.execute()
        was = json.loads(before) if before else None
        there = was is not None and was["at"] > time.time() - KEPT_SECONDS
        if there == leaves or (was and was["works"] != works):
            told = {"id": str(event.pk), "by": user.pk, "before": None, "after": Facts.of(event).told()}
            publish(told | {"presence": True})


def others(event: Event, user: User, scope: Scope) -> list[Present]:
    """Who is there besides the reader, as far as the reader may know; those at work first. Two queries."""
    recent: dict[int, dict] = {}
    with _asked() as valkey:
        if valkey is not None:
            recent = _recent(valkey.hgetall(_key(event.pk)), user)
    if not recent:
        return []
    colleagues = {key for key, each in recent.items() if scope.own_organizations & set(each["units"])}
    names = dict(User.objects.filter(pk__in=colleagues).values_list("pk", "display_name"))
    shown = {Present(names[key], False, recent[key]["works"]) for key in colleagues if key in names}
    at_work: dict[int, bool] = {}
    for key in recent.keys() - colleagues:
        for unit in set(recent[key]["units"]) & taking_part(Facts.of(event)):
            at_work[unit] = at_work.get(unit, False) or recent[key]["works"]
    if at_work:
        units = Organization.objects.filter(pk__in=at_work)
        shown |= {Present(unit.name, True, at_work[unit.pk]) for unit in units}
    return sorted(shown, key=lambda each: (not each.works, each.is_unit, each.name))[:MOST_SHOWN]


def colleagues_at(events: Sequence[UUID], user: User, scope: Scope) -> dict[UUID, bool]:
    """The events where somebody else of the reader's own organisations is, and whether one works on it.

    Nobody is named. One round trip to Valkey however many events, and no query."""
    found: list[Mapping[Any, Any]] = []
    with _asked() as valkey:
        if valkey is not None and events:
            with valkey.pipeline(transaction=False) as pipeline:
                for event_id in events:
                    pipeline.hgetall(_key(event_id))
                found = pipeline.execute()
    there: dict[UUID, bool] = {}
    for event_id, entries in zip(events, found, strict=False):  # Nothing is found without Valkey.
        for each in _recent(entries, user).values():
            if scope.own_organizations & set(each["units"]):
                there[event_id] = there.get(event_id, False) or each["works"]
    return there


def taking_part(facts: Facts) -> set[int]:
    """The organisations that decide about the event, are asked about it or work on it."""
    units = {facts.desk, facts.holder, facts.transfer_to, *facts.participants}
    return {unit for unit in units if unit is not None}


def _recent(found: Mapping[Any, Any], user: User) -> dict[int, dict]:
    """What was noted of others within ``KEPT_SECONDS``, by person."""
    entries = {int(key): json.loads(entry) for key, entry in found.items()}
    since = time.time() - KEPT_SECONDS
    return {key: each for key, each in entries.items() if key != user.pk and each["at"] > since}


def _key(event_id: UUID) -> str:
    return f"grid.presence.{event_id}"


class _asked:
    """Valkey, or None while it rests; what goes wrong with it ends the block quietly."""

    def __enter__(self) -> "redis.Redis | None":
        return None if time.monotonic() < _rests_until else client()

    def __exit__(self, kind: type | None, error: BaseException | None, _trace: object) -> bool:
        global _rests_until
        if not isinstance(error, redis.RedisError | OSError):
            return False
        _rests_until = time.monotonic() + REST_SECONDS
        log.info("no presence: %s", error)
        return True
