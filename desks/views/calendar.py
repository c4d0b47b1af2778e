"""The calendar: a year at a glance, and a change that first tells which open deadlines it would move."""

from datetime import date, datetime
from itertools import groupby
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from accounts.requests import PersonRequest
from accounts.scope import scope_of
from desks.calendar_form import CalendarForm
from desks.calendar_page import KINDS, year_of
from desks.rules_access import for_readers, may_change
from dispatch.actions import load_calendar
from dispatch.calendar import Move, change_calendar, days_of, runs_out, would_move
from dispatch.clocks import calendar_of
from dispatch.models import CalendarChange, CalendarDay
from grids.models import District

ROWS = 30
EVENTS = 50


@require_http_methods(["GET", "HEAD", "POST"])
@for_readers
def calendar(request: PersonRequest) -> HttpResponse:
    """The year; a POST extends the calendar by the year after its last."""
    now, district = timezone.now(), request.user.district
    known = _known(district)
    if request.method == "POST":
        year = known[1].year + 1
        load_calendar(district=district, years=range(year, year + 1), now=now, by=request.user)
        messages.success(request, _("The calendar now reaches to the end of %(year)s.") % {"year": year})
        return redirect(f"{reverse('rules:calendar')}?year={year}")
    today = timezone.localdate(now)
    asked = request.GET.get("year", "")
    year = int(asked) if asked.isdecimal() and len(asked) < 5 else today.year
    changes = CalendarChange.objects.filter(district=district).select_related("changed_by")
    context = {
        "year": year_of(district, calendar_of(district), min(max(year, known[0].year), known[1].year), today),
        "years": range(known[0].year, known[1].year + 1),
        "kinds": KINDS,
        "known": known,
        "runs_out": runs_out(district, today),
        "may_change": may_change(scope_of(request.user)),
        "form": CalendarForm(known=known),
        "history": Paginator(changes, ROWS).get_page(request.GET.get("page")),
    }
    return render(request, "desks/rules/calendar.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@for_readers
def calendar_change(request: PersonRequest) -> HttpResponse:
    """What a change would move; a POST makes it. The days are in the URL, so is the page of the events."""
    now, district = timezone.now(), request.user.district
    if not may_change(scope_of(request.user)):
        raise PermissionDenied
    form = CalendarForm(request.GET, known=_known(district))
    if not form.is_valid():
        return render(request, "desks/rules/calendar_change.html", {"form": form}, status=400)
    given = form.cleaned_data
    stale = False
    if request.method == "POST":
        stale = request.POST.get("version") != str(district.calendar_version)
        if not stale and request.POST.get("open") in ("move", "keep"):
            return _make(request, district, given, now)
    moves = would_move(district, days_of(given["kind"], given["first"], given["last"]))
    by_event = [(event, list(found)) for event, found in groupby(moves, key=lambda move: move.clock.event)]
    context = {
        "form": form,
        "given": given,
        "kind": CalendarChange.Kind(given["kind"]).label,
        "events": Paginator(by_event, EVENTS).get_page(request.GET.get("page")),
        "counts": {"events": len(by_event), "deadlines": len(moves)},
        "later": _later(moves),
        "version": district.calendar_version,
        "stale": stale,
    }
    return render(request, "desks/rules/calendar_change.html", context, status=409 if stale else 200)


def _make(request: PersonRequest, district: District, given: dict[str, Any], now: datetime) -> HttpResponse:
    change = change_calendar(
        district=district,
        kind=given["kind"],
        first=given["first"],
        last=given["last"],
        name=given["name"],
        moves_open=request.POST["open"] == "move",
        by=request.user,
        now=now,
    )
    messages.success(
        request,
        _("The calendar is changed; the open deadlines are being counted again.")
        if change.moves_open
        else _("The calendar is changed; open deadlines stay as they were."),
    )
    return redirect(f"{reverse('rules:calendar')}?year={change.first.year}")


def _later(moves: list[Move]) -> int:
    """How many deadlines would come later; the others earlier."""
    return sum(move.becomes > move.clock.due for move in moves)


def _known(district: District) -> tuple[date, date]:
    """The first and the last day the calendar speaks for."""
    first = (
        CalendarDay.objects.filter(district=district).order_by("date").values_list("date", flat=True).first()
    )
    last = calendar_of(district).last_date
    return (first or last).replace(month=1, day=1), last
