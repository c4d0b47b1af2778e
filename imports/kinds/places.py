"""The address book: estates, buildings, schools, shops and stops, from Excel or GeoJSON; 50,000 in one file.

Where there is a point, the area follows from it; where the file names one too, the two must agree. Personal data
is refused: the book says where something is, never whose it is.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import IO

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from events.masking import mask_numbers
from grid_platform.sheets.columns import Column, Kind
from grid_platform.sheets.problems import Problem
from grid_platform.sheets.reading import Row, Table, read_table
from grids.datum import to_wgs84
from grids.locate import Place, locate_many
from grids.models import District, Level, NamedPlace, PlaceKind
from grids.place_book import end_places, save_places
from grids.places import places_of
from imports.difference import Asked, Change, Key, KindOfList, State, Values
from imports.kinds.place_files import is_geojson, read_geojson

MOST_ROWS = 60_000
DEGREES = r"-?[0-9]{1,3}(\.[0-9]{1,18})?"
DATUMS = [("wgs84", "WGS84"), ("gcj02", "GCJ-02"), ("bd09", "BD-09")]
TEXTS = ("name", "aliases", "address")


def columns_of(kinds: Sequence[tuple[str, str]]) -> tuple[Column, ...]:
    """``kinds``: (code, name) of the kinds of places."""
    return (
        Column("code", _("Code"), _("Short and stable; a place is known by it for good."), Kind.CODE, required=True,
               longest=40, form=r"[A-Za-z0-9._-]+", example="JTXQ-3"),
        Column("kind", _("Kind of place"), _("What it is: estate, building, school, shop, bus stop ..."), Kind.CHOICE, required=True,
               choices=kinds, example="小区"),
        Column("name", pgettext_lazy("place", "Name"), _("As people say it; no names or phones of owners."), required=True, example="嘉泰小区"),
        Column("aliases", _("Other names"), _("What else it is called, separated by spaces."), Kind.TEXTS, example="嘉泰家园"),
        Column("parent", _("Stands in"), _("The code of what it is part of, as a building of an estate."), Kind.CODE,
               longest=40, example="JTXQ"),
        Column("address", _("Address"), _("Road and number."), longest=200, example="凯旋路 88 号"),
        Column("longitude", _("Longitude"), _("In degrees, with a point."), form=DEGREES, example="120.19243"),
        Column("latitude", _("Latitude"), _("In degrees, with a point."), form=DEGREES, example="30.26012"),
        Column("datum", _("Datum"), _("WGS84 where nothing is said; AMap and Tencent give GCJ-02, Baidu BD-09."),
               Kind.CHOICE, choices=DATUMS, example="GCJ-02"),
        Column("area", _("Area"), _("The code of its grid; only where there is no point, or to check it."), Kind.CODE,
               longest=20, form=r"[0-9]+", example="330104005001001"),
        Column("valid_from", _("Holds from"), _("Empty: always."), Kind.DAY, example="2018-07-01"),
        Column("valid_to", _("Holds no more from"), _("Empty: without an end."), Kind.DAY),
    )  # fmt: skip


class Places(KindOfList):
    code = "places"
    title = _("Places")
    about = _(
        "The address book: estates, buildings, schools, shops, stops. From Excel, or from GeoJSON whose properties are "
        "called as the columns. It holds no personal data."
    )
    key = ("code",)
    accepts = ".xlsx,.geojson,.json"

    def columns(self, district: District) -> tuple[Column, ...]:
        return columns_of([(kind.code, kind.name_zh) for kind in PlaceKind.objects.all()])

    def read(self, file: IO[bytes], district: District, renamed: Mapping[str, str]) -> Table:
        columns = self.columns(district)
        if is_geojson(file):
            return read_geojson(file, columns, renamed, MOST_ROWS)
        heading = {name: text for text, name in renamed.items()}
        columns = tuple(
            replace(column, label=heading[column.name]) if column.name in heading else column
            for column in columns
        )
        return read_table(file, columns, MOST_ROWS)

    def expand(self, rows: Sequence[Row], asked: Asked) -> list[Row]:
        """The rows with the area each point lies in; ``found`` says which that is, for ``check``."""
        points = [_point(row.values) for row in rows]
        located = iter(locate_many(asked.district, [point for point in points if point]))
        return [
            Row(row.number, _entry(row.values, next(located) if point else None), row.bad)
            for row, point in zip(rows, points, strict=True)
        ]

    def current(self, asked: Asked) -> dict[Key, Values]:
        rows = NamedPlace.objects.filter(district=asked.district).select_related("parent").order_by("code")
        return {(row.code,): values_of(row) for row in rows.iterator()}

    def is_over(self, values: Values, asked: Asked) -> bool:
        return False

    def ends(self, fields: Mapping[str, tuple]) -> bool:
        return bool(fields.get("valid_to", (None, None))[1])

    def may_end(self, key: Key, values: Values, asked: Asked) -> bool:
        return not values["valid_to"]

    def check(self, rows: Sequence[Row], current: Mapping[Key, Values], asked: Asked) -> Iterator[Problem]:
        areas = places_of(asked.district)
        parents = {key[0]: values["parent"] for key, values in current.items()}
        parents |= {row.values["code"]: row.values.get("parent") for row in rows}
        for row in rows:
            values = row.values
            yield from _personal(row)
            yield from _where(row, areas, is_there=(values["code"],) in current)
            if values.get("parent") and values["parent"] not in parents:
                yield Problem("unknown_place", row.number, "parent", values["parent"])
            elif values.get("parent") and _leads_back(values["code"], parents):
                yield Problem("circle_of_places", row.number, "parent", values["parent"])
            if (
                values.get("valid_from")
                and values.get("valid_to")
                and values["valid_to"] < values["valid_from"]
            ):
                yield Problem("ends_before", row.number, "valid_to", values["valid_to"])

    def write(self, changes: Sequence[Change], asked: Asked) -> list[tuple[str, ...]]:
        said = [change.values for change in changes if change.state != State.UNCHANGED and change.row]
        lacking = [change.key[0] for change in changes if change.state == State.ENDED and not change.row]
        if said:
            save_places(district=asked.district, rows=said)
        if lacking:
            end_places(district=asked.district, codes=lacking, on=asked.from_day)
        return []


def values_of(row: NamedPlace) -> Values:
    """A place as a file would say it: the pair as it was given."""
    longitude, latitude, datum = row.raw_point or (row.longitude, row.latitude, "wgs84")
    return {
        "code": row.code,
        "kind": row.kind_id,
        "name": row.name,
        "aliases": row.aliases,
        "parent": row.parent.code if row.parent else None,
        "address": row.address or None,
        "longitude": None if longitude is None else repr(float(longitude)),
        "latitude": None if latitude is None else repr(float(latitude)),
        "datum": None if longitude is None else datum,
        "area": row.area_code,
        "valid_from": row.valid_from and row.valid_from.isoformat(),
        "valid_to": row.valid_to and row.valid_to.isoformat(),
    }


def _point(values: Values) -> tuple[float, float] | None:
    """WGS84; None where the row has no pair."""
    if not (values.get("longitude") and values.get("latitude")):
        return None
    return to_wgs84(values.get("datum") or "wgs84", float(values["longitude"]), float(values["latitude"]))


def _entry(values: Values, place: Place | None) -> Values:
    """``found``: (area, whether it is outside) of the point, None without one; ``named``: the area the file names."""
    named = values.get("area") or ""
    entry = values | {"found": None, "named": named}
    if place is not None:
        # On a border either side is right.
        on_named_side = place.on_edge and named[:-3] == place.area_code[:-3]
        entry |= {
            "longitude": repr(float(values["longitude"])),
            "latitude": repr(float(values["latitude"])),
            "datum": values.get("datum") or "wgs84",
            "found": (place.area_code, place.outside),
            "area": named if on_named_side else place.area_code,
        }
    elif "longitude" in values:
        entry["datum"] = None
    return entry


def _personal(row: Row) -> Iterator[Problem]:
    for name in TEXTS:
        value = row.values.get(name) or ""
        text = " ".join(value) if isinstance(value, list) else value
        if mask_numbers(text) != text:
            yield Problem("personal_data", row.number, name, mask_numbers(text)[:60])


def _where(row: Row, areas: Mapping, *, is_there: bool) -> Iterator[Problem]:
    values = row.values
    if bool(values.get("longitude")) != bool(values.get("latitude")):
        yield Problem("half_a_point", row.number, "longitude", values.get("longitude") or "")
    elif values["found"] and values["found"][1]:
        pair = f"{values['longitude']}, {values['latitude']}"
        yield Problem("outside_district", row.number, "longitude", pair)
    elif values["named"] and values["named"] not in areas:
        yield Problem("unknown_area", row.number, "area", values["named"])
    elif values["found"] and values["named"] and not values["area"].startswith(values["named"]):
        yield Problem("other_area", row.number, "area", values["named"], {"found": values["area"]})
    elif not values.get("area"):
        if not is_there or "area" in values or "longitude" in values:
            yield Problem("nowhere", row.number, "area")
    elif not values["found"] and areas[values["area"]].level == Level.DISTRICT:
        yield Problem("nowhere", row.number, "area", values["area"])


def _leads_back(code: str, parents: Mapping[str, str | None]) -> bool:
    seen, at = set(), parents.get(code)
    while at and at not in seen:
        if at == code:
            return True
        seen.add(at)
        at = parents.get(at)
    return False
