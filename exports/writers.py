"""Rows into files, row after row and never all in memory.

Excel: XlsxWriter keeps one row in memory; text is written as text, and a cell that begins like a formula is
quoted besides, so that it stays text when somebody edits it. CSV: UTF-8 with a mark, so that Excel reads it.
Every sheet's header and footer, and the last line of every file, say who took it, when, and under which
number; a file without that line is not whole.
"""

import csv
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from types import TracebackType
from typing import Any, Protocol, Self

from django.utils.translation import gettext as _
from xlsxwriter import Workbook
from xlsxwriter.format import Format
from xlsxwriter.worksheet import Worksheet

from exports.rows import Cell, Column
from grid_platform.spreadsheet import harmless, looks_like_formula

CELL_LIMIT = 32_767
"""Characters Excel takes in one cell."""
HEADER_LIMIT = 255
SHEET_ROWS = 1_000_000
"""Of data; Excel ends at 1,048,576."""


@dataclass(frozen=True)
class Mark:
    """The file's title, and its watermark: who, unit, when, number."""

    title: str
    watermark: str


class Writer(Protocol):
    def __init__(self, path: Path, columns: Sequence[Column], mark: Mark) -> None: ...
    def __enter__(self) -> Self: ...
    def __exit__(self, kind: Any, error: Any, trace: Any) -> None: ...
    def write(self, rows: Iterable[Sequence[Cell]]) -> None: ...


class CsvWriter:
    def __init__(self, path: Path, columns: Sequence[Column], mark: Mark) -> None:
        self._columns, self._mark = columns, mark
        self._file = path.open("w", encoding="utf-8-sig", newline="")
        self._lines = csv.writer(self._file)
        self._lines.writerow([harmless(str(column.title)) for column in columns])

    def __enter__(self) -> Self:
        return self

    def write(self, rows: Iterable[Sequence[Cell]]) -> None:
        for row in rows:
            self._lines.writerow([_csv(cell) for cell in row])

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if error is None:
            self._lines.writerow([harmless(self._mark.watermark)])
        self._file.close()


def _csv(cell: Cell) -> str | int | float | Decimal | None:
    match cell:
        case str():
            return harmless(cell)
        case datetime():
            return f"{cell:%Y-%m-%d %H:%M}"
        case date():
            return f"{cell:%Y-%m-%d}"
        case _:
            return cell


class XlsxWriter:
    def __init__(self, path: Path, columns: Sequence[Column], mark: Mark) -> None:
        self._columns, self._mark = columns, mark
        options = {"constant_memory": True, "tmpdir": str(path.parent), "use_zip64": True}
        self._book = Workbook(str(path), options)
        self._book.set_properties({"title": mark.title, "author": mark.watermark, "comments": mark.watermark})
        self._head = self._book.add_format(
            {"bold": True, "bg_color": "#E6ECF4", "bottom": 1, "text_wrap": True}
        )
        self._soft = self._book.add_format({"font_color": "#4B5B74"})
        self._quoted = self._book.add_format({"quote_prefix": True})
        self._formats: dict[str, Format | None] = {
            "text": None,
            "number": None,
            "percent": self._book.add_format({"num_format": '0.00"%"'}),
            "moment": self._book.add_format({"num_format": "yyyy-mm-dd hh:mm"}),
            "day": self._book.add_format({"num_format": "yyyy-mm-dd"}),
        }
        self._sheet = self._new_sheet()

    def __enter__(self) -> Self:
        return self

    def write(self, rows: Iterable[Sequence[Cell]]) -> None:
        for row in rows:
            if self._row > SHEET_ROWS:
                self._sign()
                self._sheet = self._new_sheet()
            for number, (column, cell) in enumerate(zip(self._columns, row, strict=True)):
                self._write(number, column, cell)
            self._row += 1

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """What was cut short is closed all the same, for its temporary files' sake; the caller removes it."""
        if error is None:
            self._sign()
        self._book.close()

    def _write(self, number: int, column: Column, cell: Cell) -> None:
        form = self._formats[column.kind]
        match cell:
            case None | "":
                pass
            case str():
                text = cell if len(cell) <= CELL_LIMIT else f"{cell[: CELL_LIMIT - 1]}…"
                quoted = self._quoted if looks_like_formula(text) else form
                self._sheet.write_string(self._row, number, text, quoted)
            case datetime() | date():
                self._sheet.write_datetime(self._row, number, cell, form)
            case _:
                self._sheet.write_number(self._row, number, cell, form)

    def _new_sheet(self) -> Worksheet:
        sheets = len(self._book.worksheets())
        sheet = self._book.add_worksheet(_("Data") + (f" {sheets + 1}" if sheets else ""))
        sheet.set_landscape()
        sheet.set_paper(9)
        sheet.repeat_rows(0)
        sheet.freeze_panes(1, 0)
        sheet.set_header(_printed("&L", self._mark.title))
        sheet.set_footer(f"{_printed('&L', self._mark.watermark)}&R&P / &N")
        for number, column in enumerate(self._columns):
            sheet.set_column(number, number, column.width)
            sheet.write_string(0, number, str(column.title), self._head)
        self._row = 1
        return sheet

    def _sign(self) -> None:
        self._sheet.write_string(self._row, 0, self._mark.watermark, self._soft)


def _printed(place: str, text: str) -> str:
    """Text of a header: an ampersand would begin a command there."""
    return place + text.replace("&", "&&")[: HEADER_LIMIT - 20].rstrip("&")


WRITERS: dict[str, type[Writer]] = {"csv": CsvWriter, "xlsx": XlsxWriter}
