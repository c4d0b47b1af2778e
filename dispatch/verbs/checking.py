"""The check of a result: verify, rework, and the sample of self-closed events."""

from dispatch.advance import Move, effect
from dispatch.clocks import handle_limit
from dispatch.models import Assignment, ClockKind
from dispatch.routing import next_desk_up
from dispatch.verbs.asking import put_under_supervision, raise_desk
from events.models import State


@effect("verify")
def verify(move: Move) -> None:
    move.texts["note"] = move.data.get("note", "")
    move.close()
    move.go(State.CLOSED, holder=None)


@effect("rework")
def rework(move: Move) -> None:
    """Back to the lead with half the item's limit; the whole deadline stays.

    The third failed check goes to the next level, whose desk checks from then on (field rules, section 6).
    """
    event, lead = move.event, move.situation.lead
    move.texts["missing"] = move.data["missing"]
    event.rework_count += 1
    lead.status, lead.fed_back_at = Assignment.Status.SIGNED, None
    lead.save(update_fields=["status", "fed_back_at"])
    move.end(ClockKind.CHECK)
    event.due = move.start(ClockKind.HANDLE, handle_limit(event.item).half(move.policy.rework_percent)).due
    move.go(State.HANDLING, holder=event.lead)
    if event.rework_count == move.policy.reworks_to_next_level:
        raise_desk(move, next_desk_up(move.desk))
        put_under_supervision(move)


@effect("confirm_sample")
def confirm_sample(move: Move) -> None:
    move.texts["note"] = move.data.get("note", "")
    move.event.sample_state = "confirmed"
