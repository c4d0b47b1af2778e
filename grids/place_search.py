"""Finds named places while somebody types: by name, alias, pinyin, initials or address; beginnings before fragments.

A process keeps the terms of a district's places as one text under the district's ``place_version`` (ADR 22): one
pass over it finds every beginning and every fragment, without an extension in the database. Only the few that are
shown are then read, in one query. Degrees, WGS84.
"""

from array import array
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from heapq import nsmallest
from math import cos, inf, radians

from django.utils import timezone

from grids.memory import kept_under
from grids.models import District, NamedPlace
from grids.place_words import plain

SHOWN = 12
MANY = 300
"""So many beginnings, and fragments are not looked for."""
SPARE = 3
"""Times as many are read as are shown: some may have ended since the text was kept."""
LONGEST = 60
EXACT, BEGINNING, FRAGMENT = range(3)


@dataclass(frozen=True)
class Book:
    """``text``: each place's terms between line ends; place n begins at ``starts[n]``."""

    text: str
    starts: array
    keys: array
    areas: list[str]
    is_part: bytearray
    lengths: array
    longitudes: array
    latitudes: array


@kept_under("place_version")
def book_of(district: District) -> Book:
    """Every place of the district that has not ended. One query when cold, none when warm."""
    pieces: list[str] = []
    starts, keys, lengths = array("L"), array("L"), array("H")
    areas: list[str] = []
    is_part = bytearray()
    longitudes, latitudes = array("d"), array("d")
    known: dict[str, str] = {}
    at = 0
    rows = NamedPlace.objects.filter(district=district).exclude(valid_to__lte=timezone.localdate())
    columns = ("pk", "words", "area_code", "parent_id", "longitude", "latitude")
    for pk, words, area, parent, longitude, latitude in rows.values_list(*columns).iterator():
        piece = f"\n{words}\n"
        pieces.append(piece)
        starts.append(at)
        at += len(piece)
        keys.append(pk)
        areas.append(known.setdefault(area, area))
        is_part.append(parent is not None)
        lengths.append(words.find("\n") % 1000)
        longitudes.append(inf if longitude is None else longitude)
        latitudes.append(inf if latitude is None else latitude)
    return Book("".join(pieces), starts, keys, areas, is_part, lengths, longitudes, latitudes)


def find_places(
    district: District,
    asked: str,
    *,
    area: str = "",
    near: tuple[float, float] | None = None,
    kind: str = "",
    within: str = "",
    most: int = SHOWN,
    day: date | None = None,
) -> list[NamedPlace]:
    """The best ``most`` places, in force on ``day`` (today without one), with kind and parent. One query when warm.

    The whole word comes first; then what lies in ``area``, beginnings before fragments, an estate before its
    buildings, the nearer to ``near`` (longitude, latitude), the shorter. ``kind`` and ``within`` (a code) leave
    out all others.
    """
    words = plain(asked[:LONGEST])
    if not words:
        return []
    book = book_of(district)
    hits = _hits(book, words)
    if within:
        hits = {place: tier for place, tier in hits.items() if book.areas[place].startswith(within)}
    narrow = cos(radians(near[1])) if near else 1.0

    def rank(place: int) -> tuple:
        tier = hits[place]
        apart = 0.0
        if near:
            apart = (book.latitudes[place] - near[1]) ** 2 + (
                (book.longitudes[place] - near[0]) * narrow
            ) ** 2
        return (
            tier != EXACT,
            not book.areas[place].startswith(area),
            tier,
            book.is_part[place],
            apart,
            book.lengths[place],
            place,
        )

    # A kind is not kept in memory, so that all are read that might be of it; few ask for one.
    best = nsmallest(MANY if kind else most * SPARE, hits, key=rank)
    order = {book.keys[place]: number for number, place in enumerate(best)}
    rows = NamedPlace.objects.filter(district=district, pk__in=order).valid_on(day or timezone.localdate())
    if kind:
        rows = rows.filter(kind=kind)
    found = sorted(rows.select_related("kind", "parent"), key=lambda row: order[row.pk])
    return found[:most]


def _hits(book: Book, words: str) -> dict[int, int]:
    """Place by number: how well it fits."""
    hits = {}
    for place, at in _found(book, f"\n{words}"):
        hits[place] = EXACT if book.text.startswith("\n", at + len(words) + 1) else BEGINNING
    if len(hits) < MANY:
        for place, _at in _found(book, words):
            hits.setdefault(place, FRAGMENT)
    return hits


def _found(book: Book, words: str) -> Iterator[tuple[int, int]]:
    """(place, where) of the first hit in each place's terms."""
    text, starts, last = book.text, book.starts, len(book.starts)
    at = text.find(words)
    while at >= 0:
        place = bisect_right(starts, at) - 1
        yield place, at
        if place + 1 == last:
            return
        at = text.find(words, starts[place + 1])
