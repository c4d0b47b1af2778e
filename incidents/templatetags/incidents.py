"""What other pages show of major incidents: the banner of a member, the mark in a list, the choice in a form."""

from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from events.models import Event
from incidents import closing, queries
from incidents.effects import FLAG
from incidents.models import Choice, Incident

register = template.Library()


@register.simple_tag(takes_context=True)
def incident_of_event(context: template.Context, event: Event) -> Incident | None:
    """The incident an event is in, if the reader may see it. No query for an event without one."""
    return queries.incident_with(context["user"], event)


@register.simple_tag
def incident_mark(event: Event) -> SafeString:
    """A flag for lists: the event is in a major incident. No query."""
    if FLAG not in event.flags:
        return SafeString("")
    return format_html(
        '<span class="flag is-incident"><i class="ti ti-urgent" aria-hidden="true"></i>{}</span>',
        _("major incident"),
    )


@register.simple_tag(takes_context=True)
def commanded_incidents(context: template.Context) -> list[Incident]:
    """Those an event can be added to by this person. One query."""
    return queries.commanded_open(context["user"])


@register.filter
def what_label(code: str) -> str:
    return str(Choice.What(code).label)


@register.filter
def why_refused(choice: Choice) -> str:
    return closing.why(choice)


@register.filter
def of_key(rows: dict, key: object) -> object:
    """The row of a key, or nothing."""
    return rows.get(key)
