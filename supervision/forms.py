"""The filters of the rates page: all in the URL. A day given stands for the whole of it, in Asia/Shanghai."""

from datetime import UTC, date, datetime, time, timedelta

from django import forms
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext_lazy as _

from events.models import Platform, Source, Urgency
from supervision.cuts import CUTS
from supervision.facts import Period
from supervision.indicators import FAMILIES
from supervision.rates import Filters

PRESETS = {
    "today": _("Today"),
    "this_month": _("This month"),
    "last_month": _("Last month"),
    "last_30_days": _("Last 30 days"),
}
DEFAULT = "this_month"
LAST_DAY = date.max - timedelta(days=2)
FIRST_DAY = date(2000, 1, 1)


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


def first_day_before(first: date, last: date, *, months: bool) -> date:
    """Where the period before begins: as many whole months earlier, or as many days."""
    if not months:
        return first - (last - first) - timedelta(days=1)
    number = (last.year - first.year) * 12 + last.month - first.month + 1
    years, month = divmod(first.year * 12 + first.month - 1 - number, 12)
    return date(years, month + 1, 1)


class RatesForm(forms.Form):
    """``from`` and ``to`` are days; without them ``period`` decides. ``at`` holds a running period where it
    was when its figures were shown, so that a list opened later still equals them."""

    period = forms.ChoiceField(choices=list(PRESETS.items()), required=False, label=_("Period"))
    group = forms.ChoiceField(
        choices=[(code, cut.title) for code, cut in CUTS.items()], required=False, label=_("By")
    )
    show = forms.ChoiceField(
        choices=[(code, family.title) for code, family in FAMILIES.items()],
        required=False,
        label=_("Indicators"),
    )
    area = forms.CharField(max_length=20, required=False, label=_("Place"))
    item = forms.CharField(max_length=10, required=False, label=_("Item"))
    category = forms.CharField(max_length=10, required=False, label=_("Category"))
    platform = forms.ChoiceField(choices=Platform.choices, required=False, label=_("Platform"))
    source = forms.ChoiceField(choices=Source.choices, required=False, label=_("Source"))
    urgency = forms.ChoiceField(choices=Urgency.choices, required=False, label=_("Urgency"))
    sort = forms.CharField(max_length=30, required=False)
    at = forms.CharField(max_length=40, required=False)

    def __init__(self, data, *, now: datetime):
        super().__init__(data)
        self.now = now

    def clean_at(self) -> datetime | None:
        try:
            at = parse_datetime(self.cleaned_data["at"])
            return at.astimezone(UTC) if at and timezone.is_aware(at) else None
        except (ValueError, OverflowError):
            return None

    def clean(self) -> dict:
        cleaned = super().clean() or {}
        cleaned["group"] = cleaned.get("group") or "street"
        cleaned["show"] = cleaned.get("show") or next(iter(FAMILIES))
        cleaned["filters"] = Filters(**{name: cleaned.get(name, "") for name in Filters.__dataclass_fields__})
        preset = cleaned.get("period") or ("" if self._has_days() else DEFAULT)
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
        elif first and last and first < FIRST_DAY:
            self.add_error("from", forms.ValidationError(_("Choose a day since the year 2000."), "too_early"))
        elif first and first > timezone.localdate(self.now):
            self.add_error("from", forms.ValidationError(_("Choose a day that has begun."), "too_late"))
        elif first and last:
            cleaned |= {"preset": preset, "first": first, "last": last}
            cleaned |= self._periods(min(first, LAST_DAY), min(last, LAST_DAY), months=preset == "this_month")
        return cleaned

    @property
    def faults(self) -> list[tuple[str, str]]:
        """The label of each field that cannot be used, and why."""
        return [
            (str(self.fields[name].label), " ".join(map(str, errors))) for name, errors in self.errors.items()
        ]

    def _has_days(self) -> bool:
        return bool(self.data.get("from") or self.data.get("to"))

    def _periods(self, first: date, last: date, *, months: bool) -> dict[str, Period]:
        """The period and the one before; while the first still runs the other is as long as it is by now."""
        until = last + timedelta(days=1)
        months = months or first.day == until.day == 1
        start, end = _midnight(first), _midnight(until)
        period = Period.until_now(start, end, now=min(self.now, self.cleaned_data.get("at") or self.now))
        so_far = min(last, max(first, timezone.localdate(self.now)))
        begin = _midnight(first_day_before(first, so_far, months=months))
        over = start if period.end == end else min(start, begin + max(period.end - start, timedelta()))
        return {"period": period, "before": Period(begin, over)}


class DayForm(forms.Form):
    """One day of the daily list, not one that lies ahead; without it yesterday."""

    day = forms.DateField(required=False, label=_("Day"), widget=forms.DateInput(attrs={"type": "date"}))

    def __init__(self, data, *, now: datetime):
        super().__init__(data)
        self.now = now

    def clean_day(self) -> date | None:
        day = self.cleaned_data["day"]
        if day and not FIRST_DAY <= day <= LAST_DAY:
            raise forms.ValidationError(_("Choose a day since the year 2000."), "too_early")
        if day and day > timezone.localdate(self.now):
            raise forms.ValidationError(_("Choose a day that has begun."), "too_late")
        return day


def _midnight(day: date) -> datetime:
    return timezone.make_aware(datetime.combine(day, time()))


# "from" is a word of Python, so the two days cannot be class attributes.
RatesForm.base_fields["from"] = forms.DateField(required=False, label=_("From"))
RatesForm.base_fields["to"] = forms.DateField(required=False, label=_("To"))
