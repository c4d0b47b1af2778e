"""Words beside the loop: they leave the state alone."""

from datetime import date

from django.utils import timezone

from dispatch.advance import Move, effect
from dispatch.models import Ask
from dispatch.verbs.asking import put_under_supervision


@effect("comment")
def comment(move: Move) -> None:
    move.texts["text"] = move.data["text"]


@effect("urge")
def urge(move: Move) -> None:
    move.texts["text"] = move.data["text"]
    move.event.urge_count += 1


@effect("answer_reporter")
def answer_reporter(move: Move) -> None:
    """A call-back counts once the reporter was reached, or at the third try on different half-days."""
    event = move.event
    move.texts["answer"] = move.data["answer"]
    reached = move.data["reached"]
    if reached:
        move.params["reached"] = reached
    if reached != "not_reached" or len(_half_days_tried(move)) >= move.policy.call_back_tries:
        event.answered_at = move.now


def _half_days_tried(move: Move) -> set[tuple[date, bool]]:
    """The (date, afternoon) of the tries since the last closing, this one too."""
    tries = move.event.steps.filter(verb="answer_reporter", params__reached="not_reached")
    if move.event.closed_at:
        tries = tries.filter(at__gte=move.event.closed_at)
    local = [timezone.localtime(at) for at in (*tries.values_list("at", flat=True), move.now)]
    return {(at.date(), at.hour >= 12) for at in local}


@effect("rate")
def rate(move: Move) -> None:
    """A bad rating opens a review by the desk; it is no automatic rework."""
    move.params["rating"] = move.event.rating = move.data["rating"]
    move.texts["note"] = move.data["note"]
    if move.data["rating"] == "bad" and "bad_rating" not in move.event.flags:
        move.event.flags = [*move.event.flags, "bad_rating"]


@effect("supervise")
def supervise(move: Move) -> None:
    if move.actor.is_system:
        move.params |= move.data
    else:
        move.texts["text"] = move.data["text"]
    put_under_supervision(move)


@effect("answer_supervision")
def answer_supervision(move: Move) -> None:
    move.texts["text"] = move.data["text"]
    move.answer(Ask.Kind.SUPERVISION, Ask.Answer.GRANTED)
