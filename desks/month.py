"""A person's own month in numbers, for themselves alone: nothing is compared with anybody, and nobody else reads it."""

from dataclasses import dataclass
from datetime import date, datetime, time

from django.db.models import Count, Exists, OuterRef, Q
from django.utils import timezone

from accounts.models import User
from events.models import OPEN_STATES, Event, State, Step
from inbox.models import Notice

CHECKS = ("answer_check", "verify", "rework", "confirm_sample", "refuse_sample")
"""What is looked at on the spot: a report, a result, a sample."""


@dataclass(frozen=True)
class Month:
    """``reported`` are the own reports recorded in the month but those taken back or void: closed, open, rejected and
    merged add up to it. ``answers_waiting``: those of them with an answer not yet read."""

    month: str
    reported: int
    closed: int
    open: int
    rejected: int
    merged: int
    self_closed: int
    checks_done: int
    answers_waiting: int


def month_of(user: User, first: date, *, now: datetime) -> Month:
    """``first``: the month's first day, Asia/Shanghai. Two statements."""
    begin, end = _instant(first), _instant(_next(first))
    mine = Event.objects.visible_to(user).filter(
        reporter=user.pk, recorded_at__gte=begin, recorded_at__lt=end
    )
    told = Notice.objects.filter(user=user.pk, visible_from__lte=now, event=OuterRef("pk"))
    unread = Exists(told.unread_by(user))
    counted = {
        "reported": ~Q(state=State.VOID),
        "closed": Q(state=State.CLOSED),
        "open": Q(state__in=OPEN_STATES),
        "rejected": Q(state=State.REJECTED),
        "merged": Q(state=State.MERGED),
        "self_closed": Q(state=State.CLOSED, self_closed=True),
        "answers_waiting": ~Q(state=State.VOID) & Q(has_news=True),
    }
    numbers = mine.annotate(has_news=unread).aggregate(
        **{f"number_{name}": Count("pk", filter=rule) for name, rule in counted.items()}
    )
    checks = Step.objects.filter(
        tenant=user.district_id,
        actor=user.pk,
        verb__in=CHECKS,
        at__gte=begin,
        at__lt=end,
        event__training=user.in_training,
    )
    return Month(
        month=f"{first:%Y-%m}",
        checks_done=checks.count(),
        **{name: numbers[f"number_{name}"] for name in counted},
    )


def _next(first: date) -> date:
    return date(first.year + first.month // 12, first.month % 12 + 1, 1)


def _instant(day: date) -> datetime:
    return timezone.make_aware(datetime.combine(day, time()))
