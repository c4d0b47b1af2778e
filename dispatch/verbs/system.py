"""What the system does on its own: the first record, the route to a desk, the clock's rungs."""

from dispatch.advance import Move, effect
from dispatch.calendar import moved_by
from dispatch.clocks import accept_limit, handle_limit, next_due, recount, whole_due
from dispatch.errors import WrongStateError
from dispatch.models import ClockKind
from dispatch.routing import choose_desk, next_desk_up, propose
from dispatch.verbs.asking import raise_desk
from dispatch.verbs.desk import send
from dispatch.working_time import Limit
from events.models import State


@effect("report")
def report(move: Move) -> None:
    """Both clocks start with the server's record; the whole deadline is known at once."""
    event = move.event
    start = event.recorded_at
    event.due = move.start(ClockKind.ACCEPT, accept_limit(event, move.policy), start=start).due
    event.whole_due = whole_due(event, move.actor.district)
    move.start(ClockKind.WHOLE, handle_limit(event.item), start=start, due=event.whole_due)
    move.go(State.REPORTED, holder=None)


@effect("route")
def route(move: Move) -> None:
    """Name the desk; an event closed on the spot gets one too, for its sample and its figures."""
    event = move.event
    found = choose_desk(event, district=move.actor.district, at=move.now)
    event.desk, event.level, event.routing = found.desk, found.level, found.reasons
    if event.is_open:
        event.holder = found.desk
    move.params |= {"desk": found.desk.code, "why": found.reasons}


@effect("remind")
def remind(move: Move) -> None:
    move.params |= move.data


@effect("mark_overdue")
def mark_overdue(move: Move) -> None:
    move.params |= move.data


@effect("recount")
def recount_deadlines(move: Move) -> None:
    """The calendar has changed: the running deadlines it moves are counted again; the step has the old and new."""
    event, district = move.event, move.actor.district
    moved = {found.clock.pk for found in moved_by(move.data["change"], event=event)}
    clocks = [clock for clock in move.situation.clocks if clock.pk in moved]
    if not clocks:
        raise WrongStateError()
    was = [clock.due.isoformat() for clock in clocks]
    recount(clocks, event, at=move.now, district=district)
    event.due = next_due(move.situation.clocks)
    move.params["clocks"] = [
        [clock.kind, due, clock.due.isoformat()] for clock, due in zip(clocks, was, strict=True)
    ]


@effect("recode")
def recode(move: Move) -> None:
    """The place is the same, its code is another: nothing else changes."""
    event, area = move.event, move.data["area"]
    if event.area_code != move.data["from"]:
        raise WrongStateError()
    move.params["area"] = [event.area_code, area.code]
    event.area_code, event.place_level = area.code, area.level


@effect("auto_escalate")
def auto_escalate(move: Move) -> None:
    """One level up; the handler keeps working."""
    move.params |= move.data
    raise_desk(move, next_desk_up(move.desk))


@effect("auto_dispatch")
def auto_dispatch(move: Move) -> None:
    """Nobody accepted a critical event in time: the proposed lead gets it; the desk, where nobody is."""
    move.params |= move.data
    event = move.event
    event.filed_at = event.filed_at or move.now
    proposal = propose(event, district=move.actor.district, at=move.now)
    move.params["why"] = proposal.reasons
    lead = proposal.lead
    if lead is None or not lead.is_staffed(at=move.now, permission="handle_events"):
        lead = move.desk
    limit = Limit.from_item(proposal.amount or event.item.handle_limit, event.item.limit_unit)
    send(move, lead, [], move.start(ClockKind.HANDLE, limit))
