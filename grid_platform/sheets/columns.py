"""What a column of a table is, and how a cell of it is read and written.

A value is plain: text, a whole number, True or False, a list of texts, None for an empty cell; a day is
'2018-07-01' and a time '08:30'. So rows can be stored, compared and hashed as they are. Codes keep their leading
zeros when Excel made numbers of them, where the cell's format still tells how many there were.
"""

import re
import unicodedata
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from enum import StrEnum
from typing import Any

from django.conf import settings
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import override, pgettext
from openpyxl.utils.datetime import from_excel

from grid_platform.sheets.problems import BadCellError

YES, NO = _("yes"), _("no")
EMPTY = {"", "none", "无", "-", "—", "/"}
EXACT = 10**15
"""Excel's numbers have 15 digits; above, the last ones are made up."""
EXCEL_DAYS = range(20_000, 80_000)
"""1954 to 2119 as Excel counts days; 20180701 is no such number."""
CHOICES_TOLD = 8


class Kind(StrEnum):
    TEXT = "text"
    CODE = "code"
    NUMBER = "number"
    YES_NO = "yes_no"
    DAY = "day"
    TIME = "time"
    CHOICE = "choice"
    TEXTS = "texts"
    CHOICES = "choices"


@dataclass(frozen=True, eq=False)
class Column:
    """``choices``: (value, label) of a closed list. ``offered``: values for the drop-down alone, the list is open.

    ``keeps``: an empty cell leaves what is there; otherwise it empties it. ``form``: a regular expression that
    a text or code, or each of several, must match whole.
    """

    name: str
    label: str | Promise
    help: str | Promise
    kind: Kind = Kind.TEXT
    required: bool = False
    keeps: bool = False
    example: str = ""
    choices: Sequence[tuple[str, str | Promise]] = ()
    offered: Sequence[str] = ()
    form: str = ""
    longest: int = 100
    least: int = 0
    most: int = 32_767

    def headings(self) -> set[str]:
        """Every heading it goes by: its name, its label in each language."""
        return {plain(self.name)} | {plain(text) for text in in_every_language(self.label)}

    @property
    def empty(self) -> list[str] | None:
        """What an empty cell is."""
        return [] if self.kind in (Kind.TEXTS, Kind.CHOICES) else None

    def read(self, value: Any, number_format: str = "General") -> Any:
        """A cell's value as a plain one; raises BadCellError."""
        text = _as_text(value, number_format)
        exact = self.kind in (Kind.TEXT, Kind.TEXTS)
        text = text if exact else unicodedata.normalize("NFKC", text).strip()
        if text.casefold() in (EMPTY if not exact or self.kind == Kind.TEXTS else {""}):
            if self.required:
                raise BadCellError("required")
            return self.empty
        return _READERS[self.kind](self, text, value)

    def write(self, value: Any) -> str:
        """A plain value in words, as a reader sees it and ``read`` takes it back."""
        if value is None or value == "" or value == []:
            return ""
        if isinstance(value, bool):
            return str(YES if value else NO)
        if isinstance(value, list):
            return (";" if self.kind == Kind.CHOICES else " ").join(self.word(each) for each in value)
        return self.word(value)

    def word(self, value: Any) -> str:
        """A value of a closed list by its label; what is none of them as it is."""
        closed = [("yes", YES), ("no", NO)] if self.kind == Kind.YES_NO else self.choices
        return next((str(label) for known, label in closed if known == value), str(value))

    def example_words(self) -> str:
        """The example as it would stand in the table, choices in the reader's language."""
        chosen = self.kind in (Kind.YES_NO, Kind.CHOICE, Kind.CHOICES) and self.example
        return self.write(self.read(self.example)) if chosen else self.example

    def choice_words(self) -> list[str]:
        if self.kind == Kind.YES_NO:
            return [str(YES), str(NO)]
        return [str(label) for _value, label in self.choices] or list(self.offered)


def plain(text: Any) -> str:
    """A heading or a choice without what does not matter: width, case, spaces, the mark of required columns."""
    return re.sub(r"[\s*_]+", "", unicodedata.normalize("NFKC", str(text))).casefold()


def in_every_language(text: Any) -> set[str]:
    found = set()
    for code, _name in settings.LANGUAGES:
        with override(code):
            found.add(str(text))
    return found


def _as_text(value: Any, number_format: str) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if (isinstance(value, float) and value.is_integer()) or isinstance(value, int):
        if abs(value) >= EXACT:
            raise BadCellError("digits_lost")
        digits = str(int(value))
        return digits.zfill(len(number_format)) if re.fullmatch("0+", number_format) else digits
    if isinstance(value, datetime):
        return value.date().isoformat() if value.time() == time() else value.isoformat(" ")
    if isinstance(value, date | time):
        return value.isoformat()
    kept = "".join(" " if mark in "\r\n\t\xa0" else mark for mark in str(value))
    return "".join(mark for mark in kept if unicodedata.category(mark) not in ("Cc", "Cf")).strip()


# How each kind is read ------------------------------------------------------------------------------


def _read_text(column: Column, text: str, _value: Any) -> str:
    if len(text) > column.longest:
        raise BadCellError("too_long", longest=column.longest)
    if column.form and not re.fullmatch(column.form, text):
        raise BadCellError("wrong_form", example=column.example)
    return text


def _read_code(column: Column, text: str, value: Any) -> str:
    return _read_text(column, re.sub(r"\s", "", text), value)


def _read_number(column: Column, text: str, _value: Any) -> int:
    limits = {"least": column.least, "most": column.most}
    digits = text.removesuffix(".0")
    if not re.fullmatch(r"[+-]?[0-9]{1,12}", digits):
        raise BadCellError("not_a_number", **limits)
    number = int(digits)
    if not column.least <= number <= column.most:
        raise BadCellError("out_of_range", **limits)
    return number


def _read_yes_no(_column: Column, text: str, _value: Any) -> bool:
    wanted = plain(text)
    for answer, words in ((True, YES), (False, NO)):
        known = {plain(word) for word in in_every_language(words)}
        if wanted in known | ({"true", "1", "y", "√", "是"} if answer else {"false", "0", "n", "×", "否"}):
            return answer
    raise BadCellError("not_yes_or_no")


def _read_day(_column: Column, text: str, value: Any) -> str:
    if isinstance(value, int | float) and not isinstance(value, bool) and int(value) in EXCEL_DAYS:
        value = from_excel(value)
    if isinstance(value, datetime):
        return value.date().isoformat()
    found = re.fullmatch(r"(\d{4})(?:\D(\d{1,2})\D(\d{1,2})日?|(\d{2})(\d{2}))(?: 00:00:00)?", text)
    parts = [int(part) for part in found.groups() if part] if found else []
    try:
        return date(*parts).isoformat()
    except (TypeError, ValueError):
        raise BadCellError("not_a_day") from None


def _read_time(_column: Column, text: str, value: Any) -> str:
    if isinstance(value, float) and 0 <= value < 1:
        minutes = round(value * 24 * 60)
        return f"{minutes // 60:02d}:{minutes % 60:02d}"
    found = re.fullmatch(r"(\d{1,2}):(\d{2})(?::\d{2})?", text)
    if not found or int(found[1]) > 23 or int(found[2]) > 59:
        raise BadCellError("not_a_time")
    return f"{int(found[1]):02d}:{found[2]}"


def _read_choice(column: Column, text: str, _value: Any) -> str:
    wanted = plain(text)
    for value, label in column.choices:
        if wanted == plain(value) or wanted in {plain(word) for word in in_every_language(label)}:
            return value
    told = [str(label) for _value, label in column.choices[:CHOICES_TOLD]]
    more = ["…"] if len(column.choices) > CHOICES_TOLD else []
    raise BadCellError("unknown_choice", choices=pgettext("between words", ", ").join(told + more))


def _read_texts(column: Column, text: str, value: Any) -> list[str]:
    return _several(column, re.split(r"[\s;；,，、]+", text), value, _read_text)


def _read_choices(column: Column, text: str, value: Any) -> list[str]:
    return _several(column, re.split(r"[;；,，、]+", text), value, _read_choice)


def _several(column: Column, parts: Iterable[str], value: Any, read: Callable) -> list[str]:
    return list(dict.fromkeys(read(column, part.strip(), value) for part in parts if part.strip()))


_READERS: dict[Kind, Callable[[Column, str, Any], Any]] = {
    Kind.TEXT: _read_text,
    Kind.CODE: _read_code,
    Kind.NUMBER: _read_number,
    Kind.YES_NO: _read_yes_no,
    Kind.DAY: _read_day,
    Kind.TIME: _read_time,
    Kind.CHOICE: _read_choice,
    Kind.TEXTS: _read_texts,
    Kind.CHOICES: _read_choices,
}
