"""Where the searched words stand: what to mark in the rows of a list, and the place that the row itself does not show.

What is shown is masked as everywhere; a snippet comes from the description's far end or from a step, and steps are
read by everybody who sees the event.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache

from django.utils.functional import Promise

from accounts.models import User
from accounts.scope import Actor
from desks.places import path_of
from desks.privacy import Privacy
from desks.timeline import TEXT_LABELS
from dispatch.workflow import VERBS
from events.masking import mask_numbers
from events.models import Event, StepText
from grids.models import District
from search.asking import Asked, asked

AT_ONCE = 40
"""Characters of a description that any list shows."""
BEFORE, AFTER = 24, 60
"""Characters of a snippet on both sides of the word."""


@dataclass(frozen=True)
class Snippet:
    where: str | Promise
    text: str


@lru_cache(maxsize=256)
def pattern(terms: tuple[str, ...]) -> re.Pattern[str] | None:
    """Finds every term, neighbours as one; blanks in a term may be any blanks."""
    ways = sorted({term for term in terms if term.strip()}, key=len, reverse=True)
    if not ways:
        return None
    each = "|".join(r"\s+".join(map(re.escape, way.split())) for way in ways)
    return re.compile(f"(?:{each})+", re.IGNORECASE)


def note_where_found(events: Sequence[Event], words: str, user: User) -> Asked:
    """Put a ``found_in`` on each event whose row does not show every term. One statement, none where all is shown."""
    wanted = asked(words, user.district) if words.strip() else Asked()
    hidden = {
        event.pk: event
        for event in events
        if wanted.terms and _missing(wanted.terms, _shown(event, user.district))
    }
    if hidden:
        actor = Actor.of(user)
        texts = _texts(hidden)
        for pk, event in hidden.items():
            missing = _missing(wanted.terms, _shown(event, user.district))
            told = [(TEXT_LABELS["description"], Privacy(event, actor).description), *texts.get(pk, [])]
            event.found_in = next(_snippets(told, tuple(missing)), None)  # type: ignore[attr-defined]
    return wanted


def _shown(event: Event, district: District) -> str:
    """What a row shows at once."""
    parts = [event.number, event.item.name_zh, event.item.name_en, event.address]
    parts += path_of(district, event.area_code)
    return "\n".join([*parts, event.description[:AT_ONCE]]).lower()


def _missing(terms: Iterable[str], text: str) -> list[str]:
    return [term for term in terms if term not in text]


def _texts(events: Iterable) -> dict:
    """(what it is, masked text) of the steps' texts by event, the newest first."""
    found: dict = {}
    rows = StepText.objects.filter(step__event__in=list(events)).order_by("-step__sequence")
    for event, verb, content in rows.values_list("step__event", "step__verb", "content"):
        for name, text in content.items():
            if name not in TEXT_LABELS:
                found.setdefault(event, []).append((VERBS[verb].done, mask_numbers(str(text))))
    return found


def _snippets(told: Iterable[tuple[str | Promise, str]], terms: tuple[str, ...]):
    finder = pattern(terms)
    for where, text in told:
        if finder and (match := finder.search(text)):
            start, end = max(0, match.start() - BEFORE), min(len(text), match.end() + AFTER)
            cut = text[start:end].replace("\n", " ").strip()
            yield Snippet(where, f"{'…' * (start > 0)}{cut}{'…' * (end < len(text))}")
