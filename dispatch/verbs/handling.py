"""The handlers' verbs: sign, return, feed back, and the assistants' share."""

from accounts.models import Organization
from dispatch.advance import Move, effect
from dispatch.clocks import check_limit, stage_limit
from dispatch.handing import own_order
from dispatch.models import Ask, Assignment, ClockKind
from dispatch.verbs.desk import take_back
from dispatch.verbs.linked import report_linked
from events.models import Level, State

Status = Assignment.Status


@effect("sign")
def sign(move: Move) -> None:
    event, lead = move.event, move.situation.lead
    lead.status, lead.signed_at, lead.signed_by = Status.SIGNED, move.now, move.actor.user
    lead.save(update_fields=["status", "signed_at", "signed_by"])
    move.end(ClockKind.SIGN)
    event.due = event.clocks.running().get(kind=ClockKind.HANDLE).due
    move.go(State.HANDLING, holder=event.lead)


@effect("return")
def return_(move: Move) -> None:
    """Not ours. The event's second return goes to the district centre, whose order cannot be returned."""
    event = move.event
    move.params |= {"reason": move.data["reason"].code, "lead": move.situation.lead.organization.code}
    move.texts["explanation"] = move.data["explanation"]
    event.return_count += 1
    if event.return_count >= move.policy.returns_to_district:
        centre = Organization.objects.of_kind(Organization.Kind.CENTRE).get(district_id=event.tenant)
        event.desk, event.level = centre, Level.DISTRICT
        move.params["desk"] = centre.code
    at_work = event.participants
    take_back(move, Status.RETURNED)
    limit = stage_limit(event, move.policy.refuse_return_minutes[event.urgency])
    move.ask(Ask.Kind.RETURN, due=move.calendar.due(move.now, limit), at_work=at_work)


@effect("feed_back")
def feed_back(move: Move) -> None:
    """The lead's result; assistants who are missing are named in the step."""
    event, lead = move.event, move.situation.lead
    move.texts["result"] = move.data["result"]
    missing = [row.organization.code for row in move.situation.assistants if row.status != Status.DONE]
    if missing:
        move.params["assistants_missing"] = missing
    lead.status, lead.fed_back_at, lead.fed_back_by = Status.DONE, move.now, move.actor.user
    lead.save(update_fields=["status", "fed_back_at", "fed_back_by"])
    if item := move.data.get("item"):
        new = report_linked(move, item=item, area=None, text=move.data["description"], anew=True)
        move.params["follow_up"] = new.number
    for kind in (Ask.Kind.EXTENSION, Ask.Kind.HOLD):
        move.answer(kind, Ask.Answer.LAPSED)
    move.end(ClockKind.SIGN, ClockKind.HANDLE)
    event.due = move.start(ClockKind.CHECK, check_limit(event, move.policy)).due
    move.go(State.FED_BACK, holder=event.desk)


@effect("hand_to")
def hand_to(move: Move) -> None:
    """To a person inside the organisation that acts. The step keeps the person's key, never the name."""
    mine, person = own_order(move.situation), move.data["handler"]
    move.params["handler"] = person.pk
    mine.handler = person
    mine.save(update_fields=["handler"])


@effect("assist_sign")
def assist_sign(move: Move) -> None:
    mine = move.situation.own_assistance(Status.SENT)
    mine.status, mine.signed_at, mine.signed_by = Status.SIGNED, move.now, move.actor.user
    mine.save(update_fields=["status", "signed_at", "signed_by"])


@effect("assist_feed_back")
def assist_feed_back(move: Move) -> None:
    mine = move.situation.own_assistance(Status.SIGNED)
    move.texts["result"] = move.data["result"]
    mine.status, mine.fed_back_at, mine.fed_back_by = Status.DONE, move.now, move.actor.user
    mine.save(update_fields=["status", "fed_back_at", "fed_back_by"])


@effect("assist_decline")
def assist_decline(move: Move) -> None:
    """Declines for itself; the event does not move."""
    mine = move.situation.own_assistance(Status.SENT, Status.SIGNED)
    move.texts["reason"] = move.data["reason"]
    mine.status, mine.ended_at = Status.DECLINED, move.now
    mine.save(update_fields=["status", "ended_at"])
    move.event.participants = [unit for unit in move.event.participants if unit != mine.organization_id]
