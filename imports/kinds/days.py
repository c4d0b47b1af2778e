"""Days of a list as instants and back: days are local, a last day belongs to what it ends."""

from datetime import date, datetime, time, timedelta

from django.utils import timezone


def begins(day: date, *, now: datetime) -> datetime:
    """The instant something begins that holds from a day on: today means now."""
    return now if day == timezone.localdate(now) else timezone.make_aware(datetime.combine(day, time()))


def ends_after(last_day: str | None) -> datetime | None:
    if last_day is None:
        return None
    after = date.fromisoformat(last_day) + timedelta(days=1)
    return timezone.make_aware(datetime.combine(after, time()))


def first_day(at: datetime) -> str:
    return timezone.localdate(at).isoformat()


def last_day(end: datetime | None) -> str | None:
    return None if end is None else timezone.localdate(end - timedelta(microseconds=1)).isoformat()
