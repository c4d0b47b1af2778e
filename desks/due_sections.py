"""An agency's list in sections by deadline: overdue, today, tomorrow, later (Asia/Shanghai).

Nothing is sorted here: the rows come by due, and the first of each section opens it.
"""

from collections.abc import Iterable
from datetime import timedelta

from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from desks.queue_rules import Seat
from events.models import NEVER, Event

OVERDUE, TODAY, TOMORROW, LATER = _("Overdue"), _("Due today"), _("Due tomorrow"), _("Due later")
STOPPED = _("Stands still")


def section_of(event: Event, seat: Seat) -> str | Promise:
    if event.due == NEVER:
        return STOPPED
    if event.due < seat.now:
        return OVERDUE
    days = (timezone.localdate(event.due) - timezone.localdate(seat.now)) // timedelta(days=1)
    return (TODAY, TOMORROW)[days] if days < 2 else LATER


def open_sections(events: Iterable[Event], seat: Seat) -> None:
    """Put the section's words into ``opens_section`` of the first event of each."""
    before: str | Promise = ""
    for event in events:
        section = section_of(event, seat)
        event.opens_section = section if section != before else ""  # type: ignore[attr-defined]
        before = section
