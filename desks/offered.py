"""The moves a person is offered, each with all that a form for it shows: labels of the choices, bounds, kinds of files.

So a phone draws the form without a network. What only the server can list, who may be lead, which desk, which event,
is not told here: a move that needs one of these is not for a form drawn elsewhere (``is_drawable``). For a list of
events at most two statements are asked, once: the reasons, and the colleagues an order may be handed to.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cached_property

from django.conf import settings

from desks.move_words import BEFORE, CONFIRM
from dispatch import policy
from dispatch.conditions import Situation
from dispatch.forms import most_amount, needed_evidence, review_days
from dispatch.handing import colleagues, own_order
from dispatch.models import Reason
from dispatch.permission import allowed_actions
from dispatch.workflow import Input, Kind, Verb, Words
from events.models import Event, Evidence, Urgency

ASKS_THE_SERVER = {Kind.LEAD, Kind.DESK, Kind.EVENT, Kind.INCIDENT}
OFFERED = (Evidence.Kind.AFTER, Evidence.Kind.DOCUMENT)
"""What may always be attached; other kinds only where the item asks for them."""
OFFERED_BEFORE = {"answer_check": (Evidence.Kind.BEFORE, Evidence.Kind.DOCUMENT)}
"""Nothing has been done yet: a photo shows the place as it is found."""


@dataclass(frozen=True)
class Choice:
    value: str
    label: Words


@dataclass(frozen=True)
class Field:
    """An input of a move for one event. ``least`` and ``most``: whole numbers, or days; ``unit`` is the item's own.

    Of evidence the choices are the kinds of files taken, ``needed`` those that must be there.
    """

    need: Input
    choices: list[Choice] = field(default_factory=list)
    needed: list[str] = field(default_factory=list)
    max_length: int | None = None
    most_files: int | None = None
    least: str = ""
    most: str = ""
    unit: Words = ""

    @property
    def required(self) -> bool:
        return bool(self.needed) if self.need.kind is Kind.EVIDENCE else self.need.required


@dataclass(frozen=True)
class Offer:
    verb: Verb
    fields: list[Field]

    @property
    def before(self) -> Words:
        return BEFORE.get(self.verb.code, "")

    @property
    def confirm(self) -> Words:
        return CONFIRM.get(self.verb.code, "")


def kinds_of(verb: Verb, event: Event) -> tuple[list[str], list[str]]:
    """Of a move's files the kinds that are needed, and all that are taken, the needed ones first."""
    needed = needed_evidence(event, verb)
    offered = OFFERED_BEFORE.get(verb.code, OFFERED)
    return needed, [*needed, *(kind for kind in offered if kind not in needed)]


def is_drawable(verb: Verb) -> bool:
    return not any(need.required and need.kind in ASKS_THE_SERVER for need in verb.needs)


class Offers:
    """What one person is offered, for any number of events."""

    def __init__(self, situations: Iterable[Situation]):
        self._situations = list(situations)
        self._colleagues: dict[int, list[Choice]] = {}

    def of(self, situation: Situation, *, only_drawable: bool = False) -> list[Offer]:
        return [
            Offer(verb, [self._field(verb, need, situation) for need in verb.needs])
            for verb in allowed_actions(situation)
            if not only_drawable or is_drawable(verb)
        ]

    def _field(self, verb: Verb, need: Input, situation: Situation) -> Field:
        event = situation.event
        match need.kind:
            case Kind.TEXT:
                return Field(need, max_length=policy.TEXT_LIMIT)
            case Kind.CHOICE:
                return Field(need, _choices(need.options))
            case Kind.REASON:
                return Field(need, self._reasons.get(verb.code, []))
            case Kind.URGENCY:
                higher = Urgency.choices[Urgency.values.index(event.urgency) + 1 :]
                return Field(need, _choices(higher))
            case Kind.PERSON:
                return Field(need, self._people(situation))
            case Kind.AMOUNT:
                most, unit = most_amount(verb, situation), event.item.get_limit_unit_display()
                return Field(need, least="1", most=str(most), unit=unit)
            case Kind.DATE:
                first, last = review_days(situation)
                return Field(need, least=first.isoformat(), most=last.isoformat())
            case Kind.EVIDENCE:
                needed, kinds = kinds_of(verb, event)
                choices = _choices((kind, Evidence.Kind(kind).label) for kind in kinds)
                return Field(need, choices, needed, most_files=settings.EVIDENCE_MAX_PHOTOS)
        return Field(need)

    @cached_property
    def _reasons(self) -> dict[str, list[Choice]]:
        """By verb."""
        found: dict[str, list[Choice]] = {}
        district = self._situations[0].actor.district
        for row in Reason.objects.filter(district=district, is_active=True):
            found.setdefault(row.kind, []).append(Choice(row.code, row.name))
        return found

    def _people(self, situation: Situation) -> list[Choice]:
        """One statement for each organisation whose order it is: of a team's work there is one."""
        order = own_order(situation)
        unit = order.organization_id if order else 0
        if unit not in self._colleagues:
            people = colleagues(unit, at=situation.now)
            self._colleagues[unit] = [Choice(str(person.pk), person.display_name) for person in people]
        return self._colleagues[unit]


def _choices(rows: Iterable[tuple[str, Words]]) -> list[Choice]:
    return [Choice(value, label) for value, label in rows]
