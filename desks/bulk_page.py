"""What the pages of a bulk move show: what will be moved, what would be refused, what became of each.

The refusals said beforehand are read from the table as the buttons are; what only the move itself can
find out (a colleague was quicker) is in the result.
"""

import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property

from django.db.models import Prefetch, prefetch_related_objects
from django.http import QueryDict
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from accounts.models import Organization
from accounts.scope import Actor
from desks.event_page import situation_of
from desks.move_page import why_not
from dispatch.bulk import IN_BULK, MOST, REVERSE, Outcome, Result, Target, may_in_general
from dispatch.errors import MoveError, NotFoundError, StaleVersionError
from dispatch.forms import MoveForm
from dispatch.models import Assignment, Clock
from dispatch.workflow import VERBS, Verb
from events.models import Event

TEXTS: dict[str, str] = {"urge": "text", "comment": "text", "verify": "note", "recall": "reason"}
"""The one input that all share, and that must be written."""
EXPLAINED: dict[str, str | Promise] = {
    "accept": _("Each is accepted as it was reported. To correct an item or a place, open the event."),
    "dispatch": _("Each order is sent at once, with the item's own limit."),
    "verify": _(
        "You confirm for every one of them that you saw the result. A photo is attached on the event's own page."
    ),
    "urge": _("Whoever has it in hand is told at once, with your words."),
    "comment": _("The same words are written into the story of each."),
    "recall": _("Each comes back to the desk. This is not charged to the organisation."),
}
NO_UNDO: dict[str, str | Promise] = {
    "accept": _(
        "Accepting cannot be taken back: the events go on from here. One that should not go on can be refused."
    ),
    "verify": _(
        "Closing cannot be taken back silently. An event can be reopened on its page; that counts as a reopening."
    ),
    "urge": _("What was said cannot be unsaid. It stays in the story."),
    "comment": _("What was said cannot be unsaid. It stays in the story."),
    "recall": _("A recalled order is sent again by a new dispatch."),
}


@dataclass(frozen=True)
class Row:
    """One event of the choice; ``event`` is None where the person may not see it."""

    target: Target
    event: Event | None
    refusal: MoveError | None = None

    @property
    def value(self) -> str:
        return value_of(self.target)


def value_of(target: Target) -> str:
    return f"{target.event_id}:{'' if target.version is None else target.version}"


def targets_of(values: Iterable[str]) -> list[Target]:
    """From ``<key>:<version>``; what cannot be read is left out, a repeat too."""
    found: dict[uuid.UUID, Target] = {}
    for value in values:
        key, _colon, version = value.partition(":")
        try:
            event_id = uuid.UUID(key)
        except ValueError:
            continue
        found.setdefault(event_id, Target(event_id, int(version) if version.isdecimal() else None))
    return list(found.values())


@dataclass
class BulkPage:
    """The choice before it is sent."""

    verb: Verb
    actor: Actor
    targets: Sequence[Target]
    now: datetime
    data: QueryDict
    problem: str | Promise = ""

    @cached_property
    def rows(self) -> list[Row]:
        """In the order chosen; related rows of all events are read together."""
        events = Event.objects.visible_to(self.actor.user).select_related(
            "item__category", "desk__area", "holder", "lead"
        )
        found = events.in_bulk([target.event_id for target in self.targets[:MOST]])
        prefetch_related_objects(
            list(found.values()),
            Prefetch("clocks", Clock.objects.running(), to_attr="running_clocks"),
            Prefetch(
                "assignments",
                Assignment.objects.filter(ended_at=None).select_related("organization"),
                to_attr="orders",
            ),
        )
        return [self._row(target, found.get(target.event_id)) for target in self.targets]

    def _row(self, target: Target, event: Event | None) -> Row:
        if event is None:
            return Row(target, None, NotFoundError())
        if target.version is not None and target.version != event.version:
            return Row(target, event, StaleVersionError())
        situation = situation_of(event, self.actor, self.now)
        situation.clocks, situation.assignments = event.running_clocks, event.orders  # type: ignore[attr-defined]
        return Row(target, event, why_not(self.verb, situation))

    @property
    def ready(self) -> list[Row]:
        return [row for row in self.rows if row.refusal is None]

    @property
    def refused(self) -> list[Row]:
        return [row for row in self.rows if row.refusal is not None]

    @property
    def explained(self) -> str | Promise:
        return EXPLAINED[self.verb.code]

    @property
    def no_undo(self) -> str | Promise:
        return NO_UNDO.get(self.verb.code, "")

    @property
    def text_name(self) -> str:
        """The name of the text all share; empty where none is needed."""
        return TEXTS.get(self.verb.code, "")

    @property
    def text_label(self) -> str | Promise:
        return next((need.label for need in self.verb.needs if need.name == self.text_name), "")

    @property
    def text(self) -> str:
        return self.data.get(self.text_name, "") if self.text_name else ""

    @cached_property
    def bulk_id(self) -> str:
        """Kept while the page comes back, so that sending twice moves once."""
        return self.data.get("bulk_id") or str(uuid.uuid4())

    @cached_property
    def leads(self) -> list[Organization]:
        """Who could take the first of them; of the others, each is asked when it is moved."""
        first = next((row.event for row in self.ready if row.event), None)
        if self.verb.code != "dispatch" or first is None:
            return []
        form = MoveForm(self.verb, situation_of(first, self.actor, self.now), {})
        units = form.fields["lead"].queryset  # type: ignore[attr-defined]
        return [unit for unit in units if unit.has_staff]


@dataclass(frozen=True)
class BulkResult:
    """What became of each."""

    verb: Verb
    results: Sequence[Result]
    back: str = "/"

    @property
    def done(self) -> list[Result]:
        return [result for result in self.results if result.outcome == Outcome.DONE]

    @property
    def refused(self) -> list[Result]:
        return [result for result in self.results if result.outcome != Outcome.DONE]

    @property
    def reverse(self) -> Verb | None:
        return VERBS[REVERSE[self.verb.code]] if self.verb.code in REVERSE and self.done else None

    @property
    def no_undo(self) -> str | Promise:
        return NO_UNDO.get(self.verb.code, "")

    @property
    def undo_key(self) -> str:
        return str(uuid.uuid4())

    @property
    def undo_values(self) -> list[str]:
        return [value_of(Target(row.event_id, row.event.version if row.event else None)) for row in self.done]


def verbs_for(actor: Actor) -> list[Verb]:
    """The buttons of the bar: what the person's posts could do to some event."""
    return [VERBS[code] for code in IN_BULK if may_in_general(code, actor)]
