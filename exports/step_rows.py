"""Steps as rows: every step of the events of the list, the events newest first, each one's steps in order.

Worded as on the event's page (``desks.timeline``), with the same names left out. Seven statements a batch at most.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.db.models import Sum
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.scope import Actor
from desks.event_page import OF_A_STEP
from desks.privacy import unmaskable_by
from desks.timeline import Entry, Line, Words, timeline
from events.models import Event, State, Step
from exports.event_rows import EventRows, Seen
from exports.rows import Cell, Column, Size, moment
from grids.models import Level

COLUMNS = [
    Column(gettext_lazy("Number"), width=22),
    Column(gettext_lazy("Item"), width=24),
    Column(gettext_lazy("Street"), width=12),
    Column(gettext_lazy("Community"), width=16),
    Column(gettext_lazy("Grid"), width=18),
    Column(gettext_lazy("Step no."), "number", 6),
    Column(gettext_lazy("Time"), "moment", 17),
    Column(gettext_lazy("Verb"), width=16),
    Column(gettext_lazy("State before"), width=10),
    Column(gettext_lazy("State after"), width=10),
    Column(gettext_lazy("Organisation"), width=24),
    Column(gettext_lazy("Post"), width=16),
    Column(gettext_lazy("Person"), width=10),
    Column(gettext_lazy("Details"), width=48),
    Column(gettext_lazy("Words"), width=48),
]


class StepRows(EventRows):
    """A source (``exports.rows.Source``): one row a step; a step is as personal as its event."""

    EVENTS_A_BATCH = 100

    def columns(self, actor: Actor) -> Sequence[Column]:
        return COLUMNS

    def size(self, actor: Actor) -> Size:
        """An event's ``sequence`` is the number of its last step."""
        events = self.events(actor)
        return Size(_steps(events), _steps(events.filter(unmaskable_by(actor))))

    def rows(self, actor: Actor, events: list[Event]) -> tuple[list[list[Cell]], int]:
        seen = {event.pk: self.seen(actor, event) for event in events}
        until: datetime = self.asked.until
        steps: dict[Any, list[Step]] = {event.pk: [] for event in events}
        found = Step.objects.filter(event__in=events, at__lte=until).select_related(*OF_A_STEP)
        for step in found.order_by("event", "sequence"):
            step.event = seen[step.event_id].event
            steps[step.event_id].append(step)
        words = Words(
            actor.district,
            [step for each in steps.values() for step in each],
            is_whole=lambda step: seen[step.event_id].unmasked,
        )
        rows, personal = [], 0
        for key, row in seen.items():
            hidden = None if row.privacy.knows_reporter else row.event.reporter_id
            entries = timeline(steps[key], words=words, with_persons=True, confidential_reporter=hidden)
            rows += [_row(row, entry) for entry in entries]
            personal += row.unmasked * len(entries)
        return rows, personal


def _steps(events) -> int:
    return events.aggregate(steps=Sum("sequence"))["steps"] or 0


def _row(seen: Seen, entry: Entry) -> list[Cell]:
    step = entry.step
    return [
        seen.event.number,
        seen.event.item.name,
        seen.place(Level.STREET),
        seen.place(Level.COMMUNITY),
        seen.place(Level.GRID),
        step.sequence,
        moment(step.at),
        str(entry.done),
        str(State(step.from_state).label) if step.from_state else "",
        str(State(step.to_state).label),
        entry.organization,
        entry.post,
        entry.person,
        _told(line for line in entry.lines if not line.is_text),
        _told(line for line in entry.lines if line.is_text),
    ]


def _told(lines) -> str:
    return _("; ").join(_said(line) for line in lines)


def _said(line: Line) -> str:
    return _("%(label)s: %(value)s") % {"label": line.label, "value": line.value}
