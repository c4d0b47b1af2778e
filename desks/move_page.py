"""What the page of a move shows beside the form's fields: who may take it, the deadline, the files it needs."""

import uuid
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from functools import cached_property
from itertools import groupby
from typing import Any

from django.forms import BoundField
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.functional import Promise
from django.utils.translation import gettext as _

from accounts.models import Organization
from desks.asked import ANSWERED_BY, ASKED_BY, Asked, open_asks
from desks.clock_face import item_limit_words
from desks.deadlines import Change, corrected, extended
from desks.likely import Likely, closed_here, likely_leading
from desks.move_words import BEFORE, CONFIRM
from desks.offered import kinds_of
from desks.places import path_of
from desks.privacy import Privacy
from desks.templatetags.grid import weekday_moment
from desks.timeline import Words
from dispatch.conditions import Situation
from dispatch.errors import MoveError, NotPermittedError, WrongStateError
from dispatch.forms import MoveForm
from dispatch.models import Ask, Assignment, ClockKind, Phrase
from dispatch.permission import authority, missing_condition, refusal
from dispatch.phrases import offered, rendered, verbs_with_text
from dispatch.workflow import VERBS, Input, Verb
from events.catalogue import items_now
from events.images import EvidenceError
from events.masking import mask_numbers
from events.models import Event, Evidence, Item, Source, StepText
from grids.models import Area

CHECKS = ("verify", "rework")
FOLLOW_UP = ("item", "description")


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


@dataclass(frozen=True)
class ReadyPhrase:
    phrase: Phrase
    text: str


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
        """In the table's order, but for those that stand folded below and those that mean nothing here."""
        for need in self.verb.needs:
            if need.name not in self._aside:
                yield need, self.form[need.name]

    @property
    def follow_up(self) -> Iterator[tuple[Input, BoundField]]:
        """Item and words of an event that goes on with what remains to be done."""
        for need in self.verb.needs:
            if self.verb.code == "feed_back" and need.name in FOLLOW_UP:
                yield need, self.form[need.name]

    @property
    def has_follow_up(self) -> bool:
        return any(bound.value() or bound.errors for _need, bound in self.follow_up)

    @cached_property
    def _aside(self) -> tuple[str, ...]:
        match self.verb.code:
            case "feed_back":
                return FOLLOW_UP
            case "answer_reporter" if self.event.source != Source.HOTLINE:
                return ("reached",)
        return ()

    @property
    def error_fields(self) -> list[BoundField]:
        return [self.form[need.name] for need in self.verb.needs if self.form[need.name].errors]

    @property
    def colleague(self) -> dict | None:
        """Who moved the event meanwhile, how and when; only where that is why the move was refused."""
        if not isinstance(self.error, MoveError) or self.error.code not in {"stale_version", "wrong_state"}:
            return None
        last = self.error.extra.get("last")
        return last and {"by": last["by"], "did": VERBS[last["verb"]].done, "at": parse_datetime(last["at"])}

    # Phrases ------------------------------------------------------------------------------------

    @cached_property
    def phrases(self) -> list[ReadyPhrase]:
        """What may be put into the texts of this move; which lead and which deadline is known later where it is chosen
        in this form."""
        actor = self.situation.actor
        if actor.user is None or self.verb.code not in verbs_with_text():
            return []
        rows = offered(self.event, self.verb.code, actor.user, actor.scope)
        values = self._placeholders if any("{" in row.text for row in rows) else {}
        return [ReadyPhrase(row, rendered(row.text, values)) for row in rows]

    @property
    def _placeholders(self) -> dict[str, str]:
        event = self.event
        address = Privacy(event, self.situation.actor).address
        values = {
            "item": event.item.name,
            "place": address or "".join(path_of(self.situation.actor.district, event.area_code)),
            "number": event.number,
        }
        if "lead" not in self.form.fields:
            clock = self.situation.clock(ClockKind.HANDLE)
            values["lead"] = event.lead.name if event.lead else ""
            values["deadline"] = weekday_moment(clock.due if clock else event.whole_due)
        return values

    # What it does, told before ------------------------------------------------------------------

    @property
    def before(self) -> str | Promise:
        return BEFORE.get(self.verb.code, "")

    @property
    def confirm(self) -> str | Promise:
        return CONFIRM.get(self.verb.code, "")

    @cached_property
    def asked(self) -> list[Asked]:
        """What this move answers; before a hold ends, the hold."""
        kind = ANSWERED_BY.get(self.verb.code)
        if not self.possible or (kind is None and self.verb.code != "resume"):
            return []
        asks = self.event.asked.filter(answer="", kind=kind or "").select_related("organization", "to")
        self.situation.asks = list(asks)
        verbs = ASKED_BY[kind or Ask.Kind.HOLD]
        steps = list(
            self.event.steps.filter(verb__in=[*verbs, "hold"]).select_related("organization", "text")
        )
        return open_asks(self.situation, steps, Words(self.situation.actor.district, steps))

    @cached_property
    def deadlines(self) -> list[Change]:
        """What would become of them: with the item or urgency looked at, or with more time."""
        if not self.possible:
            return []
        match self.verb.code:
            case "correct" | "accept":
                return corrected(self.situation, self._looked_at, self._value("urgency"))
            case "request_extension":
                return extended(self.situation, self._more)
            case "decide_extension":
                ask = next((ask for ask in self.situation.asks if ask.kind == Ask.Kind.EXTENSION), None)
                return extended(self.situation, ask.params["amount"]) if ask else []
        return []

    @property
    def changes_deadlines(self) -> bool:
        return any(row.is_new for row in self.deadlines)

    def _value(self, name: str) -> str:
        return str(self.form[name].value() or "") if name in self.form.fields else ""

    @property
    def _looked_at(self) -> Item | None:
        code = self._value("item")
        return next((item for item in self.items if item.code == code), None) if code else None

    @property
    def _more(self) -> int:
        value = self._value("amount")
        return int(value) if value.isdecimal() and 0 < int(value) <= self._most_amount else 0

    @property
    def _most_amount(self) -> int:
        return self.form.fields["amount"].max_value  # type: ignore[attr-defined]

    @property
    def most(self) -> str:
        return item_limit_words(self._most_amount, self.event.item.limit_unit)

    # Merging ------------------------------------------------------------------------------------

    @cached_property
    def likely(self) -> list[Likely]:
        return likely_leading(self.event, self.situation.actor)

    @property
    def closed_here(self) -> list[Event]:
        """The same matter closed so lately that it can still be reopened."""
        days = self.situation.policy.reopen_within_days
        since = self.situation.now - timedelta(days=days)
        return closed_here(self.event, self.situation.actor, since=since)

    @property
    def typed_leading(self) -> str:
        """A number that is none of the offered ones."""
        value = self._value("leading")
        return "" if any(row.event.number == value for row in self.likely) else value

    # Handing to another desk --------------------------------------------------------------------

    @cached_property
    def desks(self) -> list[tuple[str, list[Choice]]]:
        """Those of the place first, then the others by kind."""
        chosen = {self._value("desk")}
        units = list(self.form.fields["desk"].queryset.select_related("area"))  # type: ignore[attr-defined]
        here = [unit for unit in units if self.event.area_code.startswith(unit.area.code)]
        groups = by_kind([unit for unit in units if unit not in here], chosen)
        mine = [Choice(unit, str(unit.pk) in chosen) for unit in here]
        return [(_("Of the place"), mine), *groups] if mine else groups

    # Handling -----------------------------------------------------------------------------------

    @cached_property
    def slots(self) -> list[Slot]:
        needed, kinds = kinds_of(self.verb, self.event)
        rows = list(self.form.fields["evidence"].queryset)  # type: ignore[attr-defined]
        if self.form.is_bound:
            kept = {str(value) for value in self.form["evidence"].value() or ()}
            rows = [row for row in rows if str(row.pk) in kept]
        rows = [
            row
            for row in rows
            if not (row.kind == Evidence.Kind.BEFORE or row.is_recorded) or not row.came_with_report
        ]
        # Recordings where a phone sent some.
        kinds = [*kinds, *(kind for kind in Evidence.RECORDED if any(row.kind == kind for row in rows))]
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

    # Checking -----------------------------------------------------------------------------------

    @cached_property
    def photos(self) -> list[tuple[str, list[Evidence]]]:
        """Before and after, for whoever checks the result; nothing in other forms. One query."""
        if self.verb.code not in CHECKS:
            return []
        kinds = (Evidence.Kind.BEFORE, Evidence.Kind.AFTER)
        rows = (
            self.event.evidence.filter(kind__in=kinds).exclude(received_at=None).order_by("received_at", "pk")
        )
        shown = [row for row in rows if row.step_id or row.kind == Evidence.Kind.BEFORE]
        pairs = [
            (_("Before"), [row for row in shown if row.kind == Evidence.Kind.BEFORE]),
            (_("After"), [row for row in shown if row.kind == Evidence.Kind.AFTER]),
        ]
        return pairs if shown else []

    @cached_property
    def told_done(self) -> str:
        """What the lead wrote about the result, for whoever checks it. One query."""
        if self.verb.code not in CHECKS:
            return ""
        told = StepText.objects.filter(step__event=self.event, step__verb="feed_back")
        content = told.order_by("-step__sequence").values_list("content", flat=True).first()
        return mask_numbers((content or {}).get("result", ""))

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
        return any(
            self.form[name].value() or self.form[name].errors
            for name in ("item", "area_code")
            if name in self.form.fields
        )


def by_kind(units: list[Organization], chosen: set[str]) -> list[tuple[str, list[Choice]]]:
    return [
        (str(Organization.Kind(kind).label), [Choice(unit, str(unit.pk) in chosen) for unit in rows])
        for kind, rows in groupby(units, key=lambda unit: unit.kind)
    ]


def why_not(verb: Verb, situation: Situation) -> MoveError | None:
    """The refusal a person would meet; nothing when the verb is open to them now."""
    if situation.event.state not in verb.sources:
        return WrongStateError()
    permitted, _post = authority(verb, situation)
    condition = refusal(verb, situation) if permitted else missing_condition(verb, situation)
    if condition:
        return MoveError(condition.message, code=condition.code)
    return None if permitted else NotPermittedError()
