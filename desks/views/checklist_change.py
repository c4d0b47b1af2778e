"""The keeper of the rules changes the checklist: another version from a day on, an end, a set switched on or off.

A change by hand is a list of one row (``imports``): the same checks, the same difference to be confirmed.
"""

from datetime import date, timedelta
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from accounts.requests import PersonRequest
from accounts.scope import scope_of
from desks import checklist_page as page
from desks.checklist_form import EndForm, FromForm, ItemForm, SwitchForm
from desks.rules_access import may_change
from events.item_sets import SETS, BackwardsError, switch_off, switch_on
from events.versions import AlreadyJudgedError, content_of, retire_items
from grid_platform.sheets.reading import Row
from imports.actions import DataChangedError, apply
from imports.difference import Asked, Preview, compare
from imports.kinds import KINDS


@require_http_methods(["GET", "HEAD", "POST"])
def change(request: PersonRequest, code: str) -> HttpResponse:
    """Another version of an item, or a new item; the first POST shows the difference, the second makes it."""
    _authorise(request)
    now, district = timezone.now(), request.user.district
    known = page.version_on(district, code, timezone.localdate(now)) if code else None
    if code and known is None:
        raise Http404
    held = content_of(known) | {"code": code} if known else None
    form, when = ItemForm(request.POST or None, held), FromForm(request.POST or None, now=now)
    shown: dict[str, Any] = {"form": form, "when": when, "item": known}
    if when.is_valid() and not form.problems:
        found = _preview(request, form, when.cleaned_data["from_day"])
        seen = request.POST.get("seen", "")
        if found.problems:
            form.add(found.problems)
            shown["refusals"] = [problem for problem in found.problems if problem.column not in form.cells]
        elif found.changes_nothing:
            messages.info(request, _("Nothing was changed: the item is so already."))
            return redirect("checklist:item", form.values["code"])
        else:
            try:
                if seen:
                    apply(found, seen=seen, request=request)
                    messages.success(request, _("The new version is saved."))
                    return redirect("checklist:item", form.values["code"])
            except DataChangedError as error:
                shown["refusal"] = error
            shown |= {"found": found, "lines": _lines(found)}
    status = 200 if request.method != "POST" or "found" in shown else 400
    return render(request, "desks/checklist/change.html", shown, status=status)


@require_POST
def retire(request: PersonRequest, code: str) -> HttpResponse:
    """The item holds no more from a day on."""
    _authorise(request)
    now, district = timezone.now(), request.user.district
    if page.version_on(district, code, timezone.localdate(now)) is None:
        raise Http404
    form = EndForm(request.POST, now=now)
    if not form.is_valid():
        messages.error(request, _("Nothing was changed. Choose a day and tick the box."))
        return redirect("checklist:item", code)
    day: date = form.cleaned_data["end_day"]
    try:
        ended = retire_items(district=district, codes=[code], from_day=day, by=request.user, now=now)
    except AlreadyJudgedError as error:
        messages.error(request, str(error))
    else:
        messages.success(request, _("The item is retired.") if ended else _("It holds no more already."))
    return redirect("checklist:item", code)


@require_POST
def switch(request: PersonRequest, name: str) -> HttpResponse:
    """Switch a set on for some days, or off from tomorrow on."""
    _authorise(request)
    if name not in SETS:
        raise Http404
    now, district, chosen = timezone.now(), request.user.district, SETS[name]
    who: dict[str, Any] = {"chosen": chosen, "district": district, "by": request.user, "now": now}
    form = SwitchForm(request.POST, now=now)
    try:
        if request.POST.get("act") == "off":
            tomorrow = timezone.localdate(now) + timedelta(days=1)
            switch_off(from_day=tomorrow, **who)
            messages.success(request, _("The set is off from tomorrow on."))
        elif form.is_valid():
            switch_on(first=form.cleaned_data["first"], last=form.cleaned_data["last"], **who)
            messages.success(request, _("The set is switched on for these days."))
        else:
            messages.error(request, _("Nothing was changed. Give the first and the last day."))
    except (AlreadyJudgedError, BackwardsError) as error:
        messages.error(request, str(error))
    return redirect("checklist:items")


def _preview(request: PersonRequest, form: ItemForm, from_day: date) -> Preview:
    asked = Asked(request.user.district, request.user, timezone.now(), from_day)
    return compare(KINDS["items"], [Row(1, form.values)], asked)


def _lines(found: Preview) -> list:
    change = found.changes[0]
    fields = change.fields or {name: (None, value) for name, value in change.values.items()}
    return page.lines_of(fields)


def _authorise(request: PersonRequest) -> None:
    if not may_change(scope_of(request.user)):
        raise PermissionDenied
