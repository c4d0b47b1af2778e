"""The figures of the rates page as one plain table, for files and the API.

The same filters in, the same numbers out: whoever exports or serves them counts nothing anew.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Literal

from django.core.exceptions import PermissionDenied
from django.utils.translation import gettext as _

from accounts.models import User
from accounts.scope import scope_of
from supervision import rates
from supervision.cuts import CUTS
from supervision.figures import FIGURES
from supervision.forms import RatesForm

Kind = Literal["text", "count", "percent", "points"]


@dataclass(frozen=True)
class Column:
    """``kind`` of its cells: text (str), count (int), percent (Decimal of two decimals; None is no data),
    points (the change of a per cent since the period before, likewise)."""

    key: str
    label: str
    kind: Kind


@dataclass(frozen=True)
class Table:
    """Cells of a row stand in the order of the columns; the last row is the total, its key ''."""

    title: str
    columns: list[Column]
    rows: list[list[Any]]


class FilterError(ValueError):
    """Filters that cannot be read. ``fields``: of each the errors, ``[{"message", "code"}]``."""

    code = "invalid_input"

    def __init__(self, fields: dict[str, list[dict[str, str]]]):
        self.fields = fields
        super().__init__(self.code)


def rates_table(user: User, params: Mapping[str, str], *, now: datetime) -> Table:
    """The table of the rates page for the parameters of its address, in the active language.

    ``params``: ``period`` or ``from`` and ``to``, ``group``, ``area`` and the other filters of the page; a
    QueryDict or a dict. Raises FilterError, and PermissionDenied for who supervises no area.
    """
    if not scope_of(user).codes(rates.PERMISSION):
        raise PermissionDenied
    form = RatesForm(params, now=now)
    if not form.is_valid():
        raise FilterError(form.errors.get_json_data())
    asked = form.cleaned_data
    rows = rates.table(user, asked["group"], asked["period"], asked["before"], filters=asked["filters"])
    cut = CUTS[asked["group"]]
    indicators = rates.shown(cut)
    figures = list(dict.fromkeys(code for one in indicators for code in one.figures))
    with_rate = [one for one in indicators if one.denominator]
    columns = [
        Column("key", _("Code"), "text"),
        Column("name", str(cut.title), "text"),
        *(Column(one.code, str(one.name), "percent") for one in with_rate),
        *(
            Column(f"{one.code}_change", _("%(rate)s, change") % {"rate": one.name}, "points")
            for one in with_rate
        ),
        *(Column(code, str(FIGURES[code].name), "count") for code in figures),
    ]
    cells = [
        [
            row.key,
            row.name,
            *(rates.rate(one, row.counts) for one in with_rate),
            *(rates.change(one, row) for one in with_rate),
            *(row.counts[code] for code in figures),
        ]
        for row in [*rows, replace(rates.total(rows), name=_("Total"))]
    ]
    return Table(_("Rates"), columns, cells)
