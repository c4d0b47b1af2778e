"""The rates of a period by street, organisation, item and more; every figure opens its events, each with its reason."""

from datetime import timedelta

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_safe

from accounts.requests import PersonRequest
from accounts.scope import scope_of
from desks.keyset import page_of
from supervision import daily, rates
from supervision.board import Board, about, address
from supervision.cuts import CUTS
from supervision.figures import FIGURES
from supervision.forms import PRESETS, DayForm, RatesForm
from supervision.reasons import reason

NEWEST = ("-recorded_at", "-id")


@require_safe
def show_rates(request: PersonRequest) -> HttpResponse:
    """The totals, one family of indicators by row, and its picture. At most 10 queries."""
    form = _form(request)
    context = {"form": form, "presets": PRESETS}
    if not form.is_valid():
        return render(request, "supervision/rates.html", context, status=400)
    asked = form.cleaned_data
    rows = rates.table(
        request.user, asked["group"], asked["period"], asked["before"], filters=asked["filters"]
    )
    context |= {"asked": asked, "board": Board(request.user, asked, rows, now=timezone.now())}
    return render(request, "supervision/rates.html", context)


@require_safe
def show_events(request: PersonRequest) -> HttpResponse:
    """Exactly the events behind one figure, and why each counts. At most 10 queries."""
    form = _form(request)
    figure, key = request.GET.get("figure", ""), request.GET.get("key", "")
    if not form.is_valid() or figure not in FIGURES:
        raise Http404
    asked = form.cleaned_data
    try:
        events = rates.events_behind(
            request.user,
            asked["period"],
            figure,
            group=asked["group"],
            key=key,
            filters=asked["filters"],
        )
    except LookupError:
        raise Http404 from None
    page = page_of(events.select_related("item", "lead"), order=NEWEST, after=request.GET.get("after", ""))
    facts = rates.facts_by_event(page.rows, asked["period"])
    context = {
        "page": page,
        "rows": [(event, reason(figure, facts[event.pk])) for event in page.rows],
        "count": events.count(),
        "figure": FIGURES[figure],
        "about": about(request.user, asked, key),
        "asked": asked,
        "back": f"{reverse('supervision:rates')}?{address(asked, group=asked['group'], show=asked['show'])}",
    }
    return render(request, "supervision/events.html", context)


@require_safe
def show_daily(request: PersonRequest) -> HttpResponse:
    """What was overdue at the close of a day, yesterday's without one, by street and by organisation."""
    if not scope_of(request.user).codes(rates.PERMISSION):
        raise PermissionDenied
    now = timezone.now()
    form = DayForm(request.GET, now=now)
    if not form.is_valid():
        return render(request, "supervision/daily.html", {"form": form}, status=400)
    day = form.cleaned_data["day"] or timezone.localdate(now) - timedelta(days=1)
    tables = [(CUTS[group].title, daily.lines(request.user, group, day, now=now)) for group in daily.GROUPS]
    context = {
        "form": form,
        "day": day,
        "now": now,
        "tables": tables,
        "total": sum(line.number for line in tables[0][1]),
        "all": daily.address(day, now, daily.GROUPS[0], ""),
    }
    return render(request, "supervision/daily.html", context)


def _form(request: PersonRequest) -> RatesForm:
    if not scope_of(request.user).codes(rates.PERMISSION):
        raise PermissionDenied
    return RatesForm(request.GET, now=timezone.now())
