"""A rule of routing, a key period and a question to the rules, as forms."""

from datetime import datetime
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.models import DESK_KINDS, Organization
from desks.rule_days import from_day
from dispatch.models import KeyPeriod, RoutingRule
from dispatch.routing_rules import CONTENT
from events.catalogue import items_now
from events.models import Event, Item, Level, Source, Urgency
from grids.models import District
from grids.places import places_of

WEEKDAYS = [
    (1, _("Monday")),
    (2, _("Tuesday")),
    (3, _("Wednesday")),
    (4, _("Thursday")),
    (5, _("Friday")),
    (6, _("Saturday")),
    (7, _("Sunday")),
]
LEVELS = [(level.value, level.label) for level in (Level.COMMUNITY, Level.STREET, Level.DISTRICT)]
URGENCIES = [("", _("every urgency")), *Urgency.choices]
DAY = forms.DateInput(attrs={"type": "date", "class": "form-control"})


class OrganizationField(forms.CharField):
    """An organisation by its name or code; the page offers the usual ones."""

    def __init__(self, *, kinds: tuple[str, ...] = (), **options: Any):
        super().__init__(max_length=100, required=False, **options)
        self.kinds = kinds
        self.district: District | None = None

    def prepare_value(self, value: Any) -> Any:
        return value.name if isinstance(value, Organization) else value

    def clean(self, value: Any) -> Any:
        wanted = super().clean(value).strip()
        if not wanted:
            return None
        units = Organization.objects.active().filter(district=self.district)
        units = units.of_kind(*self.kinds) if self.kinds else units
        found = units.filter(code=wanted).first()
        named = [found] if found else list(units.filter(name_zh=wanted)) or list(units.filter(name_en=wanted))
        if len(named) != 1:
            raise forms.ValidationError(
                _("There is no such organisation here, or more than one. Choose it from the list."), "unknown"
            )
        return named[0]


class RuleForm(forms.Form):
    name = forms.CharField(
        max_length=60, label=_("Name of the rule"), help_text=_("What it is for; it is cited as the reason.")
    )
    item_prefix = forms.CharField(
        max_length=5,
        required=False,
        label=_("Item"),
        help_text=_(
            "The first digits of its code: 1 a platform, 3 a category, 5 one item. Empty: every item."
        ),
    )
    area_prefix = forms.CharField(
        max_length=20,
        required=False,
        label=_("Place"),
        help_text=_("The code of a street, community or grid. Empty: the whole district."),
    )
    urgency = forms.ChoiceField(choices=URGENCIES, required=False, label=_("Urgency"))
    weekdays = forms.TypedMultipleChoiceField(
        choices=WEEKDAYS,
        coerce=int,
        required=False,
        label=_("Weekdays"),
        help_text=_("None chosen: every day."),
        widget=forms.CheckboxSelectMultiple,
    )
    time_from = forms.TimeField(required=False, label=_("Time of day from"))
    time_to = forms.TimeField(
        required=False, label=_("to"), help_text=_("An earlier end is that of the next morning.")
    )
    period = forms.ModelChoiceField(
        KeyPeriod.objects.none(), required=False, label=_("Key period"), empty_label=_("at all times")
    )
    level = forms.ChoiceField(
        choices=[("", _("as the item says")), *LEVELS], required=False, label=_("To the desk of the level")
    )
    desk = OrganizationField(kinds=tuple(DESK_KINDS), label=_("or to this desk"))
    lead = OrganizationField(
        label=_("Proposed lead"),
        help_text=_("A department means its agency of the street where the street's room decides."),
    )
    limit_amount = forms.IntegerField(
        required=False,
        min_value=1,
        max_value=1000,
        label=_("Shorter limit"),
        help_text=_("In the item's own unit, hours or days; a longer one than the item's changes nothing."),
    )
    valid_from = forms.DateField(
        required=False, label=_("In force from"), help_text=_("Empty: at once."), widget=DAY
    )

    def __init__(
        self, data: Any = None, *, district: District, now: datetime, rule: RoutingRule | None = None
    ):
        super().__init__(data, initial={name: getattr(rule, name) for name in CONTENT} if rule else None)
        self.district, self.now = district, now
        self.fields["period"].queryset = KeyPeriod.objects.filter(district=district)  # type: ignore[attr-defined]
        for name in ("desk", "lead"):
            self.fields[name].district = district  # type: ignore[attr-defined]
        for field in self.fields.values():
            if not isinstance(field.widget, forms.CheckboxSelectMultiple):
                kind = "form-select" if isinstance(field.widget, forms.Select) else "form-control"
                field.widget.attrs.setdefault("class", kind)
        for name in ("time_from", "time_to"):
            self.fields[name].widget = forms.TimeInput(
                attrs={"type": "time", "class": "form-control"}, format="%H:%M"
            )
        self.fields["desk"].widget.attrs["list"] = "desks"
        self.fields["lead"].widget.attrs["list"] = "leads"

    def clean_item_prefix(self) -> str:
        prefix = self.cleaned_data["item_prefix"].strip()
        if prefix and not any(item.code.startswith(prefix) for item in items_now(self.district)):
            raise forms.ValidationError(
                _("No item of the list begins with this. Look the code up and correct it."), "unknown_item"
            )
        return prefix

    def clean_area_prefix(self) -> str:
        code = self.cleaned_data["area_prefix"].strip()
        if code and code not in places_of(self.district):
            raise forms.ValidationError(
                _("There is no area with this code. Look it up and correct it."), "unknown_area"
            )
        return code

    def clean_valid_from(self) -> datetime:
        return from_day(self.cleaned_data["valid_from"], self.now)

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        begin, end = cleaned.get("time_from"), cleaned.get("time_to")
        if (begin is None) != (end is None) or (begin is not None and begin == end):
            self.add_error(
                "time_to", forms.ValidationError(_("Give a beginning and another end, or neither."), "window")
            )
        if cleaned.get("level") and cleaned.get("desk"):
            self.add_error(
                "desk", forms.ValidationError(_("Name a level or one desk, not both."), "level_and_desk")
            )
        decides = ("level", "desk", "lead", "limit_amount")
        if not self.errors and not any(cleaned.get(name) for name in decides):
            self.add_error(
                None,
                forms.ValidationError(
                    _("The rule decides nothing. Name a level, a desk, a lead or a shorter limit."), "empty"
                ),
            )
        return cleaned


class PeriodForm(forms.Form):
    name = forms.CharField(max_length=60, label=_("Name of the period"))
    first = forms.DateField(label=_("First day"), widget=DAY)
    last = forms.DateField(label=_("Last day"), widget=DAY)

    def __init__(self, data: Any = None, *, district: District, period: KeyPeriod | None = None):
        super().__init__(data)
        self.district, self.period = district, period
        self.fields["name"].widget.attrs["class"] = "form-control"

    def clean_name(self) -> str:
        name = self.cleaned_data["name"]
        others = KeyPeriod.objects.filter(district=self.district, name=name)
        if others.exclude(pk=self.period.pk if self.period else 0).exists():
            raise forms.ValidationError(
                _("There is a key period of this name already. Choose another name."), "taken"
            )
        return name

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if cleaned.get("first") and cleaned.get("last") and cleaned["last"] < cleaned["first"]:
            self.add_error(
                "last",
                forms.ValidationError(_("The last day lies before the first. Swap them."), "backwards"),
            )
        return cleaned


class TryForm(forms.Form):
    """What an event would be: its item, its place, how urgent, when."""

    item = forms.ChoiceField(label=_("Item"))
    area = forms.CharField(
        max_length=20,
        label=_("Place"),
        help_text=_("The code of the area the place is known to: a grid, or as far as one knows."),
    )
    urgency = forms.ChoiceField(
        choices=[("", _("as the item says")), *Urgency.choices], required=False, label=_("Urgency")
    )
    at = forms.DateTimeField(
        required=False,
        label=_("At"),
        help_text=_("Empty: now."),
        widget=forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M"),
        input_formats=["%Y-%m-%dT%H:%M", "%Y-%m-%d %H:%M"],
    )

    def __init__(self, data: Any = None, *, district: District, now: datetime):
        super().__init__(data)
        self.district, self.now = district, now
        self.items: dict[str, Item] = {item.code: item for item in items_now(district)}
        self.fields["item"].choices = [(code, f"{code} {item.name}") for code, item in self.items.items()]  # type: ignore[attr-defined]
        for field in self.fields.values():
            field.widget.attrs["class"] = (
                "form-select" if isinstance(field.widget, forms.Select) else "form-control"
            )

    def clean_area(self) -> str:
        code = self.cleaned_data["area"].strip()
        if code not in places_of(self.district):
            raise forms.ValidationError(
                _("There is no area with this code. Look it up and correct it."), "unknown_area"
            )
        return code

    def clean_at(self) -> datetime:
        return self.cleaned_data["at"] or self.now

    def event(self) -> Event:
        """Unsaved, as a resident would report it."""
        given = self.cleaned_data
        item = self.items[given["item"]]
        return Event(
            tenant=self.district.pk,
            item=item,
            urgency=given["urgency"] or item.urgency,
            area_code=given["area"],
            place_level=places_of(self.district)[given["area"]].level,
            source=Source.RESIDENT,
            recorded_at=given["at"],
        )
