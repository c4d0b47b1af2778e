"""What a message says: codes, numbers, states and times of a step and its event, nothing else.

No name of a person, no free text, no address or point, no key of a file. Where a reporter asked to be kept secret,
the reporting unit is left out too. The event's part tells how it stood when the message was made, at
``event.sequence``; the step's part never changes.
"""

import json
from datetime import UTC, datetime
from typing import Any

from events.models import NEVER, Event, Step

VERSION = 1
TOLD_PARAMS = (
    "reason", "finding", "decision", "kind", "amount", "rating", "clock", "percent", "urgency", "desk", "whole_due",
)  # fmt: skip
"""The step's parameters that are told: codes, amounts and times. Items, places and numbers of other events are
not, for the receiver may not see those."""


def of_step(step: Step, event: Event) -> str:
    """The body for a step of an event read just now, with its item, desk, holder and lead; JSON, one line."""
    hidden = event.reporter_confidential and step.actor_id == event.reporter_id
    return _body(
        "event.step",
        step.at,
        {
            "event": {
                "id": str(event.pk),
                "number": event.number,
                "sequence": event.sequence,
                "state": event.state,
                "item": event.item.code,
                "urgency": event.urgency,
                "level": event.level,
                "source": event.source,
                "area": event.area_code,
                "desk": _code(event.desk),
                "holder": _code(event.holder),
                "lead": _code(event.lead),
                "recorded_at": _instant(event.recorded_at),
                "due": _instant(event.due),
                "whole_due": _instant(event.whole_due),
                "closed_at": _instant(event.closed_at),
            },
            "step": {
                "sequence": step.sequence,
                "verb": step.verb,
                "from_state": step.from_state,
                "to_state": step.to_state,
                "at": _instant(step.at),
                "organization": None if hidden else _code(step.organization),
                "params": {name: step.params[name] for name in TOLD_PARAMS if name in step.params},
            },
        },
    )


def of_test(*, at: datetime, scope_code: str) -> str:
    """The body of a test: it tells nothing but the endpoint's own area or organisation."""
    return _body("webhook.test", at, {"scope": scope_code})


def id_of_step(step: Step) -> str:
    """The same for every endpoint and every try: who has seen it may forget a second one."""
    return f"msg_{step.event_id.hex}_{step.sequence}"


def _body(kind: str, at: datetime, data: dict[str, Any]) -> str:
    message = {"type": kind, "version": VERSION, "timestamp": _instant(at), "data": data}
    return json.dumps(message, ensure_ascii=False, separators=(",", ":"))


def _code(unit: Any) -> str | None:
    return unit.code if unit else None


def _instant(at: datetime | None) -> str | None:
    """UTC; None for what never comes."""
    if at is None or at == NEVER:
        return None
    return at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
