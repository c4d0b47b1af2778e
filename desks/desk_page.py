"""The desk as one person sees it from one post: queues with counts, the list of the chosen one, the day's numbers.

List, counts, map and wall read the same queue with the same filters, so they cannot disagree. Each cached part is
one statement at most; the clocks of the rows are another.
"""

from dataclasses import dataclass, field
from functools import cached_property

from django.db.models import Count, OuterRef, Q, QuerySet, Subquery, Sum
from django.utils import timezone

from accounts.models import DESK_KINDS, Organization
from accounts.requests import PersonRequest
from accounts.scope import Scope
from desks import places
from desks.desk_state import COLUMNS, DeskState
from desks.due_sections import open_sections
from desks.filters import DeskFilter
from desks.keyset import Page, page_of
from desks.listing import RELATED, load_clocks, note_colleagues
from desks.queue_rules import Seat
from desks.queues import BY_DUE, HANDLERS, Queue, chosen, counts_of
from desks.seats import queues_for
from dispatch.models import Assignment, DayCount
from events.models import Event, Step
from grids.models import NamedPlace, after_prefix

ON_THE_WALL = 10


@dataclass(frozen=True)
class Section:
    """Rows of one group on this page; ``count`` is of the whole queue. Without groups one section, unnamed."""

    key: str
    label: str
    count: int | None
    events: list[Event]


@dataclass
class DeskPage:
    request: PersonRequest
    scope: Scope
    seat: Seat
    size: int = field(default=50)

    @cached_property
    def _queues(self) -> list[Queue]:
        return queues_for(self.scope, self.seat)

    @cached_property
    def counts(self) -> dict[str, int]:
        return counts_of(self._queues, self.seat)

    @property
    def queues(self) -> list[tuple[Queue, int | None]]:
        return [(queue, self.counts.get(queue.name)) for queue in self._queues]

    @cached_property
    def queue(self) -> Queue:
        """The named one; only without a name must the counts be known."""
        name = self.request.GET.get("queue", "")
        named = next((queue for queue in self._queues if queue.name == name), None)
        units = self.scope.units
        return named or chosen(
            self._queues, self.counts, "", lambda permission: self.seat.unit in units(permission)
        )

    @property
    def count(self) -> int | None:
        return self.counts.get(self.queue.name)

    @cached_property
    def state(self) -> DeskState:
        return DeskState(self.queue, self.request.GET)

    # The list -----------------------------------------------------------------------------------

    @cached_property
    def _filter(self) -> DeskFilter:
        return DeskFilter(self.request.GET, self.queue.events(self.seat), request=self.request)

    @property
    def errors(self) -> dict[str, list[str]]:
        return {} if self.queue.left else self._filter.errors

    @property
    def near_place(self) -> NamedPlace | None:
        """What the list is narrowed to, once its events were asked for."""
        return None if self.queue.left else self._filter.near_place

    @property
    def events(self) -> QuerySet[Event]:
        """All of the queue that the filters leave, in no order; nothing where a filter cannot be read."""
        if self.queue.left:
            return self.queue.events(self.seat).order_by()
        return self._filter.qs.order_by() if self._filter.is_valid() else Event.objects.none()

    @cached_property
    def page(self) -> Page:
        after = self.request.GET.get("after", "")
        if self.queue.left:
            rows = _with_own_last_step(self.events, self.seat).select_related(*RELATED)
            return page_of(rows, order=self.queue.order, after=after, size=self.size)
        related = (*RELATED, "lead") if self.state.group == "unit" else RELATED
        rows = self.state.arranged(_with_handler(self.events, self.seat).select_related(*related))
        page = page_of(rows, order=self.state.order, after=after, size=self.size)
        load_clocks(page.rows)
        note_colleagues(page.rows, self.seat.user, self.scope)
        if self.seat.post.organization_kind in HANDLERS and self.state.order == BY_DUE:
            open_sections(page.rows, self.seat)
        return page

    @cached_property
    def sections(self) -> list[Section]:
        if not self.state.group:
            return [Section("", "", None, self.page.rows)]
        rows: dict[str, list[Event]] = {}
        for event in self.page.rows:
            rows.setdefault(event.group_key, []).append(event)
        counted = self.state.arranged(self.events).filter(group_key__in=list(rows))  # type: ignore[misc]
        numbers = dict(counted.values_list("group_key").annotate(number=Count("pk")))  # type: ignore[misc]
        return [
            Section(key, self._label(events[0]), numbers.get(key), events) for key, events in rows.items()
        ]

    def _label(self, event: Event) -> str:
        match self.state.group:
            case "item":
                return event.item.name
            case "place":
                return " · ".join(places.path_of(self.seat.user.district, event.area_code)[-2:])
        unit = event.lead or event.holder
        return unit.name if unit else ""

    @property
    def columns(self) -> list[tuple[str, str, bool]]:
        """(code, words, whether shown) of every column one may choose."""
        return [(code, str(words), code in self.state.columns) for code, words in COLUMNS.items()]

    # The day ------------------------------------------------------------------------------------

    @cached_property
    def numbers(self) -> dict[str, int] | None:
        """What the area saw today, from the projection, and what is open and overdue now; of desks only.

        The day's counts are of real events, so none are shown in training.
        """
        if self.seat.post.organization_kind not in DESK_KINDS or self.seat.user.in_training:
            return None
        code = self.seat.post.area_code
        today = DayCount.objects.filter(
            tenant=self.seat.user.district_id,
            day=timezone.localdate(self.seat.now),
            area_code__gte=code,
            area_code__lt=after_prefix(code),
        )
        sums = today.aggregate(
            reported=Sum("number", filter=Q(verb="report"), default=0),
            accepted=Sum("number", filter=Q(verb="accept"), default=0),
            dispatched=Sum("number", filter=Q(verb="dispatch"), default=0),
            closed=Sum("number", filter=Q(verb__in=["verify", "self_close"]), default=0),
        )
        return sums | {"open": self.counts["open"], "overdue": self.counts["overdue"]}

    @cached_property
    def pressing(self) -> list[Event]:
        """For the wall: what is due first of all that is open here; a wall has many readers, so nothing sensitive."""
        name = "open" if self.seat.post.organization_kind in DESK_KINDS else "our_orders"
        queue = next((queue for queue in self._queues if queue.name == name), self.queue)
        rows = queue.events(self.seat).filter(sensitive=False).select_related(*RELATED)
        found = list(rows.order_by("due", "id")[:ON_THE_WALL])
        load_clocks(found)
        return found

    @property
    def is_team(self) -> bool:
        return self.seat.post.organization_kind == Organization.Kind.TEAM


def _with_handler(events: QuerySet[Event], seat: Seat) -> QuerySet[Event]:
    """Who has the order in hand as ``handler_name``: the person of one's own organisation; to the desk, of the lead."""
    orders = Assignment.objects.filter(event=OuterRef("pk"), ended_at=None).exclude(handler=None)
    own = Q(organization=seat.unit) | Q(part=Assignment.Part.LEAD, event__desk=seat.unit)
    return events.annotate(handler_name=Subquery(orders.filter(own).values("handler__display_name")[:1]))


def _with_own_last_step(events: QuerySet[Event], seat: Seat) -> QuerySet[Event]:
    """What the organisation did last as ``own_verb`` and ``own_at``: all it may still read in a list."""
    own = Step.objects.filter(event=OuterRef("pk"), organization=seat.unit).order_by("-sequence")
    return events.annotate(own_verb=Subquery(own.values("verb")[:1]), own_at=Subquery(own.values("at")[:1]))
