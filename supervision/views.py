"""Closure and on-time closure by street, community, item or platform; every figure opens its events."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import reduce
from operator import add
from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from accounts.models import User
from accounts.requests import PersonRequest
from accounts.scope import scope_of
from desks.keyset import page_of
from desks.places import name_of
from supervision import rates
from supervision.forms import PRESETS, ClosureForm
from supervision.rates import Counts, Row

FIGURES = {
    "closed_on_time": _("Closed on time"),
    "closed_late": _("Closed late"),
    "overdue_open": _("Overdue and open"),
    "closed": _("Closed"),
    "should_close": _("Should be closed"),
}
COLUMNS = ["should_close", "closed_on_time", "closed_late", "overdue_open"]
RATES = {"closure_rate": _("Closure rate"), "on_time_rate": _("On-time closure rate")}
CHART_ROWS = 20
NEWEST = ("-recorded_at", "-id")


@require_safe
def closure(request: PersonRequest) -> HttpResponse:
    """The table, its picture and its totals. At most 10 queries."""
    form = _form(request)
    if not form.is_valid():
        return render(request, "supervision/closure.html", {"form": form, "presets": PRESETS}, status=400)
    asked = form.cleaned_data
    group = asked["group"] or "street"
    sort = asked["sort"] or ("key" if group == "street" else "-should_close")
    rows = rates.closure(request.user, group, asked["period"], area=asked["area"])
    rows = sorted(rows, key=_key(sort), reverse=sort.startswith("-"))
    total = reduce(add, (row.counts for row in rows), Counts())
    cells = _Cells(asked, group)
    context = {
        "form": form,
        "presets": PRESETS,
        "asked": asked,
        "group": group,
        "group_title": rates.GROUPS[group].title,
        "groups": {code: cut.title for code, cut in rates.GROUPS.items()},
        "area_name": name_of(request.user.district, asked["area"]) if asked["area"] else "",
        "sorts": _sorts(rates.GROUPS[group].title, sort),
        "rates": RATES,
        "kept": {name: asked[name] for name in ("group", "area", "sort") if asked[name]},
        "rows": [(row, cells.of(row.counts, row.key), cells.within(row)) for row in rows],
        "total": total,
        "total_cells": cells.of(total),
        "chart": _chart(rows),
    }
    return render(request, "supervision/closure.html", context)


@require_safe
def closure_events(request: PersonRequest) -> HttpResponse:
    """Exactly the events behind one figure. At most 10 queries."""
    form = _form(request)
    figure, key = request.GET.get("figure", ""), request.GET.get("key", "")
    if not form.is_valid() or figure not in FIGURES:
        raise Http404
    asked = form.cleaned_data
    events = rates.events_behind(
        request.user,
        asked["period"],
        figure,
        group=(asked["group"] or "street") if key else "",
        key=key,
        area=asked["area"],
    )
    page = page_of(events.select_related("item", "holder"), order=NEWEST, after=request.GET.get("after", ""))
    context = {
        "page": page,
        "count": events.count(),
        "figure": FIGURES[figure],
        "about": _about(request.user, asked, key),
        "asked": asked,
        "back": f"{reverse('supervision:closure')}?{_query(asked, group=asked['group'])}",
    }
    return render(request, "supervision/closure_events.html", context)


def _form(request: PersonRequest) -> ClosureForm:
    if not scope_of(request.user).codes(rates.PERMISSION):
        raise PermissionDenied
    return ClosureForm(request.GET, now=timezone.now())


def _key(sort: str) -> Callable[[Row], Any]:
    """No data comes before every number."""
    name = sort.lstrip("-")
    if name in COLUMNS or name in RATES:
        return lambda row: (getattr(row.counts, name) is not None, getattr(row.counts, name) or 0)
    return lambda row: row.key


def _sorts(title: Any, sort: str) -> list[dict]:
    """The head of the table: a second click turns the order round; numbers begin with the greatest."""
    titles = {"key": title} | {name: FIGURES[name] for name in COLUMNS} | RATES
    first = {name: name if name == "key" else f"-{name}" for name in titles}
    return [
        {
            "title": label,
            "next": first[name] if sort != first[name] else _turned(first[name]),
            "order": {name: "ascending", f"-{name}": "descending"}.get(sort, ""),
            "name": name,
        }
        for name, label in titles.items()
    ]


def _turned(sort: str) -> str:
    return sort[1:] if sort.startswith("-") else f"-{sort}"


@dataclass(frozen=True)
class Cell:
    name: str
    label: Any
    count: int
    url: str


class _Cells:
    """The links of the page: each keeps the filters and the instant the figures were counted at."""

    def __init__(self, asked: dict, group: str):
        self.asked, self.group = asked, group

    def of(self, counts: Counts, key: str = "") -> list[Cell]:
        """The figures in the order of the columns, each with the address of its events."""
        path = reverse("supervision:closure_events")
        more = {"group": self.group, "at": self.asked["period"].end.isoformat(), "key": key}
        return [
            Cell(
                name,
                FIGURES[name],
                getattr(counts, name),
                f"{path}?{_query(self.asked, figure=name, **more)}",
            )
            for name in COLUMNS
        ]

    def within(self, row: Row) -> str:
        """A street's own items."""
        if self.group not in ("street", "community"):
            return ""
        return f"?{_query(self.asked | {'area': row.key}, group='item')}"


def _query(asked: dict, **more: Any) -> str:
    days = {"period": asked["preset"]} if asked["preset"] and "figure" not in more else {}
    days = days or {"from": asked["first"], "to": asked["last"]}
    query = days | {"area": asked["area"]} | more
    return urlencode({name: value for name, value in query.items() if value})


def _chart(rows: list[Row]) -> dict[str, Any]:
    """The rows with the most to close, the largest first; the table has them all."""
    shown = [row for row in rows if row.counts.should_close]
    shown = sorted(shown, key=lambda row: -row.counts.should_close)[:CHART_ROWS]
    return {
        "names": [row.name for row in shown],
        "closed_on_time": [row.counts.closed_on_time for row in shown],
        "closed_late": [row.counts.closed_late for row in shown],
        "overdue_open": [row.counts.overdue_open for row in shown],
        "rates": [str(row.counts.on_time_rate) for row in shown],
        "words": {name: str(label) for name, label in (FIGURES | RATES).items()},
        "left_out": max(0, sum(bool(row.counts.should_close) for row in rows) - CHART_ROWS),
    }


def _about(user: User, asked: dict, key: str) -> list[str]:
    """What the figure is of, in words."""
    parts = [name_of(user.district, asked["area"])] if asked["area"] else []
    if key:
        group = rates.GROUPS[asked["group"] or "street"]
        parts.append(group.names(user.district).get(key) or f"{group.unknown} ({key})")
    return parts
