"""What the reports of a district teach: the words its people use for an item, for proposals while somebody types.

A word counts that at least LEAST_PEOPLE different reporters have used for the item: so nobody's own words are handed on.
Read are the descriptions of real reports of a year, cut as the search cuts them; never those of a sensitive item or a
confidential reporter, nothing of a number, no letters or digits, and no word the dictionary takes for a name of a person
or a place. A word weighs more the larger its share of the item's reports and the fewer items have it.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from math import log, sqrt

import rjieba
from django.db import transaction

from events.masking import without_numbers
from events.models import Event, State
from grids.models import District
from search.models import ItemWord
from search.words import normal, runs_of

LOOK_BACK = timedelta(days=365)
LEAST_PEOPLE = 3
MOST_WORDS = 20
"""Of one item."""
LENGTHS = range(2, 9)
COMMON = 1 / 4
"""A word that a larger share of the items has says nothing."""
NAMES = ("nr", "ns", "nt")
TELLING = ("n", "v", "a", "i", "l", "j")
"""Tags of the dictionary: nouns, verbs, adjectives, idioms, short forms."""
CHUNK = 2000

Report = tuple[str, int, str]
"""(code of the item, reporter, description)."""


@transaction.atomic
def learn(*, district: District, now: datetime) -> int:
    """Make the district's words anew; returns how many. Idempotent."""
    rows = [
        ItemWord(tenant=district.pk, item_code=item, word=word, weight=round(weight, 3))
        for item, words in weighed(_reports(district, now)).items()
        for word, weight in words
    ]
    ItemWord.objects.filter(tenant=district.pk).delete()
    ItemWord.objects.bulk_create(rows, batch_size=CHUNK)
    return len(rows)


def _reports(district: District, now: datetime) -> Iterator[Report]:
    rows = (
        Event.objects.filter(tenant=district.pk, recorded_at__gte=now - LOOK_BACK)
        .filter(sensitive=False, item__sensitive=False, reporter_confidential=False)
        .exclude(state__in=[State.REJECTED, State.VOID])
        .exclude(description="")
        .exclude(reporter=None)
    )
    return rows.values_list("item__code", "reporter_id", "description").iterator(CHUNK)


def weighed(reports: Iterable[Report]) -> dict[str, list[tuple[str, float]]]:
    """Of each item the words that speak for it most, the weightiest first."""
    numbers: Counter[str] = Counter()
    uses: Counter[tuple[str, str]] = Counter()
    people: defaultdict[tuple[str, str], set[int]] = defaultdict(set)
    for item, reporter, text in reports:
        numbers[item] += 1
        for word in words_of(text):
            uses[item, word] += 1
            if len(people[item, word]) < LEAST_PEOPLE:
                people[item, word].add(reporter)
    spread = Counter(word for _item, word in uses)
    found: dict[str, list[tuple[str, float]]] = defaultdict(list)
    for (item, word), users in people.items():
        is_common = spread[word] > max(1, len(numbers) * COMMON)
        if len(users) >= LEAST_PEOPLE and not is_common:
            rarity = log((1 + len(numbers)) / spread[word]) / log(1 + len(numbers))
            found[item].append((word, rarity * sqrt(uses[item, word] / numbers[item])))
    return {
        item: sorted(words, key=lambda row: (-row[1], row[0]))[:MOST_WORDS] for item, words in found.items()
    }


def words_of(text: str) -> set[str]:
    """The telling words of a text, each once; nothing of a phone or identity number, not even what masking shows."""
    plain = without_numbers(normal(without_numbers(text)))
    return {
        word
        for run in runs_of(plain)
        if run.is_han
        for word, tag in rjieba.tag(run.text)
        if len(word) in LENGTHS and tag.startswith(TELLING) and not tag.startswith(NAMES)
    }
