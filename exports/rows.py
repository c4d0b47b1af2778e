"""What an export is made of: columns, cells, and the rows in batches.

A source reads one batch at a time as the person who asked, under the scope of that moment; the key of the
last row leads to the next batch. So memory stays flat and no long transaction is held. Cells are text,
numbers (never numbers as text), instants in Asia/Shanghai without a zone, days, or None.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Protocol

from django.utils import timezone
from django.utils.functional import Promise

from accounts.scope import Actor

Cell = str | int | float | Decimal | datetime | date | None


@dataclass(frozen=True)
class Column:
    """``kind``: text, number, percent (of 100, two decimals), moment or day; ``width`` in characters."""

    title: str | Promise
    kind: str = "text"
    width: int = 14


@dataclass(frozen=True)
class Asked:
    """``query``: as in the page's address; ``whole``: unmask what the asker may; nothing newer than ``until``."""

    query: str
    whole: bool
    until: datetime


@dataclass(frozen=True)
class Batch:
    """``personal``: how many of the rows show personal data whole; ``after``: empty on the last batch."""

    rows: list[list[Cell]]
    after: str = ""
    personal: int = 0


@dataclass(frozen=True)
class Size:
    """Rows in all, and rows that would show personal data whole if that is asked for."""

    rows: int
    personal: int = field(default=0)


class Source(Protocol):
    """Every method raises FiltersRefusedError for filters that make no sense, ScopeLostError for no right at all."""

    def __init__(self, asked: Asked) -> None: ...

    def columns(self, actor: Actor) -> Sequence[Column]: ...

    def size(self, actor: Actor) -> Size: ...

    def batch(self, actor: Actor, after: str) -> Batch: ...


def moment(at: datetime | None) -> datetime | None:
    """An instant as a clock in Shanghai shows it: spreadsheets know no zones."""
    return timezone.localtime(at).replace(tzinfo=None) if at else None
