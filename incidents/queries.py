"""What pages read of an incident: always through what the reader may see of its members.

A member the reader may not see is neither shown nor counted; the log of the command is read by all who see the
incident, its messages and how many were told by those alone who command or oversee it.
"""

import uuid
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Count, IntegerField, OuterRef, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.utils.crypto import salted_hmac

from accounts.models import User
from accounts.scope import Scope, scope_of
from desks.privacy import contacts_of
from dispatch.report_form import TOLD_TO_A_DESK
from events.models import OPEN_STATES, Event, EventQuerySet, State
from incidents.effects import FLAG
from incidents.models import BELONGS, Incident, IncidentQuerySet, Membership

BEFORE_THE_OPENING = timedelta(hours=6)
"""Reports of so long before the opening are proposed too: the first of them led to it."""
PROPOSED = 12
OF_AN_INCIDENT = ("command__area", "plan", "opened_by", "closed_by")


def incident_of(user: User, incident_id: int) -> Incident | None:
    found = Incident.objects.visible_to(user).select_related(*OF_AN_INCIDENT)
    return found.filter(pk=incident_id).first()


def listed(user: User) -> IncidentQuerySet:
    """Those the person may see, each with the number of members they may see."""
    seen = Event.objects.visible_to(user)
    members = Membership.objects.filter(BELONGS, incident=OuterRef("pk"), event__in=seen)
    counted = members.order_by().values("incident").annotate(number=Count("pk")).values("number")
    return (
        Incident.objects.visible_to(user)
        .select_related("command", "plan")
        .annotate(number_of_members=Coalesce(Subquery(counted, output_field=IntegerField()), 0))
    )


def oversees(scope: Scope, incident: Incident) -> bool:
    """Commands it, decides for the district, supervises or audits its area: reads its messages and figures."""
    code = incident.command.area.code
    return (
        incident.is_commanded_by(scope)
        or incident.command_id in scope.units("view_org_events")
        or bool(scope.units("rule_district"))
        or any(scope.covers(permission, code) for permission in ("supervise_area", "audit_events"))
    )


def members_of(user: User, incident: Incident) -> QuerySet[Membership]:
    """Those the person may see, in the order they came."""
    seen = Event.objects.visible_to(user)
    rows = Membership.objects.filter(BELONGS, incident=incident, event__in=seen)
    return rows.select_related("event__item", "event__desk", "event__lead", "event__holder")


def counts_of(user: User, incident: Incident) -> Counter[str]:
    """How many members the person may see are in each state. One query."""
    rows = members_of(user, incident).select_related(None).order_by()
    return Counter(rows.values_list("event__state", flat=True))


def candidates(user: User, incident: Incident) -> EventQuerySet:
    """Open events the person may see in the command's area that are in no incident yet."""
    events = Event.objects.visible_to(user).open().within(incident.command.area.code)
    return events.exclude(flags__contains=[FLAG]).exclude(desk=None)


def proposals(user: User, incident: Incident) -> list[Event]:
    """New reports of the incident's items since about its opening: a person decides about each. One query."""
    since = incident.opened_at - BEFORE_THE_OPENING
    found = candidates(user, incident).filter(item__code__in=incident.items, recorded_at__gte=since)
    return list(found.select_related("item", "holder").order_by("-recorded_at", "-id")[:PROPOSED])


# Whom a message reaches --------------------------------------------------------------------------


@dataclass(frozen=True)
class Reached:
    """One reporter by ``key``, and the event whose step tells them; ``by_phone``: somebody must call."""

    key: str
    event_id: uuid.UUID
    by_phone: bool = False


def reporters_of(user: User, incident: Incident) -> list[Reached]:
    """Each reporter of the members once. Two queries.

    Of several events of one reporter the first tells; of one that was merged into another member that one does,
    for its steps reach the merged one's reporter anyway. Who told it to a desk has no inbox: they are called.
    """
    rows = members_of(user, incident).filter(left_at=None)
    events = [row.event for row in rows]
    contacts = contacts_of(events)
    by_id = {event.pk: event for event in events}
    carried = {
        _key(event, contacts): event.leading_id
        for event in events
        if event.state == State.MERGED and event.leading_id in by_id and not _is_told_by_phone(event)
    }
    carriers = set(carried.values())
    found: dict[str, Reached] = {}
    for event in sorted(events, key=lambda event: event.pk not in carriers):
        key = _key(event, contacts)
        if key is None or key in found:
            continue
        teller = carried.get(key, event.pk)
        found[key] = Reached(key, teller, by_phone=_is_told_by_phone(event))
    return list(found.values())


def _is_told_by_phone(event: Event) -> bool:
    return event.source in TOLD_TO_A_DESK


def _key(event: Event, contacts: dict) -> str | None:
    if _is_told_by_phone(event):
        phone = contacts[event.pk].phone if event.pk in contacts else ""
        return f"phone:{salted_hmac('incident', phone).hexdigest()}" if phone else f"event:{event.pk}"
    return f"user:{event.reporter_id}" if event.reporter_id else None


# Of an event -------------------------------------------------------------------------------------


def incident_with(user: User, event: Event) -> Incident | None:
    """The incident an event is in now, if the person may see it. No query for an event without one."""
    if FLAG not in event.flags:
        return None
    members = Membership.objects.filter(event=event, left_at=None).values("incident")
    return Incident.objects.visible_to(user).filter(pk__in=members).first()


def commanded_open(user: User) -> list[Incident]:
    """What an event can be added to by this person, the newest first."""
    scope = scope_of(user)
    mine = Incident.objects.commanded_by(scope).filter(tenant=user.district_id, state=Incident.State.OPEN)
    return list(mine[:20])


def in_their_order(counts: Counter[str]) -> list[tuple[str, int]]:
    """(state, number), open ones first, in the order of the loop."""
    ordered: Iterable[str] = (*OPEN_STATES, *(state for state in State if state not in OPEN_STATES))
    return [(state, counts[state]) for state in ordered if counts[state]]


def is_running(incident: Incident, now: datetime) -> timedelta:
    """How long it has lasted."""
    return (incident.closed_at or now) - incident.opened_at
