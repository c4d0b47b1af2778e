"""Counts the figures of the field rules, section 7, from events, steps and clocks: the oracle of every rate.

An event counts once, by what is known of it now (``supervision.facts``). A figure takes the events whose own
instant lies in the period [start, end), one that is still running ends now; what is overdue and undone is a stock at
its end. Stocks add over areas and items, never over periods. Rates are made of added counts, never averaged.

Merged reports, and those that became void before they were filed, are in no figure. Sensitive events are left out
for everybody: whoever supervises may not read them, and a figure must equal the list behind it.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from functools import reduce
from operator import or_
from typing import Any

from django.db import connection
from django.db.models import Q, QuerySet
from django.db.models.expressions import RawSQL

from accounts.models import User
from accounts.scope import scope_of
from dispatch.workflow import VERBS
from events.models import Event, State, Step
from grids.models import District, after_prefix
from supervision.cuts import CUTS, NOBODY, Cut
from supervision.facts import Period, facts_of
from supervision.figures import FIGURES, condition
from supervision.indicators import INDICATORS, Indicator

PERMISSION = "supervise_area"
ROWS_WITHOUT_EVENTS = ("street",)
"""Cuts that show every row one supervises; elsewhere a row needs an event."""


@dataclass(frozen=True)
class Filters:
    """What the events are narrowed to, by code; empty is every."""

    area: str = ""
    item: str = ""
    category: str = ""
    platform: str = ""
    source: str = ""
    urgency: str = ""

    def narrow(self, events: QuerySet[Event]) -> QuerySet[Event]:
        named = {
            "item__code": self.item,
            "item__category__code": self.category,
            "item__category__platform": self.platform,
            "source": self.source,
            "urgency": self.urgency,
        }
        events = events.filter(**{name: value for name, value in named.items() if value})
        return (
            events.filter(area_code__gte=self.area, area_code__lt=after_prefix(self.area))
            if self.area
            else events
        )


EVERY = Filters()
NOT_ACCEPTED = {State.REJECTED, State.VOID}
LATE_STEPS = ["rate", *(code for code, verb in VERBS.items() if not NOT_ACCEPTED.isdisjoint(verb.target))]
"""Steps that keep an event without an instant of closing, or closed before, in the figures of their period."""


@dataclass(frozen=True)
class Row:
    """``counts`` by figure; ``before`` of the period before."""

    key: str
    name: str
    counts: Counter[str]
    before: Counter[str]


def supervised(user: User, filters: Filters = EVERY) -> QuerySet[Event]:
    """The events this person supervises, narrowed."""
    codes = scope_of(user).codes(PERMISSION)
    if not codes:
        return Event.objects.none()
    places = reduce(or_, (Q(area_code__gte=code, area_code__lt=after_prefix(code)) for code in sorted(codes)))
    return filters.narrow(Event.objects.visible_to(user).filter(places, sensitive=False))


def counted(user: User, filters: Filters, period: Period) -> QuerySet[Event]:
    """The events supervised that may be in a figure of the period; all others certainly are in none."""
    here = Event.objects.filter(tenant=user.district_id)
    late_steps = Step.objects.filter(tenant=user.district_id, verb__in=LATE_STEPS, at__gte=period.start)
    # A union, not an OR: its parts have indexes, and PostgreSQL knows how few they are.
    not_over = (
        here.open()
        .values("pk")
        .union(here.filter(closed_at__gte=period.start).values("pk"), late_steps.values("event"))
    )
    out = Q(state=State.MERGED) | Q(state=State.VOID, filed_at=None)
    return supervised(user, filters).filter(~out, pk__in=not_over, recorded_at__lt=period.end)


def count(
    user: User, group: str, period: Period, *, filters: Filters = EVERY, of: Iterable[Indicator] = ()
) -> dict[str, Counter[str]]:
    """Of each row of a cut its figures. One statement; those of indicators the cut does not show are missing."""
    cut = CUTS[group]
    found: dict[str, Counter[str]] = {}
    if not scope_of(user).codes(PERMISSION):
        return found
    rows = cut.rows(user.district)
    sql, values = _count_sql(cut, counted(user, filters, period), period, shown(cut, of))
    with connection.cursor() as cursor:
        cursor.execute(sql, values)
        names = [column.name for column in cursor.description][1:]
        for value, *numbers in cursor:
            counts = Counter(dict(zip(names, numbers, strict=True)))
            key = rows.key_of(value)
            found[key] = found.get(key, Counter()) + counts
    return {key: counts for key, counts in found.items() if counts}


def shown(cut: Cut, of: Iterable[Indicator] = ()) -> list[Indicator]:
    """The indicators a cut shows, of all or of those named."""
    return [indicator for indicator in of or INDICATORS.values() if cut.shows(indicator)]


def _count_sql(
    cut: Cut, events: QuerySet[Event], period: Period, indicators: list[Indicator]
) -> tuple[str, list[Any]]:
    """By organisation each figure is counted under its own fact, so there is one SELECT for each fact."""
    facts_of_figure = {code: cut.fact_of(one) for one in indicators for code in one.figures}
    with_facts, values = facts_of(events, period)
    selects = []
    for fact in dict.fromkeys(facts_of_figure.values()):
        numbers = [
            f"count(*) FILTER (WHERE {condition(code)}) AS {code}" if own == fact else f"0 AS {code}"
            for code, own in facts_of_figure.items()
        ]
        selects.append(f"SELECT {fact}::text AS value, {', '.join(numbers)} FROM facts GROUP BY {fact}")
    return with_facts + " UNION ALL ".join(selects), values


def table(user: User, group: str, period: Period, before: Period, *, filters: Filters = EVERY) -> list[Row]:
    """Rows in the order of the cut, with the figures of the period and of the one before. Two statements count."""
    cut = CUTS[group]
    names = cut.rows(user.district).names
    now, then = (count(user, group, span, filters=filters) for span in (period, before))
    always = [key for key in names if group in ROWS_WITHOUT_EVENTS and _supervises(user, key, filters)]
    order = {key: place for place, key in enumerate(names)}
    return [
        Row(key, _name(cut, names, key), now.get(key, Counter()), then.get(key, Counter()))
        for key in sorted({*now, *always}, key=lambda key: (order.get(key, len(order)), key))
    ]


def name_of_row(district: District, group: str, key: str) -> str:
    return _name(CUTS[group], CUTS[group].rows(district).names, key)


def _name(cut: Cut, names: Mapping[str, str], key: str) -> str:
    return names.get(key) or (str(cut.unknown) if key == NOBODY else f"{cut.unknown} ({key})")


def _supervises(user: User, code: str, filters: Filters) -> bool:
    return scope_of(user).covers(PERMISSION, code) and code.startswith(filters.area)


def total(rows: Iterable[Row]) -> Row:
    rows = list(rows)
    return Row(
        "",
        "",
        sum((row.counts for row in rows), Counter()),
        sum((row.before for row in rows), Counter()),
    )


def events_behind(
    user: User,
    period: Period,
    figure: str,
    *,
    group: str = "street",
    key: str = "",
    filters: Filters = EVERY,
) -> QuerySet[Event]:
    """The events of one cell of the table; without a key, of the totals row."""
    if not scope_of(user).codes(PERMISSION):
        return Event.objects.none()
    sql, values = facts_of(counted(user, filters, period), period)
    sql += f" SELECT id FROM facts WHERE ({condition(figure)})"
    if key:
        cut = CUTS[group]
        fact = fact_behind(cut, figure)
        inside = cut.rows(user.district).values_in(key)
        sql += f" AND coalesce({fact}::text, %s) = ANY (%s)"
        values += [NOBODY, inside]
    return Event.objects.of_mode(user.in_training).filter(pk__in=RawSQL(sql, values))


def fact_behind(cut: Cut, figure: str) -> str:
    """The fact a figure is cut by; raises LookupError for one the cut does not show."""
    for indicator in shown(cut):
        if figure in indicator.figures:
            return cut.fact_of(indicator)
    raise LookupError(figure)


def facts_by_event(events: Iterable[Event], period: Period) -> dict[Any, dict[str, Any]]:
    """Of each event its facts, and as ``is_`` with a figure's code whether it is in it. One statement."""
    keys = [event.pk for event in events]
    if not keys:
        return {}
    sql, values = facts_of(Event.with_training.filter(pk__in=keys), period)
    flags = [f"({condition(code)}) AS is_{code}" for code, figure in FIGURES.items() if not figure.parts]
    with connection.cursor() as cursor:
        cursor.execute(f"{sql} SELECT facts.*, {', '.join(flags)} FROM facts", values)
        names = [column.name for column in cursor.description]
        return {row[0]: dict(zip(names, row, strict=True)) for row in cursor}


def rate(indicator: Indicator, counts: Counter[str]) -> Decimal | None:
    return (
        percent(counts[indicator.numerator], counts[indicator.denominator]) if indicator.denominator else None
    )


def change(indicator: Indicator, row: Row) -> Decimal | None:
    """Percentage points since the period before, of the rates as they are shown."""
    now, before = rate(indicator, row.counts), rate(indicator, row.before)
    return None if now is None or before is None else now - before


def percent(part: int, whole: int) -> Decimal | None:
    """Per cent to two decimals, half up; nothing divided by nothing is no data."""
    if not whole:
        return None
    return (Decimal(part) * 100 / Decimal(whole)).quantize(Decimal("0.01"), ROUND_HALF_UP)
