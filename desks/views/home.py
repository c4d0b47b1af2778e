"""Home, by role: what waits for me.

- A grid team sees the first cards of each of its queues: results to check, orders, samples, own reports, what
  is open.
- Desks, agencies and departments, and a team that asks for one queue, see the queues with counts and the list
  of the chosen one.
- A supervisor goes to the closure rates, who keeps the district's rules to its calendar.

At most 10 queries, however long the lists are.
"""

from dataclasses import dataclass

from django.db.models import OuterRef, Q, QuerySet, Subquery, Sum
from django.db.models.fields.json import KT
from django.db.models.functions import Coalesce
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.cache import patch_vary_headers
from django.views.decorators.http import require_safe

from accounts.models import DESK_KINDS, Organization
from accounts.requests import PersonRequest
from accounts.scope import HeldPost, Scope, scope_of
from desks.filters import EventFilter
from desks.keyset import page_of
from desks.listing import RELATED, filter_choices, load_clocks, wanted_fragment
from desks.queues import Queue, Seat, chosen, counts_of, queues_of
from desks.rules_access import may_change
from dispatch.models import DayCount
from events.models import Event, Step, StepText
from grids.models import after_prefix

CARDS = 6
"""Rows of a section on the team's page; the rest is one tap away."""
FRAGMENTS = {"queue-list": "desks/_live.html", "desk": "desks/_desk.html"}
"""What htmx asks for by the target it will replace."""
ANSWERS = ("reject", "feed_back", "self_close")
"""The verbs whose text tells the reporter what became of it."""


@dataclass(frozen=True)
class Section:
    """A queue on the team's page; ``count`` is None where the number grows for ever."""

    queue: Queue
    count: int | None
    events: list[Event]


@require_safe
def home(request: PersonRequest) -> HttpResponse:
    scope = scope_of(request.user)
    post = _post(request, scope)
    if post and post.organization_id in scope.units("view_org_events"):
        seat = Seat(request.user, post, timezone.now())
        is_cards = post.organization_kind == Organization.Kind.TEAM and "queue" not in request.GET
        return _cards(request, scope, seat) if is_cards else _desk(request, scope, seat)
    if post and scope.codes("supervise_area"):
        return redirect("supervision:rates")
    if post and scope.codes("view_area_events"):
        return redirect("desks:events")
    if may_change(scope):
        return redirect("rules:calendar")
    return render(request, "desks/home_nothing.html")


def _post(request: PersonRequest, scope: Scope) -> HeldPost | None:
    """The post named in the URL, else the first."""
    named = [post for post in scope.posts if str(post.id) == request.GET.get("post")]
    return next(iter([*named, *scope.posts]), None)


def _queues(scope: Scope, seat: Seat) -> list[Queue]:
    """A desk shows all its queues to each of its posts; in a team only the leader checks samples."""
    queues = queues_of(seat.post)
    if seat.post.organization_kind != Organization.Kind.TEAM:
        return queues
    return [queue for queue in queues if not queue.permission or seat.unit in scope.units(queue.permission)]


def _cards(request: PersonRequest, scope: Scope, seat: Seat) -> HttpResponse:
    queues = _queues(scope, seat)
    counts = counts_of(queues, seat)
    sections = [
        Section(queue, counts.get(queue.name), _first(queue, seat) if counts.get(queue.name, 1) else [])
        for queue in queues
        if queue.name != "to_rate"  # The cards of one's own reports ask for it.
    ]
    load_clocks([event for section in sections for event in section.events])
    return render(request, "desks/home_team.html", {"seat": seat, "sections": sections})


def _first(queue: Queue, seat: Seat) -> list[Event]:
    events: QuerySet[Event] = queue.events(seat).select_related(*RELATED)
    return list((_with_answers(events) if queue.name == "mine" else events)[:CARDS])


def _with_answers(events: QuerySet[Event]) -> QuerySet[Event]:
    """The last words to the reporter as ``answer``."""
    texts = StepText.objects.filter(step__event=OuterRef("pk"), step__verb__in=ANSWERS)
    words = texts.order_by("-step__sequence").values(
        words=Coalesce(KT("content__answer"), KT("content__result"))
    )
    return events.annotate(answer=Subquery(words[:1]))


def _with_own_last_step(events: QuerySet[Event], seat: Seat) -> QuerySet[Event]:
    """What the organisation did last as ``own_verb`` and ``own_at``: all it may still read in a list."""
    own = Step.objects.filter(event=OuterRef("pk"), organization=seat.unit).order_by("-sequence")
    return events.annotate(own_verb=Subquery(own.values("verb")[:1]), own_at=Subquery(own.values("at")[:1]))


def _desk(request: PersonRequest, scope: Scope, seat: Seat) -> HttpResponse:
    queues = _queues(scope, seat)
    counts = counts_of(queues, seat)
    queue = chosen(
        queues, counts, request.GET.get("queue", ""), lambda permission: seat.unit in scope.units(permission)
    )
    events: QuerySet[Event] = queue.events(seat).select_related(*RELATED)
    if queue.left:
        events = _with_own_last_step(events, seat)
    else:
        events = EventFilter(request.GET, events, request=request).qs
    page = page_of(events, order=queue.order, after=request.GET.get("after", ""))
    if not queue.left:
        load_clocks(page.rows)

    target = wanted_fragment(request)
    address = request.GET.copy()
    address["queue"] = queue.name
    shown = {
        "seat": seat,
        "queue": queue,
        "queues": [(each, counts.get(each.name)) for each in queues],
        "numbers": _numbers(seat, counts) if seat.post.organization_kind in DESK_KINDS else None,
        "page": page,
        "count": counts.get(queue.name),
        "is_fragment": target in FRAGMENTS,
        "address": address.urlencode(),
        "filtered": any(request.GET.get(name) for name in ("q", "item", "area", "urgency")),
    }
    template = FRAGMENTS.get(target, "desks/home_desk.html")
    if target != "queue-list":
        shown |= filter_choices(request.user, area=request.GET.get("area", ""))
    response = render(request, template, shown)
    patch_vary_headers(response, ["HX-Request", "HX-Target"])
    return response


def _numbers(seat: Seat, counts: dict[str, int]) -> dict[str, int]:
    """What the area saw today, from the projection, and what is open and overdue now. One query."""
    code = seat.post.area_code
    today = DayCount.objects.filter(
        tenant=seat.user.district_id,
        day=timezone.localdate(seat.now),
        area_code__gte=code,
        area_code__lt=after_prefix(code),
    )
    sums = today.aggregate(
        reported=Sum("number", filter=Q(verb="report"), default=0),
        accepted=Sum("number", filter=Q(verb="accept"), default=0),
        dispatched=Sum("number", filter=Q(verb="dispatch"), default=0),
        closed=Sum("number", filter=Q(verb__in=["verify", "self_close"]), default=0),
    )
    return sums | {"open": counts["open"], "overdue": counts["overdue"]}
