"""What the system does on its own: the first record, the route to a desk, the clock's rungs."""

from dispatch.advance import Move, effect
from dispatch.clocks import accept_limit, handle_limit, whole_due
from dispatch.models import ClockKind
from dispatch.routing import choose_desk
from events.models import State


@effect("report")
def report(move: Move) -> None:
    """Both clocks start with the server's record; the whole deadline is known at once."""
    event = move.event
    event.due = move.start(ClockKind.ACCEPT, accept_limit(event.item)).due
    event.whole_due = whole_due(event.item, move.now, move.calendar)
    move.start(ClockKind.WHOLE, handle_limit(event.item), due=event.whole_due)
    move.go(State.REPORTED, holder=None)


@effect("route")
def route(move: Move) -> None:
    """Name the desk; an event closed on the spot gets one too, for its sample and its figures."""
    event = move.event
    found = choose_desk(event)
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
