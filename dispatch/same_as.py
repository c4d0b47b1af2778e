"""'Reported already, add me': which event a report is merged into because its reporter named it.

The report is stored as always, in the same transaction the system merges it (``auto_merge``), and a worker routes
it afterwards like any other. The merge does not wait for the route, because nobody decides anything here: the
reporter hears at once that the report has joined the other, and what is routed later is only whose desk may restore
it; until then a restoration is refused as ``not_routed``. Where the named event cannot lead, the report goes its
ordinary way with the flag ``same_as_missed``: it is never refused, and never lost.
"""

import uuid

from accounts.scope import Actor
from events.models import Event, Urgency

MISSED = "same_as_missed"


def leading_for(event: Event, actor: Actor, same_as: uuid.UUID) -> Event | None:
    """The event that the unsaved report goes on under, locked until the transaction's end; None where none can lead.

    It is open and in the reporter's sight, and so of the same district and mode; what is closed on the spot is settled.
    Who holds the named event is waited for: nobody waits for a report that is not there yet.
    """
    if event.self_close_pending:
        return None
    open_ones = Event.objects.visible_to(actor.user).open()
    leading = open_ones.filter(pk=same_as).select_for_update(of=("self",)).first()
    allowed = leading and may_lead(leading, urgency=event.urgency, sensitive=event.sensitive)
    return leading if allowed else None


def may_lead(leading: Event, *, urgency: str, sensitive: bool) -> bool:
    """Neither of the two is sensitive, for that is the desk's to decide; and nothing is swallowed by what is less urgent."""
    as_urgent = Urgency.values.index(leading.urgency) >= Urgency.values.index(urgency)
    return as_urgent and not leading.sensitive and not sensitive
