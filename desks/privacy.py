"""What one person may read whole of one event, and what is masked (design, section 6; field rules, section 10).

The reporter reads all of it, and everybody their own words; everybody else reads phones and identity numbers
masked, also inside of free text. The desk that decides and the lead that handles may ask to see them whole: for one
page, with a reason, and the audit log keeps it. A confidential reporter is named to the desk alone, and what such a
report says is never unmasked for the lead: it may tell who wrote it.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from uuid import UUID

from django.db.models import Q
from django.http import HttpRequest

from accounts import audit
from accounts.scope import Actor
from dispatch.report_form import TOLD_TO_A_DESK
from events.masking import mask_name, mask_numbers, mask_phone
from events.models import Event, ReporterContact, State, Step


@dataclass
class Privacy:
    """``unmasked``: asked for with a reason, for this one page."""

    event: Event
    actor: Actor
    unmasked: bool = False

    @property
    def is_reporter(self) -> bool:
        return self.event.reporter_id is not None and self.event.reporter_id == self.actor.user_id

    @property
    def is_desk(self) -> bool:
        return self.event.desk_id in self.actor.scope.units("view_org_events")

    @property
    def is_handling(self) -> bool:
        event = self.event
        return event.state == State.HANDLING and event.lead_id in self.actor.scope.units("handle_events")

    @property
    def knows_reporter(self) -> bool:
        return not self.event.reporter_confidential or self.is_reporter or self.is_desk

    @property
    def may_unmask(self) -> bool:
        return self.is_desk or (self.is_handling and self.knows_reporter)

    # What is shown ------------------------------------------------------------------------------

    def words(self, text: str) -> str:
        """The reporter's own words, and those said to the reporter."""
        return text if self.is_reporter or self.unmasked else mask_numbers(text)

    def is_whole(self, step: Step) -> bool:
        return self.is_reporter or self.unmasked or step.actor_id == self.actor.user_id

    def is_hidden(self, step: Step) -> bool:
        """Whether the step's author is a reporter this person may not know."""
        return (
            step.actor_id is not None and step.actor_id == self.event.reporter_id and not self.knows_reporter
        )

    @property
    def description(self) -> str:
        return self.words(self.event.description)

    @property
    def address(self) -> str:
        return self.words(self.event.address)

    @property
    def reporter_phone(self) -> str:
        phone = self.event.reporter.phone if self.event.reporter and self.knows_reporter else ""
        return phone if self.unmasked or self.is_reporter else mask_phone(phone)

    @cached_property
    def contact(self) -> ReporterContact | None:
        """Who told it to the desk. Never saved as shown."""
        row = contacts_of([self.event]).get(self.event.pk) if self.knows_reporter else None
        if row and not self.unmasked:
            row.name, row.phone = mask_name(row.name), mask_phone(row.phone)
        return row

    def hides(self, steps: Iterable[Step]) -> bool:
        """Whether something on the event's page is masked for this person."""
        if self.unmasked:
            return False
        texts = [
            value
            for step in steps
            if not self.is_whole(step)
            for value in getattr(getattr(step, "text", None), "content", {}).values()
        ]
        plain = [] if self.is_reporter else [self.event.description, self.event.address]
        numbers = any(mask_numbers(text) != text for text in [*plain, *texts])
        return numbers or self.contact is not None or bool(self.reporter_phone and not self.is_reporter)


def contacts_of(events: Iterable[Event]) -> dict[UUID, ReporterContact]:
    """By event, of those told to a desk; one split off or followed up has the first one's. One query, or none."""
    told = {event.pk: event.origin_id for event in events if event.source in TOLD_TO_A_DESK}
    first = {*told, *told.values()} - {None}
    found = {row.event_id: row for row in ReporterContact.objects.filter(event__in=first)} if first else {}
    rows = {pk: found.get(pk) or (origin and found.get(origin)) for pk, origin in told.items()}
    return {pk: row for pk, row in rows.items() if row}


def unmaskable_by(actor: Actor) -> Q:
    """``may_unmask`` or ``is_reporter`` as a condition on events."""
    handling = Q(
        state=State.HANDLING, lead__in=actor.scope.units("handle_events"), reporter_confidential=False
    )
    return Q(desk__in=actor.scope.units("view_org_events")) | handling | Q(reporter=actor.user_id)


def note_reading(request: HttpRequest, events: Iterable[Event]) -> None:
    """What the auditor reads is itself written down: one row of the audit log for a page."""
    note_reading_of(Actor.of(request.user), events, request)  # type: ignore[arg-type]


def note_reading_of(actor: Actor, events: Iterable[Event], request: HttpRequest | None = None) -> None:
    """As ``note_reading``, where nobody looks at a page."""
    read = [event for event in events if actor.scope.covers("audit_events", event.area_code)]
    if read:
        numbers = [event.number for event in read]
        audit.record(
            kind="audit_read",
            actor=actor.user,
            subject=numbers[0] if len(numbers) == 1 else "",
            detail={"events": numbers},
            request=request,
        )
