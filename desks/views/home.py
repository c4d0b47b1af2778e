"""Home, by role: what waits for me.

- A grid team has its own home, the app for the phone; a queue it names is shown as a list here.
- Desks, agencies and departments, and a team that asks for one queue, see the queues with counts and the list
  of the chosen one.
- A supervisor goes to the closure rates, who keeps the district's rules to its calendar, the security administrator to
  what waits for approval, the audit administrator to the log.

At most 10 queries, however long the lists are.
"""

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_safe

from accounts.demands import AUDIT, SECURITY
from accounts.models import Organization
from accounts.requests import PersonRequest
from accounts.scope import scope_of
from desks.rules_access import may_change
from desks.seats import post_of, seat_of
from desks.views.desk import desk


@require_safe
def home(request: PersonRequest) -> HttpResponse:
    scope = scope_of(request.user)
    named = request.GET.get("post", "")
    post = post_of(scope, named)
    if seat := seat_of(request.user, named):
        is_phone = seat.post.organization_kind == Organization.Kind.TEAM and "queue" not in request.GET
        return redirect("phone:shell") if is_phone else desk(request, scope, seat)
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
