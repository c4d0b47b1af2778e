"""Events born of another: split off by the desk, or named by the lead as what remains to be done (后续件)."""

import uuid

from accounts.scope import Actor
from dispatch.advance import Move, advance, write_step
from dispatch.conditions import Situation
from dispatch.numbers import next_number, training_number
from dispatch.workflow import VERBS
from events.models import Event, Item
from grids.models import Area


def report_linked(move: Move, *, item: Item, area: Area | None, text: str, anew: bool = False) -> Event:
    """Report a linked event in the same transaction; its clocks start with the first report, or ``anew``."""
    first = move.event
    event = Event(
        id=uuid.uuid4(),
        tenant=first.tenant,
        number="",
        training=first.training,
        item=item,
        urgency=item.urgency,
        level=item.level,
        sensitive=item.sensitive,
        source=first.source,
        description=text,
        address=first.address,
        area_code=area.code if area else first.area_code,
        place_level=area.level if area else first.place_level,
        reported_area_code=area.code if area else first.area_code,
        longitude=None if area else first.longitude,
        latitude=None if area else first.latitude,
        reporter=first.reporter,
        reporter_confidential=first.reporter_confidential,
        occurred_at=move.now if anew else first.occurred_at,
        recorded_at=move.now if anew else first.recorded_at,
        state="",
        origin=first,
    )
    event.number = (
        training_number(event.pk, move.now) if first.training else next_number(first.tenant, move.now)
    )
    actor: Actor = move.actor
    linked = Move(VERBS["report"], Situation(event, actor, move.now, move.calendar), move.post, {})
    linked.params = {
        "item": item.code,
        "area": event.area_code,
        "source": event.source,
        "origin": first.number,
    }
    linked.texts = {"description": text, "address": event.address}
    write_step(linked)
    if event.training:
        advance("route", actor=Actor.system(actor.district), event_id=event.pk, now=move.now)
    return event
