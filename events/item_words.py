"""What people say for the matters of the product's checklist: everyday words beside its own names and keywords.

A district keeps its own list, and may have given a code to another matter. So the words go by the code and the name
together: where the two names have no two characters in common, it is another matter, and has none of them.
"""

import csv
from dataclasses import dataclass
from functools import cache
from itertools import pairwise
from pathlib import Path

from events.models import Item

DATA = Path(__file__).parent / "data" / "item_words.csv"


@dataclass(frozen=True)
class EverydayWords:
    name_zh: str
    chinese: tuple[str, ...]
    english: tuple[str, ...]


NONE = EverydayWords("", (), ())


def everyday_words(item: Item) -> EverydayWords:
    found = _read().get(item.code, NONE)
    return found if _pairs(found.name_zh) & _pairs(item.name_zh) else NONE


@cache
def _read() -> dict[str, EverydayWords]:
    with DATA.open(encoding="utf-8", newline="") as file:
        return {
            row["code"]: EverydayWords(
                row["name_zh"], tuple(row["words_zh"].split()), tuple(row["words_en"].split())
            )
            for row in csv.DictReader(file)
        }


def _pairs(text: str) -> set[str]:
    return {one + two for one, two in pairwise(text)}
