"""The event page's own tags: controls of the move forms."""

from django import template
from django.forms import BoundField
from django.utils.safestring import SafeString

register = template.Library()


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
