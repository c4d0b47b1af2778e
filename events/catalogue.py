"""The checklist in memory: every process keeps the district's items under its ``catalogue_version``."""

from datetime import date, datetime

from django.utils import timezone

from events.models import Item
from grids.memory import kept_under
from grids.models import District


class UnknownItemError(LookupError):
    """No item of this code ever was in the district's list."""

    code = "unknown_item"


class RetiredItemError(LookupError):
    """The item exists, but was not valid on the day the matter occurred."""

    code = "retired_item"


@kept_under("catalogue_version")
def versions(district: District) -> dict[str, list[Item]]:
    """Every version of every item by code, oldest first, with its category."""
    items: dict[str, list[Item]] = {}
    rows = Item.objects.filter(district=district).select_related("category")
    for item in rows.order_by("code", "valid_from"):
        items.setdefault(item.code, []).append(item)
    return items


def item_at(district: District, code: str, at: datetime) -> Item:
    """The item's version valid at an instant; raises UnknownItemError or RetiredItemError. No query when warm."""
    known = versions(district).get(code)
    if not known:
        raise UnknownItemError(code)
    day = timezone.localdate(at)
    for item in known:
        if item.valid_from <= day and (item.valid_to is None or day < item.valid_to):
            return item
    raise RetiredItemError(code)


def items_now(district: District) -> list[Item]:
    """The items valid today, in code order."""
    return items_on(district, timezone.localdate())


def items_on(district: District, day: date) -> list[Item]:
    """The items valid on a day, in code order. No query when warm."""
    return [
        item
        for known in versions(district).values()
        for item in known
        if item.valid_from <= day and (item.valid_to is None or day < item.valid_to)
    ]


def item_by_id(district: District, pk: int) -> Item:
    """No query when warm; one for an item that is newer than ``district`` was read."""
    kept = (item for known in versions(district).values() for item in known if item.pk == pk)
    return next(kept, None) or Item.objects.select_related("category").get(pk=pk)
