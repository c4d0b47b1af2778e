"""Tags of the pages of the district's rules."""

from datetime import date

from django import template
from django.utils import timezone
from django.utils.dates import MONTHS, WEEKDAYS_ABBR
from django.utils.translation import get_language

from dispatch.calendar import runs_out

register = template.Library()


@register.inclusion_tag("desks/rules/_calendar_warning.html", takes_context=True)
def calendar_warning(context: template.Context) -> dict:
    """Nothing while the calendar reaches far enough; no query when warm."""
    return {"ends": runs_out(context["user"].district, timezone.localdate())}


@register.simple_tag
def month_name(first: date) -> str:
    return str(MONTHS[first.month])


@register.simple_tag
def weekday_name(number: int) -> str:
    """Short; Monday is 1. In Chinese the one character that differs."""
    short = str(WEEKDAYS_ABBR[number - 1])
    return short[-1] if (get_language() or "").startswith("zh") else short[:2]
