"""A move's form, made from the table's 'needs'; pages and API validate through it alike."""

from collections.abc import Iterable, Mapping
from datetime import date, timedelta
from functools import cached_property
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import Organization, OrganizationQuerySet, User
from dispatch import policy
from dispatch.clocks import handle_limit
from dispatch.conditions import Situation
from dispatch.handing import colleagues, own_order
from dispatch.models import Reason
from dispatch.routing import Proposal, candidates, desks_below, desks_beside, propose
from dispatch.workflow import Input, Kind, Verb
from dispatch.working_time import Limit
from events.catalogue import RetiredItemError, UnknownItemError, item_at
from events.models import Event, Evidence, Item, Source, State, Urgency
from grids.models import Area

ORGANIZATION_ERRORS: dict[str, Any] = {
    "invalid_choice": _("This organisation cannot take the event. Choose one from the list."),
    "nobody_there": _("Nobody is in post at %(names)s, so the event would lie there. Choose another."),
}


class OrganizationChoice(forms.ModelChoiceField):
    """Of a queryset ``with_staff``: an organisation without anybody to do the work is refused by name."""

    default_error_messages = ORGANIZATION_ERRORS

    def clean(self, value: Any) -> Organization | None:
        chosen = super().clean(value)
        _somebody_there(self, [chosen] if chosen else [])
        return chosen


class OrganizationChoices(forms.ModelMultipleChoiceField):
    default_error_messages = ORGANIZATION_ERRORS

    def clean(self, value: Any) -> QuerySet[Organization]:
        chosen = super().clean(value)
        _somebody_there(self, chosen)
        return chosen


def _somebody_there(field: forms.Field, chosen: Iterable[Organization]) -> None:
    empty = [unit.name for unit in chosen if not unit.has_staff]  # type: ignore[attr-defined]
    if empty:
        names = str(_("; ")).join(empty)
        raise ValidationError(field.error_messages["nobody_there"], "nobody_there", {"names": names})


class PersonChoice(forms.ModelChoiceField):
    default_error_messages = {
        "invalid_choice": _("This person holds no handling post there. Choose one from the list."),
    }

    def label_from_instance(self, person: User) -> str:
        return person.display_name


class EvidenceField(forms.ModelMultipleChoiceField):
    widget = forms.MultipleHiddenInput
    default_error_messages = {
        "invalid_choice": _(
            "This file did not arrive, is not yours, or belongs to an earlier step. Attach a new one."
        ),
    }


class MoveForm(forms.Form):
    """``data`` may be a QueryDict or a plain mapping of JSON values."""

    def __init__(self, verb: Verb, situation: Situation, data: Mapping[str, Any] | None = None):
        super().__init__(data, prefix=None)
        self.verb, self.situation = verb, situation
        for need in verb.needs:
            field = getattr(self, f"_{need.kind}_field")(need)
            field.label, field.required = need.label, need.required
            field.help_text = need.help or field.help_text
            if need.kind == Kind.EVIDENCE:
                field.required = False  # clean_evidence names the kinds that are missing.
            self.fields[need.name] = field

    @cached_property
    def proposal(self) -> Proposal:
        """Who should act by the district's rules or the list of responsibilities."""
        situation = self.situation
        return propose(situation.event, district=situation.actor.district, at=situation.now)

    # One maker for each kind of input -----------------------------------------------------------

    def _text_field(self, need: Input) -> forms.Field:
        return forms.CharField(max_length=policy.TEXT_LIMIT, widget=forms.Textarea(attrs={"rows": 3}))

    def _reason_field(self, need: Input) -> forms.Field:
        return forms.ModelChoiceField(
            Reason.objects.filter(
                district=self.situation.actor.district, kind=self.verb.code, is_active=True
            ),
            to_field_name="code",
            widget=forms.RadioSelect,
            empty_label=None,
        )

    def _item_field(self, need: Input) -> forms.Field:
        return forms.CharField(widget=forms.TextInput(attrs={"data-item-picker": ""}))

    def _area_field(self, need: Input) -> forms.Field:
        return forms.CharField(widget=forms.TextInput(attrs={"data-area-picker": ""}))

    def _lead_field(self, need: Input) -> forms.Field:
        initial = None if self.is_bound else self.proposal.lead
        return OrganizationChoice(self._handlers(), initial=initial, empty_label=_("Choose…"))

    def _assistants_field(self, need: Input) -> forms.Field:
        return OrganizationChoices(self._handlers(), widget=forms.SelectMultiple)

    def _amount_field(self, need: Input) -> forms.Field:
        most = most_amount(self.verb, self.situation)
        proposed = self.proposal.amount if self.verb.code == "dispatch" and not self.is_bound else None
        field = forms.IntegerField(
            min_value=1,
            max_value=most,
            initial=proposed and (min(proposed, most) or None),
            error_messages={}
            if most
            else {"max_value": _("Half of one day is hours already. Leave it empty.")},
        )
        field.widget.attrs["data-unit"] = self.situation.event.item.get_limit_unit_display()
        return field

    def _choice_field(self, need: Input) -> forms.Field:
        return forms.ChoiceField(choices=need.options, widget=forms.RadioSelect)

    def _urgency_field(self, need: Input) -> forms.Field:
        order = list(Urgency)
        higher = order[order.index(Urgency(self.situation.event.urgency)) + 1 :]
        return forms.ChoiceField(choices=[("", "—"), *((urgency.value, urgency.label) for urgency in higher)])

    def _desk_field(self, need: Input) -> forms.Field:
        desks = desks_below if self.verb.code == "hand_down" else desks_beside
        found = desks(self.situation.event).with_staff(at=self.situation.now, permission="accept_events")
        return OrganizationChoice(found, empty_label=_("Choose…"))

    def _handlers(self) -> OrganizationQuerySet:
        return candidates(self.situation.event).with_staff(at=self.situation.now, permission="handle_events")

    def _person_field(self, need: Input) -> forms.Field:
        """Out of reach of who may not act, so that their form refuses before it asks whom."""
        order = own_order(self.situation)
        people = colleagues(order.organization_id, at=self.situation.now) if order else User.objects.none()
        initial = order.handler_id if order and not self.is_bound else None
        return PersonChoice(people, initial=initial, empty_label=_("Choose…"))

    def _event_field(self, need: Input) -> forms.Field:
        return forms.CharField(max_length=19)

    def _incident_field(self, need: Input) -> forms.Field:
        return forms.CharField(max_length=20)

    def _date_field(self, need: Input) -> forms.Field:
        first, last = review_days(self.situation)
        span = {"min": first.isoformat(), "max": last.isoformat()}
        days = self.situation.policy.hold_review_days
        return forms.DateField(
            initial=last,
            widget=forms.DateInput(attrs={"type": "date"} | span, format="%Y-%m-%d"),
            help_text=_("At most %(days)s days from today.") % {"days": days},
        )

    def _evidence_field(self, need: Input) -> forms.Field:
        user = self.situation.actor.user
        mine = Evidence.objects.filter(event=self.situation.event, uploaded_by=user, step=None)
        return EvidenceField(mine.exclude(received_at=None))

    # What the fields mean together --------------------------------------------------------------

    def clean_item(self) -> Item | None:
        code = self.cleaned_data["item"]
        if not code:
            return None
        try:
            return item_at(self.situation.actor.district, code, self.situation.event.occurred_at)
        except UnknownItemError:
            raise ValidationError(
                _("There is no item with this code. Choose one from the list."), "unknown_item"
            ) from None
        except RetiredItemError:
            raise ValidationError(
                _("This item was not in the list on that day. Choose another."), "retired_item"
            ) from None

    def clean_area_code(self) -> Area | None:
        code = self.cleaned_data["area_code"]
        if not code:
            return None
        desk, scope = self.situation.event.desk, self.situation.actor.scope
        everywhere = desk is None or scope.units("rule_district")
        within = self.situation.event.tenant if everywhere else desk.area.code
        area = Area.objects.within(within).filter(code=code).first()
        if area is None:
            raise ValidationError(
                _("This place is not in the desk's area. Choose a place inside it."), "wrong_place"
            )
        return area

    def clean_leading(self) -> Event:
        """The leading event: open, in the person's sight, and another one."""
        situation = self.situation
        events = Event.objects.visible_to(situation.actor.user).open().exclude(pk=situation.event.pk)
        leading = events.filter(number=self.cleaned_data["leading"].strip()).first()
        if leading is None:
            raise ValidationError(
                _("There is no other open event with this number in your area. Check the number."),
                "unknown_event",
            )
        return leading

    def clean_review_on(self) -> date:
        day, (first, last) = self.cleaned_data["review_on"], review_days(self.situation)
        if not first <= day <= last:
            raise ValidationError(
                _("The review is due within %(days)s days. Choose an earlier day after today."),
                "review_too_late",
                {"days": self.situation.policy.hold_review_days},
            )
        return day

    def clean_evidence(self):
        given = self.cleaned_data["evidence"]
        kinds = {row.kind for row in given}
        lacking = [kind for kind in needed_evidence(self.situation.event, self.verb) if kind not in kinds]
        if lacking:
            names = ", ".join(str(Evidence.Kind(kind).label) for kind in lacking)
            raise ValidationError(
                _("Evidence is missing: %(kinds)s. Attach it, then send again."),
                "missing_evidence",
                {"kinds": names},
            )
        return given

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        lead, assistants = cleaned.get("lead"), cleaned.get("assistants")
        if lead and assistants is not None and lead in assistants:
            self.add_error(
                "assistants",
                ValidationError(
                    _("The lead cannot assist itself. Take it off the assistants."), "lead_assists"
                ),
            )
        if self.verb.code == "correct" and not self.errors and not self._corrects(cleaned):
            self.add_error(None, ValidationError(_("Say what is to be corrected."), "nothing_to_correct"))
        if self.verb.code == "answer_reporter" and self._owes_a_call() and not cleaned.get("reached"):
            message = _("Call the reporter back and say whether you reached them.")
            self.add_error("reached", ValidationError(message, "required"))
        if self.verb.code == "feed_back" and cleaned.get("item") and not cleaned.get("description"):
            self.add_error("description", ValidationError(_("Write what remains to be done."), "required"))
        for need in self.verb.needs:
            if need.instead and not cleaned.get(need.name) and not cleaned.get(need.instead):
                message = _("Write what you saw, or attach a photo.")
                self.add_error(need.name, ValidationError(message, "required"))
        return cleaned

    def _corrects(self, cleaned: Mapping[str, Any]) -> bool:
        event, item, area = self.situation.event, cleaned["item"], cleaned["area_code"]
        other_item, other_area = item and item.pk != event.item_id, area and area.code != event.area_code
        return bool(other_item or other_area or cleaned["urgency"])

    def _owes_a_call(self) -> bool:
        """A hotline case is answered by a recorded call-back once it is closed (field rules, section 3)."""
        event = self.situation.event
        return event.source == Source.HOTLINE and event.state == State.CLOSED


def needed_evidence(event: Event, verb: Verb) -> list[str]:
    """The kinds of evidence a move must bring: the item's own without the report's photo before, if any."""
    if not any(need.kind == Kind.EVIDENCE and need.required for need in verb.needs):
        return []
    return [kind for kind in event.item.evidence if kind != Evidence.Kind.BEFORE]


def most_amount(verb: Verb, situation: Situation) -> int:
    """The most a move may name in the item's own unit; of a reopened event 0 where half of one day is hours."""
    event, item = situation.event, situation.event.item
    if verb.code == "request_extension":
        return max(item.handle_limit * situation.policy.extension_most_percent // 100, 1)
    if not event.reopen_count:
        return item.handle_limit
    half, one = (
        handle_limit(item).half(situation.policy.rework_percent),
        Limit.from_item(1, item.limit_unit),
    )
    return half.amount // one.amount if half.unit is one.unit else 0


def review_days(situation: Situation) -> tuple[date, date]:
    """The one date there is: the first and last day on which a hold may be looked at again."""
    today, days = timezone.localdate(situation.now), situation.policy.hold_review_days
    return today + timedelta(days=1), today + timedelta(days=days)
