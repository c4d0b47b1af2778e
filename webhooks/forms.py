"""An endpoint and the filters of its log, as forms."""

from typing import Any

from django import forms
from django.utils.functional import Promise
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from accounts.models import Organization
from dispatch.workflow import VERBS
from grids.models import Area, District
from webhooks.destination import DestinationError, parse
from webhooks.models import Delivery, Endpoint


def step_words(code: str) -> str | Promise:
    """A step's verb in the reader's language; what the system does by itself is marked as such."""
    verb = VERBS[code]
    return format_lazy("{} · {}", verb.label, _("System")) if verb.is_system else verb.label


CHOICES = [(code, step_words(code)) for code in VERBS]
SPANS = [
    (1, _("the last hour")),
    (24, _("the last day")),
    (7 * 24, _("the last 7 days")),
    (30 * 24, _("the last 30 days")),
]


class EndpointForm(forms.Form):
    name = forms.CharField(
        max_length=60,
        label=_("Name of the webhook"),
        help_text=_("Of the system that receives, as your colleagues call it."),
    )
    url = forms.CharField(
        max_length=500,
        label=_("Receiver's address"),
        widget=forms.URLInput,
        help_text=_("Begins with https://. The receiver answers 2xx within 10 seconds."),
    )
    area = forms.ModelChoiceField(
        Area.objects.none(),
        to_field_name="code",
        required=False,
        label=_("Everything in an area"),
        help_text=_("The code of the district, a street, a community or a grid."),
        widget=forms.TextInput,
        error_messages={
            "invalid_choice": _("The district has no area with this code. Look it up under Areas.")
        },
    )
    organization = forms.ModelChoiceField(
        Organization.objects.none(),
        to_field_name="code",
        required=False,
        label=_("or what an organisation works on"),
        help_text=_("The code of a desk, an agency or a department."),
        widget=forms.TextInput,
        error_messages={
            "invalid_choice": _("The district has no organisation at work with this code. Correct it.")
        },
    )
    every = forms.BooleanField(required=False, label=_("Every step"))
    verbs = forms.MultipleChoiceField(
        choices=CHOICES, required=False, label=_("Only these steps"), widget=forms.CheckboxSelectMultiple
    )

    def __init__(
        self, *args: Any, district: District, endpoint: Endpoint | None = None, **kwargs: Any
    ) -> None:
        kwargs["initial"] = _initial(endpoint)
        super().__init__(*args, **kwargs)
        self.units = Organization.objects.active().filter(district=district).order_by("code")
        self.areas = Area.objects.filter(district=district, valid_to=None).order_by("code")
        self.fields["organization"].queryset = self.units  # type: ignore[attr-defined]
        self.fields["area"].queryset = self.areas  # type: ignore[attr-defined]

    def clean_url(self) -> str:
        url = self.cleaned_data["url"]
        try:
            parse(url)
        except DestinationError as error:
            raise forms.ValidationError(str(error.message), error.code) from None
        return url

    def clean(self) -> dict[str, Any]:
        given = [name for name in ("area", "organization") if self.cleaned_data.get(name)]
        if len(given) != 1 and not {"area", "organization"} & set(self.errors):
            self.add_error(
                "area", forms.ValidationError(_("Give an area or an organisation, one of them."), "one_scope")
            )
        if self.cleaned_data.get("every"):
            self.cleaned_data["verbs"] = list(VERBS)
        elif not self.cleaned_data.get("verbs") and "verbs" not in self.errors:
            self.add_error("verbs", forms.ValidationError(_("Choose at least one step."), "required"))
        return self.cleaned_data

    @property
    def content(self) -> dict[str, Any]:
        """As ``webhooks.actions`` takes it."""
        return {name: self.cleaned_data[name] for name in ("name", "url", "area", "organization", "verbs")}


def _initial(endpoint: Endpoint | None) -> dict[str, Any]:
    if endpoint is None:
        return {"every": True}
    every = set(endpoint.verbs) >= set(VERBS)
    return {
        "name": endpoint.name,
        "url": endpoint.url,
        "area": endpoint.area.code if endpoint.area else "",
        "organization": endpoint.organization.code if endpoint.organization else "",
        "every": every,
        "verbs": [] if every else endpoint.verbs,
    }


class LogForm(forms.Form):
    state = forms.ChoiceField(
        choices=[("", _("All")), *Delivery.State.choices], required=False, label=_("State")
    )
    number = forms.CharField(max_length=19, required=False, label=_("Event number"))
    first = forms.DateField(required=False, label=_("From"), widget=forms.DateInput(attrs={"type": "date"}))
    last = forms.DateField(required=False, label=_("Through"), widget=forms.DateInput(attrs={"type": "date"}))


class SinceForm(forms.Form):
    hours = forms.TypedChoiceField(choices=SPANS, coerce=int, initial=24, label=_("What failed in"))
