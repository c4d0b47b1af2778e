"""The desk's verbs on the straight way: accept, reject, dispatch, recall, and closing on the spot."""

from django.db.models import Case, Q, Value, When
from django.utils.crypto import salted_hmac

from accounts.models import Organization
from dispatch.advance import Move, effect
from dispatch.clocks import dispatch_limit, handle_limit, run_again, sign_limit
from dispatch.models import Ask, Assignment, Clock, ClockKind
from dispatch.routing import next_desk_up
from dispatch.verbs.asking import end_transfer, put_under_supervision, stop_waiting
from dispatch.verbs.correcting import set_right
from dispatch.working_time import Limit
from events.models import Event, Level, State

GROUNDLESS_TO_SUPERVISION = 2
IS_LEAD = Q(part=Assignment.Part.LEAD)
BEFORE_RETURN = Case(
    When(IS_LEAD, then=Value(Assignment.Status.SENT)),
    When(fed_back_at__isnull=False, then=Value(Assignment.Status.DONE)),
    When(signed_at__isnull=False, then=Value(Assignment.Status.SIGNED)),
    default=Value(Assignment.Status.SENT),
)
"""The status of an order whose return was refused: the lead signs anew, an assistant is where it was."""


@effect("accept")
def accept(move: Move) -> None:
    """File the event; item and place may be set right, the deadlines then count again from the same start."""
    event = move.event
    stop_waiting(move)
    set_right(move)
    if move.post and move.post.organization_id != event.desk_id:
        end_transfer(move, Ask.Answer.LAPSED)
        event.desk_id, event.level = move.post.organization_id, Level.DISTRICT
    move.texts["note"] = move.data.get("note", "")
    event.filed_at = event.filed_at or move.now
    move.end(ClockKind.ACCEPT)
    event.due = move.start(ClockKind.DISPATCH, dispatch_limit(event, move.policy)).due
    move.go(State.ACCEPTED, holder=event.desk)


@effect("reject")
def reject(move: Move) -> None:
    """Not for the loop; the reporter gets the reason and the answer."""
    move.params["reason"] = move.data["reason"].code
    move.texts["answer"] = move.data["answer"]
    move.finish()
    move.event.answered_at = move.now
    move.go(State.REJECTED, holder=None)


@effect("dispatch")
def dispatch(move: Move) -> None:
    """One lead, any assistants; the item's limit, half of it once reopened, which a dispatcher may only shorten."""
    event = move.event
    limit = handle_limit(event.item)
    if event.reopen_count:
        limit = limit.half(move.policy.rework_percent)
    if amount := move.data.get("amount"):
        limit = Limit.from_item(amount, event.item.limit_unit)
        move.params["amount"] = [amount, event.item.limit_unit]
    move.texts["note"] = move.data.get("note", "")
    send(move, move.data["lead"], list(move.data["assistants"]), move.start(ClockKind.HANDLE, limit))


def send(move: Move, lead: Organization, assistants: list[Organization], handle: Clock) -> None:
    """The orders go out. One to the desk's own organisation is signed by sending it; a return stands then."""
    event = move.event
    own = lead.pk == event.desk_id
    move.params |= {"lead": lead.code, "assistants": [unit.code for unit in assistants]}
    move.answer(Ask.Kind.RETURN, Ask.Answer.GRANTED)
    end_transfer(move, Ask.Answer.LAPSED)
    parts = [(lead, Assignment.Part.LEAD), *((unit, Assignment.Part.ASSISTANT) for unit in assistants)]
    orders = [
        Assignment(
            tenant=event.tenant,
            event=event,
            organization=unit,
            part=part,
            by_district=event.desk.kind == Organization.Kind.CENTRE,
            dispatched_at=move.now,
        )
        for unit, part in parts
    ]
    if own:
        orders[0].status, orders[0].signed_at = Assignment.Status.SIGNED, move.now
        orders[0].signed_by = move.actor.user
    Assignment.objects.bulk_create(orders)

    event.lead = lead
    event.participants = [unit.pk for unit, _part in parts]
    move.end(ClockKind.ACCEPT, ClockKind.DISPATCH)
    event.due = handle.due
    if not own:
        _to_sign(move, handle)
    move.go(State.HANDLING if own else State.DISPATCHED, holder=lead)


def _to_sign(move: Move, handle: Clock) -> None:
    sign = move.start(ClockKind.SIGN, sign_limit(move.event, handle.limit, move.policy))
    move.event.due = min(handle.due, sign.due)


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
    for kind in (Ask.Kind.EXTENSION, Ask.Kind.HOLD):
        move.answer(kind, Ask.Answer.LAPSED)
    move.end(ClockKind.SIGN, ClockKind.HANDLE)
    event.due = move.start(ClockKind.DISPATCH, dispatch_limit(event, move.policy)).due
    move.go(State.ACCEPTED, holder=event.desk)


@effect("refuse_return")
def refuse_return(move: Move) -> None:
    """The same lead, the same orders, the same deadline; groundless, and the second is answered by the head."""
    event = move.event
    move.texts["reason"] = move.data["reason"]
    ask = move.answer(Ask.Kind.RETURN, Ask.Answer.REFUSED)
    by_district = move.desk.kind == Organization.Kind.CENTRE
    orders = event.assignments.filter(status=Assignment.Status.RETURNED, ended_at=ask.asked_at)
    orders.update(ended_at=None, by_district=by_district, status=BEFORE_RETURN, groundless=IS_LEAD)
    event.lead, event.participants = ask.organization, ask.params["at_work"]
    handle = event.clocks.filter(kind=ClockKind.HANDLE).latest("id")
    run_again(handle, instead_of=ClockKind.DISPATCH, at=move.now)
    _to_sign(move, handle)
    move.go(State.DISPATCHED, holder=event.lead)
    if event.return_count >= GROUNDLESS_TO_SUPERVISION and _groundless(event) >= GROUNDLESS_TO_SUPERVISION:
        put_under_supervision(move)


def _groundless(event: Event) -> int:
    return event.asked.filter(kind=Ask.Kind.RETURN, answer=Ask.Answer.REFUSED).count()


@effect("self_close")
def self_close(move: Move) -> None:
    """Settled on the spot or at the desk; a random share is looked at by the grid leader or the next desk up."""
    event = move.event
    move.texts["result"] = move.data["result"]
    event.filed_at = event.filed_at or move.now
    event.self_closed, event.self_close_pending = True, False
    if is_drawn(event, move.policy.sample_percent):
        event.sample_state = "pending"
        event.sampler = _sampler(move)
    move.close()
    move.go(State.CLOSED, holder=None)


def is_drawn(event: Event, percent: int) -> bool:
    """Whether an event is in the sample: by a hash under the secret key, so nobody foresees it, and sending
    the same closing again draws no second lot."""
    return int(salted_hmac("sample", str(event.pk), algorithm="sha256").hexdigest(), 16) % 100 < percent


def _sampler(move: Move) -> Organization | None:
    """The grid leader for what a grid worker closed, the next desk up for what a leader or a desk closed."""
    post = move.post
    if post is None:
        return move.event.desk
    own = Organization.objects.select_related("area").get(pk=post.organization_id)
    return own if post.role == "grid_worker" else next_desk_up(own)
