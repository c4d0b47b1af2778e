"""Files of areas read into a table: GeoJSON, Shapefile (a zip, or .shp with its companions), Excel.

What the columns mean is decided in ``grids.area_rows``; here only what stands where. A file is bounded
before it is unpacked, so that a hostile one costs no more than an honest one.
"""

import codecs
import io
import json
import re
import struct
import zipfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any

import openpyxl
import shapefile
from openpyxl.utils.exceptions import InvalidFileException

from grids.problems import AreasRefusedError, Problem

MAX_BYTES = 30_000_000
MAX_UNPACKED_BYTES = 300_000_000
MAX_ROWS = 50_000
PARTS = ("shp", "shx", "dbf", "cpg", "prj")
GB = "gb18030"
"""Holds GBK and GB2312 too."""
CODE_PAGES = {"936": GB, "GBK": GB, "GB2312": GB, "GB18030": GB, "65001": "utf-8", "UTF8": "utf-8"}
"""What a .cpg says, without 'CP', 'ANSI', dashes and blanks."""
DBF_GBK = 0x4D
"""The language driver of a .dbf for code page 936."""


@dataclass(frozen=True)
class Line:
    """One row: its number in the file, its cells by column, its GeoJSON geometry."""

    number: int
    values: Mapping[str, Any]
    geometry: dict[str, Any] | None = None


@dataclass(frozen=True)
class Table:
    columns: list[str]
    lines: list[Line]


@dataclass(frozen=True)
class AreaFile:
    """``parts`` of a Shapefile by extension; of any other file its one content by ''."""

    name: str
    parts: Mapping[str, bytes]

    @classmethod
    def uploaded(cls, name: str, content: bytes) -> "AreaFile":
        return cls(name, {"": content})

    @classmethod
    def at(cls, path: Path) -> "AreaFile":
        """A .shp comes with the companions beside it. Raises OSError."""
        if path.suffix.lower() != ".shp":
            return cls(path.name, {"": path.read_bytes()})
        beside = {each.suffix.lower()[1:]: each for each in path.parent.glob(f"{path.stem}.*")}
        return cls(path.name, {part: beside[part].read_bytes() for part in PARTS if part in beside})


def read_table(file: AreaFile, *, encoding: str = "") -> Table:
    """The table of a file. Raises AreasRefusedError on what is no such file, or too large."""
    if sum(map(len, file.parts.values())) > MAX_BYTES:
        raise _refused("file_too_large", most=f"{MAX_BYTES // 1_000_000} MB")
    match PurePosixPath(file.name.lower()).suffix:
        case ".geojson" | ".json":
            table = _geojson(file.parts[""])
        case ".zip":
            table = _shapefile(_unzipped(file.parts[""]), encoding)
        case ".shp":
            table = _shapefile(file.parts, encoding)
        case ".xlsx":
            table = _excel(file.parts[""])
        case _:
            raise _refused("file_unknown", name=file.name)
    if not table.lines:
        raise _refused("file_empty")
    if len(table.lines) > MAX_ROWS:
        raise _refused("file_too_large", most=MAX_ROWS)
    return table


def table_of(collection: Any) -> Table:
    """Of a GeoJSON FeatureCollection."""
    try:
        _refuse_other_crs(collection)
        lines = [
            Line(number, dict(feature["properties"] or {}), feature["geometry"])
            for number, feature in enumerate(collection["features"], 1)
        ]
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise _refused("file_broken", reason=f"{type(error).__name__} {error}") from error
    return Table(list(dict.fromkeys(name for line in lines for name in line.values)), lines)


def _geojson(content: bytes) -> Table:
    try:
        return table_of(json.loads(content.decode("utf-8-sig")))
    except json.JSONDecodeError as error:
        raise _refused("file_no_json", line=error.lineno, character=error.colno) from error
    except (ValueError, RecursionError) as error:
        raise _refused("file_broken", reason=error) from error


def _refuse_other_crs(collection: Any) -> None:
    """The member of the old GeoJSON that names another system than degrees (EPSG:4326, 4490, CRS84)."""
    name = str((collection.get("crs") or {}).get("properties", {}).get("name", ""))
    if name and not re.search(r"(4326|4490|CRS84)$", name):
        raise _refused("projected", name=name)


def _unzipped(content: bytes) -> dict[str, bytes]:
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            entries = [
                entry
                for entry in archive.infolist()
                if not PurePosixPath(entry.filename).name.startswith(".")
            ]
            _refuse_bomb(entries)
            layers = [entry for entry in entries if entry.filename.lower().endswith(".shp")]
            if len(layers) != 1:
                raise _refused(
                    "file_many_layers" if layers else "file_incomplete", count=len(layers), part=".shp"
                )
            stem = layers[0].filename[:-4]
            return {
                entry.filename[-3:].lower(): archive.read(entry)
                for entry in entries
                if entry.filename[:-4] == stem and entry.filename[-3:].lower() in PARTS
            }
    except (zipfile.BadZipFile, RuntimeError, NotImplementedError, OSError) as error:
        raise _refused("file_broken", reason=error) from error


def _refuse_bomb(entries: list[zipfile.ZipInfo]) -> None:
    if sum(entry.file_size for entry in entries) > MAX_UNPACKED_BYTES:
        raise _refused("file_too_large", most=f"{MAX_UNPACKED_BYTES // 1_000_000} MB")


def _shapefile(parts: Mapping[str, bytes], encoding: str) -> Table:
    for part in ("shp", "dbf"):
        if part not in parts:
            raise _refused("file_incomplete", part=f".{part}")
    projection = parts.get("prj", b"").decode("utf-8", "replace").strip()
    if projection.upper().startswith(("PROJCS", "PROJCRS")):
        raise _refused("projected", name=projection.partition('"')[2].partition('"')[0])
    told = encoding or _told_encoding(parts)
    if told and not _is_codec(told):
        raise _refused("encoding", encoding=told)
    for attempt in [told] if told else ["utf-8", GB]:
        try:
            return _records(parts, attempt)
        except UnicodeDecodeError:
            continue
        except (shapefile.ShapefileException, struct.error, ValueError, LookupError, OSError) as error:
            raise _refused("file_broken", reason=error) from error
    raise _refused("encoding", encoding=told or "UTF-8, GB18030")


def _records(parts: Mapping[str, bytes], encoding: str) -> Table:
    files = {part: io.BytesIO(parts[part]) for part in ("shp", "shx", "dbf") if part in parts}
    # Latin-1 brings every byte through; the library's own decoding does not say what it could not decode.
    with shapefile.Reader(**files, encoding="latin-1") as reader:
        if len(reader) > MAX_ROWS:
            raise _refused("file_too_large", most=MAX_ROWS)
        columns = [_decoded(field[0], encoding) for field in reader.fields if field[0] != "DeletionFlag"]
        lines = [
            Line(
                number,
                dict(zip(columns, (_decoded(value, encoding) for value in pair.record), strict=True)),
                pair.shape.__geo_interface__ if pair.shape.shapeType != shapefile.NULL else None,
            )
            for number, pair in enumerate(reader.iterShapeRecords(), 1)
        ]
    return Table(columns, lines)


def _is_codec(name: str) -> bool:
    try:
        return codecs.lookup(name)._is_text_encoding
    except LookupError:
        return False


def _decoded(value: Any, encoding: str) -> Any:
    """A cell's text. A character cut in two where the column ends is left out. Raises UnicodeDecodeError."""
    if not isinstance(value, str):
        return value
    content = value.encode("latin-1")
    try:
        return content.decode(encoding)
    except UnicodeDecodeError as error:
        if error.end == len(content) and error.start > len(content) - 4 and error.start:
            return content[: error.start].decode(encoding)
        raise


def _told_encoding(parts: Mapping[str, bytes]) -> str:
    """By the .cpg, else by the .dbf's language driver; '' when neither says."""
    said = parts.get("cpg", b"").decode("ascii", "ignore").strip().upper()
    if said:
        return CODE_PAGES.get(re.sub(r"^(CP|ANSI|WINDOWS)|[-_ ]", "", said), said)
    return GB if parts["dbf"][29:30] == bytes([DBF_GBK]) else ""


def _excel(content: bytes) -> Table:
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            _refuse_bomb(archive.infolist())
        book = openpyxl.load_workbook(io.BytesIO(content), read_only=True, data_only=True)
        lines = list(_sheet(book.worksheets[0]))
    except (
        zipfile.BadZipFile,
        InvalidFileException,
        KeyError,
        ValueError,
        IndexError,
        TypeError,
        OSError,
    ) as error:
        raise _refused("file_broken", reason=error) from error
    return Table(list(lines[0].values) if lines else [], lines)


def _sheet(sheet: Any) -> Iterator[Line]:
    """The rows below the heading; an empty one is passed over."""
    rows = sheet.iter_rows(values_only=True)
    heading = [str(cell).strip() if cell is not None else "" for cell in next(rows, ())]
    for number, cells in enumerate(rows, 2):
        if number > MAX_ROWS + 1:
            raise _refused("file_too_large", most=MAX_ROWS)
        values = {name: cell for name, cell in zip(heading, cells, strict=False) if name}
        if any(cell not in (None, "") for cell in values.values()):
            yield Line(number, values)


def _refused(code: str, **params: Any) -> AreasRefusedError:
    return AreasRefusedError(Problem(code, params={name: str(value) for name, value in params.items()}))
