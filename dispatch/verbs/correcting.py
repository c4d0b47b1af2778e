"""Setting right what a report says: correct, merge, split, restore (field rules, section 3, everyday cases)."""

from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from dispatch.advance import Move, effect
from dispatch.clocks import accept_limit, corrected_limit, next_due, recount
from dispatch.errors import MoveError
from dispatch.models import ClockKind
from dispatch.verbs.asking import stop_waiting
from dispatch.verbs.linked import report_linked
from events.models import Event, Item, State, Urgency

ORDER: list[str] = Urgency.values


def set_right(move: Move) -> None:
    """Take over item, place and urgency from the input; old and new stand in the step."""
    event = move.event
    was_item, was_urgency = event.item, event.urgency
    item = move.data.get("item") or was_item
    event.urgency = corrected_urgency(event, item, move.data.get("urgency", ""))
    if item.pk != was_item.pk:
        move.params["item"] = [was_item.code, item.code]
        event.item, event.sensitive = item, item.sensitive
    if (area := move.data.get("area_code")) and area.code != event.area_code:
        move.params["area"] = [event.area_code, area.code]
        event.area_code, event.place_level = area.code, area.level
    if event.urgency != was_urgency:
        move.params["urgency"] = [was_urgency, event.urgency]
    if event.urgency == Urgency.CRITICAL:
        stop_waiting(move)
    if {"item", "urgency"} & set(move.params):
        _count_again(move, new_item="item" in move.params)


def corrected_urgency(event: Event, item: Item, raised: str = "") -> str:
    """The right item brings its own urgency; what a desk raised above the item's stays raised."""
    before = event.urgency if event.urgency != event.item.urgency else item.urgency
    return max(
        item.urgency, before, raised or item.urgency, key=lambda urgency: ORDER.index(Urgency(urgency))
    )


def _count_again(move: Move, *, new_item: bool) -> None:
    """Every running clock from its own start; the whole one of a closed event too."""
    event = move.event
    clocks = list(event.clocks.filter(Q(ended_at=None) | Q(kind=ClockKind.WHOLE)))
    for clock in clocks:
        limit = corrected_limit(clock, event, move.policy, new_item=new_item)
        clock.amount, clock.unit = limit.amount, limit.unit.value
    recount(clocks, event, at=move.now, district=move.actor.district)
    event.due = next_due(clock for clock in clocks if clock.ended_at is None)


@effect("correct")
def correct(move: Move) -> None:
    set_right(move)


@effect("merge")
def merge(move: Move) -> None:
    """The matter goes on under the leading event, whose answer reaches this reporter too.

    The leading event must not end meanwhile, so it is locked: by the order of keys, for two that are merged
    into each other would wait for ever; against the order nobody waits.
    """
    event, leading = move.event, move.data["leading"]
    lock = Event.with_training.open().select_for_update(skip_locked=leading.pk < event.pk)
    if not lock.filter(pk=leading.pk):
        raise MoveError(
            _("The leading event is being moved at this moment. Look at it, then try again."),
            code="leading_moves",
        )
    move.texts["answer"] = move.data["answer"]
    if move.data["answer"]:
        event.answered_at = move.now
    _go_on_under(move, leading)


@effect("auto_merge")
def auto_merge(move: Move) -> None:
    """The reporter named the leading event with the report, and ``dispatch.same_as`` has locked it."""
    _go_on_under(move, move.data["leading"])


def _go_on_under(move: Move, leading: Event) -> None:
    move.params["leading"] = leading.number
    move.event.leading = leading
    move.finish()
    move.go(State.MERGED, holder=None)


@effect("split")
def split(move: Move) -> None:
    """Another matter of the same report becomes an event of its own; its clocks start with the first report."""
    new = report_linked(
        move, item=move.data["item"], area=move.data.get("area_code"), text=move.data["description"]
    )
    move.params["new"] = new.number


@effect("restore")
def restore(move: Move) -> None:
    """Wrongly merged or rejected: back to the desk, which accepts anew; the whole deadline stays."""
    event = move.event
    move.texts["reason"] = move.data["reason"]
    event.leading = event.answered_at = None
    move.reopen_at_desk()
    event.due = move.start(ClockKind.ACCEPT, accept_limit(event, move.policy)).due
    move.go(State.REPORTED, holder=event.desk)
