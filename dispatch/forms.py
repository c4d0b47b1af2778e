"""A move's form, made from the table's 'needs'; pages and API validate through it alike."""

from collections.abc import Mapping
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from dispatch import policy
from dispatch.conditions import Situation
from dispatch.models import Reason
from dispatch.routing import candidates, proposed_lead
from dispatch.workflow import Input, Kind, Verb
from events.catalogue import RetiredItemError, UnknownItemError, item_at
from events.models import Event, Evidence, Item
from grids.models import Area


class OrganizationChoice(forms.ModelChoiceField):
    default_error_messages = {
        "invalid_choice": _("This organisation cannot take the event. Choose one from the list."),
    }


class OrganizationChoices(forms.ModelMultipleChoiceField):
    default_error_messages = {
        "invalid_choice": _("This organisation cannot take the event. Choose one from the list."),
    }


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
            field.label, field.required, field.help_text = need.label, need.required, need.help
            if need.kind == Kind.EVIDENCE:
                field.required = False  # clean_evidence names the kinds that are missing.
            self.fields[need.name] = field

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
        event = self.situation.event
        initial = None if self.is_bound else proposed_lead(event)
        return OrganizationChoice(candidates(event), initial=initial, empty_label=_("Choose…"))

    def _assistants_field(self, need: Input) -> forms.Field:
        return OrganizationChoices(candidates(self.situation.event), widget=forms.SelectMultiple)

    def _amount_field(self, need: Input) -> forms.Field:
        item = self.situation.event.item
        field = forms.IntegerField(min_value=1, max_value=item.handle_limit)
        field.widget.attrs["data-unit"] = item.get_limit_unit_display()
        return field

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
        desk = self.situation.event.desk
        within = desk.area.code if desk else self.situation.event.tenant
        area = Area.objects.within(within).filter(code=code).first()
        if area is None:
            raise ValidationError(
                _("This place is not in the desk's area. Choose a place inside it."), "wrong_place"
            )
        return area

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
        if self.verb.code == "verify" and not cleaned.get("note") and not cleaned.get("evidence"):
            self.add_error("note", ValidationError(_("Write what you saw, or attach a photo."), "required"))
        return cleaned


def needed_evidence(event: Event, verb: Verb) -> list[str]:
    """The kinds of evidence a move must bring: the item's own without the report's photo before, if any."""
    if not any(need.kind == Kind.EVIDENCE and need.required for need in verb.needs):
        return []
    return [kind for kind in event.item.evidence if kind != Evidence.Kind.BEFORE]
