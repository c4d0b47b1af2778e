"""Other ends, and beginnings again: sample refused, reopened, withdrawn, closed by force, voided."""

from dispatch.advance import Move, effect
from dispatch.clocks import dispatch_limit
from dispatch.models import ClockKind
from events.models import State


@effect("refuse_sample")
def refuse_sample(move: Move) -> None:
    """Reopened, and no longer counted as closed on the spot."""
    move.event.sample_state = "refused"
    reopen(move)


@effect("reopen")
def reopen(move: Move) -> None:
    """Back to the desk with half the limit as in rework; only the last closing will count."""
    event = move.event
    move.texts["reason"] = move.data["reason"]
    event.reopen_count += 1
    event.forced, event.self_closed, event.rating, event.answered_at = False, False, "", None
    event.flags = [flag for flag in event.flags if flag != "bad_rating"]
    if event.sample_state == "pending":
        event.sample_state = ""
    move.reopen_at_desk()
    event.due = move.start(ClockKind.DISPATCH, dispatch_limit(event, move.policy)).due
    move.go(State.ACCEPTED, holder=event.desk)


@effect("withdraw")
def withdraw(move: Move) -> None:
    """The reporter takes it back before the desk's first act: in no figure."""
    move.params["reason"] = "withdrawn"
    move.finish()
    move.go(State.VOID, holder=None)


@effect("force_close")
def force_close(move: Move) -> None:
    """Never counted as on time."""
    move.texts["reason"] = move.data["reason"]
    move.event.forced = True
    move.close()
    move.go(State.CLOSED, holder=None)


@effect("void")
def void(move: Move) -> None:
    move.texts["reason"] = move.data["reason"]
    move.finish()
    move.event.closed_at = None
    if move.event.sample_state == "pending":
        move.event.sample_state = ""
    move.go(State.VOID, holder=None)
