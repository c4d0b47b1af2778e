"""A clock as the event page shows it: its limit in words, how much is used up, and how it ended.

What is left, and the colours, are those of ``desks.clock_words``. An ended clock was in time up to and including
its deadline (field rules, section 5, rule 1).
"""

from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from desks.clock_words import of_clock, span
from dispatch.models import Clock, ClockKind
from dispatch.working_time import ITEM_UNITS, Limit, Unit
from grids.models import District


@dataclass(frozen=True)
class Face:
    """``tone``: green, yellow or red while it runs, stopped, then done or late; ``used``: per cent of the limit, 0 to 100."""

    clock: Clock
    tone: str
    words: str
    limit: str
    used: int


def face(clock: Clock, district: District, *, now: datetime) -> Face:
    at = clock.ended_at or clock.stopped_at or now
    length = (clock.due - clock.start).total_seconds()
    used = round((at - clock.start).total_seconds() * 100 / length) if length else 100
    if clock.stopped_at and not clock.ended_at:
        tone, words = "stopped", _("stands still")
    elif clock.ended_at is None:
        chip = of_clock(clock, district, now=now)
        tone, words = chip.tone, chip.words
    elif clock.ended_at <= clock.due:
        tone, words = "done", _("in time")
    else:
        tone, words = "late", _("late by %(span)s") % {"span": span(clock.ended_at - clock.due)}
    # The whole clock is a chain of limits in several units; its own amount says nothing.
    limit = "" if clock.kind == ClockKind.WHOLE else limit_words(clock.amount, clock.unit)
    return Face(clock, tone, words, limit, max(0, min(used, 100)))


def limit_words(amount: int, unit: str) -> str:
    """A limit in the clock's units: minutes become hours where they are whole."""
    if unit == Unit.WORKING_DAYS:
        return ngettext("%(n)d working day", "%(n)d working days", amount) % {"n": amount}
    hours, rest = divmod(amount, 60)
    if unit == Unit.CALENDAR_MINUTES:
        if rest:
            return ngettext("%(n)d minute", "%(n)d minutes", amount) % {"n": amount}
        return ngettext("%(n)d hour, day and night", "%(n)d hours, day and night", hours) % {"n": hours}
    if rest:
        return ngettext("%(n)d working minute", "%(n)d working minutes", amount) % {"n": amount}
    return ngettext("%(n)d working hour", "%(n)d working hours", hours) % {"n": hours}


def words_of(limit: Limit) -> str:
    return limit_words(limit.amount, limit.unit.value)


def item_limit_words(amount: int, limit_unit: str) -> str:
    """A limit in the checklist's units."""
    factor, unit = ITEM_UNITS[limit_unit]
    return limit_words(amount * factor, unit)
