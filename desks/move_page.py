"""What the page of a move shows beside the form's fields: who may take it, the deadline, the files it needs."""

import uuid
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import cached_property
from itertools import groupby
from typing import Any

from django.forms import BoundField
from django.utils import timezone
from django.utils.dateparse import parse_datetime

from accounts.models import Organization
from desks.clock_face import item_limit_words
from dispatch.conditions import Situation
from dispatch.errors import MoveError, NotPermittedError, NotYetError, WrongStateError
from dispatch.forms import MoveForm, needed_evidence
from dispatch.models import Assignment
from dispatch.permission import authority, missing_condition, refusal
from dispatch.routing import proposed_lead
from dispatch.workflow import VERBS, Input, Kind, Verb
from dispatch.working_time import Limit
from events.catalogue import items_now
from events.images import EvidenceError
from events.models import Event, Evidence, Item
from grids.models import Area

OFFERED = (Evidence.Kind.AFTER, Evidence.Kind.DOCUMENT)
"""What may always be attached; other kinds only where the item asks for them."""


@dataclass(frozen=True)
class Slot:
    """One kind of evidence in a form, with the files that are here already."""

    kind: str
    label: str
    needed: bool
    files: list[Evidence]


@dataclass(frozen=True)
class Choice:
    unit: Organization
    chosen: bool


@dataclass
class MovePage:
    verb: Verb
    situation: Situation
    data: Any = None
    error: MoveError | EvidenceError | None = None
    preview: Mapping[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.error = self.error or why_not(self.verb, self.situation)
        self.possible = why_not(self.verb, self.situation) is None
        if not self.verb.ready:
            self.verb = replace(self.verb, needs=())  # Its inputs have no fields yet either.
        self.form = MoveForm(self.verb, self.situation, self.data)
        self.form.initial.update(
            {name: value for name, value in self.preview.items() if name in self.form.fields}
        )

    @property
    def event(self) -> Event:
        return self.situation.event

    @cached_property
    def request_id(self) -> str:
        """Kept over refusals, so that sending again is still the same move; unless the key itself was refused."""
        taken = self.error is not None and self.error.code == "request_taken"
        kept = self.data.get("request_id") if self.data and not taken else ""
        return kept or str(uuid.uuid4())

    @property
    def fields(self) -> Iterator[tuple[Input, BoundField]]:
        for need in self.verb.needs:
            yield need, self.form[need.name]

    @property
    def error_fields(self) -> list[BoundField]:
        return [bound for _need, bound in self.fields if bound.errors]

    @property
    def colleague(self) -> dict | None:
        """Who moved the event meanwhile, how and when; only where that is why the move was refused."""
        if not isinstance(self.error, MoveError) or self.error.code not in {"stale_version", "wrong_state"}:
            return None
        last = self.error.extra.get("last")
        return last and {"by": last["by"], "did": VERBS[last["verb"]].done, "at": parse_datetime(last["at"])}

    # Dispatch -----------------------------------------------------------------------------------

    @cached_property
    def _units(self) -> list[Organization]:
        return list(self.form.fields["lead"].queryset.select_related("parent"))  # type: ignore[attr-defined]

    @cached_property
    def proposed(self) -> Organization | None:
        return self.form.fields["lead"].initial or proposed_lead(self.event)

    @property
    def leads(self) -> list[tuple[str, list[Choice]]]:
        """By kind of organisation; the proposed one is chosen until the person has chosen."""
        value = self.form["lead"].value()
        chosen = {str(value.pk if isinstance(value, Organization) else value)}
        return self._by_kind(self._units, chosen)

    @property
    def assistants(self) -> list[tuple[str, list[Choice]]]:
        chosen = {str(value) for value in self.form["assistants"].value() or ()}
        return self._by_kind([unit for unit in self._units if unit not in self._named], chosen)

    @property
    def named_assistants(self) -> list[Choice]:
        chosen = {str(value) for value in self.form["assistants"].value() or ()}
        return [Choice(unit, str(unit.pk) in chosen) for unit in self._named]

    @cached_property
    def _named(self) -> list[Organization]:
        """Those the list of responsibilities names for the item: the bureaus' agencies, else the bureaus."""
        codes = set(self.event.item.assist_departments)
        agencies = [unit for unit in self._units if unit.parent and unit.parent.code in codes]
        covered = {unit.parent.code for unit in agencies}
        return agencies + [unit for unit in self._units if unit.code in codes - covered]

    @staticmethod
    def _by_kind(units: list[Organization], chosen: set[str]) -> list[tuple[str, list[Choice]]]:
        return [
            (str(Organization.Kind(kind).label), [Choice(unit, str(unit.pk) in chosen) for unit in rows])
            for kind, rows in groupby(units, key=lambda unit: unit.kind)
        ]

    @cached_property
    def amount(self) -> int:
        """The limit looked at: the shorter one when it can be used, else the item's own."""
        item = self.event.item
        value = str(self.form["amount"].value() or "")
        return int(value) if value.isdecimal() and 0 < int(value) < item.handle_limit else item.handle_limit

    @property
    def limit(self) -> str:
        return item_limit_words(self.amount, self.event.item.limit_unit)

    @property
    def own_limit(self) -> str:
        return item_limit_words(self.event.item.handle_limit, self.event.item.limit_unit)

    @property
    def deadline(self) -> datetime:
        limit = Limit.from_item(self.amount, self.event.item.limit_unit)
        return self.situation.calendar.due(self.situation.now, limit)

    # Handling -----------------------------------------------------------------------------------

    @cached_property
    def slots(self) -> list[Slot]:
        required = any(need.kind is Kind.EVIDENCE and need.required for need in self.verb.needs)
        needed = needed_evidence(self.event, self.verb) if required else []
        rows = list(self.form.fields["evidence"].queryset)  # type: ignore[attr-defined]
        if self.form.is_bound:
            kept = {str(value) for value in self.form["evidence"].value() or ()}
            rows = [row for row in rows if str(row.pk) in kept]
        kinds = [*needed, *(kind for kind in OFFERED if kind not in needed)]
        return [
            Slot(
                kind,
                str(Evidence.Kind(kind).label),
                kind in needed,
                [row for row in rows if row.kind == kind],
            )
            for kind in kinds
        ]

    @property
    def assistants_missing(self) -> list[Assignment]:
        if self.verb.code != "feed_back":
            return []
        return [row for row in self.situation.assistants if row.status != Assignment.Status.DONE]

    # Accepting ----------------------------------------------------------------------------------

    @property
    def items(self) -> list[Item]:
        return items_now(self.situation.actor.district)

    @property
    def areas(self) -> list[Area]:
        desk = self.event.desk
        within = desk.area.code if desk else self.event.tenant
        return list(Area.objects.within(within).valid_on(timezone.localdate()))

    @property
    def corrects(self) -> bool:
        """Whether the folded correction has something in it."""
        return any(self.form[name].value() or self.form[name].errors for name in ("item", "area_code"))


def why_not(verb: Verb, situation: Situation) -> MoveError | None:
    """The refusal a person would meet; nothing when the verb is open to them now."""
    if not verb.ready:
        return NotYetError()
    if situation.event.state not in verb.sources:
        return WrongStateError()
    permitted, _post = authority(verb, situation)
    condition = refusal(verb, situation) if permitted else missing_condition(verb, situation)
    if condition:
        return MoveError(condition.message, code=condition.code)
    return None if permitted else NotPermittedError()
