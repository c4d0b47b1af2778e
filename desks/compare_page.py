"""Two reports side by side, with what differs, and which would go on under which.

The earlier one leads unless it cannot: what is merged must be at a desk of the person's before it is dispatched,
what leads must be open. Both are within the person's sight; the words are masked as on their own pages.
"""

import re
import uuid
from dataclasses import dataclass
from difflib import SequenceMatcher
from functools import cached_property

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.scope import Actor
from desks.likely import Likely, compared
from desks.models import NotSame
from desks.move_page import why_not
from desks.not_same import pairs_of
from desks.places import path_of
from desks.privacy import Privacy
from desks.templatetags.grid import moment
from dispatch.conditions import Situation
from dispatch.errors import MoveError, WrongStateError
from dispatch.workflow import VERBS, Verb
from events.models import Event, Evidence

MERGE = VERBS["merge"]
LOOKED_THROUGH = 1000
"""Longer texts are marked as a whole."""
SIGNS = re.compile(r"\d+|[\s\S]")
"""What is compared with one another: a number as a whole, else sign by sign."""


@dataclass(frozen=True)
class Part:
    text: str
    differs: bool = False


@dataclass(frozen=True)
class Line:
    """One thing of both events; each side in parts, of which those that differ are marked."""

    label: str | Promise
    sides: tuple[list[Part], list[Part]]

    @property
    def differs(self) -> bool:
        return self.sides[0] != self.sides[1]


@dataclass
class ComparePage:
    """``situation`` is that of the event looked at; ``leads``: the key of the one asked to lead."""

    situation: Situation
    other: Situation
    leads: uuid.UUID | None = None
    answer: str = ""
    """What was typed before the two were swapped."""

    def __post_init__(self) -> None:
        self.errors = {
            self.event.pk: self._why_not(self.situation, self.other),
            self.other.event.pk: self._why_not(self.other, self.situation),
        }
        """By the event that would be merged: why it cannot be."""

    @staticmethod
    def _why_not(merged: Situation, leading: Situation) -> MoveError | None:
        refused = why_not(MERGE, merged)
        return refused or (None if leading.event.is_open else WrongStateError())

    @property
    def event(self) -> Event:
        return self.situation.event

    @property
    def both(self) -> list[Event]:
        return [self.event, self.other.event]

    @property
    def actor(self) -> Actor:
        return self.situation.actor

    @property
    def verb(self) -> Verb:
        return MERGE

    @property
    def possible(self) -> bool:
        """Whether one of them can be merged into the other."""
        return not all(self.errors.values())

    @property
    def desk(self) -> int:
        """Whose judgement it is: the desk of the event looked at, if the person decides there, else of the other."""
        event = self.event if not self.errors[self.event.pk] else self.other.event
        return event.desk_id  # type: ignore[return-value]  # Only a desk merges.

    @cached_property
    def said(self) -> NotSame | None:
        """That the desk found the two not to be the same matter."""
        return pairs_of(self.desk, *self.both).select_related("by").first()

    @property
    def can_swap(self) -> bool:
        return not any(self.errors.values())

    @cached_property
    def leading(self) -> Event:
        """The one asked for, else the earlier one, if it can lead; else the other."""
        both = sorted([self.event, self.other.event], key=lambda event: (event.recorded_at, event.number))
        wanted = next((event for event in both if event.pk == self.leads), both[0])
        spare = next(event for event in both if event is not wanted)
        return spare if self.errors[spare.pk] and not self.errors[wanted.pk] else wanted

    @property
    def roles(self) -> list[str]:
        """The look of each of the two."""
        return ["leads-on" if event is self.leading else "ends" for event in self.both]

    @property
    def merged(self) -> Event:
        return self.other.event if self.leading is self.event else self.event

    @property
    def error(self) -> MoveError | None:
        return self.errors[self.merged.pk]

    @cached_property
    def request_id(self) -> str:
        return str(uuid.uuid4())

    @cached_property
    def likely(self) -> Likely:
        return compared(self.event, self.other.event, self.actor)

    @cached_property
    def photos(self) -> tuple[list[Evidence], list[Evidence]]:
        """The pictures each report came with. One statement."""
        both = [self.event, self.other.event]
        rows = Evidence.objects.filter(event__in=both, kind=Evidence.Kind.BEFORE).exclude(received_at=None)
        found = list(rows.order_by("received_at", "pk"))
        mine, others = ([row for row in found if row.event_id == event.pk][:4] for event in both)
        return mine, others

    @property
    def lines(self) -> list[Line]:
        one, other = self.event, self.other.event
        sides = [(event, Privacy(event, self.actor)) for event in (one, other)]

        def whole(label: str | Promise, *values: object) -> Line:
            """That it differs is told by the line; a mark over all of it tells nothing more."""
            one, other = (str(value) for value in values)
            return Line(label, ([Part(one)], [Part(other)]))

        return [
            whole(_("Item"), one.item.name, other.item.name),
            Line(_("Description"), marked(*(privacy.description for _event, privacy in sides))),
            whole(_("Place"), *(" · ".join(path_of(self.actor.district, e.area_code)) for e in (one, other))),
            Line(_("Address"), marked(*(privacy.address for _event, privacy in sides))),
            whole(_("Happened"), moment(one.occurred_at), moment(other.occurred_at)),
            whole(_("Reported at"), moment(one.recorded_at), moment(other.recorded_at)),
            whole(_("Urgency"), one.get_urgency_display(), other.get_urgency_display()),
            whole(_("Source"), one.get_source_display(), other.get_source_display()),
        ]

    before = gettext_lazy("The matter goes on under the leading event, and the reporter is told so.")


def marked(one: str, other: str) -> tuple[list[Part], list[Part]]:
    """Both texts in parts; what only one of them has is marked."""
    if max(len(one), len(other)) > LOOKED_THROUGH:
        return [Part(one, one != other)], [Part(other, one != other)]
    left, right = [], []
    ones, others = SIGNS.findall(one), SIGNS.findall(other)
    for what, a, b, c, d in SequenceMatcher(None, ones, others, autojunk=False).get_opcodes():
        left += [Part("".join(ones[a:b]), what != "equal")] if b > a else []
        right += [Part("".join(others[c:d]), what != "equal")] if d > c else []
    return left, right
