"""Verbs of the address book: enter places, and end them. What is wrong with a row is decided before (``imports``).

Many at once: 50,000 rows go in batches, parents before their parts. Each change gives the district another
``place_version``, so that every process reads its copy anew.
"""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from django.db import transaction

from grids.actions import advance_version
from grids.datum import to_wgs84
from grids.models import District, NamedPlace, joined
from grids.place_words import initials_and_pinyin, words_of

BATCH = 2000
FIELDS = [
    "kind", "name", "aliases", "initials", "words", "parent", "address", "longitude", "latitude", "raw_point",
    "area_code", "valid_from", "valid_to",
]  # fmt: skip


@transaction.atomic
def save_places(*, district: District, rows: Sequence[Mapping[str, Any]], synthetic: bool = False) -> None:
    """Enter the rows, or bring what is there under their codes to what they say.

    ``code``, ``kind``, ``name``, ``aliases`` (a list), ``parent`` (a code), ``address``, ``longitude``, ``latitude``,
    ``datum``, ``area`` (a code), ``valid_from``, ``valid_to``. Parents are in the rows or in the book; no circles.
    """
    there = NamedPlace.objects.filter(district=district).only("pk", "code", "name")
    known = {row.code: row for row in there.filter(code__in={row.get("parent") or "" for row in rows})}
    names = dict(there.filter(code__in=[row["code"] for row in rows]).values_list("code", "name"))
    waiting = {row["code"]: row for row in rows}
    while waiting:
        ready = [row for row in waiting.values() if not row.get("parent") or row["parent"] not in waiting]
        if not ready:
            raise ValueError(f"a circle of parents: {', '.join(sorted(waiting))}")
        for start in range(0, len(ready), BATCH):
            batch = [_place(district, row, known, synthetic) for row in ready[start : start + BATCH]]
            NamedPlace.objects.bulk_create(
                batch, update_conflicts=True, unique_fields=["district", "code"], update_fields=FIELDS
            )
            known |= {place.code: place for place in batch}
        for row in ready:
            del waiting[row["code"]]
    _tell_the_parts(
        district, [row["code"] for row in rows if names.get(row["code"]) not in (None, row["name"])]
    )
    advance_version(district=district, of="place_version")


@transaction.atomic
def end_places(*, district: District, codes: Sequence[str], on: date) -> None:
    """They are in force until the day before ``on``."""
    NamedPlace.objects.filter(district=district, code__in=codes, valid_from__gt=on).update(valid_from=on)
    NamedPlace.objects.filter(district=district, code__in=codes).update(valid_to=on)
    advance_version(district=district, of="place_version")


def _place(
    district: District, row: Mapping[str, Any], known: Mapping[str, NamedPlace], synthetic: bool
) -> NamedPlace:
    parent = known[row["parent"]] if row.get("parent") else None
    aliases, address = row.get("aliases") or [], row.get("address") or ""
    raw: list[Any] | None = None
    point: tuple[float | None, float | None] = (None, None)
    if row.get("longitude") not in (None, ""):
        longitude, latitude, datum = (
            float(row["longitude"]),
            float(row["latitude"]),
            row.get("datum") or "wgs84",
        )
        raw, point = [longitude, latitude, datum], to_wgs84(datum, longitude, latitude)
    full_name = joined(parent.name if parent else "", row["name"])
    return NamedPlace(
        district=district,
        code=row["code"],
        kind_id=row["kind"],
        name=row["name"],
        aliases=aliases,
        initials=initials_and_pinyin(row["name"])[0][:100],
        words=words_of(full_name, aliases, address),
        parent=parent,
        address=address,
        longitude=point[0],
        latitude=point[1],
        raw_point=raw,
        area_code=row["area"],
        valid_from=row.get("valid_from") or None,
        valid_to=row.get("valid_to") or None,
        synthetic=synthetic,
    )


def _tell_the_parts(district: District, renamed: Sequence[str]) -> None:
    """Parts are found by the name of what they stand in."""
    parts = NamedPlace.objects.filter(district=district, parent__code__in=renamed).select_related("parent")
    for part in parts:
        part.words = words_of(part.full_name, part.aliases, part.address)
    NamedPlace.objects.bulk_update(parts, ["words"], batch_size=500)
