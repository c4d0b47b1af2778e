"""The event page's own tags: controls of the move forms."""

from django import template
from django.forms import BoundField
from django.utils.safestring import SafeString

from desks.timeline import ICONS
from dispatch.models import Ask
from dispatch.workflow import VERBS

register = template.Library()
RATING_ICONS = {
    "very_good": "mood-happy",
    "good": "mood-smile",
    "fair": "mood-neutral",
    "bad": "mood-sad",
}


@register.filter
def verb_icon(code: str) -> str:
    return ICONS[code]


@register.filter
def verb_done(code: str) -> str:
    return str(VERBS[code].done)


@register.filter
def ask_label(kind: str) -> str:
    return str(Ask.Kind(kind).label)


@register.filter
def rating_icon(code: str) -> str:
    return RATING_ICONS[code]


@register.filter
def control(bound: BoundField) -> SafeString:
    """The field as the kit's text control, tied to its help and its errors for those who hear the page."""
    attrs: dict[str, str | bool] = {"class": "form-control"}
    if bound.help_text or bound.errors:
        attrs["aria-describedby"] = f"{bound.id_for_label}_help {bound.id_for_label}_error"
    if bound.errors:
        attrs["class"] = "form-control is-invalid"
        attrs["aria-invalid"] = "true"
    return bound.as_widget(attrs=attrs)
