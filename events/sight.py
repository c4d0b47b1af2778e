"""Who sees an event, in memory: the scope rule of ``EventQuerySet.visible_in`` for facts that are no row.

A hint is matched against many open connections and must ask no database for it. ``Facts`` are what the rule reads
of an event, nothing of its content. The rule stands twice, here and in SQL; a test holds both together.
"""

from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from django.utils import timezone

from accounts.scope import Scope
from events.models import TRAINING_SHOWN_FOR, Event, State, Urgency


@dataclass(frozen=True)
class Facts:
    """What decides who sees an event, and whose turn it is. Organisations and people by id, asks by kind."""

    tenant: str
    area_code: str
    state: str
    urgency: str
    sensitive: bool
    reporter: int | None
    desk: int | None
    holder: int | None
    transfer_to: int | None
    sampler: int | None
    sample_state: str
    participants: tuple[int, ...]
    asks: tuple[str, ...]
    training: bool
    recorded_at: str
    """ISO."""

    @classmethod
    def of(cls, event: Event) -> "Facts":
        return cls(
            tenant=event.tenant,
            area_code=event.area_code,
            state=str(event.state),
            urgency=str(event.urgency),
            sensitive=event.sensitive,
            reporter=event.reporter_id,
            desk=event.desk_id,
            holder=event.holder_id,
            transfer_to=event.transfer_to_id,
            sampler=event.sampler_id,
            sample_state=event.sample_state,
            participants=tuple(event.participants),
            asks=tuple(str(ask) for ask in event.asks),
            training=event.training,
            recorded_at=event.recorded_at.isoformat(),
        )

    @classmethod
    def read(cls, told: dict[str, Any]) -> "Facts":
        """What ``told`` gave, after a way through JSON."""
        return cls(
            **{
                **told,
                "participants": tuple(told["participants"]),
                "asks": tuple(told["asks"]),
            }
        )

    def told(self) -> dict[str, Any]:
        return asdict(self)


def sees(
    facts: Facts, scope: Scope, *, tenant: str, reporter: int | None = None, training: bool = False
) -> bool:
    """Whether ``Event.objects.visible_in`` with the same arguments holds an event of these facts."""
    if facts.tenant != tenant or facts.training != training or (training and _is_past(facts)):
        return False
    units = scope.units("view_org_events")
    return (
        (reporter is not None and facts.reporter == reporter)
        or facts.desk in units
        or facts.transfer_to in units
        or not units.isdisjoint(facts.participants)
        or (facts.sampler in units and facts.sample_state == "pending")
        or (facts.sensitive and bool(scope.units("rule_district")) and _waits_for_the_district(facts))
        or (not facts.sensitive and scope.covers("view_area_events", facts.area_code))
        or scope.covers("audit_events", facts.area_code)
    )


def _waits_for_the_district(facts: Facts) -> bool:
    return (facts.urgency == Urgency.CRITICAL and facts.state == State.REPORTED) or "hold" in facts.asks


def _is_past(facts: Facts) -> bool:
    return datetime.fromisoformat(facts.recorded_at) < timezone.now() - TRAINING_SHOWN_FOR
