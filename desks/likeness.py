"""How alike two reports are in their words: pairs of Chinese characters and whole Latin words, nothing of the database.

Numbers do not count: a house number is the place's, a phone number is masked before it comes here.
"""

import re
from dataclasses import dataclass

HOUSE = re.compile(r"\d+(?:号|幢|栋|弄|单元|楼|层|室)")
"""A number with its measure word: '147号'."""
RUN = re.compile(r"[\u3400-\u9fff]+|[a-z][a-z0-9]+")
LEAST = 4
"""Parts a text needs before a share of them says much; shorter ones count as if they had so many."""
TOLD = 3


@dataclass(frozen=True)
class Likeness:
    """``share``: of the shorter text's parts, those in both, 0 to 1; ``common``: the longest words in both."""

    share: float
    common: tuple[str, ...]


def likeness(one: str, other: str) -> Likeness:
    parts, others = _parts(one), _parts(other)
    shared = parts & others
    if not shared:
        return Likeness(0.0, ())
    share = len(shared) / max(min(len(parts), len(others)), LEAST)
    return Likeness(min(share, 1.0), tuple(_longest(other, shared)))


def _parts(text: str) -> set[str]:
    return {part for run in _runs(text) for part in _split(run)}


def _runs(text: str) -> list[str]:
    return RUN.findall(HOUSE.sub(" ", text.lower()))


def _split(run: str) -> list[str]:
    if run[0] < "\u3400":
        return [run] if len(run) > 2 else []
    return [run[at : at + 2] for at in range(len(run) - 1)]


def _longest(text: str, shared: set[str]) -> list[str]:
    """The pairs in common, joined where they follow one another."""
    found: list[str] = []
    for run in _runs(text):
        if run[0] < "\u3400":
            found += [run] if run in shared else []
            continue
        word = ""
        for pair in _split(run):
            if pair in shared:
                word = word + pair[1] if word else pair
            elif word:
                found.append(word)
                word = ""
        found += [word] if word else []
    return sorted(dict.fromkeys(found), key=len, reverse=True)[:TOLD]
