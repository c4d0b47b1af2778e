"""What one side asks and another answers: check on the spot, transfer, more time, hold.

While a check is open or a hold lasts the clocks stand still (field rules, sections 3, 5 and 6).
"""

from datetime import datetime, time, timedelta

from django.utils import timezone

from accounts.models import Organization
from dispatch.advance import Move, effect
from dispatch.clocks import (
    accept_limit,
    check_limit,
    days_held,
    dispatch_limit,
    extended_limit,
    next_due,
    recount,
    stop_clocks,
)
from dispatch.errors import MoveError
from dispatch.letters import write_letter
from dispatch.models import Ask, ClockKind
from dispatch.routing import LEVEL_OF_DESK, next_desk_up
from events.models import NEVER, State

STOPPED_BY_CHECK = (ClockKind.ACCEPT, ClockKind.WHOLE)
STOPPED_BY_HOLD = (ClockKind.HANDLE, ClockKind.WHOLE)


@effect("ask_check")
def ask_check(move: Move) -> None:
    """The grid worker of the place looks; the accept clock and the whole clock stand still meanwhile."""
    event = move.event
    hours = move.policy.check_on_the_spot_hours[event.urgency]
    move.texts["question"] = move.data["question"]
    move.ask(Ask.Kind.CHECK, due=move.now + timedelta(hours=hours))
    stop_clocks(event, STOPPED_BY_CHECK, at=move.now)
    event.due = NEVER


@effect("answer_check")
def answer_check(move: Move) -> None:
    move.params["finding"] = move.data["finding"]
    move.texts["result"] = move.data["result"]
    _end_check(move, Ask.Answer.GRANTED)


def stop_waiting(move: Move) -> None:
    """The desk goes on without the check's answer."""
    _end_check(move, Ask.Answer.LAPSED)


def _end_check(move: Move, answer: Ask.Answer) -> None:
    if ask := move.answer(Ask.Kind.CHECK, answer):
        move.run_on(latest=ask.due)


@effect("transfer")
def transfer(move: Move) -> None:
    """The desk acts until the other has taken it."""
    to = move.data["desk"]
    move.params["desk"] = to.code
    move.texts["reason"] = move.data["reason"]
    move.ask(Ask.Kind.TRANSFER, to=to)
    move.event.transfer_to = to


@effect("accept_transfer")
def accept_transfer(move: Move) -> None:
    event = move.event
    taker = event.transfer_to or move.desk
    move.params["desk"] = [move.desk.code, taker.code]
    move.texts["note"] = move.data["note"]
    end_transfer(move, Ask.Answer.GRANTED)
    change_desk(move, taker)


@effect("refuse_transfer")
def refuse_transfer(move: Move) -> None:
    """The district centre names the handler (指定管辖)."""
    event = move.event
    centre = Organization.objects.of_kind(Organization.Kind.CENTRE).get(district_id=event.tenant)
    move.params["desk"] = [move.desk.code, centre.code]
    move.texts["reason"] = move.data["reason"]
    end_transfer(move, Ask.Answer.REFUSED)
    change_desk(move, centre)


def end_transfer(move: Move, answer: Ask.Answer) -> None:
    move.answer(Ask.Kind.TRANSFER, answer)
    move.event.transfer_to = None


def change_desk(move: Move, desk: Organization) -> None:
    """Another desk decides, with a stage clock of its own; the whole deadline stays, the handler keeps working.

    What the former desk had asked, and a return it had not refused, are done with.
    """
    event = move.event
    stop_waiting(move)
    end_transfer(move, Ask.Answer.LAPSED)
    move.answer(Ask.Kind.RETURN, Ask.Answer.GRANTED)
    event.desk, event.level = desk, LEVEL_OF_DESK[desk.kind]
    if event.state == State.REPORTED:
        move.end(ClockKind.ACCEPT)
        event.due = move.start(ClockKind.ACCEPT, accept_limit(event, move.policy)).due
    elif event.state == State.ACCEPTED:
        move.end(ClockKind.DISPATCH)
        event.due = move.start(ClockKind.DISPATCH, dispatch_limit(event, move.policy)).due
    elif event.state == State.FED_BACK:
        move.end(ClockKind.CHECK)
        event.due = move.start(ClockKind.CHECK, check_limit(event, move.policy)).due
    if event.state in (State.REPORTED, State.ACCEPTED, State.FED_BACK):
        event.holder = desk


@effect("request_extension")
def request_extension(move: Move) -> None:
    """Asking does not stop the clock; no decision by the deadline is a refusal."""
    amount = move.data["amount"]
    move.params["amount"] = [amount, move.event.item.limit_unit]
    move.texts["reason"] = move.data["reason"]
    move.ask(Ask.Kind.EXTENSION, due=move.situation.clock(ClockKind.HANDLE).due, amount=amount)


@effect("decide_extension")
def decide_extension(move: Move) -> None:
    """Granted: the handle clock counts from the same start with limit and extension, the whole clock moves too."""
    event, decision = move.event, move.data["decision"]
    move.params["decision"] = decision
    move.texts["note"] = move.data["note"]
    ask = move.answer(Ask.Kind.EXTENSION, Ask.Answer(decision))
    if decision == Ask.Answer.GRANTED:
        event.extension_count += 1
        for clock in move.situation.clocks:
            clock.amount = extended_limit(clock, ask.params["amount"], event.item).amount
        recount(move.situation.clocks, event, at=move.now, district=move.actor.district)
        event.due = next_due(move.situation.clocks)


@effect("request_hold")
def request_hold(move: Move) -> None:
    review_on = move.data["review_on"].isoformat()
    move.params |= {"reason": move.data["reason"].code, "review_on": review_on}
    move.texts["safety_measure"] = move.data["safety_measure"]
    move.ask(Ask.Kind.HOLD, review_on=review_on, reason=move.data["reason"].code)


@effect("hold")
def hold(move: Move) -> None:
    """Handle and whole clock stand still, until it is resumed or the most an order may be held is over.

    What is on hold already gets its next review; the end stays.
    """
    event = move.event
    ask = move.answer(Ask.Kind.HOLD, Ask.Answer.GRANTED)
    move.answer(Ask.Kind.EXTENSION, Ask.Answer.LAPSED)
    move.texts["note"] = move.data["note"]
    event.hold_review_on = datetime.fromisoformat(ask.params["review_on"]).date()
    if event.state != State.ON_HOLD:
        left = move.policy.hold_most_days - days_held(move.situation.clock(ClockKind.HANDLE))
        last = timezone.localdate(move.now) + timedelta(days=left)
        event.held_until = timezone.make_aware(datetime.combine(last, time()))
        stop_clocks(event, STOPPED_BY_HOLD, at=move.now)
        event.due = NEVER
    move.go(State.ON_HOLD, holder=event.lead)


@effect("refuse_hold")
def refuse_hold(move: Move) -> None:
    move.texts["reason"] = move.data["reason"]
    move.answer(Ask.Kind.HOLD, Ask.Answer.REFUSED)


@effect("resume")
def resume(move: Move) -> None:
    move.texts["note"] = move.data.get("note", "")
    event = move.event
    move.answer(Ask.Kind.HOLD, Ask.Answer.LAPSED)
    move.run_on(latest=event.held_until)
    event.hold_review_on = event.held_until = None
    move.go(State.HANDLING, holder=event.lead)


@effect("auto_resume")
def auto_resume(move: Move) -> None:
    resume(move)


@effect("lapse")
def lapse(move: Move) -> None:
    """No answer in time: more time is refused, a return stands, the desk goes on without the check."""
    kind = Ask.Kind(move.data["kind"])
    move.params["kind"] = kind.value
    if not any(ask.kind == kind and ask.due and ask.due < move.now for ask in move.situation.asks):
        raise MoveError(code="nothing_to_lapse")
    if kind == Ask.Kind.CHECK:
        stop_waiting(move)
    else:
        move.answer(kind, Ask.Answer.LAPSED)


def put_under_supervision(move: Move) -> None:
    """Red: a written answer by the lead's head, or the desk's while there is no lead, within a working day."""
    answer_by = move.calendar.due(move.now, move.policy.supervision_limit)
    move.params["answer_by"] = answer_by.isoformat()
    if Ask.Kind.SUPERVISION not in move.event.asks:
        ask = move.ask(Ask.Kind.SUPERVISION, to=move.event.lead or move.event.desk)
        if not move.event.training:  # No number of a letter is used up by practising.
            write_letter(ask, answer_by=answer_by)


@effect("hand_down")
def hand_down(move: Move) -> None:
    """To any lower desk, once."""
    event, below = move.event, move.data["desk"]
    move.params["desk"] = [move.desk.code, below.code]
    move.texts["reason"] = move.data["reason"]
    event.hand_down_count += 1
    change_desk(move, below)


@effect("escalate")
def escalate(move: Move) -> None:
    """One level up, with the reason; from handling the agency keeps working until the upper desk decides."""
    move.texts["reason"] = move.data["reason"]
    raise_desk(move, next_desk_up(move.desk))


def raise_desk(move: Move, above: Organization) -> None:
    """One level up, counted; the highest desk keeps it."""
    if above.pk == move.event.desk_id:
        return
    move.params["desk"] = [move.desk.code, above.code]
    move.event.escalation_count += 1
    change_desk(move, above)
