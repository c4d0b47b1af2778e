"""Texts cut into lexemes, alike for what is kept and for what is asked (ADR 21).

A run of Chinese characters gives

- each character and each pair of neighbours (占道, 道经, 经营), so that any fragment is found;
- each dictionary word and each name of the district of three characters or more that stands in it, as one lexeme.

A run of letters and digits is one lexeme. A position counts characters of a Chinese run and runs of the others;
between fields there is a gap, so that no phrase reaches from one into the next. Nothing but letters and digits gets
into a lexeme. The dictionary is that of the pinned rjieba: a new version of it needs ``rebuild_search --all``.
"""

import re
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import rjieba

from events.masking import without_numbers

HAN = "〇々㐀-䶿一-鿿豈-\ufaff\U00020000-\U0003ffff"
RUN = re.compile(rf"([{HAN}]+)|([^\W_{HAN}]+)")
LONGEST_NAME = 12
SHORTEST_WORD = 3
"""Two characters are a pair anyway."""
LONGEST_LEXEME = 60
GAP = 20
LAST_POSITION = 16_383
"""PostgreSQL's; what stands behind it is found, but not as a phrase."""


@dataclass(frozen=True)
class Run:
    """``text`` is lower case; ``at`` is its position, ``start`` where it begins in the text."""

    text: str
    is_han: bool
    at: int
    start: int

    @property
    def end(self) -> int:
        return self.start + len(self.text)

    @property
    def width(self) -> int:
        return len(self.text) if self.is_han else 1


def normal(text: str) -> str:
    """Full width and compatibility forms as plain ones, lower case."""
    return unicodedata.normalize("NFKC", text).lower()


def runs_of(text: str, first: int = 1) -> Iterator[Run]:
    """The runs of a normal text."""
    at = first
    for match in RUN.finditer(text):
        run = Run(match[0], match[1] is not None, at, match.start())
        yield run
        at += run.width


def pairs(run: str) -> list[str]:
    return [run[n : n + 2] for n in range(len(run) - 1)]


def is_word(text: str) -> bool:
    return len(text) >= SHORTEST_WORD and rjieba.has_word(text)


def cut(run: str) -> list[str]:
    return rjieba.cut(run)


def vector(fields: Iterable[tuple[str, str]], names: frozenset[str] = frozenset()) -> str:
    """A tsvector's literal for (text, weight); ``names``: more words of three characters or more. Numbers of persons are left out before and after the forms are made plain."""
    found: dict[str, list[str]] = {}
    first = 1
    for text, weight in fields:
        last = first
        for run in runs_of(without_numbers(normal(without_numbers(text))), first):
            for lexeme, at in _lexemes(run, names):
                found.setdefault(lexeme, []).append(f"{min(at, LAST_POSITION)}{weight}")
            last = run.at + run.width
        first = last + GAP
    return " ".join(f"'{lexeme}':{','.join(places)}" for lexeme, places in found.items())


def _lexemes(run: Run, names: frozenset[str]) -> Iterator[tuple[str, int]]:
    if not run.is_han:
        yield run.text[:LONGEST_LEXEME], run.at
        return
    for n, pair in enumerate(pairs(run.text)):
        yield pair, run.at + n
    for n, sign in enumerate(run.text):
        yield sign, run.at + n
    for n, word in _words_in(run.text, names):
        yield word, run.at + n


def _words_in(run: str, names: frozenset[str]) -> Iterator[tuple[int, str]]:
    """(place, word) of every long word of the dictionary and every name, those inside of others too."""
    words = {word for word in rjieba.cut_all(run) if len(word) >= SHORTEST_WORD}
    for n in range(len(run) - SHORTEST_WORD + 1) if names else ():
        ends = range(n + SHORTEST_WORD, min(n + LONGEST_NAME, len(run)) + 1)
        words.update(run[n:end] for end in ends if run[n:end] in names)
    for word in words:
        n = run.find(word)
        while n >= 0:
            yield n, word
            n = run.find(word, n + 1)
