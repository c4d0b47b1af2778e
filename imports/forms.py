"""Which file, from which day it holds, and whether it is the whole list."""

from datetime import datetime
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from imports.difference import KindOfList


class UploadForm(forms.Form):
    file = forms.FileField(
        label=_("Excel file"),
        allow_empty_file=True,
        widget=forms.FileInput(attrs={"accept": ".xlsx", "class": "form-control"}),
    )
    from_day = forms.DateField(
        required=False,
        label=_("Holds from"),
        help_text=_("Empty: from today."),
        widget=forms.DateInput(attrs={"type": "date", "class": "form-control"}),
    )
    complete = forms.BooleanField(
        required=False,
        label=_("This is the whole list: what it lacks ends"),
        widget=forms.CheckboxInput(attrs={"class": "form-check-input m-0"}),
    )

    def __init__(self, *args: Any, kind: KindOfList, now: datetime, **kwargs: Any):
        super().__init__(*args, **kwargs)
        self.today = timezone.localdate(now)
        self.fields["file"].widget.attrs["accept"] = kind.accepts
        if kind.accepts != ".xlsx":
            self.fields["file"].label = _("File")
        if not kind.is_dated:
            del self.fields["from_day"]
        if not kind.can_be_complete:
            del self.fields["complete"]

    def clean_from_day(self):
        return self.cleaned_data["from_day"] or self.today
