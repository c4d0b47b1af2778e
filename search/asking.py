"""What somebody typed, as a question to the index.

Words beside each other must all be there; "in quotes" stands together; -word must not be there. A Chinese run without
spaces is cut into words, names of the district's items and areas first, and what the dictionary does not know is looked
for by its pairs of characters; one character alone finds what begins with it. Letters find words that begin with them.
Digits find the whole number only, or, from the district's code on, the numbers of events by their beginning.
A phone or identity number is never looked for among words.
"""

import re
from dataclasses import dataclass
from itertools import pairwise

from events.masking import numbers_in
from grids.models import District
from search.names import name_at, names_of
from search.words import LONGEST_LEXEME, SHORTEST_WORD, Run, cut, is_word, normal, pairs, runs_of

LONGEST = 200
MOST_WORDS = 12
"""What is typed beyond these is left out."""
QUOTES = str.maketrans(dict.fromkeys("“”„‟＂「」『』«»", '"'))
LEXEME = re.compile(r"'(\w+)'(?!:)")
"""Not the beginning of one."""
PART = re.compile(r'(?P<no>-?)(?:"(?P<phrase>[^"]*)"?|(?P<word>[^\s"]+))')
SHORTEST_PREFIX = 2
TOGETHER = 14
"""Characters of a word with letters or digits in it ('3号楼') that is looked for as a phrase."""


@dataclass(frozen=True)
class Asked:
    """``query``: a tsquery; ``lexemes``: of it, whole ones a hit has or whose parts it has; ``number``: the beginning of an event's number;
    ``terms``: what to mark in a text; ``personal``: phones and identity numbers."""

    query: str = ""
    lexemes: tuple[str, ...] = ()
    number: str = ""
    terms: tuple[str, ...] = ()
    personal: tuple[str, ...] = ()

    @property
    def is_empty(self) -> bool:
        return not (self.query or self.number or self.personal)


def asked(text: str, district: District) -> Asked:
    text = normal(text[:LONGEST].replace("\0", " ").translate(QUOTES))
    if personal := numbers_in(text):
        return Asked(personal=tuple(sorted(personal)))
    conditions: list[str] = []
    lexemes: list[str] = []
    terms: list[str] = []
    number = ""
    for part in list(PART.finditer(text))[:MOST_WORDS]:
        word = part["phrase"] if part["phrase"] is not None else part["word"]
        if not part["no"] and _is_number(word, district):
            number = max(number, word, key=len)
            terms.append(word)
            continue
        found, marks = _phrase(word) if part["phrase"] is not None else _word(word, district)
        if found:
            conditions.append(f"!({found})" if part["no"] else f"({found})")
            lexemes += [] if part["no"] else LEXEME.findall(found)
            terms += [] if part["no"] else marks
    return Asked(" & ".join(conditions), tuple(dict.fromkeys(lexemes)), number, tuple(dict.fromkeys(terms)))


def _is_number(word: str, district: District) -> bool:
    return word.isascii() and word.isdecimal() and word.startswith(district.pk)


def _phrase(text: str) -> tuple[str, list[str]]:
    """Every lexeme at its distance from the one before."""
    parts: list[str] = []
    last = None
    for run in runs_of(text):
        for lexeme, at in _in_order(run):
            parts.append(lexeme if last is None else f"<{at - last}> {lexeme}")
            last = at
    return " ".join(parts), [text.strip()] if parts else []


def _in_order(run: Run) -> list[tuple[str, int]]:
    if not run.is_han:
        return [(f"'{run.text[:LONGEST_LEXEME]}'", run.at)]
    if len(run.text) == 1:
        return [(f"'{run.text}'", run.at)]
    return [(f"'{pair}'", run.at + n) for n, pair in enumerate(pairs(run.text))]


def _word(text: str, district: District) -> tuple[str, list[str]]:
    runs = list(runs_of(text))
    joined = all(one.end == two.start for one, two in pairwise(runs))
    if 1 < len(runs) <= TOGETHER and joined and len(text) <= TOGETHER:
        found, _marks = _phrase(text)
        return found, [text[runs[0].start : runs[-1].end]]
    conditions, marks = [], []
    for run in runs:
        names = names_of(district)
        for piece in _pieces(run.text, names) if run.is_han else [run.text[:LONGEST_LEXEME]]:
            conditions.append(_fragment(piece, names) if run.is_han else _plain(piece))
            marks.append(piece)
    return " & ".join(conditions[: MOST_WORDS * 2]), marks[: MOST_WORDS * 2]


def _plain(word: str) -> str:
    """Letters find words that begin so; digits never, or masked ones could be guessed."""
    return f"'{word}':*" if word.isalpha() and len(word) >= SHORTEST_PREFIX else f"'{word}'"


def _fragment(piece: str, names: frozenset[str]) -> str:
    if len(piece) == 1 or is_word(piece):
        return f"'{piece}'"
    found = " & ".join(dict.fromkeys(f"'{pair}'" for pair in pairs(piece)))
    return f"('{piece}' | {found})" if piece in names and len(piece) >= SHORTEST_WORD else found


def _pieces(run: str, names: frozenset[str]) -> list[str]:
    """The run cut into what is looked for; a character the dictionary leaves alone goes with its neighbours."""
    found: list[str] = []
    for piece in _cut(run, names):
        if found and len(piece) == 1 and len(found[-1]) == 1:
            found[-1] += piece
        else:
            found.append(piece)
    joined: list[str] = []
    for piece in found:
        if joined and (len(piece) == 1 or len(joined[-1]) == 1):
            joined[-1] += piece
        else:
            joined.append(piece)
    return joined


def _cut(run: str, names: frozenset[str]) -> list[str]:
    """The longest name at each place, the words of the rest."""
    found: list[str] = []
    rest = at = 0
    while at < len(run):
        if name := name_at(run, at, names):
            found += [*(cut(run[rest:at]) if rest < at else ()), name]
            rest = at = at + len(name)
        else:
            at += 1
    return [*found, *(cut(run[rest:]) if rest < at else ())]
