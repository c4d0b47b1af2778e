"""The desk's verbs: accept, reject, dispatch, recall, and closing on the spot."""

import secrets

from accounts.models import Organization
from dispatch import policy
from dispatch.advance import Move, effect
from dispatch.clocks import (
    accept_limit,
    check_limit,
    dispatch_limit,
    handle_limit,
    sign_limit,
    whole_due,
)
from dispatch.models import Assignment, ClockKind
from dispatch.routing import LEVEL_OF_DESK, next_desk_up
from dispatch.working_time import Limit
from events.models import Level, State


@effect("accept")
def accept(move: Move) -> None:
    """File the event; item and place may be set right, the deadlines then count again from the same start."""
    event = move.event
    if (item := move.data.get("item")) and item.pk != event.item_id:
        move.params["item"] = [event.item.code, item.code]
        event.item, event.urgency, event.sensitive = item, item.urgency, item.sensitive
        _count_whole_again(move)
    if (area := move.data.get("area_code")) and area.code != event.area_code:
        move.params["area"] = [event.area_code, area.code]
        event.area_code, event.place_level = area.code, area.level
    if move.post and move.post.organization_id != event.desk_id:
        event.desk_id, event.level = move.post.organization_id, Level.DISTRICT
    move.texts["note"] = move.data.get("note", "")
    event.filed_at = event.filed_at or move.now
    move.end(ClockKind.ACCEPT)
    event.due = move.start(ClockKind.DISPATCH, dispatch_limit(event.item)).due
    move.go(State.ACCEPTED, holder=event.desk)


def _count_whole_again(move: Move) -> None:
    event = move.event
    event.whole_due = whole_due(event.item, event.recorded_at, move.calendar)
    move.end(ClockKind.WHOLE)
    version = event.clocks.filter(kind=ClockKind.WHOLE).count() + 1
    clock = move.start(
        ClockKind.WHOLE, handle_limit(event.item), start=event.recorded_at, due=event.whole_due
    )
    clock.version = version


@effect("reject")
def reject(move: Move) -> None:
    """Not for the loop; the reporter gets the reason and the answer."""
    move.params["reason"] = move.data["reason"].code
    move.texts["answer"] = move.data["answer"]
    move.close()
    move.event.closed_at = None
    move.go(State.REJECTED, holder=None)


@effect("dispatch")
def dispatch(move: Move) -> None:
    """One lead, any assistants. An order to one's own organisation is signed by sending it."""
    event, lead, assistants = move.event, move.data["lead"], list(move.data["assistants"])
    own = lead.pk == event.desk_id
    limit = handle_limit(event.item)
    if amount := move.data.get("amount"):
        limit = Limit.from_item(amount, event.item.limit_unit)
        move.params["amount"] = [amount, event.item.limit_unit]
    move.params |= {"lead": lead.code, "assistants": [unit.code for unit in assistants]}
    move.texts["note"] = move.data.get("note", "")

    def order(unit: Organization, part: str) -> Assignment:
        return Assignment(
            tenant=event.tenant,
            event=event,
            organization=unit,
            part=part,
            by_district=event.desk.kind == Organization.Kind.CENTRE,
            dispatched_at=move.now,
        )

    orders = [
        order(lead, Assignment.Part.LEAD),
        *(order(unit, Assignment.Part.ASSISTANT) for unit in assistants),
    ]
    if own:
        orders[0].status, orders[0].signed_at = Assignment.Status.SIGNED, move.now
        orders[0].signed_by = move.actor.user
    Assignment.objects.bulk_create(orders)

    event.lead = lead
    event.participants = [lead.pk, *(unit.pk for unit in assistants)]
    move.end(ClockKind.DISPATCH)
    event.due = move.start(ClockKind.HANDLE, limit).due
    if not own:
        event.due = min(event.due, move.start(ClockKind.SIGN, sign_limit(event.item, event.urgency)).due)
    move.go(State.HANDLING if own else State.DISPATCHED, holder=lead)


@effect("recall")
def recall(move: Move) -> None:
    """Back to the desk, not charged to the agency."""
    move.texts["reason"] = move.data["reason"]
    take_back(move, Assignment.Status.RECALLED)


def take_back(move: Move, status: str) -> None:
    """The orders end and the desk decides again."""
    event = move.event
    event.assignments.filter(ended_at=None).update(status=status, ended_at=move.now)
    event.lead, event.participants = None, []
    move.end(ClockKind.SIGN, ClockKind.HANDLE)
    event.due = move.start(ClockKind.DISPATCH, dispatch_limit(event.item)).due
    move.go(State.ACCEPTED, holder=event.desk)


@effect("escalate")
def escalate(move: Move) -> None:
    """The desk moves one level up and gets its own stage clock; an agency at work keeps working."""
    event = move.event
    above = next_desk_up(move.desk)
    move.params["desk"] = [event.desk.code, above.code]
    move.texts["reason"] = move.data["reason"]
    stages = {
        State.REPORTED: (ClockKind.ACCEPT, accept_limit),
        State.ACCEPTED: (ClockKind.DISPATCH, dispatch_limit),
        State.FED_BACK: (ClockKind.CHECK, check_limit),
    }
    if stage := stages.get(State(event.state)):
        kind, limit = stage
        move.end(kind)
        event.due = move.start(kind, limit(event.item)).due
        event.holder = above
    event.desk, event.level = above, LEVEL_OF_DESK[above.kind]


@effect("self_close")
def self_close(move: Move) -> None:
    """Settled on the spot or at the desk; a random share is looked at by the grid leader or the next desk up."""
    event = move.event
    move.texts["result"] = move.data["result"]
    event.filed_at = event.filed_at or move.now
    event.self_closed, event.self_close_pending = True, False
    if secrets.randbelow(100) < policy.SAMPLE_PERCENT:
        event.sample_state = "pending"
        event.sampler = _sampler(move)
    move.close()
    move.go(State.CLOSED, holder=None)


def _sampler(move: Move) -> Organization | None:
    """The grid leader for what a grid worker closed, the next desk up for what a leader or a desk closed."""
    post = move.post
    if post is None:
        return move.event.desk
    own = Organization.objects.select_related("area").get(pk=post.organization_id)
    return own if post.role == "grid_worker" else next_desk_up(own)
