"""What is asked for a new export; whether it may be is decided by ``exports.actions.ask``."""

from django import forms
from django.utils.translation import gettext_lazy as _

from exports.models import Export, Format, Kind

LISTS = (Kind.EVENTS, Kind.STEPS)
"""Two ways to take the same list."""


class ExportForm(forms.Form):
    what = forms.ChoiceField(choices=Kind.choices, label=_("What"))
    format = forms.ChoiceField(choices=Format.choices, initial=Format.XLSX, label=_("File"))
    query = forms.CharField(required=False, max_length=2000, widget=forms.HiddenInput)
    whole = forms.BooleanField(required=False, label=_("Personal data unmasked"))
    reason = forms.CharField(
        required=False,
        max_length=Export._meta.get_field("reason").max_length,
        label=_("What do you need them for?"),
    )


class DecisionForm(forms.Form):
    verdict = forms.ChoiceField(choices=[("approve", _("Approve")), ("refuse", _("Refuse"))])
    decision = forms.CharField(required=False, max_length=Export._meta.get_field("decision").max_length)
