"""The desk's own tags."""

from django import template

from desks.desk_keys import QUEUE_KEYS
from events.models import NEVER, Event

register = template.Library()


@register.filter
def queue_key(name: str) -> str:
    """The letter that leads to a queue after ``g``."""
    return QUEUE_KEYS.get(name, "")


@register.filter
def whole_deadline(event: Event):
    """When the whole loop must be over; None while it stands still."""
    return None if event.whole_due == NEVER else event.whole_due
