"""Home, by role: what waits for me.

- A grid team sees the first cards of each of its queues: results to check, orders, samples, own reports, what
  is open.
- Desks, agencies and departments, and a team that asks for one queue, see the queues with counts and the list
  of the chosen one.
- A supervisor goes to the closure rates, who keeps the district's rules to its calendar.

At most 10 queries, however long the lists are.
"""

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_safe

from accounts.models import Organization
from accounts.requests import PersonRequest
from accounts.scope import Scope, scope_of
from desks.listing import RELATED, load_clocks
from desks.queue_rules import Seat
from desks.rules_access import may_change
from desks.seats import post_of, queues_for, seat_of
from desks.sections import sections_of
from desks.views.desk import desk

CARDS = 6
"""Rows of a section on the team's page; the rest is one tap away."""


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
    return render(request, "desks/home_nothing.html")


def _cards(request: PersonRequest, scope: Scope, seat: Seat) -> HttpResponse:
    # The cards of one's own reports ask for what is to rate.
    queues = [queue for queue in queues_for(scope, seat) if queue.name != "to_rate"]
    sections = sections_of(queues, seat, most=CARDS, related=RELATED)
    load_clocks([event for section in sections for event in section.events])
    return render(request, "desks/home_team.html", {"seat": seat, "sections": sections})
