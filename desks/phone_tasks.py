"""What a phone shows of a person's work without another request: the team's queues, and a card of each event in them.

At most ten statements beside those of every request, however long the queues are: all queues together, the events, for
the moves their orders, clocks, asks and the person's own work, the reasons and colleagues a form lists, the photos, and
the words of the step that is to be acted upon.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from accounts.models import Organization
from accounts.scope import Actor, HeldPost
from desks.offered import Offer, Offers
from desks.privacy import Privacy
from desks.queue_rules import Seat
from desks.seats import queues_for
from desks.sections import Section, sections_of
from dispatch.situations import situations_of
from dispatch.workflow import VERBS, Words
from events.masking import mask_numbers
from events.models import NEVER, Event, Evidence, Step

Kind = Organization.Kind
MOST_CARDS = 30
"""Of a queue; what is beyond comes up when these are done."""
MOST_PHOTOS = 3
RELATED = ("item", "desk__area", "leading")
TO_ACT_ON = ("ask_check", "dispatch", "auto_dispatch", "rework", "feed_back", "self_close")
"""The verbs whose words say what is to be done or looked at next."""
TEXTS = ("question", "note", "missing", "result")


@dataclass(frozen=True)
class Note:
    """What was said with the last step that is to be acted upon."""

    step: Step
    text: str

    @property
    def words(self) -> Words:
        return VERBS[self.step.verb].done


@dataclass(frozen=True)
class Card:
    """``note`` is None where no step said anything that is to be acted upon."""

    event: Event
    privacy: Privacy
    now: datetime
    offers: list[Offer]
    photos: list[Evidence]
    note: Note | None

    @property
    def due(self) -> datetime | None:
        return self.event.due if self._runs else None

    @property
    def is_overdue(self) -> bool:
        return self._runs and self.event.due < self.now

    @property
    def _runs(self) -> bool:
        return self.event.is_open and self.event.due != NEVER

    @property
    def answer(self) -> str:
        return self.privacy.words(getattr(self.event, "answer", None) or "")


def posts_of(actor: Actor) -> list[HeldPost]:
    """Those whose work is done with a phone: of a grid team, or at a community, where one reports."""
    return [post for post in actor.scope.posts if post.organization_kind in (Kind.TEAM, Kind.COMMUNITY)]


def sections_at(actor: Actor, post: HeldPost, now: datetime) -> list[Section]:
    """At a community only what is about one's own reports: its desk works at a desk."""
    assert actor.user is not None
    seat = Seat(actor.user, post, now)
    queues = [queue for queue in queues_for(actor.scope, seat) if Kind.TEAM in queue.kinds]
    return sections_of(queues, seat, most=MOST_CARDS, related=RELATED)


def cards_of(sections: Iterable[Section], actor: Actor, now: datetime) -> dict[UUID, Card]:
    """One for each event, in however many queues it stands."""
    events = list({event.pk: event for section in sections for event in section.events}.values())
    if not events:
        return {}
    situations = situations_of(events, actor, now)
    offers, photos, notes = Offers(situations.values()), _photos(events), _notes(events)
    cards = {}
    for event in events:
        privacy, step = Privacy(event, actor), notes.get(event.pk)
        cards[event.pk] = Card(
            event=event,
            privacy=privacy,
            now=now,
            offers=offers.of(situations[event.pk], only_drawable=True),
            photos=photos[event.pk],
            note=_note(step, privacy) if step else None,
        )
    return cards


def _photos(events: Sequence[Event]) -> dict[UUID, list[Evidence]]:
    """The first one before and the last ones after; what a form still holds is not shown."""
    before: dict[UUID, list[Evidence]] = defaultdict(list)
    after: dict[UUID, list[Evidence]] = defaultdict(list)
    rows = Evidence.objects.filter(event__in=events, kind__in=(Evidence.Kind.BEFORE, Evidence.Kind.AFTER))
    for row in rows.exclude(received_at=None).order_by("received_at", "pk"):
        if row.kind == Evidence.Kind.BEFORE:
            before[row.event_id].append(row)
        elif row.step_id:
            after[row.event_id].append(row)
    found: dict[UUID, list[Evidence]] = defaultdict(list)
    for event in events:
        later = after[event.pk][-MOST_PHOTOS + 1 :]
        found[event.pk] = [*before[event.pk][: MOST_PHOTOS - len(later)], *later]
    return found


def _notes(events: Sequence[Event]) -> dict[UUID, Step]:
    """Of each event the last such step."""
    steps = Step.objects.filter(event__in=events, verb__in=TO_ACT_ON).select_related("text")
    return {step.event_id: step for step in steps.order_by("event_id", "sequence")}


def _note(step: Step, privacy: Privacy) -> Note | None:
    text = getattr(step, "text", None)
    words = next((text.content[name] for name in TEXTS if text.content.get(name)), "") if text else ""
    return Note(step, words if privacy.is_whole(step) else mask_numbers(words)) if words else None
