"""The queues of every kind of organisation, as data.

A queue is a condition on top of ``Event.objects.visible_to(person)``. Counts, lists and the live refresh
read the same condition, so they cannot disagree; all counts of a page come from one query.
"""

from collections.abc import Callable
from dataclasses import dataclass

from django.db.models import Count, Q
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from accounts.models import DESK_KINDS, Organization
from accounts.scope import HeldPost
from desks.queue_rules import (
    AT_WORK,
    Seat,
    as_lead,
    asked,
    asked_of_us,
    assisting,
    at_desk,
    come_up,
    handed_to_me,
    holds_to_review,
    in_rework,
    on_hold,
    our_orders,
    overdue,
    own_steps,
    samples,
    supervised,
    to_check_here,
    to_name,
    to_rate,
)
from dispatch.models import Ask
from events.models import OPEN_STATES, Event, EventQuerySet, State, Urgency

Kind = Organization.Kind
HANDLERS = (Kind.DEPARTMENT, Kind.AGENCY)
BY_DUE = ("due", "id")
NEWEST = ("-recorded_at", "-id")


@dataclass(frozen=True)
class Queue:
    """``permission`` marks whose work it is first; ``counted`` is off where the number grows for ever."""

    name: str
    label: str | Promise
    icon: str
    kinds: tuple[str, ...]
    rule: Callable[[Seat], Q]
    empty: str | Promise
    permission: str = ""
    order: tuple[str, str] = BY_DUE
    counted: bool = True
    alarm: bool = False
    alike: tuple[str, ...] = ()
    """Columns that read the same in every row; they are shown to those who ask for them."""
    left: bool = False
    """Events that have left the organisation: of them it reads no more than its own steps."""

    def events(self, seat: Seat) -> EventQuerySet:
        visible = Event.objects.visible_to(seat.user)
        if self.left:
            others = Event.objects.of_mode(seat.user.in_training).filter(tenant=seat.user.district_id)
            others = others.exclude(pk__in=visible.values("pk"))
            return others.filter(self.rule(seat)).order_by(*self.order)
        return visible.filter(self.rule(seat)).order_by(*self.order)


QUEUES: tuple[Queue, ...] = (
    # The desks: what waits for a decision, in the order of the loop; before all, what cannot wait.
    Queue(
        "critical",
        _("Critical"),
        "urgent",
        (Kind.CENTRE,),
        lambda seat: Q(urgency=Urgency.CRITICAL, state__in=OPEN_STATES) & seat.area,
        _("Critical events of the whole district appear here at the moment they are reported."),
        "rule_district",
        alarm=True,
    ),
    Queue(
        "to_accept",
        _("To accept"),
        "inbox",
        DESK_KINDS,
        at_desk(State.REPORTED),
        _("New reports of your area arrive here by themselves."),
        "accept_events",
        alike=("state", "holder"),
    ),
    Queue(
        "to_dispatch",
        _("To dispatch"),
        "send",
        DESK_KINDS,
        at_desk(State.ACCEPTED),
        _("Accepted and returned events wait here for a lead."),
        "dispatch_events",
        alike=("state", "holder"),
    ),
    Queue(
        "to_sign",
        _("To sign"),
        "signature",
        DESK_KINDS,
        at_desk(State.DISPATCHED),
        _("Orders the lead has not signed yet would stand here."),
        alike=("state",),
    ),
    Queue(
        "in_hand",
        _("In hand"),
        "tools",
        DESK_KINDS,
        at_desk(State.HANDLING),
        _("Events being handled would stand here."),
        alike=("state",),
    ),
    Queue(
        "to_verify",
        _("To verify"),
        "eye-check",
        DESK_KINDS,
        at_desk(State.FED_BACK),
        _("Results that were fed back wait here for a check."),
        "verify_events",
        alike=("state", "holder"),
    ),
    Queue(
        "asked",
        _("Asked of us"),
        "help-hexagon",
        DESK_KINDS,
        asked_of_us,
        _("Transfers to take, more time to decide and fresh returns would stand here."),
        "dispatch_events",
    ),
    Queue(
        "holds",
        _("Holds to decide"),
        "player-pause",
        (Kind.CENTRE,),
        lambda seat: seat.area & asked(Ask.Kind.HOLD),
        _("When a lead asks for a hold, you decide it here."),
        "rule_district",
    ),
    Queue(
        "transfers",
        _("Transfers between streets"),
        "transfer",
        (Kind.CENTRE,),
        lambda seat: seat.area & asked(Ask.Kind.TRANSFER),
        _("What one street has asked another to take would stand here."),
    ),
    Queue(
        "to_name",
        _("Handler to name"),
        "gavel",
        (Kind.CENTRE,),
        to_name,
        _("When a street refuses a transfer, you name the handler here."),
        "rule_district",
        alarm=True,
    ),
    Queue(
        "come_up",
        _("Come up to us"),
        "arrow-big-up-line",
        (Kind.CENTRE,),
        come_up,
        _("What was escalated, returned twice or refused by another desk would stand here."),
    ),
    Queue(
        "on_hold",
        _("On hold"),
        "player-pause",
        DESK_KINDS,
        on_hold,
        _("The district puts an event on hold when it cannot be solved now."),
    ),
    Queue(
        "holds_to_review",
        _("Holds to review"),
        "calendar-due",
        DESK_KINDS,
        holds_to_review,
        _("No hold is due for review."),
        alarm=True,
    ),
    Queue(
        "supervised",
        _("Supervised"),
        "eye-exclamation",
        DESK_KINDS,
        supervised,
        _("Nothing is under supervision."),
        alarm=True,
    ),
    Queue(
        "overdue",
        _("Overdue"),
        "alarm",
        DESK_KINDS,
        overdue,
        _("Nothing is overdue. Keep it so."),
        "supervise_events",
        alarm=True,
    ),
    Queue(
        "assigned",
        _("For us to handle"),
        "briefcase",
        DESK_KINDS,
        lambda seat: Q(lead=seat.unit, state__in=AT_WORK) & ~Q(desk=seat.unit),
        _("Events another desk sent to you to handle would stand here."),
        "handle_events",
    ),
    Queue(
        "assisting",
        _("Co-handled"),
        "users",
        DESK_KINDS,
        assisting,
        _("Events in which you assist another lead would stand here."),
        "handle_events",
    ),
    Queue(
        "samples",
        _("Samples to check"),
        "clipboard-check",
        DESK_KINDS,
        samples,
        _("Some events closed on the spot are drawn for a check; they wait here."),
        "confirm_samples",
    ),
    Queue(
        "open",
        _("All open in the area"),
        "list",
        DESK_KINDS,
        lambda seat: (Q(desk=seat.unit) | seat.area) & Q(state__in=OPEN_STATES),
        _("No event is open in your area."),
    ),
    # Agencies and departments: orders; before all, every one of them by its deadline.
    Queue(
        "our_orders",
        _("Our orders"),
        "list-check",
        HANDLERS,
        our_orders,
        _("All your orders stand here, what is due first on top: as lead, as assistant, handed on inside."),
        "handle_events",
    ),
    Queue(
        "to_sign",
        _("To sign"),
        "signature",
        HANDLERS,
        as_lead(State.DISPATCHED),
        _("New orders arrive here by themselves. Sign to take them in hand."),
        "handle_events",
        alike=("state",),
    ),
    Queue(
        "in_hand",
        _("In hand"),
        "tools",
        HANDLERS,
        as_lead(State.HANDLING),
        _("What you have signed stands here until you feed back."),
        "handle_events",
        alike=("state",),
    ),
    Queue(
        "handed_to_me",
        _("Handed to me"),
        "user-share",
        HANDLERS,
        handed_to_me,
        _("When somebody of your organisation hands you an order, it stands here."),
    ),
    Queue(
        "due_today",
        _("Due today"),
        "calendar-due",
        HANDLERS,
        lambda seat: as_lead(*AT_WORK)(seat) & Q(due__gte=seat.now, due__lt=seat.midnight),
        _("Nothing more is due today."),
    ),
    Queue(
        "overdue",
        _("Overdue"),
        "alarm",
        HANDLERS,
        lambda seat: as_lead(*AT_WORK)(seat) & Q(due__lt=seat.now),
        _("Nothing is overdue. Keep it so."),
        alarm=True,
    ),
    Queue(
        "assisting",
        _("Co-handled"),
        "users",
        HANDLERS,
        assisting,
        _("Events in which you assist another lead would stand here."),
        "handle_events",
    ),
    Queue(
        "fed_back",
        _("Fed back"),
        "eye-check",
        HANDLERS,
        as_lead(State.FED_BACK),
        _("Your results that wait for a check would stand here."),
        alike=("state",),
    ),
    Queue(
        "supervision",
        _("Supervision to answer"),
        "eye-exclamation",
        HANDLERS,
        lambda seat: Q(lead=seat.unit) & asked(Ask.Kind.SUPERVISION),
        _("When a supervisor asks, the head answers in writing here."),
        "head_org",
        alarm=True,
    ),
    Queue(
        "on_hold",
        _("On hold"),
        "player-pause",
        HANDLERS,
        as_lead(State.ON_HOLD),
        _("Events the district has put on hold for you would stand here."),
        alike=("state",),
    ),
    Queue(
        "past",
        _("Closed"),
        "circle-check",
        HANDLERS,
        as_lead(State.CLOSED),
        _("Events you handled that are closed would stand here."),
        order=NEWEST,
        counted=False,
    ),
    Queue(
        "left",
        _("Left us"),
        "arrow-back-up",
        HANDLERS,
        own_steps,
        _("Events you returned, or that were recalled from you, would stand here with what you did."),
        order=NEWEST,
        counted=False,
        left=True,
    ),
    # The grid team: what one sees and does on the spot.
    Queue(
        "checks",
        _("Reports to look at"),
        "eye-question",
        (Kind.TEAM,),
        lambda seat: seat.area & Q(state=State.REPORTED) & asked(Ask.Kind.CHECK),
        _("When a desk is not sure of a report, you look and answer here."),
    ),
    Queue(
        "verify",
        _("Results to check"),
        "eye-check",
        (Kind.TEAM,),
        to_check_here,
        _("When an agency says it is done, you look and close it here."),
    ),
    Queue(
        "rework",
        _("To do again"),
        "refresh-alert",
        (Kind.TEAM,),
        in_rework,
        _("What did not pass the check comes back here, with what is missing."),
        alarm=True,
    ),
    Queue(
        "orders",
        _("For us to handle"),
        "tools",
        (Kind.TEAM,),
        lambda seat: our_orders(seat) & ~in_rework(seat),
        _("Orders for your team would stand here."),
    ),
    Queue(
        "samples",
        _("Samples to check"),
        "clipboard-check",
        (Kind.TEAM,),
        samples,
        _("Some events closed on the spot are drawn for a check; they wait here."),
        "confirm_samples",
    ),
    Queue(
        "mine",
        _("My reports"),
        "clipboard-list",
        (Kind.TEAM, Kind.COMMUNITY),
        lambda seat: Q(reporter=seat.user),
        _("What you report is listed here with its answer."),
        order=NEWEST,
        counted=False,
    ),
    Queue(
        "to_rate",
        _("To rate"),
        "star",
        (Kind.TEAM, Kind.COMMUNITY),
        to_rate,
        _("When a report of yours is closed, you say here whether you are satisfied."),
        order=NEWEST,
        counted=False,
    ),
    Queue(
        "open",
        _("Open in my grid"),
        "map-pin",
        (Kind.TEAM,),
        lambda seat: seat.area & Q(state__in=OPEN_STATES),
        _("No event is open in your grid."),
    ),
)


def queues_of(post: HeldPost) -> list[Queue]:
    return [queue for queue in QUEUES if post.organization_kind in queue.kinds]


def chosen(
    queues: list[Queue], counts: dict[str, int], name: str, permissions: Callable[[str], bool]
) -> Queue:
    """The named queue; without a name the first that is this person's work and not empty, then just theirs."""
    named = next((queue for queue in queues if queue.name == name), None)
    theirs = [queue for queue in queues if queue.permission and permissions(queue.permission)]
    waiting = [queue for queue in theirs if counts.get(queue.name)]
    return named or next(iter([*waiting, *theirs, *queues]))


def counts_of(queues: list[Queue], seat: Seat) -> dict[str, int]:
    """How many events stand in each counted queue. One query.

    A counted queue holds open events and samples only. Saying so leads PostgreSQL to the indexes on them; the
    closed events, which grow for ever, are not read.
    """
    waiting = Q(state__in=OPEN_STATES) | Q(sampler=seat.unit, sample_state="pending")
    counts = {queue.name: Count("pk", filter=queue.rule(seat)) for queue in queues if queue.counted}
    return Event.objects.visible_to(seat.user).filter(waiting).aggregate(**counts)
