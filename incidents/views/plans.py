"""The district's plans (预案): what is to be done, by whom, how soon; each in every version with its dates."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.core.exceptions import PermissionDenied
from django.db.models import Count
from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from accounts.requests import PersonRequest
from accounts.scope import Scope, scope_of
from desks.clock_words import span
from desks.rules_access import may_change, may_see, may_see_plans
from events.catalogue import items_now
from events.models import Item
from grids.models import District
from incidents import timeline
from incidents.models import Plan, PlanTask

STATES = ("now", "planned", "over", "never")
"""How a version stands; that of the first is shown first. ``never``: another took its place before it began."""


@dataclass(frozen=True)
class Line:
    task: PlanTask
    text: str
    who: str
    within: str


@dataclass(frozen=True)
class Version:
    """A version with how it stands now."""

    plan: Plan
    state: str


@require_safe
def plans(request: PersonRequest) -> HttpResponse:
    """One version of each: that in force, else the one to come, else the last. One query beside the session's."""
    scope, district = _authorise(request), request.user.district
    by_code: dict[str, list[Version]] = {}
    for row in Plan.objects.filter(district=district).annotate(number=Count("tasks")):
        by_code.setdefault(row.code, []).append(_version(row, timezone.now()))
    shown = [(version, _items(district, version.plan)) for version in map(_shown, by_code.values())]
    shown.sort(key=lambda row: STATES.index(row[0].state))
    return render(
        request,
        "incidents/plans.html",
        {"plans": shown, "may_change": may_change(scope), "sees_the_rules": may_see(scope)},
    )


@require_safe
def plan(request: PersonRequest, code: str) -> HttpResponse:
    """One version, unless the URL names another that of the list. Two queries beside the session's."""
    scope, now = _authorise(request), timezone.now()
    rows = Plan.objects.filter(district=request.user.district, code=code)
    versions = [_version(row, now) for row in rows.select_related("changed_by", "ended_by")]
    wanted = request.GET.get("version", "")
    if not versions or (wanted and wanted not in {str(each.plan.version) for each in versions}):
        raise Http404
    found = next((each for each in versions if str(each.plan.version) == wanted), None) or _shown(versions)
    lines = [_line(task) for task in found.plan.tasks.select_related("responsible")]
    shown = {
        "version": found,
        "plan": found.plan,
        "items": _items(request.user.district, found.plan),
        "lines": lines,
        "versions": versions,
        "may_change": may_change(scope),
        "lasts": any(each.plan.valid_to is None for each in versions),
    }
    return render(request, "incidents/plan.html", shown)


def _authorise(request: PersonRequest) -> Scope:
    scope = scope_of(request.user)
    if not may_see_plans(scope):
        raise PermissionDenied
    return scope


def _version(plan: Plan, now: datetime) -> Version:
    if plan.never_held:
        return Version(plan, "never")
    return Version(plan, "over" if plan.is_over(now) else "now" if plan.has_begun(now) else "planned")


def _shown(versions: list[Version]) -> Version:
    """Of the versions of one plan, the last first."""
    return min(versions, key=lambda each: STATES.index(each.state))


def _line(task: PlanTask) -> Line:
    who = task.responsible.name if task.responsible else task.get_responsible_kind_display()
    return Line(task, timeline.text_of(task), who, span(timedelta(minutes=task.minutes)))


def _items(district: District, plan: Plan) -> list[Item]:
    """Those of its items that may be reported now. No query when warm."""
    return [item for item in items_now(district) if item.code in plan.items]
