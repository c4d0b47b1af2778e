"""Excel files for the tests: made by openpyxl, as somebody's Excel would."""

from collections.abc import Iterable, Sequence
from io import BytesIO
from typing import Any

from openpyxl import Workbook


def table(headings: Sequence[str], *rows: Iterable[Any], formats: dict[str, str] | None = None) -> BytesIO:
    """A file with these headings and rows; ``formats``: number formats by cell."""
    book = Workbook()
    sheet = book.active
    sheet.append(list(headings))
    for row in rows:
        sheet.append(list(row))
    for cell, number_format in (formats or {}).items():
        sheet[cell].number_format = number_format
    file = BytesIO()
    book.save(file)
    file.seek(0)
    return file


def of(rows: Sequence[dict[str, Any]]) -> BytesIO:
    """A file of rows given by column names."""
    headings = list(dict.fromkeys(name for row in rows for name in row))
    return table(headings, *[[row.get(name) for name in headings] for row in rows])
