"""The district's numbers: what holds now, what is planned, who changed what when."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.contrib import messages
from django.core.paginator import Page, Paginator
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods

from accounts.requests import PersonRequest
from accounts.scope import scope_of
from desks.rules_access import for_readers, may_change
from desks.settings_form import DEFAULTS, SettingsForm, in_words
from dispatch import policy
from dispatch.models import Setting
from grids.models import District

ROWS = 30


@dataclass(frozen=True)
class Change:
    row: Setting
    label: Any
    unit: Any
    was: str
    becomes: str
    is_planned: bool


@require_http_methods(["GET", "HEAD", "POST"])
@for_readers
def settings(request: PersonRequest) -> HttpResponse:
    now, district = timezone.now(), request.user.district
    stale = request.method == "POST" and request.POST.get("version") != str(district.calendar_version)
    form = SettingsForm(None if stale else request.POST or None, held=policy.of(district, at=now), now=now)
    if form.is_valid():
        rows = policy.change_settings(
            district=district,
            values=form.values,
            by=request.user,
            valid_from=form.cleaned_data["valid_from"],
            now=now,
        )
        words = ngettext("%(n)s number changed.", "%(n)s numbers changed.", len(rows)) % {"n": len(rows)}
        messages.success(request, words if rows else _("Nothing was changed: the numbers are the same."))
        return redirect("rules:settings")
    context = {
        "form": form,
        "version": district.calendar_version,
        "stale": stale,
        "may_change": may_change(scope_of(request.user)),
        "changes": _history(district, now, request.GET.get("page")),
    }
    status = 409 if stale else 400 if form.errors else 200
    return render(request, "desks/rules/settings.html", context, status=status)


def _history(district: District, now: datetime, number: str | None) -> Page:
    """The newest change first, each with what held before it. One query: a district has hundreds, not more."""
    held: dict[str, Any] = {}
    found = []
    for row in Setting.objects.filter(district=district).select_related("changed_by").order_by("id"):
        known = policy.NUMBERS.get(row.name)
        if known is None:
            continue
        was = held.get(row.name, getattr(DEFAULTS, row.name))
        held[row.name] = row.value
        found.append(
            Change(row, known.label, known.unit, in_words(was), in_words(row.value), row.valid_from > now)
        )
    return Paginator(found[::-1], ROWS).get_page(number)
