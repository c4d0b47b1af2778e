"""Home, by role: what waits for me.

- A grid team sees cards for the phone: results to check, orders, samples, own reports, what is open.
- Desks, agencies and departments see their queues with counts and the list of the chosen one.
- A supervisor goes to the closure rates.

At most 10 queries, however long the lists are.
"""

from django.db.models import Q, Sum
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.cache import patch_vary_headers

from accounts.models import DESK_KINDS, Organization
from accounts.scope import HeldPost, Scope, scope_of
from desks.filters import EventFilter
from desks.keyset import page_of
from desks.listing import RELATED, filter_choices, load_clocks
from desks.queues import Queue, Seat, chosen, counts_of, queues_of
from dispatch.models import DayCount
from events.models import Event, StepText
from grids.models import after_prefix

CARDS = 6
"""Rows of a section on the team's page; the rest is one tap away."""
ANSWERS = {"reject": "answer", "feed_back": "result", "self_close": "result"}
"""Where the answer to a reporter stands: the verb and the field of its text."""


def home(request: HttpRequest) -> HttpResponse:
    scope = scope_of(request.user)
    post = _post(request, scope)
    if post and post.organization_id in scope.units("view_org_events"):
        seat = Seat(request.user, post, timezone.now())
        is_team = post.organization_kind == Organization.Kind.TEAM
        return _team(request, seat) if is_team else _desk(request, scope, seat)
    if post and scope.codes("supervise_area"):
        return redirect("supervision:closure")
    if post and scope.codes("view_area_events"):
        return redirect("desks:events")
    return render(request, "desks/home_nothing.html")


def _post(request: HttpRequest, scope: Scope) -> HeldPost | None:
    """The post named in the URL, else the first."""
    named = [post for post in scope.posts if str(post.id) == request.GET.get("post")]
    return next(iter([*named, *scope.posts]), None)


def _team(request: HttpRequest, seat: Seat) -> HttpResponse:
    may = scope_of(seat.user).units
    queues = [
        queue for queue in queues_of(seat.post) if not queue.permission or seat.unit in may(queue.permission)
    ]
    counts = counts_of(queues, seat)
    sections = [
        {
            "queue": queue,
            "count": counts.get(queue.name),
            "events": _first(queue, seat) if counts.get(queue.name, 1) else [],
        }
        for queue in queues
    ]
    load_clocks([event for section in sections for event in section["events"]])
    mine = next(section["events"] for section in sections if section["queue"].name == "mine")
    _load_answers(mine)
    return render(request, "desks/home_team.html", {"seat": seat, "sections": sections})


def _first(queue: Queue, seat: Seat) -> list[Event]:
    return list(queue.events(seat).select_related(*RELATED)[:CARDS])


def _load_answers(events: list[Event]) -> None:
    """Put the last words to the reporter into ``answer``. One query; none when nothing was answered."""
    answered = {event.pk: event for event in events if event.filed_at or event.closed_at or not event.is_open}
    texts = StepText.objects.filter(step__event__in=answered, step__verb__in=ANSWERS).select_related("step")
    for text in texts.order_by("step__sequence") if answered else ():
        answered[text.step.event_id].answer = text.content.get(ANSWERS[text.step.verb], "")


def _desk(request: HttpRequest, scope: Scope, seat: Seat) -> HttpResponse:
    queues = queues_of(seat.post)
    counts = counts_of(queues, seat)
    queue = chosen(
        queues, counts, request.GET.get("queue", ""), lambda permission: seat.unit in scope.units(permission)
    )
    found = EventFilter(request.GET, queue.events(seat).select_related(*RELATED), request=request)
    page = page_of(found.qs, order=queue.order, after=request.GET.get("after", ""))
    load_clocks(page.rows)

    address = request.GET.copy()
    address["queue"] = queue.name
    shown = {
        "seat": seat,
        "queue": queue,
        "queues": [(each, counts.get(each.name)) for each in queues],
        "numbers": _numbers(seat, counts) if seat.post.organization_kind in DESK_KINDS else None,
        "page": page,
        "address": address.urlencode(),
        "filtered": any(request.GET.get(name) for name in ("q", "item", "area", "urgency")),
    }
    target = request.htmx.target if not request.htmx.history_restore_request else None
    template = {"queue-list": "desks/_live.html", "desk": "desks/_desk.html"}.get(
        target, "desks/home_desk.html"
    )
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
