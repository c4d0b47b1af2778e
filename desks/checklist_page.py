"""The checklist as pages show it: found by words and filters, an item in words, its versions and its history."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import groupby
from typing import Any

from django.http import QueryDict
from django.utils.dateparse import parse_date
from django.utils.translation import gettext as _

from accounts.models import Organization
from desks.clock_face import item_limit_words, limit_words
from dispatch.working_time import Unit
from events.catalogue import versions
from events.item_columns import CIRCLES, COLUMNS, SOURCES
from events.models import Category, Evidence, Item, ItemChange
from grids.models import District

BY_NAME = {column.name: column for column in COLUMNS}
FILTERS = ("platform", "level", "urgency", "self_handle", "sensitive")
FLAGS = ("self_handle", "sensitive")


@dataclass(frozen=True)
class Filter:
    name: str
    label: Any
    choices: list[tuple[str, Any]]
    chosen: str


@dataclass(frozen=True)
class Version:
    """``last``: the last day it holds; ``state``: over, now or to come."""

    item: Item
    last: date | None
    state: str


@dataclass(frozen=True)
class Told:
    change: ItemChange
    lines: list[tuple[Any, str, str]]


# The list -------------------------------------------------------------------------------------------


def in_force(district: District, on: date) -> list[Item]:
    """The version of each item that holds on a day, in code order. No query when warm."""
    return [
        item
        for known in versions(district).values()
        for item in known
        if item.valid_from <= on and (item.valid_to is None or on < item.valid_to)
    ]


def found(items: Iterable[Item], asked: QueryDict) -> list[tuple[Category, list[Item]]]:
    """What fits the words and filters of the URL, by category."""
    words = asked.get("q", "").strip().casefold()
    wanted = {name: asked.get(name, "") for name in FILTERS if asked.get(name)}
    fitting = [item for item in items if _has(item, words) and _fits(item, wanted)]
    return [
        (group[0].category, group) for _code, rows in groupby(fitting, _category) for group in [list(rows)]
    ]


def _category(item: Item) -> str:
    return item.category.code


def _has(item: Item, words: str) -> bool:
    """In its name or category, at the beginning of its code, or with a keyword in common."""
    names = (item.name_zh, item.name_en, item.category.name_zh, item.category.name_en)
    return (
        not words
        or item.code.startswith(words)
        or any(words in name.casefold() for name in names)
        or any(words in word.casefold() or word.casefold() in words for word in item.keywords)
    )


def _fits(item: Item, wanted: dict[str, str]) -> bool:
    said = {"platform": item.category.platform, "level": item.level, "urgency": item.urgency} | {
        name: "yes" if getattr(item, name) else "no" for name in FLAGS
    }
    return all(said[name] == value for name, value in wanted.items())


def filters(asked: QueryDict) -> list[Filter]:
    flags = [("yes", _("yes")), ("no", _("no"))]
    return [
        Filter(name, BY_NAME[name].label, list(BY_NAME[name].choices) or flags, asked.get(name, ""))
        for name in FILTERS
    ]


def day_of(text: str, today: date) -> date | None:
    """The day a list or an item is asked for; None for what is no day."""
    if not text:
        return today
    try:
        return parse_date(text)
    except ValueError:
        return None


# One item -------------------------------------------------------------------------------------------


def version_on(district: District, code: str, on: date) -> Item | None:
    """The version that holds on a day; where none does, the last before it, else the first."""
    known = [item for item in versions(district).get(code, []) if item.valid_from != item.valid_to]
    holding = [item for item in known if item.valid_from <= on]
    return holding[-1] if holding else known[0] if known else None


def all_versions(district: District, code: str, today: date) -> list[Version]:
    """The newest first; those that never held are left out."""
    known = [item for item in versions(district).get(code, []) if item.valid_from != item.valid_to]
    return [_version(item, today) for item in reversed(known)]


def _version(item: Item, today: date) -> Version:
    over = item.valid_to is not None and item.valid_to <= today
    state = "over" if over else "now" if item.valid_from <= today else "planned"
    return Version(item, item.valid_to - timedelta(days=1) if item.valid_to else None, state)


def limits(item: Item) -> list[tuple[Any, str]]:
    """Accepting and dispatching are counted as the item's own limit is: day and night, or in working time."""
    all_day = item.limit_unit == Item.LimitUnit.CALENDAR_HOURS
    unit = Unit.CALENDAR_MINUTES if all_day else Unit.WORKING_MINUTES
    return [
        (_("Accept within"), limit_words(item.accept_minutes, unit)),
        (_("Dispatch within"), limit_words(item.dispatch_minutes, unit)),
        (_("Handle within"), item_limit_words(item.handle_limit, item.limit_unit)),
    ]


def evidence(item: Item) -> list[tuple[Any, list[Any]]]:
    """What is asked for at each stage: the photo before with the report, the rest with the result."""
    kinds = [Evidence.Kind(kind) for kind in item.evidence]
    stages = (
        (_("With the report"), [kind.label for kind in kinds if kind == Evidence.Kind.BEFORE]),
        (_("With the feedback, or when it is closed on the spot"), [kind.label for kind in kinds if kind != Evidence.Kind.BEFORE]),
    )  # fmt: skip
    return [(stage, asked) for stage, asked in stages]


def departments(item: Item) -> tuple[str, list[str]]:
    """The responsible department and those that assist, by name. One query."""
    codes = [item.lead_department, *item.assist_departments]
    known = {
        row.code: row.name for row in Organization.objects.filter(district=item.district_id, code__in=codes)
    }
    return known.get(codes[0], codes[0]), [known.get(code, code) for code in codes[1:]]


def circle(item: Item) -> str:
    return str(CIRCLES.get(item.circle, item.circle))


def source(item: Item) -> str:
    return str(SOURCES.get(item.source_list, item.source_list))


# Its history ----------------------------------------------------------------------------------------


def told(changes: Iterable[ItemChange]) -> list[Told]:
    return [Told(change, lines_of(change.params.get("changed", {}))) for change in changes]


def lines_of(changed: dict[str, Any]) -> list[tuple[Any, str, str]]:
    """(label, old, new) in words, in the columns' order; of what was empty the old is empty."""
    return [
        (column.label, column.write(changed[column.name][0]), column.write(changed[column.name][1]) or "—")
        for column in COLUMNS
        if column.name in changed
        and any(value not in (None, "", [], False) for value in changed[column.name])
    ]
