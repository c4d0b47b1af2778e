"""Pages of a long list by the key of the last row: as fast on page 1,000 as on page 1, and no row twice.

The key is every field of the order, the id last; fields may run up and down as they like. A cursor names its order:
in another one, and where it cannot be read, it is the start.
"""

import base64
import binascii
import json
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Generic, TypeVar

from django.db.models import Model, Q, QuerySet

SIZE = 50
"""Rows of a page."""
Row = TypeVar("Row", bound=Model)


@dataclass(frozen=True)
class Page(Generic[Row]):
    """``after`` is the cursor of the next page, empty on the last one."""

    rows: list[Row]
    after: str
    is_first: bool


def page_of(found: QuerySet[Row], *, order: tuple[str, ...], after: str = "", size: int = SIZE) -> Page[Row]:
    """The rows behind the cursor ``after``; ``order`` names fields of ``READERS`` or texts. One query."""
    key = _read(after, order)
    if key:
        found = found.filter(_behind(key, order), **_edge(key, order))
    rows = list(found.order_by(*order)[: size + 1])
    more = len(rows) > size
    rows = rows[:size]
    return Page(rows, _write(rows[-1], order) if more else "", key is None)


def _behind(key: list[Any], order: tuple[str, ...]) -> Q:
    """Behind in the first field, or equal there and behind in the second, and so on."""
    found, equal = Q(), Q()
    for field, value in zip(order, key, strict=True):
        name = field.lstrip("-")
        found |= equal & Q(**{f"{name}__{'lt' if field.startswith('-') else 'gt'}": value})
        equal &= Q(**{name: value})
    return found


def _edge(key: list[Any], order: tuple[str, ...]) -> dict[str, Any]:
    """Implied by ``_behind``; said on its own it leads PostgreSQL into the index."""
    side = "lte" if order[0].startswith("-") else "gte"
    return {f"{order[0].lstrip('-')}__{side}": key[0]}


def _instant(text: str) -> datetime:
    at = datetime.fromisoformat(text)
    if at.tzinfo is None:
        raise ValueError("an instant has a time zone")
    return at


def _words(text: str) -> str:
    if "\x00" in text:
        raise ValueError("PostgreSQL keeps no such text")
    return text


def _small(text: str) -> int:
    number = int(text)
    if not 0 <= number < 100:
        raise ValueError("a rank is small")
    return number


READERS: dict[str, Callable[[str], Any]] = {
    "due": _instant,
    "recorded_at": _instant,
    "at": _instant,
    "id": uuid.UUID,
    "urgency_rank": _small,
    "rank": _small,
}
"""How a field's value is read back; any other is a text."""


def _write(row: Model, order: tuple[str, ...]) -> str:
    values = [getattr(row, field.lstrip("-")) for field in order]
    told = [value.isoformat() if isinstance(value, datetime) else str(value) for value in values]
    return base64.urlsafe_b64encode(json.dumps([list(order), told]).encode()).decode().rstrip("=")


def _read(cursor: str, order: tuple[str, ...]) -> list[Any] | None:
    try:
        named, told = json.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
        if named != list(order) or len(told) != len(order) or not all(isinstance(each, str) for each in told):
            return None
        readers = (READERS.get(field.lstrip("-"), _words) for field in order)
        return [reader(value) for reader, value in zip(readers, told, strict=True)]
    except (ValueError, TypeError, binascii.Error, RecursionError):
        return None
