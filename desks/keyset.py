"""Pages of a long list by the key of the last row: as fast on page 1,000 as on page 1, and no row twice."""

import base64
import binascii
import uuid
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Q, QuerySet

from events.models import Event


@dataclass(frozen=True)
class Page:
    """``after`` is the cursor of the next page, empty on the last one."""

    rows: list[Event]
    after: str
    is_first: bool


def page_of(events: QuerySet[Event], *, order: tuple[str, str], after: str = "", size: int = 50) -> Page:
    """The rows behind the cursor ``after`` in the order of (an instant, id); an unreadable cursor is the start.

    One query.
    """
    field, descending = order[0].lstrip("-"), order[0].startswith("-")
    key = _read(after)
    if key:
        side, edge = ("lt", "lte") if descending else ("gt", "gte")
        at, event_id = key
        events = events.filter(
            Q(**{f"{field}__{side}": at}) | Q(**{f"id__{side}": event_id}), **{f"{field}__{edge}": at}
        )
    rows = list(events.order_by(*order)[: size + 1])
    more = len(rows) > size
    rows = rows[:size]
    return Page(rows, _write(getattr(rows[-1], field), rows[-1].pk) if more else "", key is None)


def _write(at: datetime, event_id: uuid.UUID) -> str:
    return base64.urlsafe_b64encode(f"{at.isoformat()}|{event_id}".encode()).decode().rstrip("=")


def _read(cursor: str) -> tuple[datetime, uuid.UUID] | None:
    try:
        at, _, event_id = base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)).decode().partition("|")
        instant = datetime.fromisoformat(at)
        return (instant, uuid.UUID(event_id)) if instant.tzinfo else None
    except (ValueError, binascii.Error):
        return None
