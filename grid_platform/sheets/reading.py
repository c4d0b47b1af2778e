"""An Excel file as rows of plain values, with every cell that cannot be read named."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from io import BytesIO
from typing import IO, Any
from zipfile import ZipFile

from openpyxl import load_workbook

from grid_platform.sheets.columns import Column, plain
from grid_platform.sheets.opening import FileRefusedError, safe_bytes
from grid_platform.sheets.problems import BadCellError, Problem

MOST_ROWS = 20_000
MOST_COLUMNS = 80
HEADING_ROWS = 5
"""Among the first rows, the headings are the one that knows most columns."""
SHOWN_VALUE = 60


@dataclass(frozen=True)
class Row:
    """``number`` is the file's own; ``bad`` names the columns that could not be read, None in ``values``."""

    number: int
    values: dict[str, Any]
    bad: frozenset[str] = frozenset()


@dataclass
class Table:
    """``unread``: headings that belong to no column."""

    rows: list[Row] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    unread: list[str] = field(default_factory=list)


def read_table(file: IO[bytes], columns: Sequence[Column], most: int = 0) -> Table:
    """The first sheet that has the headings. Raises FileRefusedError for what is no harmless Excel file.

    Formulas are read as the values Excel saved with them. A column whose heading is missing has no values,
    which is a problem where it is required and not where it may be empty. ``most``: so many rows, else MOST_ROWS.
    """
    content = safe_bytes(file)
    try:
        return _read(content, columns, most or MOST_ROWS)
    except FileRefusedError:
        raise
    except Exception as error:
        # openpyxl raises whatever a strange part makes it stumble over.
        raise FileRefusedError("file_broken") from error


def _read(content: BytesIO, columns: Sequence[Column], most: int) -> Table:
    book = load_workbook(content, read_only=True, data_only=True)
    found = max((_headings(sheet, columns) for sheet in book.worksheets), key=lambda each: len(each[2]))
    sheet, heading_row, places, unread, table = *found, Table()
    table.unread = unread
    repeated = {name for name, at in places.items() if len(at) > 1}
    table.problems += [Problem("repeated_column", heading_row, name) for name in sorted(repeated)]
    table.problems += [
        Problem("missing_column", heading_row, column.name)
        for column in columns
        if column.required and column.name not in places
    ]
    if table.problems:
        return table
    known = {column: places[column.name][0] for column in columns if column.name in places}
    uncalculated = _uncalculated(content, sheet.title)
    for number, cells in _filled(sheet, heading_row, list(known.values())):
        if len(table.rows) == most:
            table.problems.append(Problem("too_many_rows", number, params={"most": most}))
            break
        _read_row(table, number, cells, known, uncalculated)
    if not table.rows and not table.problems:
        table.problems.append(Problem("no_rows", heading_row))
    return table


def _headings(sheet: Any, columns: Sequence[Column]) -> tuple[Any, int, dict[str, list[int]], list[str]]:
    """The sheet, the row of its headings, each column's places in it, and the headings nobody knows."""
    sheet.reset_dimensions()
    known = {heading: column.name for column in columns for heading in column.headings()}
    best: tuple[Any, int, dict[str, list[int]], list[str]] = (sheet, 1, {}, [])
    rows = sheet.iter_rows(max_row=HEADING_ROWS, max_col=MOST_COLUMNS, values_only=True)
    for number, cells in enumerate(rows, start=1):
        places: dict[str, list[int]] = {}
        unread = []
        for place, cell in enumerate(cells):
            if name := known.get(plain(cell)):
                places.setdefault(name, []).append(place)
            elif cell is not None:
                unread.append(str(cell)[:SHOWN_VALUE])
        if len(places) > len(best[2]):
            best = (sheet, number, places, unread)
    return best


def _filled(sheet: Any, heading_row: int, places: list[int]) -> Iterator[tuple[int, Sequence[Any]]]:
    """The rows under the headings that hold anything, by their numbers."""
    sheet.reset_dimensions()
    rows = sheet.iter_rows(min_row=heading_row + 1, max_col=MOST_COLUMNS)
    for number, cells in enumerate(rows, start=heading_row + 1):
        if any(place < len(cells) and cells[place].value not in (None, "") for place in places):
            yield number, cells


def _read_row(
    table: Table,
    number: int,
    cells: Sequence[Any],
    known: dict[Column, int],
    uncalculated: set[tuple[int, int]],
) -> None:
    values: dict[str, Any] = {}
    bad = set()
    for column, place in known.items():
        cell = cells[place] if place < len(cells) else None
        value = cell.value if cell is not None else None
        try:
            if (number, place) in uncalculated:
                raise BadCellError("formula_without_value")
            if cell is not None and cell.data_type == "e":
                raise BadCellError("error_in_cell")
            values[column.name] = column.read(value, getattr(cell, "number_format", "General") or "General")
        except BadCellError as error:
            bad.add(column.name)
            values[column.name] = None
            shown = "" if value is None else str(value)[:SHOWN_VALUE]
            table.problems.append(Problem(error.code, number, column.name, shown, error.params))
    table.rows.append(Row(number, values, frozenset(bad)))


def _uncalculated(content: BytesIO, title: str) -> set[tuple[int, int]]:
    """(row, place) of formulas without a value: a program wrote the file and Excel never opened it."""
    content.seek(0)
    with ZipFile(content) as parts:
        sheets = [name for name in parts.namelist() if name.startswith("xl/worksheets/")]
        if not any(b"<f" in parts.read(name) for name in sheets):
            return set()
    content.seek(0)
    values = load_workbook(content, read_only=True, data_only=True)[title]
    content.seek(0)
    formulas = load_workbook(content, read_only=True, data_only=False)[title]
    found = set()
    for sheet in (values, formulas):
        sheet.reset_dimensions()
    for number, (there, wanted) in enumerate(
        zip(values.iter_rows(max_col=MOST_COLUMNS), formulas.iter_rows(max_col=MOST_COLUMNS), strict=False), 1
    ):
        for place, (value, formula) in enumerate(zip(there, wanted, strict=False)):
            if formula.data_type == "f" and value.value is None:
                found.add((number, place))
    return found
