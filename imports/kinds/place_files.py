"""Named places from GeoJSON: a FeatureCollection of points, whose properties go by the headings of the Excel list."""

import json
from collections.abc import Mapping, Sequence
from typing import IO, Any

from grid_platform.sheets.columns import Column, plain
from grid_platform.sheets.opening import FileRefusedError
from grid_platform.sheets.problems import BadCellError, Problem
from grid_platform.sheets.reading import SHOWN_VALUE, Row, Table

MOST_BYTES = 40_000_000


def is_geojson(file: IO[bytes]) -> bool:
    """Whether the file begins as JSON does; it is left at its beginning."""
    start = file.read(64)
    file.seek(0)
    return start.removeprefix(b"\xef\xbb\xbf").lstrip()[:1] in (b"{", b"[")


def read_geojson(file: IO[bytes], columns: Sequence[Column], renamed: Mapping[str, str], most: int) -> Table:
    """A row for each feature, numbered from 1; the point gives longitude and latitude. Raises FileRefusedError."""
    content = file.read(MOST_BYTES + 1)
    if len(content) > MOST_BYTES:
        raise FileRefusedError("not_geojson")
    try:
        features = json.loads(content.decode("utf-8-sig"))["features"]
        assert isinstance(features, list)
    except (ValueError, TypeError, KeyError, RecursionError, AssertionError) as error:
        raise FileRefusedError("not_geojson") from error
    known = {heading: column for column in columns for heading in column.headings()}
    by_name = {column.name: column for column in columns}
    known |= {plain(heading): by_name[name] for heading, name in renamed.items() if name in by_name}
    table, unread = Table(), {}
    if len(features) > most:
        table.problems.append(Problem("too_many_rows", most + 1, params={"most": most}))
    for number, feature in enumerate(features[:most], start=1):
        properties = feature.get("properties") if isinstance(feature, dict) else None
        properties = properties if isinstance(properties, dict) else {}
        cells: dict[str, Any] = {}
        for heading, value in properties.items():
            column = known.get(plain(heading))
            if column is None:
                unread[str(heading)[:SHOWN_VALUE]] = True
            else:
                cells[column.name] = " ".join(map(str, value)) if isinstance(value, list) else value
        geometry = feature.get("geometry") if isinstance(feature, dict) else "none"
        if geometry:
            kind = geometry.get("type") if isinstance(geometry, dict) else geometry
            pair: Any = geometry.get("coordinates") if isinstance(geometry, dict) else None
            if kind != "Point" or not _is_pair(pair):
                table.problems.append(Problem("not_a_point", number, "longitude", str(kind)[:40]))
                continue
            cells["longitude"], cells["latitude"] = float(pair[0]), float(pair[1])
        table.rows.append(_row(table, number, cells, columns))
    if not features:
        table.problems.append(Problem("no_rows"))
    table.unread = list(unread)
    return table


def _is_pair(pair: Any) -> bool:
    return (
        isinstance(pair, list)
        and len(pair) >= 2
        and all(isinstance(number, int | float) and not isinstance(number, bool) for number in pair[:2])
    )


def _row(table: Table, number: int, cells: dict[str, Any], columns: Sequence[Column]) -> Row:
    values, bad = {}, set()
    for column in columns:
        if column.name not in cells and not column.required:
            continue
        value = cells.get(column.name)
        try:
            values[column.name] = column.read(value if isinstance(value, str | int | float | bool) else None)
        except BadCellError as error:
            bad.add(column.name)
            values[column.name] = None
            shown = "" if value is None else str(value)[:SHOWN_VALUE]
            table.problems.append(Problem(error.code, number, column.name, shown, error.params))
    return Row(number, values, frozenset(bad))
