"""What joining and leaving a major incident do to the locked event: its flag, and the membership that follows.

Order of locks: the event, then the incident; nobody takes them the other way round.
"""

from dispatch.advance import Move, effect
from dispatch.recipients import Recipient
from incidents.errors import IncidentClosedError, NoSuchIncidentError
from incidents.models import Incident, Membership

FLAG = "in_incident"


@effect("join_incident")
def join_incident(move: Move) -> None:
    """Into an open incident that the actor commands. A member of a new item widens what is proposed."""
    event, scope = move.event, move.actor.scope
    named = Incident.objects.commanded_by(scope).filter(tenant=event.tenant, number=move.data["incident"])
    incident = named.select_for_update(no_key=True, of=("self",)).first()
    if incident is None:
        raise NoSuchIncidentError()
    if not incident.is_open:
        raise IncidentClosedError()
    if event.item.code not in incident.items and not event.sensitive:
        incident.items = [*incident.items, event.item.code]
        incident.save(update_fields=["items"])
    Membership.objects.create(
        tenant=event.tenant,
        incident=incident,
        event=event,
        joined_at=move.now,
        joined_by=move.actor.user,  # type: ignore[misc]  # the table lets no system join
    )
    event.flags = [*event.flags, FLAG]
    move.params["incident"] = incident.number
    move.texts["reason"] = move.data["reason"]


@effect("leave_incident")
def leave_incident(move: Move) -> None:
    """Still open it goes on in the loop by itself, and its desk is told."""
    event = move.event
    membership = Membership.objects.select_related("incident").get(event=event, left_at=None)
    membership.left_at, membership.left_by = move.now, move.actor.user
    membership.open_when_left = event.is_open
    membership.at_the_end = membership.incident.state == Incident.State.CLOSING
    membership.save(update_fields=["left_at", "left_by", "open_when_left", "at_the_end"])
    event.flags = [flag for flag in event.flags if flag != FLAG]
    move.params["incident"] = membership.incident.number
    if event.is_open:
        move.params["tell"] = [Recipient.DESK.value]
    if move.data.get("reason"):
        move.texts["reason"] = move.data["reason"]
