"""When a change of the rules begins: at once, or with a day to come; never before."""

from datetime import date, datetime, time

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


def from_day(day: date | None, now: datetime) -> datetime:
    """The instant a change begins at; raises ValidationError for a day that is over."""
    if day is None or day == timezone.localdate(now):
        return now
    if day < timezone.localdate(now):
        raise forms.ValidationError(
            _("What has been decided already stays. Choose today or a later day."), "in_the_past"
        )
    return timezone.make_aware(datetime.combine(day, time()))
