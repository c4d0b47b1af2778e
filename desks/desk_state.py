"""The desk's page as its address tells it: queue, order, groups, columns, density, filters, the open event, panes, map.

A value nobody offers is as good as none. ``query`` writes the state back, what is usual left out, so that one state
has one address; saved views keep exactly that.
"""

import re
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.db.models import Case, QuerySet, Value, When
from django.db.models import F as Field
from django.db.models.expressions import Combinable
from django.db.models.functions import Coalesce
from django.http import QueryDict
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from desks.queues import NEWEST, Queue
from events.models import Event, Urgency

FILTERS = ("q", "item", "area", "near", "urgency", "box")
PANES = ("queues", "map")
"""What can be folded away."""
KEPT = ("queue", "sort", "group", "closed", "cols", "density", "fold", *FILTERS, "at")
"""What a saved view keeps: neither the post, nor the page, nor the event that is open."""
READING = ("sort", "group", "cols", "density", "fold")
LONGEST = 1000
"""Characters of an address."""
CLOSED = re.compile(r"(\w+):([\w,.@-]{1,900})", re.ASCII)
"""'item:10101,10203': the groups folded away, and what they are groups of; a whole page of them, whose units' codes
are like 'CGJ@330104005'."""
MAP_VIEW = re.compile(r"-?\d{1,2}(\.\d+)?,-?\d{1,3}(\.\d+)?,\d{1,2}(\.\d+)?", re.ASCII)
"""Latitude and longitude of the map's middle, and its zoom."""


@dataclass(frozen=True)
class Sort:
    label: str | Promise
    order: tuple[str, ...]
    counted_only: bool = True
    """Not where the list grows for ever: no index is in that order."""


SORTS: dict[str, Sort] = {
    "due": Sort(_("Deadline"), ("due", "id")),
    "urgent": Sort(_("Urgency, then deadline"), ("urgency_rank", "due", "id")),
    "newest": Sort(_("Newest first"), NEWEST, counted_only=False),
    "oldest": Sort(_("Oldest first"), ("recorded_at", "id"), counted_only=False),
}
RANK = Case(
    When(urgency=Urgency.CRITICAL, then=Value(0)),
    When(urgency=Urgency.URGENT, then=Value(1)),
    default=Value(2),
)


@dataclass(frozen=True)
class Group:
    label: str | Promise
    key: Combinable


GROUPS: dict[str, Group] = {
    "item": Group(_("Item"), Field("item__code")),
    "place": Group(_("Place"), Field("area_code")),
    "unit": Group(_("Agency"), Coalesce("lead__code", "holder__code", Value(""))),
}

COLUMNS: dict[str, str | Promise] = {
    "place": _("Place"),
    "state": _("State"),
    "deadline": _("Deadline"),
    "whole": _("Whole deadline"),
    "holder": _("In whose hands"),
    "source": _("Source"),
    "reported": _("Reported at"),
    "number": _("Number"),
}
USUAL_COLUMNS = ("place", "state", "deadline", "holder", "reported")


@dataclass(frozen=True)
class DeskState:
    """``queue`` is the chosen one; ``asked`` the address as it came."""

    queue: Queue
    asked: QueryDict

    def _of(self, name: str, offered: Mapping[str, Any], usual: str = "") -> str:
        value = self.asked.get(name, "")
        return value if value in offered else usual

    @property
    def usual_sort(self) -> str:
        return "newest" if self.queue.order == NEWEST else "due"

    @property
    def sorts(self) -> dict[str, Sort]:
        return {code: sort for code, sort in SORTS.items() if self.queue.counted or not sort.counted_only}

    @property
    def sort(self) -> str:
        return self._of("sort", self.sorts, self.usual_sort)

    @property
    def groups(self) -> dict[str, Group]:
        return GROUPS if self.queue.counted else {}

    @property
    def group(self) -> str:
        return self._of("group", self.groups)

    @property
    def usual_columns(self) -> tuple[str, ...]:
        return tuple(code for code in USUAL_COLUMNS if code not in self.queue.alike)

    @property
    def columns(self) -> tuple[str, ...]:
        """In the order of ``COLUMNS``; "-" stands for none, nothing for the usual ones. A form sends ``col`` many times."""
        asked = self.asked.getlist("col") or [each for each in self.asked.get("cols", "").split(".") if each]
        return tuple(code for code in COLUMNS if code in asked) if asked else self.usual_columns

    @property
    def is_compact(self) -> bool:
        return self.asked.get("density") == "compact"

    @property
    def folded(self) -> tuple[str, ...]:
        asked = self.asked.get("fold", "").split(".")
        return tuple(pane for pane in PANES if pane in asked)

    @property
    def closed(self) -> str:
        asked = CLOSED.fullmatch(self.asked.get("closed", ""))
        return asked[0] if asked and asked[1] == self.group else ""

    @property
    def map_view(self) -> str:
        asked = MAP_VIEW.fullmatch(self.asked.get("at", "")[:40])
        return asked[0] if asked else ""

    @property
    def filters(self) -> dict[str, str]:
        return {name: str(self.asked[name]) for name in FILTERS if self.asked.get(name)}

    @property
    def open(self) -> str:
        """The key of the event in the middle pane; '' for none. Whether it may be seen is its own view's."""
        try:
            return str(uuid.UUID(self.asked.get("open", "")))
        except ValueError:
            return ""

    @property
    def query(self) -> dict[str, str]:
        """The state without post, page and open event, in one order, what is usual left out."""
        cols = "" if self.columns == self.usual_columns else ".".join(self.columns) or "-"
        told = {
            "queue": self.queue.name,
            "sort": "" if self.sort == self.usual_sort else self.sort,
            "group": self.group,
            "closed": self.closed,
            "cols": cols,
            "density": "compact" if self.is_compact else "",
            "fold": ".".join(self.folded),
            **self.filters,
            "at": self.map_view,
        }
        return {name: told[name] for name in KEPT if told.get(name)}

    @property
    def address(self) -> str:
        return address(self.query)

    @property
    def carried(self) -> dict[str, str]:
        """What goes along into another queue: how one reads, not what one looks for."""
        return {name: value for name, value in self.query.items() if name in READING}

    # The list -----------------------------------------------------------------------------------

    @property
    def order(self) -> tuple[str, ...]:
        order = self.sorts[self.sort].order
        return ("group_key", *order) if self.group else order

    def arranged(self, events: QuerySet[Event]) -> QuerySet[Event]:
        """With what the order needs: ``urgency_rank``, and ``group_key`` where the list is grouped."""
        if self.sort == "urgent":
            events = events.annotate(urgency_rank=RANK)
        if self.group:
            events = events.annotate(group_key=self.groups[self.group].key)
        return events


def address(query: Mapping[str, str]) -> str:
    made = QueryDict(mutable=True)
    made.update(query)
    return made.urlencode(safe=",:")


def kept_part(text: str) -> dict[str, str]:
    """What a saved view may keep of a query string; unknown names and anything too long are left out."""
    asked = QueryDict(text[:LONGEST].lstrip("?"))
    return {name: asked[name][:200] for name in KEPT if asked.get(name) and "\x00" not in asked[name]}
