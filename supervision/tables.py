"""The figures of the rates page as one plain table, for files and the API.

The same filters in, the same numbers out: whoever exports or serves them counts nothing anew.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from django.core.exceptions import PermissionDenied
from django.utils.translation import gettext as _

from accounts.models import User
from accounts.scope import scope_of
from supervision import rates
from supervision.forms import ClosureForm

Kind = Literal["text", "count", "percent"]


@dataclass(frozen=True)
class Column:
    """``kind`` of its cells: text (str), count (int), percent (Decimal of two decimals; None is no data)."""

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
    form = ClosureForm(params, now=now)
    if not form.is_valid():
        raise FilterError(form.errors.get_json_data())
    asked = form.cleaned_data
    group = asked["group"] or "street"
    rows = rates.closure(user, group, asked["period"], area=asked["area"])
    columns = [
        Column("key", _("Code"), "text"),
        Column("name", str(rates.GROUPS[group].title), "text"),
        Column("closed", _("Closed"), "count"),
        Column("should_close", _("Should be closed"), "count"),
        Column("closure_rate", _("Closure rate"), "percent"),
    ]
    total = sum((row.counts for row in rows), rates.Counts())
    cells = [*((row.key, row.name, row.counts) for row in rows), ("", _("Total"), total)]
    return Table(
        _("Rates"),
        columns,
        [[key, name, c.closed, c.should_close, c.closure_rate] for key, name, c in cells],
    )
