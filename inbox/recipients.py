"""The people behind each recipient's code: an organisation by its part in the event, and whose work it is there.

What is read: the event as it stands when its step is told, and what ``Surroundings`` brings for a whole batch
of steps in a bounded number of statements.
"""

import uuid
from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cached_property

from django.db.models import Q

from accounts.models import Organization
from accounts.scope import Scope
from dispatch.recipients import Recipient
from events.models import Event, Level, Step

UNMANNED = "unmanned"
"""The kind of notice that says that nobody is at the organisation which has an event in hand."""

PERSONAL = (Recipient.REPORTER, Recipient.WATCHERS)
ANYBODY = ""


@dataclass(frozen=True)
class Told:
    """A step, its event as it stands now, and what belongs to both."""

    step: Step
    event: Event
    around: "Surroundings"


Units = Callable[[Told], Iterable[int | None]]


@dataclass(frozen=True)
class Kind:
    """``permission`` of the organisation's people who are told; ANYBODY: everybody with a post there."""

    permission: str
    units: Units


def _desk(told: Told) -> Iterable[int | None]:
    return [told.event.desk_id]


def _lead(told: Told) -> Iterable[int | None]:
    return [told.event.lead_id]


def _assistants(told: Told) -> Iterable[int | None]:
    return [unit for unit in told.event.participants if unit != told.event.lead_id]


def _checkers(told: Told) -> Iterable[int | None]:
    """Nobody for what is never checked on the doorstep."""
    event = told.event
    if event.place_level != Level.GRID or event.sensitive or event.item.desk_checked:
        return []
    return [told.around.teams.get((event.tenant, event.area_code))]


KINDS: dict[str, Kind] = {
    Recipient.HOLDER: Kind("view_org_events", lambda told: [told.event.holder_id]),
    Recipient.DESK: Kind("view_org_events", _desk),
    Recipient.ACCEPTORS: Kind("accept_events", _desk),
    Recipient.DISPATCHERS: Kind("dispatch_events", _desk),
    Recipient.VERIFIERS: Kind("verify_events", _desk),
    Recipient.FORMER_DESK: Kind("view_org_events", lambda told: [told.around.former_desk(told.step)]),
    Recipient.ASKED_DESK: Kind("accept_events", lambda told: [told.event.transfer_to_id]),
    Recipient.LEAD: Kind("handle_events", _lead),
    Recipient.HEAD: Kind("head_org", _lead),
    Recipient.ASSISTANTS: Kind("handle_events", _assistants),
    Recipient.CHECKERS: Kind("view_org_events", _checkers),
    Recipient.SAMPLER: Kind("confirm_samples", lambda told: [told.event.sampler_id]),
    Recipient.CENTRE: Kind("rule_district", lambda told: [told.around.centres.get(told.event.tenant)]),
    Recipient.SUPERVISORS: Kind(ANYBODY, lambda told: [told.around.supervisors.get(told.event.pk)]),
    UNMANNED: Kind("dispatch_events", lambda told: []),
}


def kinds_for(scope: Scope, unit: int) -> list[str]:
    """The kinds of notices to an organisation that are this person's to read."""
    return [
        code
        for code, kind in KINDS.items()
        if kind.permission == ANYBODY or unit in scope.units(kind.permission)
    ]


class Surroundings:
    """What some steps and their events need beside themselves; each part is one statement, read when asked for."""

    def __init__(self, steps: Iterable[Step], events: Iterable[Event]):
        self._steps, self._events = list(steps), list(events)

    @cached_property
    def _units(self) -> list[tuple[int, str, str, str, str]]:
        """(key, district, kind, code, code of the area): the centres, the teams of the places, the desks named."""
        wanted = Q(kind=Organization.Kind.CENTRE)
        wanted |= Q(kind=Organization.Kind.TEAM, area__code__in={event.area_code for event in self._events})
        wanted |= Q(code__in={_former(step) for step in self._steps} - {""})
        rows = Organization.objects.active().filter(
            wanted, district__in={event.tenant for event in self._events}
        )
        return list(rows.values_list("pk", "district_id", "kind", "code", "area__code"))

    @cached_property
    def teams(self) -> dict[tuple[str, str], int]:
        return {
            (district, area): pk
            for pk, district, kind, _code, area in self._units
            if kind == Organization.Kind.TEAM
        }

    @cached_property
    def centres(self) -> dict[str, int]:
        return {
            district: pk
            for pk, district, kind, _code, _area in self._units
            if kind == Organization.Kind.CENTRE
        }

    @cached_property
    def _by_code(self) -> dict[tuple[str, str], int]:
        return {(district, code): pk for pk, district, _kind, code, _area in self._units}

    def former_desk(self, step: Step) -> int | None:
        return self._by_code.get((step.tenant, _former(step)))

    @cached_property
    def supervisors(self) -> dict[uuid.UUID, int]:
        """Of each event the organisation that supervised it last."""
        rows = Step.objects.filter(event__in=self._events, verb="supervise").exclude(organization=None)
        return dict(rows.order_by("event_id", "sequence").values_list("event_id", "organization_id"))

    @cached_property
    def watchers(self) -> dict[uuid.UUID, list[tuple[uuid.UUID, int]]]:
        """Of each event those merged into it, directly or through another: (event, reporter)."""
        found: defaultdict[uuid.UUID, list[tuple[uuid.UUID, int]]] = defaultdict(list)
        roots = {event.pk: {event.pk} for event in self._events}
        seen: set[uuid.UUID] = set()
        while roots.keys() - seen:
            below = Event.objects.filter(leading__in=roots.keys() - seen)
            seen |= roots.keys()
            for pk, reporter, leading in list(below.values_list("pk", "reporter_id", "leading_id")):
                roots[pk] = roots.get(pk, set()) | roots[leading]
                if reporter:
                    for root in roots[leading]:
                        found[root].append((pk, reporter))
        return found


def _former(step: Step) -> str:
    """The first of two desks named in a step that changed the desk."""
    named = step.params.get("desk")
    return named[0] if isinstance(named, list) else ""
