"""Items outside the everyday checklist that are switched on together for a time: the epidemic work of 2020.

A set is a list of the product (``data``). While it is on, its items are versions like all others, with an end.
"""

import csv
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cached_property
from pathlib import Path

from django.db import transaction
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import User
from events.actions import DATA, read_item
from events.catalogue import versions
from events.models import Category, Item
from events.versions import content_of, retire_items, save_categories, save_items
from grids.models import District


@dataclass(frozen=True)
class ItemSet:
    """``path``: a file with the columns of the checklist; its items are of one category."""

    name: str | Promise
    path: Path

    @cached_property
    def rows(self) -> list[dict[str, str]]:
        return _read(self.path)

    @property
    def codes(self) -> list[str]:
        return [row["code"] for row in self.rows]

    @property
    def category(self) -> dict[str, str]:
        categories = _read(DATA / "event_categories.csv")
        return next(row for row in categories if row["code"] == self.codes[0][:3])


def _read(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


SETS = {
    "epidemic": ItemSet(gettext_lazy("Epidemic work"), DATA / "epidemic_items.csv"),
}


@dataclass(frozen=True)
class Switched:
    """``last``: the last day it is on, None without an end; ``begins``: the first day of what is to come."""

    is_on: bool
    begins: date | None = None
    last: date | None = None


def state_of(chosen: ItemSet, district: District, *, on: date) -> Switched:
    """Whether the set is on that day or will be, from memory."""
    known = versions(district)
    rows = [item for code in chosen.codes for item in known.get(code, []) if item.valid_from != item.valid_to]
    open_rows = [item for item in rows if item.valid_to is None or item.valid_to > on]
    if not open_rows:
        return Switched(False)
    begins = min(item.valid_from for item in open_rows)
    ends = [item.valid_to for item in open_rows]
    last = None if None in ends else max(end for end in ends if end) - timedelta(days=1)
    return Switched(begins <= on, begins, last)


@transaction.atomic
def switch_on(
    *, chosen: ItemSet, district: District, first: date, last: date, by: User | None, now: datetime
) -> int:
    """The set's items hold from the first day through the last; returns how many. Raises BackwardsError."""
    if last < first:
        raise BackwardsError
    category = chosen.category
    if not Category.objects.filter(district=district, code=category["code"]).exists():
        save_categories(district=district, rows=[category], by=by, now=now)
    contents = {row["code"]: content_of(Item(**read_item(row))) for row in chosen.rows}
    return save_items(
        district=district,
        contents=contents,
        from_day=first,
        until=last + timedelta(days=1),
        by=by,
        now=now,
    )


def switch_off(*, chosen: ItemSet, district: District, from_day: date, by: User | None, now: datetime) -> int:
    """The set's items hold no more from a day on; returns how many ended."""
    return retire_items(district=district, codes=chosen.codes, from_day=from_day, by=by, now=now)


class BackwardsError(ValueError):
    """The last day lies before the first."""

    code = "backwards"

    def __init__(self) -> None:
        super().__init__(_("The last day lies before the first. Swap them."))
