"""What the rates page shows of the counted rows: tiles, table, picture, and the addresses behind every figure."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from functools import cached_property
from typing import Any

from django.urls import reverse
from django.utils.http import urlencode

from accounts.models import User
from desks.places import name_of
from events.catalogue import versions
from events.models import Category, Platform, Source, Urgency
from supervision import rates
from supervision.cuts import CUTS, Cut, Words
from supervision.facts import RECURS_WITHIN_DAYS
from supervision.figures import FIGURES
from supervision.indicators import FAMILIES, Family, Indicator
from supervision.rates import Filters, Row

PICTURED_ROWS = 20
WITHIN = {
    "street": ("area", "community"),
    "community": ("area", "grid"),
    "grid": ("area", "item"),
    "item": ("item", "street"),
    "category": ("category", "item"),
    "platform": ("platform", "category"),
    "source": ("source", "street"),
    "urgency": ("urgency", "street"),
}
"""What a row's own page is narrowed to, and cut by."""


@dataclass(frozen=True)
class Number:
    """A figure and the address of its events; none where there is nothing to open."""

    code: str
    label: Words
    count: int
    url: str


@dataclass(frozen=True)
class Cell:
    """One indicator of one row: its rate, the change since the period before in percentage points, its counts."""

    indicator: Indicator
    rate: Decimal | None
    change: Decimal | None
    tone: str
    numbers: list[Number]
    apart: list[Number]


@dataclass(frozen=True)
class Head:
    """A column's title; a second click turns the order round, numbers begin with the greatest."""

    name: str
    title: Words
    next: str
    order: str


class Board:
    def __init__(self, user: User, asked: dict[str, Any], rows: list[Row], *, now: datetime):
        self.user, self.asked, self.now = user, asked, now
        self.cut = CUTS[asked["group"]]
        self.families = {
            code: family for code, family in FAMILIES.items() if any(map(self.cut.shows, family.indicators))
        }
        self.show = asked["show"] if asked["show"] in self.families else next(iter(self.families))
        self.indicators = [one for one in self.family.indicators if self.cut.shows(one)]
        names = [one.code for one in self.indicators]
        wanted = asked["sort"].lstrip("-")
        self.sort = asked["sort"] if wanted in (*names, "key") else "key"
        self.pictured = next((one for one in self.indicators if one.code == wanted), self.indicators[0])
        self.sum = rates.total(rows)
        self._places = {row.key: place for place, row in enumerate(rows)}
        self._rows = sorted(rows, key=self._order, reverse=self.sort.startswith("-"))

    @property
    def family(self) -> Family:
        return FAMILIES[self.show]

    @cached_property
    def rows(self) -> list[tuple[Row, str, list[Cell]]]:
        """Each row, the address of its own page, its cells."""
        return [(row, self._within(row), self.cells(row)) for row in self._rows]

    @cached_property
    def total(self) -> list[Cell]:
        return self.cells(self.sum)

    @property
    def is_empty(self) -> bool:
        """No event is in any of the figures shown."""
        return not any(self.sum.counts[code] for one in self.indicators for code in one.figures)

    @property
    def has_before(self) -> bool:
        """Whether any event is in a figure of the period before."""
        return any(self.sum.before.values())

    @property
    def is_provisional(self) -> bool:
        """An event closed in the period may still come back."""
        over = self.asked["period"].end + timedelta(days=RECURS_WITHIN_DAYS) <= self.now
        return not over and any(one.code == "recurrence" for one in self.indicators)

    def cells(self, row: Row) -> list[Cell]:
        return [self._cell(one, row) for one in self.indicators]

    def _cell(self, indicator: Indicator, row: Row) -> Cell:
        change = rates.change(indicator, row)
        return Cell(
            indicator,
            rates.rate(indicator, row.counts),
            change,
            tone=_tone(indicator, change),
            numbers=[self._number(code, row) for code in indicator.counts],
            apart=[self._number(code, row) for code in indicator.apart],
        )

    def _number(self, code: str, row: Row) -> Number:
        count, url = row.counts[code], ""
        if count:
            query = address(
                self.asked, group=self.asked["group"], key=row.key, figure=code, at=self.asked["period"].end
            )
            url = f"{reverse('supervision:events')}?{query}"
        return Number(code, FIGURES[code].name, count, url)

    def _within(self, row: Row) -> str:
        narrows, group = WITHIN.get(self.asked["group"], ("", ""))
        return f"?{address(self.asked, show=self.show, group=group, **{narrows: row.key})}" if narrows else ""

    def _order(self, row: Row) -> Any:
        """No data comes before every number."""
        if self.sort.lstrip("-") == "key":
            return self._places[row.key]
        rate = _value(self.pictured, row.counts)
        return (rate is not None, rate or 0, row.key)

    @cached_property
    def heads(self) -> list[Head]:
        titles: dict[str, Words] = {"key": self.cut.title}
        titles |= {one.code: one.name for one in self.indicators}
        heads = []
        for name, title in titles.items():
            first = name if name == "key" else f"-{name}"
            turned = first[1:] if first.startswith("-") else f"-{first}"
            order = {name: "ascending", f"-{name}": "descending"}.get(self.sort, "")
            heads.append(Head(name, title, turned if self.sort == first else first, order))
        return heads

    @cached_property
    def picture(self) -> dict[str, Any]:
        """The pictured indicator by row, in the order of the table, which has them all; here those with the most events."""
        one = self.pictured
        weight = one.denominator or one.numerator
        known = [row for row in self._rows if row.counts[weight]]
        most = {row.key for row in sorted(known, key=lambda row: -row.counts[weight])[:PICTURED_ROWS]}
        shown = [row for row in known if row.key in most]
        return {
            "title": str(one.name),
            "formula": str(one.formula),
            "is_rate": bool(one.denominator),
            "low_is_good": one.low_is_good,
            "names": [row.name for row in shown],
            "now": [_plain(_value(one, row.counts)) for row in shown],
            "before": [_plain(_value(one, row.before)) for row in shown],
            "counts": [[row.counts[code] for code in one.counts] for row in shown],
            "words": [str(FIGURES[code].name) for code in one.counts],
            "left_out": len(known) - len(shown),
        }

    @cached_property
    def narrowed(self) -> list[tuple[str, str]]:
        """The filters that are set, in words, and the address without each."""
        kept = {"group": self.asked["group"], "show": self.show}
        return [
            (words, f"?{address(self.asked, **kept, **{name: ''})}")
            for name, words in _in_words(self.user, self.asked["filters"])
        ]

    @property
    def choices(self) -> list[tuple[str, Words, str, list]]:
        """The filters that are chosen from short lists: name, label, chosen value, choices."""
        listed = {"platform": Platform, "source": Source, "urgency": Urgency}
        return [
            (name, CUTS[name].title, getattr(self.asked["filters"], name), values.choices)
            for name, values in listed.items()
        ]

    @property
    def kept(self) -> dict[str, str]:
        """What choosing other days leaves as it is."""
        names = ("group", "area", "item", "category")
        return {name: self.asked[name] for name in names if self.asked[name]} | {
            "show": self.show,
            "sort": self.sort,
        }

    @property
    def cuts(self) -> dict[str, Cut]:
        return CUTS


def address(asked: dict[str, Any], **more: Any) -> str:
    """The query of a page with the same period and filters; a figure's events keep the days, not 'this month'."""
    fixed = "figure" in more or not asked["preset"]
    days = {"from": asked["first"], "to": asked["last"]} if fixed else {"period": asked["preset"]}
    query = days | vars(asked["filters"]) | more
    return urlencode(
        {
            name: value.isoformat() if isinstance(value, datetime) else value
            for name, value in query.items()
            if value
        }
    )


def about(user: User, asked: dict[str, Any], key: str) -> list[str]:
    """What a figure is of, in words."""
    parts = [words for _name, words in _in_words(user, asked["filters"])]
    if key:
        parts.append(rates.name_of_row(user.district, asked["group"], key))
    return parts


def _in_words(user: User, filters: Filters) -> Iterable[tuple[str, str]]:
    if filters.area:
        yield "area", name_of(user.district, filters.area)
    if filters.item:
        known = versions(user.district).get(filters.item)
        yield "item", known[-1].name if known else filters.item
    if filters.category:
        row = Category.objects.filter(district=user.district, code=filters.category).first()
        yield "category", row.name if row else filters.category
    for name, choices in (("platform", Platform), ("source", Source), ("urgency", Urgency)):
        if value := getattr(filters, name):
            yield name, str(choices(value).label)


def _value(indicator: Indicator, counts: Counter[str]) -> Decimal | int | None:
    return rates.rate(indicator, counts) if indicator.denominator else counts[indicator.numerator]


def _tone(indicator: Indicator, change: Decimal | None) -> str:
    """Whether a change is for the better or the worse; '' for neither."""
    if not change or indicator.low_is_good is None:
        return ""
    return "better" if (change < 0) == indicator.low_is_good else "worse"


def _plain(value: Decimal | int | None) -> float | None:
    return None if value is None else float(value)
