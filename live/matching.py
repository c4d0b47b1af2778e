"""What a listener is told of a move: the event's key and one of four kinds, never its content.

- ``arrived``: it is now the turn of an organisation of the listener's, and was not before.
- ``changed``: the listener sees it, or saw it and sees it still.
- ``left``: the listener saw it and sees it no longer.
- ``presence``: somebody began or ceased to look at it; told to the organisations that take part.
"""

from dataclasses import dataclass
from typing import Any

from events.models import Urgency
from events.sight import Facts, sees
from live.presence import taking_part
from live.session import Listener


@dataclass(frozen=True)
class Moved:
    """A message of ``dispatch.advance``, read once for all listeners."""

    event: str
    by: int | None
    before: Facts | None
    after: Facts
    is_presence: bool = False

    @classmethod
    def read(cls, told: dict[str, Any]) -> "Moved":
        before = told["before"]
        return cls(
            told["id"],
            told["by"],
            before and Facts.read(before),
            Facts.read(told["after"]),
            told.get("presence", False),
        )

    @property
    def is_critical(self) -> bool:
        return self.after.urgency == Urgency.CRITICAL


def kind_for(listener: Listener, moved: Moved) -> str:
    """The kind, empty when the listener is told nothing."""
    if moved.is_presence:
        concerns = not listener.scope.own_organizations.isdisjoint(taking_part(moved.after))
        return "presence" if concerns and _sees(listener, moved.after) else ""
    if _sees(listener, moved.after):
        return "arrived" if _arrives(listener, moved) else "changed"
    return "left" if moved.before and _sees(listener, moved.before) else ""


def _sees(listener: Listener, facts: Facts) -> bool:
    return sees(
        facts,
        listener.scope,
        tenant=listener.tenant,
        reporter=listener.user_id,
        training=listener.training,
    )


def _arrives(listener: Listener, moved: Moved) -> bool:
    units, before = listener.scope.own_organizations, moved.before
    had_it = before is not None and before.holder in units
    return moved.after.holder in units and not had_it and moved.by != listener.user_id
