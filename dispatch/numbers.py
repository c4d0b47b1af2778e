"""Event numbers: 19 digits, district + date + serial of the day (field rules, section 8)."""

import uuid
from datetime import datetime

from django.db import connection
from django.utils import timezone


def number(tenant: str, now: datetime, serial: int) -> str:
    return f"{tenant}{timezone.localtime(now):%Y%m%d}{serial % 100_000:05d}"


def next_number(tenant: str, now: datetime) -> str:
    with connection.cursor() as cursor:
        cursor.execute("SELECT nextval('event_serial')")
        return number(tenant, now, cursor.fetchone()[0])


def training_number(event_id: uuid.UUID, now: datetime) -> str:
    """Looks like no real one and takes no serial: ``LX-190304-1B9D6BCD``, the end of the event's key (练习)."""
    return f"LX-{timezone.localtime(now):%y%m%d}-{event_id.hex[-8:].upper()}"


def taken_and_serial(event_id: uuid.UUID) -> tuple[bool, int]:
    """Whether an event's key is taken, and the next serial, in one statement; a gap in the serials is allowed."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT EXISTS (SELECT 1 FROM events_event WHERE id = %s), nextval('event_serial')", [event_id]
        )
        return cursor.fetchone()
