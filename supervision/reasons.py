"""Says of an event in words why a figure counts it, from the facts the figure itself is made of."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from desks.clock_words import span
from desks.templatetags.grid import moment
from supervision.figures import FIGURES, parts_of

Facts = Mapping[str, Any]


def reason(figure: str, facts: Facts) -> str:
    """The sentence of the figure, of a sum that of the part the event is in. ``facts``: ``rates.facts_by_event``."""
    return " ".join(_sentence(part, facts) for part in parts_of(figure) if facts[f"is_{part}"])


def _sentence(code: str, facts: Facts) -> str:
    figure = FIGURES[code]
    why = next((words for fact, words in figure.unless if facts[fact]), figure.why)
    at: datetime | None = facts[figure.at]
    due: datetime | None = facts[figure.due] if figure.due else None
    between = span(abs(at - due)) if at and due else ""
    return str(why) % {"at": moment(at), "due": moment(due), "span": between}
