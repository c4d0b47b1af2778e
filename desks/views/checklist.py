"""The checklist for everybody of the district: found by words and filters, as of any day; one item whole."""

from typing import Any

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from accounts.requests import PersonRequest
from accounts.scope import scope_of
from desks import checklist_page as page
from desks.checklist_form import EndForm, SwitchForm
from desks.rules_access import may_change, may_see
from dispatch.routing_rules import in_order
from events.item_sets import SETS, state_of
from events.models import Item, ItemChange

CHANGES = 100


@require_safe
def checklist(request: PersonRequest) -> HttpResponse:
    """Filters, words and day are in the URL. No query when the list is in memory."""
    district, today = request.user.district, timezone.localdate()
    on = page.day_of(request.GET.get("at", ""), today)
    items = page.in_force(district, on or today)
    groups = page.found(items, request.GET)
    shown: dict[str, Any] = {
        "groups": groups,
        "count": sum(len(group) for _category, group in groups),
        "all": len(items),
        "filters": page.filters(request.GET),
        "on": on or today,
        "today": today,
        "wrong_day": on is None,
        "may_change": may_change(scope_of(request.user)),
    }
    if shown["may_change"]:
        shown["sets"] = [
            (name, each, state_of(each, district, on=today), SwitchForm(now=timezone.now()))
            for name, each in SETS.items()
        ]
    status = 400 if on is None else 200
    return render(request, "desks/checklist/items.html", shown, status=status)


@require_safe
def item(request: PersonRequest, code: str) -> HttpResponse:
    """One version, today's unless the URL names a day, with all others. At most three queries."""
    district, today = request.user.district, timezone.localdate()
    on = page.day_of(request.GET.get("at", ""), today) or today
    version = page.version_on(district, code, on)
    if version is None:
        raise Http404
    scope = scope_of(request.user)
    lead, assistants = page.departments(version)
    changes = ItemChange.objects.filter(district=district, code=code).select_related("changed_by")
    shown = {
        "item": version,
        "on": on,
        "today": today,
        "holds": version.valid_from <= on and (version.valid_to is None or on < version.valid_to),
        "limits": page.limits(version),
        "evidence": page.evidence(version),
        "lead": lead,
        "assistants": assistants,
        "circle": page.circle(version),
        "source": page.source(version),
        "versions": page.all_versions(district, code, today),
        "history": page.told(changes[:CHANGES]),
        "sees_rules": may_see(scope),
        "may_change": may_change(scope),
        "rules": _rules(version) if may_see(scope) else [],
        "end_form": EndForm(now=timezone.now()),
    }
    return render(request, "desks/checklist/item.html", shown)


def _rules(version: Item) -> list:
    """The district's own rules that may send its events elsewhere."""
    rules = in_order(version.district, at=timezone.now())
    return [rule for rule in rules if version.code.startswith(rule.item_prefix)]
