"""What a phone keeps to propose items while somebody types: words with weights, and what is usual where they work.

The words are the checklist's own, the everyday ones beside it (``events.item_words``), and those that the reports of
the district have taught (``search.learning``). A word weighs more the longer it is and the fewer items have it; whole
numbers, for they are sent. What is usual are the most frequent items of the own grid and its community of the last months,
as an order without numbers: never a sensitive event, and nothing seen less than LEAST_EVENTS times.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from math import log
from typing import Any

from django.db.models import Count, Q

from accounts.models import Organization, User
from accounts.scope import Actor
from desks.near import near_place
from events.catalogue import items_now
from events.item_words import everyday_words
from events.models import Event, Item, State
from grids.memory import kept_under
from grids.models import District, NamedPlace, after_prefix
from grids.places import chain_of
from search.models import ItemWord
from search.words import normal

WEIGHTS = {"category": 0.3, "name": 1.0, "english": 0.7, "everyday": 1.0, "keyword": 1.0}
LEARNT = 0.8
MOST_LEARNT = 1200
"""Of all items together, the weightiest: the whole answer is to stay below 30 kB, packed."""
LONGEST = 4
"""Characters of a word beyond which it says no more."""
USUAL_WITHIN = timedelta(days=90)
LEAST_EVENTS = 3
MOST_USUAL = 8

Words = dict[str, list[tuple[str, int]]]


def words_of(district: District) -> Words:
    """By the item's code, the weightiest first. One statement."""
    own = _own_words(district)
    learnt: defaultdict[str, dict[str, float]] = defaultdict(dict)
    rows = ItemWord.objects.filter(tenant=district.pk, item_code__in=own)
    best = rows.order_by("-weight", "item_code", "word").values_list("item_code", "word", "weight")
    for code, word, weight in best[:MOST_LEARNT]:
        learnt[code][word] = LEARNT * weight
    spread = Counter(word for code in own for word in {*own[code], *learnt[code]})
    return {code: _weighed({**learnt[code], **words}, spread, len(own)) for code, words in own.items()}


def usual_of(actor: Actor, now: datetime) -> dict[str, list[str]]:
    """By the codes of the own grid and of its community, of another post by that of its area. One statement."""
    post = next(iter(actor.scope.posts), None)
    if post is None:
        return {}
    above = 2 if post.organization_kind == Organization.Kind.TEAM else 1
    codes = [place.code for place in chain_of(actor.district, post.area_code)[1:][-above:]]
    if not codes:
        return {}
    within = {code: Q(area_code__gte=code, area_code__lt=after_prefix(code)) for code in codes}
    events = Event.objects.filter(within[codes[0]], tenant=actor.district.pk, sensitive=False)
    events = events.filter(recorded_at__gte=now - USUAL_WITHIN, item__sensitive=False)
    counted = (
        events.exclude(state__in=[State.REJECTED, State.VOID])
        .values("item__code")
        .annotate(**{f"in_{code}": Count("pk", filter=rule) for code, rule in within.items()})
    )
    rows = list(counted.order_by("item__code"))
    return {code: _most_frequent(rows, f"in_{code}") for code in codes}


def usual_at(user: User, place: NamedPlace, now: datetime) -> list[str]:
    """What is most often reported at a place of the address book, of what the person may see. Two statements."""
    seen = Event.objects.visible_to(user).filter(sensitive=False, item__sensitive=False)
    here = near_place(seen.filter(recorded_at__gte=now - USUAL_WITHIN), place)
    here = here.exclude(state__in=[State.REJECTED, State.VOID])
    return _most_frequent(here.values("item__code").annotate(here=Count("pk")).order_by("item__code"), "here")


def _most_frequent(rows: Iterable[Mapping[str, Any]], name: str) -> list[str]:
    often = [row for row in rows if row[name] >= LEAST_EVENTS]
    return [row["item__code"] for row in sorted(often, key=lambda row: -row[name])[:MOST_USUAL]]


@kept_under("catalogue_version")
def _own_words(district: District) -> dict[str, dict[str, float]]:
    """Of each item valid today the words of the checklist and those beside it, each with what its kind weighs."""
    return {item.code: _of(item) for item in items_now(district)}


def _of(item: Item) -> dict[str, float]:
    everyday = everyday_words(item)
    said = {
        "category": [item.category.name_zh],
        "name": [item.name_zh],
        "english": everyday.english,
        "everyday": everyday.chinese,
        "keyword": item.keywords,
    }
    return {normal(word): WEIGHTS[kind] for kind, words in said.items() for word in words}


def _weighed(words: dict[str, float], spread: Counter[str], items: int) -> list[tuple[str, int]]:
    found = [
        (word, round(kind * log(1 + items / spread[word]) * min(len(word), LONGEST)))
        for word, kind in words.items()
    ]
    return sorted([row for row in found if row[1]], key=lambda row: (-row[1], row[0]))
