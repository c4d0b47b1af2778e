"""What can be wrong with a table: a stable code, where it is, the reason and what to do, in the reader's language."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from django.utils.translation import gettext_lazy as _

WORDS: dict[str, tuple[Any, Any]] = {
    "missing_column": (_("The column is missing."), _("Take the headings of the template.")),
    "repeated_column": (_("Two columns have this heading."), _("Remove one of them.")),
    "no_rows": (_("There are no rows under the headings."), _("Fill in at least one row.")),
    "too_many_rows": (
        _("The table has more than %(most)s rows."),
        _("Divide it into several files and load one after the other."),
    ),
    "required": (_("The cell is empty."), _("Fill it in.")),
    "too_long": (_("Longer than %(longest)s characters."), _("Shorten it.")),
    "wrong_form": (_("This does not have the form expected here."), _("Write it like this: %(example)s")),
    "digits_lost": (
        _("Excel keeps only 15 digits of a number, the rest is lost."),
        _("Format the column as text and type the code again."),
    ),
    "not_a_number": (_("This is not a whole number."), _("Write a whole number from %(least)s to %(most)s.")),
    "out_of_range": (
        _("The number is too small or too large."),
        _("Write a whole number from %(least)s to %(most)s."),
    ),
    "not_a_day": (_("This is not a day of the calendar."), _("Write it like this: 2018-07-01")),
    "not_a_time": (_("This is not a time of day."), _("Write it like this: 08:30")),
    "not_yes_or_no": (_("This is neither yes nor no."), _("Choose yes or no.")),
    "unknown_choice": (_("This is not in the list of this column."), _("Choose one of: %(choices)s")),
    "error_in_cell": (_("Excel shows an error in this cell."), _("Repair the formula or type the value.")),
    "formula_without_value": (
        _("The cell holds a formula whose result was never calculated."),
        _("Open the file in Excel, save it, and load it again; or type the value."),
    ),
    "duplicate_row": (
        _("Row %(other)s says something about the same one."),
        _("Keep one of the two rows."),
    ),
}


@dataclass(frozen=True)
class Problem:
    """``row`` is the file's own number, 0 where it is about the whole file; ``column`` the heading's name."""

    code: str
    row: int = 0
    column: str = ""
    value: str = ""
    params: Mapping[str, Any] = field(default_factory=dict)


class BadCellError(ValueError):
    """One cell cannot be read; ``code`` and ``params`` as in Problem."""

    def __init__(self, code: str, **params: Any):
        super().__init__(code)
        self.code, self.params = code, params
