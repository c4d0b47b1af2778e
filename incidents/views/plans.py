"""The district's plans (预案) for everybody of it: what is to be done, by whom, how soon; each in every version."""

from dataclasses import dataclass
from datetime import timedelta

from django.db.models import Count
from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from accounts.requests import PersonRequest
from desks.clock_words import span
from events.catalogue import items_now
from events.models import Item
from grids.models import District
from incidents import timeline
from incidents.models import Plan, PlanTask


@dataclass(frozen=True)
class Line:
    task: PlanTask
    text: str
    who: str
    within: str


@require_safe
def plans(request: PersonRequest) -> HttpResponse:
    """Those in force. One query beside the session's."""
    district = request.user.district
    rows = Plan.objects.filter(district=district, is_active=True).annotate(number=Count("tasks"))
    shown = [(plan, _items(district, plan)) for plan in rows]
    return render(request, "incidents/plans.html", {"plans": shown})


@require_safe
def plan(request: PersonRequest, code: str) -> HttpResponse:
    """One version, the one in force unless the URL names another. Two queries beside the session's."""
    versions = list(Plan.objects.filter(district=request.user.district, code=code))
    wanted = request.GET.get("version", "")
    found = next((row for row in versions if (str(row.version) == wanted if wanted else row.is_active)), None)
    if found is None:
        raise Http404
    lines = [_line(task) for task in found.tasks.select_related("responsible")]
    shown = {
        "plan": found,
        "items": _items(request.user.district, found),
        "lines": lines,
        "versions": versions,
    }
    return render(request, "incidents/plan.html", shown)


def _line(task: PlanTask) -> Line:
    who = task.responsible.name if task.responsible else task.get_responsible_kind_display()
    return Line(task, timeline.text_of(task), who, span(timedelta(minutes=task.minutes)))


def _items(district: District, plan: Plan) -> list[Item]:
    """Those of its items that may be reported now. No query when warm."""
    return [item for item in items_now(district) if item.code in plan.items]
