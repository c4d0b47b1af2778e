"""A change of the calendar as a form: which days, and what they become."""

from datetime import date, timedelta
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from dispatch.models import CalendarChange

MOST_DAYS = 62
KINDS = [
    (kind.value, kind.label)
    for kind in (CalendarChange.Kind.OFF, CalendarChange.Kind.WORK, CalendarChange.Kind.WEEKDAY)
]


def _day() -> forms.DateInput:
    return forms.DateInput(attrs={"type": "date", "class": "form-control"})


class CalendarForm(forms.Form):
    """``known``: the first and the last day the calendar speaks for."""

    first = forms.DateField(label=_("First day"), widget=_day())
    last = forms.DateField(
        required=False, label=_("Last day"), help_text=_("Empty: only the first day."), widget=_day()
    )
    kind = forms.ChoiceField(choices=KINDS, label=_("Becomes"), widget=forms.RadioSelect)
    name = forms.CharField(
        max_length=60,
        required=False,
        label=_("Holiday or reason"),
        help_text=_("What the day is called, or the notice it rests on."),
        widget=forms.TextInput(attrs={"class": "form-control"}),
    )

    def __init__(self, data: Any = None, *, known: tuple[date, date]):
        super().__init__(data, initial={"kind": CalendarChange.Kind.OFF})
        self.known = known

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        first = cleaned.get("first")
        if not first or "last" in self.errors:
            return cleaned
        last = cleaned["last"] = cleaned.get("last") or first
        if last < first:
            self._refuse("last", _("The last day lies before the first. Swap them."), "backwards")
        elif last - first >= timedelta(days=MOST_DAYS):
            self._refuse("last", _("Change at most two months at a time."), "too_long")
        elif first < self.known[0] or last > self.known[1]:
            self._refuse(
                "first",
                _("The calendar speaks for %(begin)s to %(end)s only. Extend it first."),
                "unknown_year",
                {"begin": self.known[0], "end": self.known[1]},
            )
        return cleaned

    def _refuse(self, field: str, words: Any, code: str, params: dict | None = None) -> None:
        self.add_error(field, forms.ValidationError(words, code, params))
