"""Home, by role: what waits for me.

- A grid team sees the first cards of each of its queues: results to check, orders, samples, own reports, what
  is open.
- Desks, agencies and departments, and a team that asks for one queue, see the queues with counts and the list
  of the chosen one.
- A supervisor goes to the closure rates, who keeps the district's rules to its calendar, the security administrator to
  what waits for approval, the audit administrator to the log.

At most 10 queries, however long the lists are.
"""

from dataclasses import dataclass

from django.db.models import OuterRef, QuerySet, Subquery
from django.db.models.fields.json import KT
from django.db.models.functions import Coalesce
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_safe

from accounts.demands import AUDIT, SECURITY
from accounts.models import Organization
from accounts.requests import PersonRequest
from accounts.scope import Scope, scope_of
from desks.listing import RELATED, load_clocks
from desks.queue_rules import Seat
from desks.queues import Queue, counts_of
from desks.rules_access import may_change
from desks.seats import post_of, queues_for, seat_of
from desks.views.desk import desk
from events.models import Event, StepText

CARDS = 6
"""Rows of a section on the team's page; the rest is one tap away."""
ANSWERS = ("reject", "feed_back", "self_close")
"""The verbs whose text tells the reporter what became of it."""


@dataclass(frozen=True)
class Section:
    """A queue on the team's page; ``count`` is None where the number grows for ever."""

    queue: Queue
    count: int | None
    events: list[Event]


@require_safe
def home(request: PersonRequest) -> HttpResponse:
    scope = scope_of(request.user)
    named = request.GET.get("post", "")
    post = post_of(scope, named)
    if seat := seat_of(request.user, named):
        is_cards = seat.post.organization_kind == Organization.Kind.TEAM and "queue" not in request.GET
        return _cards(request, scope, seat) if is_cards else desk(request, scope, seat)
    if post and scope.codes("supervise_area"):
        return redirect("supervision:rates")
    if post and scope.codes("view_area_events"):
        return redirect("desks:events")
    if may_change(scope):
        return redirect("rules:calendar")
    if scope.holds(SECURITY):
        return redirect("exports:approvals")
    if scope.holds(AUDIT):
        return redirect("accounts:audit_log")
    return render(request, "desks/home_nothing.html")


def _cards(request: PersonRequest, scope: Scope, seat: Seat) -> HttpResponse:
    queues = queues_for(scope, seat)
    counts = counts_of(queues, seat)
    sections = [
        Section(queue, counts.get(queue.name), _first(queue, seat) if counts.get(queue.name, 1) else [])
        for queue in queues
        if queue.name != "to_rate"  # The cards of one's own reports ask for it.
    ]
    load_clocks([event for section in sections for event in section.events])
    return render(request, "desks/home_team.html", {"seat": seat, "sections": sections})


def _first(queue: Queue, seat: Seat) -> list[Event]:
    events: QuerySet[Event] = queue.events(seat).select_related(*RELATED)
    return list((_with_answers(events) if queue.name == "mine" else events)[:CARDS])


def _with_answers(events: QuerySet[Event]) -> QuerySet[Event]:
    """The last words to the reporter as ``answer``."""
    texts = StepText.objects.filter(step__event=OuterRef("pk"), step__verb__in=ANSWERS)
    words = texts.order_by("-step__sequence").values(
        words=Coalesce(KT("content__answer"), KT("content__result"))
    )
    return events.annotate(answer=Subquery(words[:1]))
