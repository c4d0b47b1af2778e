"""The filters of the closure page: all in the URL. A day given stands for the whole of it, in Asia/Shanghai."""

from datetime import UTC, date, datetime, time, timedelta

from django import forms
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext_lazy as _

from supervision.rates import GROUPS, Period

DATE = forms.DateInput(attrs={"type": "date", "class": "form-control"}, format="%Y-%m-%d")
PRESETS = {
    "today": _("Today"),
    "this_month": _("This month"),
    "last_month": _("Last month"),
    "last_30_days": _("Last 30 days"),
}
DEFAULT = "this_month"


def days_of(preset: str, today: date) -> tuple[date, date]:
    """First and last day of a preset period; both belong to it."""
    first = today.replace(day=1)
    last_month = first - timedelta(days=1)
    return {
        "today": (today, today),
        "this_month": (first, today),
        "last_month": (last_month.replace(day=1), last_month),
        "last_30_days": (today - timedelta(days=29), today),
    }[preset]


class ClosureForm(forms.Form):
    """``from`` and ``to`` are days; without them ``period`` decides. ``at`` holds a running period where it
    was when its figures were shown, so that a list opened later still equals them."""

    period = forms.ChoiceField(choices=list(PRESETS.items()), required=False)
    group = forms.ChoiceField(
        choices=[(code, cut.title) for code, cut in GROUPS.items()], required=False, label=_("By")
    )
    area = forms.CharField(max_length=20, required=False)
    sort = forms.CharField(max_length=20, required=False)
    at = forms.CharField(max_length=40, required=False)

    def __init__(self, data, *, now: datetime):
        super().__init__(data)
        self.now = now

    field_order = ["group", "from", "to"]

    def clean_at(self) -> datetime | None:
        try:
            at = parse_datetime(self.cleaned_data["at"])
            return at.astimezone(UTC) if at and timezone.is_aware(at) else None
        except (ValueError, OverflowError):
            return None

    def clean(self) -> dict:
        cleaned = super().clean() or {}
        preset = cleaned.get("period") or ("" if self._has_days(cleaned) else DEFAULT)
        first: date | None
        last: date | None
        if preset:
            first, last = days_of(preset, timezone.localdate(self.now))
        else:
            first, last = cleaned.get("from"), cleaned.get("to")
            first, last = first or last, last or first
        if first and last and first > last:
            self.add_error(
                "to", forms.ValidationError(_("The last day lies before the first. Swap them."), "backwards")
            )
        elif first and last:
            cleaned |= {"preset": preset, "first": first, "last": last, "period": self._period(first, last)}
        return cleaned

    def _has_days(self, cleaned: dict) -> bool:
        return bool(self.data.get("from") or self.data.get("to"))

    def _period(self, first: date, last: date) -> Period:
        start, end = (
            timezone.make_aware(datetime.combine(day, time()))
            for day in (first, min(last, date.max - timedelta(days=2)) + timedelta(days=1))
        )
        return Period.until_now(start, end, now=min(self.now, self.cleaned_data.get("at") or self.now))


# "from" is a word of Python, so the two days cannot be class attributes.
ClosureForm.base_fields["from"] = forms.DateField(required=False, label=_("From"), widget=DATE)
ClosureForm.base_fields["to"] = forms.DateField(required=False, label=_("To"), widget=DATE)
