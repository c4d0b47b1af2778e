"""An Excel file for people to fill in: the table, drop-downs for closed lists, and a second sheet that explains it.

Everything is written as text or a number, never as a formula, whatever it begins with.
"""

import os
from collections.abc import Iterable, Mapping, Sequence
from io import BytesIO
from pathlib import Path
from typing import Any

import xlsxwriter
from django.utils.translation import gettext as _
from xlsxwriter.workbook import Workbook
from xlsxwriter.worksheet import Worksheet

from grid_platform.sheets.columns import Column, Kind
from grid_platform.sheets.reading import MOST_ROWS

CONTENT_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
OWNER_ONLY = 0o600
LONGEST_INLINE = 255
"""Excel's own limit for a drop-down that stands in the cell's rule; longer lists stand on a sheet of their own."""


def filled(columns: Sequence[Column], rows: Iterable[Mapping[str, Any]] = (), *, title: str) -> bytes:
    """The workbook in the active language; without rows it is the template."""
    out = BytesIO()
    with xlsxwriter.Workbook(out, {"in_memory": True, "strings_to_formulas": False}) as book:
        sheet = book.add_worksheet(title[:31])
        _headings(book, sheet, columns)
        for number, row in enumerate(rows, start=1):
            for place, column in enumerate(columns):
                _write(sheet, number, place, column, row.get(column.name))
        _explain(book, columns, title)
        _offer(book, sheet, columns)
    return out.getvalue()


def plain_table(headings: Sequence[str], rows: Iterable[Sequence[str]], *, title: str) -> bytes:
    """A workbook of texts to read or print, not to load."""
    out = BytesIO()
    with xlsxwriter.Workbook(out, {"in_memory": True}) as book:
        sheet, bold = book.add_worksheet(title[:31]), book.add_format({"bold": True})
        for place, heading in enumerate(headings):
            sheet.write_string(0, place, heading, bold)
            sheet.set_column(place, place, 24)
        for number, row in enumerate(rows, start=1):
            for place, text in enumerate(row):
                sheet.write_string(number, place, text)
        sheet.freeze_panes(1, 0)
    return out.getvalue()


def _headings(book: Workbook, sheet: Worksheet, columns: Sequence[Column]) -> None:
    look = {"bold": True, "border": 1, "text_wrap": True, "valign": "vcenter", "bg_color": "#e6ecf5"}
    optional, required = book.add_format(look), book.add_format(look | {"bg_color": "#ffe9b8"})
    as_text = book.add_format({"num_format": "@"})
    for place, column in enumerate(columns):
        heading = f"{column.label}*" if column.required else str(column.label)
        wide = max(10, min(36, 2 * len(heading) + 2), min(36, 2 * len(column.example)))
        # Codes, phones and days stay as they are typed only in cells formatted as text.
        sheet.set_column(place, place, wide, None if column.kind == Kind.NUMBER else as_text)
        sheet.write_string(0, place, heading, required if column.required else optional)
    sheet.set_row(0, 32)
    sheet.freeze_panes(1, 1)
    sheet.autofilter(0, 0, 0, len(columns) - 1)


def _write(sheet: Worksheet, number: int, place: int, column: Column, value: Any) -> None:
    if column.kind == Kind.NUMBER and value is not None:
        sheet.write_number(number, place, value)
    elif text := column.write(value):
        sheet.write_string(number, place, text)


def _explain(book: Workbook, columns: Sequence[Column], title: str) -> None:
    sheet, wrap = (
        book.add_worksheet(_("How to fill it in")),
        book.add_format({"text_wrap": True, "valign": "top"}),
    )
    bold = book.add_format({"bold": True, "valign": "top"})
    heads = [_("Column"), _("Must be filled"), _("What it means"), _("Allowed values"), _("Example")]
    lead = _("Fill the first sheet, one row for each entry; columns marked * must be filled.")
    sheet.write_string(0, 0, f"{title}: {lead}")
    for place, (head, wide) in enumerate(zip(heads, (24, 12, 60, 50, 26), strict=True)):
        sheet.set_column(place, place, wide)
        sheet.write_string(2, place, head, bold)
    for number, column in enumerate(columns, start=3):
        cells = [
            column.label,
            _("yes") if column.required else _("no"),
            column.help,
            "\n".join(column.choice_words()) if not column.offered else _("See the drop-down."),
            column.example_words(),
        ]
        for place, text in enumerate(cells):
            sheet.write_string(number, place, str(text), wrap if place else bold)


def _offer(book: Workbook, sheet: Worksheet, columns: Sequence[Column]) -> None:
    """Drop-downs, and a word about the column when a cell of it is chosen."""
    lists = None
    used = 0
    for place, column in enumerate(columns):
        rule: dict[str, Any] = {
            "validate": "any",
            "input_title": str(column.label)[:32],
            "input_message": str(column.help)[:255],
        }
        words = column.choice_words() if column.kind != Kind.CHOICES else []
        if words:
            source: Any = words
            if len(",".join(words)) > LONGEST_INLINE or any("," in word for word in words):
                if lists is None:
                    lists = book.add_worksheet("lists")
                    lists.hide()
                lists.write_column(0, used, words)
                letter = xlsxwriter.utility.xl_col_to_name(used)
                source, used = f"=lists!${letter}$1:${letter}${len(words)}", used + 1
            rule |= {"validate": "list", "source": source, "error_type": "warning"}
        elif column.kind == Kind.NUMBER:
            rule |= {
                "validate": "integer", "criteria": "between", "minimum": column.least, "maximum": column.most,
                "error_type": "warning",
            }  # fmt: skip
        sheet.data_validation(1, place, MOST_ROWS, place, rule)


def write_new(path: Path, content: bytes) -> None:
    """For its owner alone, and never over a file that is there: raises OSError."""
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, OWNER_ONLY), "wb") as file:
        file.write(content)
