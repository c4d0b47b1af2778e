"""Which reports come, when and where, and what goes wrong with each: drawn from the habits.

A plot is a function of the run's name and its number alone: the same run tells the same plots, whole or in part.
"""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from random import Random

from django.utils import timezone

from demo.cast import Cast
from demo.deeds import Plot, key_of
from demo.habits import Habits, chosen
from demo.stories import HOURS, TALES, Tale
from events.models import Evidence, Item, Source, Urgency

TWO_DAYS, THREE_DAYS = 2, 3
"""Limits in working days from which more time, or a hold, is asked for."""
DAYS_UNITS = "working_days"


class Writer:
    """Writes the plots of a run. ``grids``: where it happens, a code as often as its weight."""

    def __init__(
        self,
        cast: Cast,
        habits: Habits,
        *,
        run: str,
        grids: Sequence[str],
        small: bool = False,
        lively: bool = False,
    ) -> None:
        self.cast, self.habits, self.run, self.grids = cast, habits, run, grids
        self.small, self.lively = small, lively

    def between(self, start: datetime, end: datetime, numbers: Iterable[int]) -> list[Plot]:
        """The plots of these numbers, in the order of their beginnings in [start, end)."""
        first, last = timezone.localdate(start), timezone.localdate(end - timedelta(microseconds=1))
        days = [first + timedelta(days=n) for n in range((last - first).days + 1)]
        weights = [self.habits.weekdays[day.weekday()] for day in days]
        plots = []
        for number in numbers:
            dice = self._dice("when", number)
            at = None
            while at is None or not start <= at < end:
                day = dice.choices(days, weights)[0]
                tale = self._tale(day.month, dice)
                at = timezone.make_aware(
                    datetime(day.year, day.month, day.day, dice.choice(HOURS[tale.hours]))
                    + timedelta(seconds=dice.randint(0, 3599))
                )
            plots.append(self._plot(number, tale, at))
        known = {plot.number: plot for plot in plots}
        return sorted(
            (self._told_again(plot, known, end) for plot in plots), key=lambda plot: (plot.at, plot.number)
        )

    def at(self, number: int, now: datetime) -> Plot:
        """The plot of a number, for a report now."""
        local, dice = timezone.localtime(now), self._dice("when", number)
        tale = self._tale(local.month, dice)
        while local.hour not in HOURS[tale.hours]:
            tale = self._tale(local.month, dice)
        return self._plot(number, tale, now)

    def _dice(self, what: str, number: int) -> Random:
        return Random(f"{what} {self.run} {number}")

    def _tale(self, month: int, dice: Random) -> Tale:
        factors = self.habits.months.get(month, {})
        return dice.choices(TALES, [tale.weight * factors.get(tale.item, 1) for tale in TALES])[0]

    def _told_again(self, plot: Plot, known: dict[int, Plot], end: datetime) -> Plot:
        """Now and then a report is the one before it once more, by somebody else, a while later."""
        first = known.get(plot.number - 1)
        if first is None or not self._tells_again(plot.number) or self._tells_again(first.number):
            return plot
        later = timedelta(minutes=self._dice("later", plot.number).randint(4, 150))
        if first.at + later >= end:
            return plot
        desk = "community_acceptor" if self.cast.items[first.tale.item].level == "grid" else "room_acceptor"
        return replace(
            plot,
            tale=first.tale,
            grid=first.grid,
            at=first.at + later,
            reporter=desk,
            source=Source.HOTLINE,
            mistaken="",
            self_closed=False,
            duplicate_of=key_of(first.number, self.run),
        )

    def _tells_again(self, number: int) -> bool:
        return self.habits.happens("duplicate", self._dice("again", number))

    def _plot(self, number: int, tale: Tale, at: datetime) -> Plot:
        """One event, as such things go."""
        dice, habits, item = self._dice("what", number), self.habits, self.cast.items[tale.item]

        def happens(what: str) -> bool:
            return habits.happens(what, dice)

        reporter = staff_or_desk(tale, item, habits, dice)
        self_closed = item.self_handle and can_show_all(tale, item) and happens("self_closed")
        if self_closed and item.level != "grid" and reporter.startswith("grid"):
            reporter = "community_acceptor"
        at_street, normal = item.level == "street", item.urgency == Urgency.NORMAL
        critical = item.urgency == Urgency.CRITICAL
        days = item.handle_limit if item.limit_unit == DAYS_UNITS else 0
        returned = at_street and not critical and happens("wrong_agency")
        return Plot(
            number=number,
            tale=tale,
            at=at,
            grid=dice.choice(self.grids),
            reporter=reporter,
            run=self.run,
            source=self._source(reporter, item, dice),
            small=self.small,
            lively=self.lively,
            self_closed=self_closed,
            sampled=happens("sample_checked"),
            lead="ZJJ"
            if item.lead_department == "ZJJ" and at_street and not returned and happens("bureau_leads")
            else "",
            mistaken=self._mistaken(item, dice)
            if not (self_closed or critical or item.sensitive) and happens("wrong_item")
            else "",
            rejected=normal and happens("rejected"),
            checked=not critical and not reporter.startswith("grid") and happens("checked_on_the_spot"),
            returns=int(returned),
            groundless=returned and happens("groundless_return"),
            recalled=at_street and not critical and not returned and happens("recalled"),
            escalated=item.level == "community" and happens("escalated"),
            reworks=happens("rework") and 1 + happens("rework_again"),
            extended=("granted" if happens("extension_granted") else "refused")
            if days >= TWO_DAYS and happens("extended")
            else "",
            hold_days=dice.randint(*habits.hold_days) if days >= THREE_DAYS and happens("held") else 0,
            hold_granted=happens("hold_granted"),
            urged=happens("urged"),
            reopened=happens("reopened"),
            comments=int(happens("comments")),
            assisted=happens("assisted"),
            rating=chosen(habits.ratings, dice) if happens("rated") else "",
        )

    def _source(self, reporter: str, item: Item, dice: Random) -> str:
        if reporter.startswith("grid"):
            return Source.GRID
        if dice.random() < self.habits.sensors.get(item.code, 0):
            return Source.SENSOR
        return chosen(self.habits.sources, dice)

    def _mistaken(self, item: Item, dice: Random) -> str:
        """An item that the same desk would get and that asks no more of the report."""
        before = Evidence.Kind.BEFORE in item.evidence
        alike = [
            other.code
            for other in self.cast.items.values()
            if other.code != item.code
            and (other.level, other.urgency, other.sensitive) == (item.level, item.urgency, False)
            and (Evidence.Kind.BEFORE in other.evidence) == before
        ]
        return dice.choice(sorted(alike)) if alike else ""


def staff_or_desk(tale: Tale, item: Item, habits: Habits, dice: Random) -> str:
    """Grid staff report what they can show; the desks write down what residents, callers and alarms say."""
    can_show = tale.before or Evidence.Kind.BEFORE not in item.evidence or item.urgency == Urgency.CRITICAL
    if can_show and dice.random() < habits.reporters["staff"]:
        return "grid_leader" if dice.random() < habits.reporters["leader"] else "grid_worker"
    return "room_acceptor" if item.level in {"street", "district"} else "community_acceptor"


def can_show_all(tale: Tale, item: Item) -> bool:
    return bool(tale.before) or Evidence.Kind.BEFORE not in item.evidence
