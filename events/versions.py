"""The checklist's versions: an item is changed by a version that begins on a day, and ended on one.

What is judged stays judged: no version of an item changes from a day on since when events of it are there. Days are
local; a version holds [valid_from, valid_to). Every change is written down with old and new (ItemChange).
"""

from collections.abc import Iterable, Mapping
from datetime import date, datetime, time
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import User
from events.models import Category, Event, Item, ItemChange
from grids.actions import advance_version
from grids.models import District

CONTENT = (
    "name_zh",
    "name_en",
    "urgency",
    "level",
    "self_handle",
    "accept_minutes",
    "dispatch_minutes",
    "handle_limit",
    "limit_unit",
    "lead_department",
    "assist_departments",
    "evidence",
    "keywords",
    "is_safety_list",
    "circle",
    "sensitive",
    "desk_checked",
    "source_list",
)
"""What a version says; the code names the item, its first three digits the category."""


class AlreadyJudgedError(ValueError):
    """Events were judged by the version in force since that day."""

    code = "already_judged"

    def __init__(self, codes: Iterable[str]):
        words = _(
            "Events of %(codes)s since that day were judged by the version in force. "
            "Choose a later day, tomorrow at the earliest."
        )
        super().__init__(words % {"codes": ", ".join(sorted(codes))})


def content_of(item: Item) -> dict[str, Any]:
    return {name: getattr(item, name) for name in CONTENT}


def versions_on(district: District, day: date) -> dict[str, Item]:
    """The version of each item in force on a day, by code. One query."""
    rows = Item.objects.filter(district=district).valid_on(day).select_related("category")
    return {item.code: item for item in rows.order_by("code")}


def judged_since(district: District, day: date, *, now: datetime) -> set[str]:
    """The codes of items that events since that day belong to; nothing happened tomorrow yet."""
    if day > timezone.localdate(now):
        return set()
    midnight = timezone.make_aware(datetime.combine(day, time()))
    events = Event.objects.filter(tenant=district.pk, occurred_at__gte=midnight)
    return set(events.order_by().values_list("item__code", flat=True).distinct())


@transaction.atomic
def save_items(
    *,
    district: District,
    contents: Mapping[str, Mapping[str, Any]],
    from_day: date,
    until: date | None = None,
    by: User | None,
    now: datetime,
) -> int:
    """Give items, by code, new ``CONTENT`` from a day on, ``until`` a day or the next version; add those not there.

    Returns how many differ from what held. Raises AlreadyJudgedError, Category.DoesNotExist.
    """
    District.objects.select_for_update().get(pk=district.pk)
    known = _versions(district, contents)
    categories = {row.code: row for row in Category.objects.filter(district=district)}
    different = {}
    for code, content in contents.items():
        old = _in_force(known.get(code, []), from_day)
        if old is None or content_of(old) != dict(content) or (until is not None and old.valid_to != until):
            different[code] = (old, content)
    _refuse_judged(district, [code for code in different if code in known], from_day, now)
    for code, (old, content) in different.items():
        if code[:3] not in categories:
            raise Category.DoesNotExist(code[:3])
        later = [each.valid_from for each in known.get(code, []) if each.valid_from > from_day]
        end = until or (old.valid_to if old else min(later, default=None))
        if old and old.valid_from < from_day:
            Item.objects.filter(pk=old.pk).update(valid_to=from_day)
        Item.objects.update_or_create(
            district=district,
            code=code,
            valid_from=from_day,
            defaults={**content, "category": categories[code[:3]], "valid_to": end},
        )
        before = content_of(old) if old else {}
        changed = {
            name: [before.get(name), content[name]] for name in CONTENT if before.get(name) != content[name]
        }
        params = {"changed": changed} | ({"until": until.isoformat()} if until else {})
        _write(district, code, "change" if old else "add", params, from_day, by, now)
    if different:
        advance_version(district=district, of="catalogue_version")
    return len(different)


@transaction.atomic
def retire_items(
    *, district: District, codes: Iterable[str], from_day: date, by: User | None, now: datetime
) -> int:
    """The items hold no more from a day on, and what was planned for later never will; returns how many ended."""
    District.objects.select_for_update().get(pk=district.pk)
    known = _versions(district, codes)
    ending = {
        code: [
            each for each in rows if each.valid_to is None or each.valid_to > max(from_day, each.valid_from)
        ]
        for code, rows in known.items()
    }
    ended = [code for code, rows in ending.items() if rows]
    _refuse_judged(district, ended, from_day, now)
    for code in ended:
        for item in ending[code]:
            Item.objects.filter(pk=item.pk).update(valid_to=max(from_day, item.valid_from))
        _write(district, code, "retire", {"name": ending[code][-1].name_zh}, from_day, by, now)
    if ended:
        advance_version(district=district, of="catalogue_version")
    return len(ended)


@transaction.atomic
def save_categories(
    *, district: District, rows: Iterable[Mapping[str, str]], by: User | None, now: datetime
) -> None:
    """Add or rename categories: rows of code, platform, name_zh, name_en."""
    District.objects.select_for_update().get(pk=district.pk)
    known = {row.code: row for row in Category.objects.filter(district=district)}
    for row in rows:
        old = known.get(row["code"])
        names = ("platform", "name_zh", "name_en")
        changed = {
            name: [getattr(old, name, None), row[name]]
            for name in names
            if getattr(old, name, None) != row[name]
        }
        if changed:
            Category.objects.update_or_create(
                district=district, code=row["code"], defaults={name: row[name] for name in names}
            )
            what = "change" if old else "add"
            _write(district, row["code"], what, {"changed": changed}, timezone.localdate(now), by, now)
    advance_version(district=district, of="catalogue_version")


def _versions(district: District, codes: Iterable[str]) -> dict[str, list[Item]]:
    found: dict[str, list[Item]] = {}
    for item in Item.objects.filter(district=district, code__in=list(codes)).order_by("valid_from"):
        found.setdefault(item.code, []).append(item)
    return found


def _in_force(rows: Iterable[Item], day: date) -> Item | None:
    return next(
        (item for item in rows if item.valid_from <= day and (item.valid_to is None or day < item.valid_to)),
        None,
    )


def _refuse_judged(district: District, codes: Iterable[str], day: date, now: datetime) -> None:
    if judged := judged_since(district, day, now=now) & set(codes):
        raise AlreadyJudgedError(judged)


def _write(
    district: District, code: str, what: str, params: dict, from_day: date, by: User | None, now: datetime
) -> None:
    ItemChange.objects.create(
        district=district,
        code=code,
        what=what,
        params=params,
        from_day=from_day,
        changed_by=by,
        changed_at=now,
    )
