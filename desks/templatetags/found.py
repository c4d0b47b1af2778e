"""The searched words marked in a text."""

from django import template
from django.utils.html import conditional_escape, format_html, format_html_join
from django.utils.safestring import SafeString

from desks.found_words import pattern

register = template.Library()


@register.simple_tag(takes_context=True)
def marked(context: template.Context, text: str) -> SafeString:
    """Every part escaped; what was searched for (``asked`` of the page, if there is one) in ``<mark>``."""
    asked = context.get("asked")
    finder = pattern(asked.terms) if asked else None
    if finder is None:
        return conditional_escape(text)
    words, parts, last = str(text), [], 0
    for match in finder.finditer(words):
        parts += [words[last : match.start()], format_html("<mark>{}</mark>", match[0])]
        last = match.end()
    return format_html_join("", "{}", ((part,) for part in [*parts, words[last:]]))
