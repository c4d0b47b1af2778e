"""The items of the checklist. What differs becomes a version from the chosen day on; what was judged stays judged."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from django.utils.translation import gettext_lazy as _

from accounts.models import Organization
from events.actions import DESK_CHECKED
from events.item_columns import COLUMNS
from events.models import Category, Item, Urgency
from events.versions import CONTENT, content_of, judged_since, retire_items, save_items, versions_on
from grid_platform.sheets.columns import Column
from grid_platform.sheets.problems import Problem
from grid_platform.sheets.reading import Row
from grids.models import District
from imports.difference import Asked, Change, Key, KindOfList, State, Values

DEPARTMENTS = (Organization.Kind.CENTRE, Organization.Kind.DEPARTMENT)


class Items(KindOfList):
    code = "items"
    title = _("Checklist items")
    about = _(
        "The items of the checklist with their limits, evidence and departments. What differs holds from the day "
        "you choose; events that are there keep the version they were judged by."
    )
    key = ("code",)
    is_dated = True

    def columns(self, district: District) -> tuple[Column, ...]:
        return COLUMNS

    def current(self, asked: Asked) -> dict[Key, Values]:
        return {(code,): _values(item) for code, item in versions_on(asked.district, asked.from_day).items()}

    def check(self, rows: Sequence[Row], current: Mapping[Key, Values], asked: Asked) -> Iterator[Problem]:
        categories = {row.code: row for row in Category.objects.filter(district=asked.district)}
        units = Organization.objects.active().filter(district=asked.district)
        departments = set(units.of_kind(*DEPARTMENTS).values_list("code", flat=True))
        judged = judged_since(asked.district, asked.from_day, now=asked.now)
        for row in rows:
            said = row.values
            category = categories.get(said["code"][:3])
            if category is None:
                yield Problem("unknown_category", row.number, "code", said["code"])
            else:
                yield from _category_problems(row, category)
            for name in ("lead_department", "assist_departments"):
                named = said.get(name) or []
                for code in named if isinstance(named, list) else [named]:
                    if code not in departments:
                        yield Problem("unknown_department", row.number, name, code)
            if said["urgency"] == Urgency.CRITICAL and said["self_handle"]:
                yield Problem("critical_self_handled", row.number, "self_handle", "yes")
            old = current.get((said["code"],))
            if said["code"] in judged and (old is None or _differs(said, old)):
                yield Problem("already_judged", row.number, "code", said["code"])
        if asked.complete:
            given = {row.values["code"] for row in rows}
            for (code,) in current:
                if code not in given and code in judged:
                    yield Problem("already_judged", 0, "code", code)

    def write(self, changes: Sequence[Change], asked: Asked) -> list[tuple[str, ...]]:
        kept = {code: content_of(item) for code, item in versions_on(asked.district, asked.from_day).items()}
        contents = {
            change.values["code"]: _content(change.values, kept.get(change.values["code"]))
            for change in changes
            if change.state in (State.NEW, State.CHANGED)
        }
        when: dict[str, Any] = {"from_day": asked.from_day, "by": asked.by, "now": asked.now}
        save_items(district=asked.district, contents=contents, **when)
        ended = [change.key[0] for change in changes if change.state == State.ENDED]
        retire_items(district=asked.district, codes=ended, **when)
        return []


def _values(item: Item) -> Values:
    return content_of(item) | {
        "code": item.code,
        "platform": item.category.platform,
        "category": item.category.name_zh,
        "circle": item.circle or None,
    }


def _content(values: Values, old: Mapping[str, Any] | None) -> dict[str, Any]:
    """What a version says, from a row; texts that are empty are empty texts."""
    content = {name: values.get(name) for name in CONTENT}
    if content["desk_checked"] is None:
        content["desk_checked"] = old["desk_checked"] if old else values["code"].startswith(DESK_CHECKED)
    for name in ("name_en", "circle", "source_list"):
        content[name] = content[name] or ""
    return content


def _differs(said: Values, old: Values) -> bool:
    return any(
        value is not None and name in CONTENT and (value or None) != (old.get(name) or None)
        for name, value in said.items()
    )


def _category_problems(row: Row, category: Category) -> Iterator[Problem]:
    said = row.values
    for name, known in (("platform", category.platform), ("category", category.name_zh)):
        if said.get(name) and said[name] != known:
            yield Problem("other_category", row.number, name, said[name], {"value": known})
