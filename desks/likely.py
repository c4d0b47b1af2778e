"""Which events a report may belong to, the likeliest first, each with its reasons in words.

The same item within 50 metres and 24 hours is a likely duplicate (field rules, section 3; the numbers are the
district's); then what is near in place, time and words. A person decides. Open ones may lead; what was closed or
merged lately is shown beside them, since the hazard may be back. Distances are metres on a sphere, good to a metre
over such a short way.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from math import cos, hypot, radians

from django.db.models import Q
from django.utils.translation import gettext as _

from accounts.scope import Actor
from desks.clock_words import span
from desks.likeness import Likeness, likeness
from desks.not_same import said_of
from desks.privacy import Privacy
from dispatch import policy
from dispatch.policy import Policy
from events.models import OPEN_STATES, Event, State
from grids.locate import METRES_A_DEGREE, near

SHOWN, LOOKED_AT = 6, 200
LOOK_BACK = timedelta(days=30)
"""How old what is finished may be."""
PLACE, TIME, WORDS = 40, 30, 30
"""What each likeness counts at most."""
FADES_IN = timedelta(days=7)
ALIKE = 0.2
"""Of another category, an event shares at least so much of its words, or is no candidate."""


@dataclass(frozen=True)
class Likely:
    """``metres`` is None where one of the two has no point and only the grid is shared."""

    event: Event
    is_likely: bool
    metres: int | None
    same_item: bool
    same_category: bool
    apart: timedelta
    """Positive: the other happened later."""
    words: Likeness
    score: int

    @property
    def may_lead(self) -> bool:
        return self.event.is_open

    @property
    def reasons(self) -> list[str]:
        """'same item', '32 m away', '40 min earlier', 'words in common: 路灯'."""
        told = [_("same item") if self.same_item else _("other item")]
        told.append(_("same grid") if self.metres is None else _("%(n)s m away") % {"n": self.metres})
        length = span(abs(self.apart))
        if abs(self.apart) < timedelta(minutes=1):
            told.append(_("at the same time"))
        elif self.apart > timedelta():
            told.append(_("%(span)s later") % {"span": length})
        else:
            told.append(_("%(span)s earlier") % {"span": length})
        if self.words.common:
            told.append(_("words in common: %(words)s") % {"words": _("; ").join(self.words.common)})
        return told


def likely_events(event: Event, actor: Actor) -> list[Likely]:
    """What is proposed: of ``weighed`` all but what the desk found not to be the same matter."""
    return weighed(event, actor)[0]


def weighed(event: Event, actor: Actor) -> tuple[list[Likely], list[Likely]]:
    """What is proposed, and what would be, had the desk not said that it is another matter. One statement.

    Of what the person may see: open events, and those finished within ``LOOK_BACK``.
    """
    numbers = policy.of(actor.district, at=event.occurred_at)
    recent = Q(state__in=OPEN_STATES) | Q(
        state__in=[State.CLOSED, State.MERGED], recorded_at__gte=event.occurred_at - LOOK_BACK
    )
    others = Event.objects.visible_to(actor.user).filter(recent, area_code__in=_codes(event, actor, numbers))
    others = others.exclude(pk=event.pk).annotate(not_same=said_of(event))
    rows = others.select_related("item").order_by("-recorded_at")[:LOOKED_AT]
    text = _text(event, actor)
    found = [_compare(event, text, row, _text(row, actor), numbers) for row in rows]
    proposed = [row for row in found if not row.event.not_same]  # type: ignore[attr-defined]
    return ranked(proposed, numbers), ranked([row for row in found if row not in proposed], numbers)


def likely_leading(event: Event, actor: Actor) -> list[Likely]:
    """Of these, the open ones: an event is merged into one that goes on."""
    return [row for row in likely_events(event, actor) if row.may_lead]


def ranked(rows: list[Likely], numbers: Policy) -> list[Likely]:
    """Likely duplicates first, then by score; the newest first among equals. What is neither near nor alike is left out."""
    kept = [
        row
        for row in rows
        if row.is_likely
        or (
            (row.metres is None or row.metres <= numbers.nearby_metres)
            and (row.same_category or row.words.share >= ALIKE)
        )
    ]
    return sorted(kept, key=lambda row: (not row.is_likely, -row.score, row.event.number))[:SHOWN]


def compared(event: Event, other: Event, actor: Actor) -> Likely:
    """How two events are alike, whether or not the one would be proposed."""
    numbers = policy.of(actor.district, at=event.occurred_at)
    return _compare(event, _text(event, actor), other, _text(other, actor), numbers)


def closed_here(event: Event, actor: Actor, *, since: datetime) -> list[Event]:
    """The same item closed nearby since then: a hazard that is back. One statement."""
    numbers = policy.of(actor.district, at=event.occurred_at)
    closed = Event.objects.visible_to(actor.user).filter(state=State.CLOSED, closed_at__gte=since)
    rows = (
        closed.filter(area_code__in=_codes(event, actor, numbers), item__code=event.item.code)
        .select_related("item")
        .order_by("-closed_at")
    )
    close = [row for row in rows[:LOOKED_AT] if (metres_between(event, row) or 0) <= numbers.likely_metres]
    return close[:SHOWN]


def _codes(event: Event, actor: Actor, numbers: Policy) -> set[str]:
    """The areas to look in, by their own codes, so that the index on them is read: those within reach of the point,
    and where the place itself is known only so far. None is searched through."""
    if event.longitude is None or event.latitude is None:
        return {event.area_code}
    return {
        event.area_code,
        *near(actor.district, event.longitude, event.latitude, metres=numbers.nearby_metres),
    }


def _text(event: Event, actor: Actor) -> str:
    """As this person may read it: what is masked is not compared."""
    return Privacy(event, actor).words(f"{event.description} {event.address}")


def _compare(event: Event, text: str, other: Event, other_text: str, numbers: Policy) -> Likely:
    metres = metres_between(event, other)
    same_place = metres <= numbers.likely_metres if metres is not None else event.area_code == other.area_code
    apart = other.occurred_at - event.occurred_at
    same_item = event.item.code == other.item.code  # whatever its version
    words = likeness(text, other_text)
    far = numbers.nearby_metres / 2 if metres is None else metres
    place = PLACE * max(1 - far / numbers.nearby_metres, 0)
    time = TIME * max(1 - abs(apart) / FADES_IN, 0)
    return Likely(
        event=other,
        is_likely=same_item and same_place and abs(apart) <= timedelta(hours=numbers.likely_hours),
        metres=metres,
        same_item=same_item,
        same_category=event.item.category_id == other.item.category_id,
        apart=apart,
        words=words,
        score=round(place + time + WORDS * words.share),
    )


def metres_between(event: Event, other: Event) -> int | None:
    if event.longitude is None or event.latitude is None:
        return None
    return metres_from((event.longitude, event.latitude), other)


def metres_from(point: tuple[float, float], event: Event) -> int | None:
    """From (longitude, latitude); None where the event has no point."""
    if event.longitude is None or event.latitude is None:
        return None
    longitude, latitude = point
    east = (longitude - event.longitude) * cos(radians(latitude))
    return round(hypot(east, latitude - event.latitude) * METRES_A_DEGREE)
