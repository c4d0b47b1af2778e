"""The verbs that write what was read, and that clear away what is old."""

from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Exists, OuterRef

from accounts.models import User
from inbox.models import Notice, ReadMark

KEPT = timedelta(days=30)


@transaction.atomic
def mark_read(*, user: User, notice_id: int, now: datetime) -> Notice:
    """Raises Notice.DoesNotExist for one that is not there for this person."""
    notice = Notice.objects.visible_to(user, now=now).get(pk=notice_id)
    _mark(user, [notice.pk], now)
    return notice


@transaction.atomic
def mark_all_read(*, user: User, until: datetime, now: datetime) -> int:
    """Everything unread that was there at ``until``, when the person looked; returns how many."""
    unread = Notice.objects.visible_to(user, now=min(until, now)).unread_by(user)
    keys = list(unread.filter(created_at__lte=until).values_list("pk", flat=True))
    _mark(user, keys, now)
    return len(keys)


def _mark(user: User, keys: list[int], now: datetime) -> None:
    rows = [ReadMark(notice_id=key, user=user, read_at=now) for key in keys]
    ReadMark.objects.bulk_create(rows, ignore_conflicts=True, batch_size=2000)


def pass_on(leaver: User, to: User) -> None:
    """The leaver's own unread notices become the successor's; part of handing over."""
    known = Notice.objects.filter(user=to, step=OuterRef("step"), event=OuterRef("event"))
    Notice.objects.filter(user=leaver).unread_by(leaver).exclude(Exists(known)).update(user=to)


def forget_old(*, now: datetime, batch: int = 5000) -> int:
    """Clear away a batch of notices older than KEPT with their marks; the steps remain. Returns how many."""
    keys = list(Notice.objects.filter(visible_from__lt=now - KEPT).values_list("pk", flat=True)[:batch])
    Notice.objects.filter(pk__in=keys).delete()
    return len(keys)
