"""The district centre at one look: what cannot wait, each block with its first events and the way to its queue."""

from dataclasses import dataclass

from django.core.exceptions import PermissionDenied
from django.db.models import CharField, Count, Value
from django.db.models.functions import Substr
from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from accounts.models import Organization
from accounts.requests import PersonRequest
from accounts.scope import HeldPost, scope_of
from desks.letters import visible_letters
from desks.listing import RELATED, load_clocks, wanted_fragment
from desks.places import name_of
from desks.queue_rules import Seat
from desks.queues import Queue, counts_of, queues_of
from events.models import Event

BLOCKS = ("critical", "to_name", "transfers", "holds", "holds_to_review", "come_up")
ROWS = 5
STREET = 9
"""Digits of a street's code."""


@dataclass(frozen=True)
class Block:
    queue: Queue
    count: int
    events: list[Event]


@require_safe
def centre(request: PersonRequest) -> HttpResponse:
    """For whoever decides for the district. At most 10 queries, however much waits."""
    seat = Seat(request.user, _post(request), timezone.now())
    queues = [queue for queue in queues_of(seat.post) if queue.name in (*BLOCKS, "overdue")]
    counts = counts_of(queues, seat)
    named = {queue.name: queue for queue in queues}
    events = _first_events([named[name] for name in BLOCKS if counts[name]], seat)
    letters = visible_letters(request.user).filter(answer="")
    shown = {
        "seat": seat,
        "blocks": [Block(named[name], counts[name], events.get(name, [])) for name in BLOCKS],
        "waiting": letters.count(),
        "letters": letters.order_by("letter__answer_by", "letter__year", "letter__serial")[:ROWS],
        "overdue": counts["overdue"],
        "streets": _overdue_by_street(named["overdue"], seat),
    }
    template = "_centre" if wanted_fragment(request) == "centre" else "centre"
    return render(request, f"desks/{template}.html", shown)


def _post(request: PersonRequest) -> HeldPost:
    scope = scope_of(request.user)
    units = scope.units("rule_district")
    for post in scope.posts:
        if post.organization_id in units and post.organization_kind == Organization.Kind.CENTRE:
            return post
    raise PermissionDenied


def _first_events(queues: list[Queue], seat: Seat) -> dict[str, list[Event]]:
    """Of each queue its first events, by due. Three queries together; none without a queue."""
    if not queues:
        return {}
    keys = [
        queue.events(seat).annotate(block=Value(queue.name, CharField())).values_list("block", "pk")[:ROWS]
        for queue in queues
    ]
    pairs = list(keys[0].union(*keys[1:], all=True) if len(keys) > 1 else keys[0])
    rows = Event.objects.visible_to(seat.user).filter(pk__in={pk for _block, pk in pairs})
    events = {event.pk: event for event in rows.select_related(*RELATED)}
    load_clocks(events.values())
    found: dict[str, list[Event]] = {}
    for block, pk in pairs:
        if pk in events:
            found.setdefault(block, []).append(events[pk])
    return {block: sorted(rows, key=lambda event: (event.due, event.pk)) for block, rows in found.items()}


def _overdue_by_street(queue: Queue, seat: Seat) -> list[tuple[str, str, int]]:
    """(code, name, how many) of the streets with something overdue, in code order: it ranks nobody."""
    rows = (
        queue.events(seat)
        .order_by()
        .annotate(street=Substr("area_code", 1, STREET))
        .values_list("street")
        .annotate(number=Count("pk"))
        .order_by("street")
    )
    return [(code, name_of(seat.user.district, code), number) for code, number in rows]
