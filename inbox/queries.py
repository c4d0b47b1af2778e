"""Pages of a person's inbox, newest first, by the key of the last row: as fast on page 100 as on page 1."""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import OuterRef, Q, Subquery
from django.db.models.fields.json import KT
from django.db.models.functions import Coalesce
from django.utils.dateparse import parse_datetime

from accounts.models import User
from events.models import StepText, Urgency
from inbox.models import Notice

SIZE = 50
MOST_COUNTED = 99
ANSWERS = ("reject", "merge", "feed_back", "self_close", "answer_reporter")
"""The verbs whose text tells the reporter what became of it."""


@dataclass(frozen=True)
class Page:
    """``after`` is the cursor of the next page, empty on the last one."""

    rows: list[Notice]
    after: str
    is_first: bool


def page_of(
    user: User,
    *,
    now: datetime,
    everything: bool = False,
    own: bool = False,
    critical: bool = False,
    after: str = "",
) -> Page:
    """Unread ones, or ``everything``; ``own``: about the person's own reports. One statement."""
    notices = Notice.objects.visible_to(user, now=now)
    notices = notices.with_reading(user) if everything else notices.unread_by(user)
    if own:
        notices = notices.filter(user=user)
    if critical:
        notices = notices.filter(event__urgency=Urgency.CRITICAL)
    key = _read(after)
    if key:
        at, pk = key
        notices = notices.filter(Q(visible_from__lt=at) | Q(visible_from=at, pk__lt=pk))
    notices = notices.select_related("event__item", "event__holder", "step__organization")
    rows = list(_with_answers(notices).order_by("-visible_from", "-pk")[: SIZE + 1])
    more = len(rows) > SIZE
    rows = rows[:SIZE]
    return Page(rows, f"{rows[-1].visible_from.isoformat()}_{rows[-1].pk}" if more else "", key is None)


def unread_count(user: User, *, now: datetime) -> int:
    """Counts no further than one above MOST_COUNTED. One statement."""
    return Notice.objects.visible_to(user, now=now).unread_by(user)[: MOST_COUNTED + 1].count()


def _with_answers(notices):
    """The last words to the reporter as ``answer``; only what a reporter is told has them."""
    texts = StepText.objects.filter(
        step__event=OuterRef("step__event"),
        step__sequence__lte=OuterRef("step__sequence"),
        step__verb__in=ANSWERS,
    )
    words = texts.order_by("-step__sequence").values(
        words=Coalesce(KT("content__answer"), KT("content__result"))
    )
    return notices.annotate(answer=Subquery(words[:1]))


def _read(cursor: str) -> tuple[datetime, int] | None:
    """An unreadable cursor is the start."""
    instant, _separator, pk = cursor.rpartition("_")
    try:
        at = parse_datetime(instant)
    except ValueError:
        return None
    return (at, int(pk)) if at and at.tzinfo and pk.isdecimal() else None
