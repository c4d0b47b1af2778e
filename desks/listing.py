"""What every list of events needs beyond its rows: related rows, running clocks, the choices of its filters."""

from collections.abc import Iterable, Sequence
from itertools import groupby

from django.db.models import Prefetch, prefetch_related_objects

from accounts.models import User
from accounts.requests import PersonRequest
from accounts.scope import Scope, scope_of
from desks import places
from dispatch.models import Clock
from events.catalogue import items_now
from events.models import Event, Item, State, Urgency
from live.presence import colleagues_at

RELATED = ("item", "holder")


def load_clocks(events: Iterable[Event]) -> None:
    """Put the running clocks of all events into ``running_clocks``. One query; none without events."""
    running = Prefetch("clocks", Clock.objects.running(), to_attr="running_clocks")
    prefetch_related_objects([event for event in events if event.is_open], running)


def note_colleagues(events: Sequence[Event], user: User, scope: Scope) -> None:
    """Put what a colleague does at an event into its ``colleague``: "works", "looks" or nothing. No query."""
    there = colleagues_at([event.pk for event in events], user, scope)
    for event in events:
        event.colleague = ("looks", "works")[there[event.pk]] if event.pk in there else ""  # type: ignore[attr-defined]


def filter_choices(user: User, *, area: str = "") -> dict:
    """``items`` by category, ``areas`` the person may choose, ``states``, ``urgencies``. No query when warm."""
    posts = scope_of(user).posts
    root = posts[0].area_code if posts else user.district_id
    return {
        "items": _by_category(items_now(user.district)),
        "areas": places.choices(user.district, root, area),
        "states": State.choices,
        "urgencies": Urgency.choices,
    }


def wanted_fragment(request: PersonRequest) -> str:
    """The id of the element htmx will replace; empty for a whole page, as when htmx goes back in history."""
    return "" if request.htmx.history_restore_request else request.htmx.target or ""


def _by_category(items: list[Item]) -> list[tuple[str, list[Item]]]:
    """(name of the category, its items), in code order."""
    return [(key.name, list(group)) for key, group in groupby(items, key=lambda item: item.category)]
