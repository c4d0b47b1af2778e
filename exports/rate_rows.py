"""The rates page's table as rows, with its total; counts only, so no personal data."""

from collections.abc import Sequence

from django.core.exceptions import PermissionDenied
from django.http import QueryDict

from accounts.models import User
from accounts.scope import Actor
from exports.errors import FiltersRefusedError, ScopeLostError
from exports.rows import Asked, Batch, Column, Size
from supervision.tables import FilterError, Table, rates_table

KINDS = {"text": ("text", 20), "percent": ("percent", 12)}
"""Kind and width of the columns that hold no plain numbers."""


class RateRows:
    """A source (``exports.rows.Source``): the whole table is one batch, counted as of the asking."""

    def __init__(self, asked: Asked) -> None:
        self.asked = asked
        self._table: Table | None = None

    def columns(self, actor: Actor) -> Sequence[Column]:
        columns = self.table(actor).columns
        return [Column(column.label, *KINDS.get(column.kind, ("number", 12))) for column in columns]

    def size(self, actor: Actor) -> Size:
        return Size(len(self.table(actor).rows))

    def batch(self, actor: Actor, after: str) -> Batch:
        return Batch([list(row) for row in self.table(actor).rows])

    def table(self, actor: Actor) -> Table:
        """Asked for once: the figures of one file belong together."""
        if self._table is None:
            try:
                self._table = rates_table(_person(actor), QueryDict(self.asked.query), now=self.asked.until)
            except PermissionDenied:
                raise ScopeLostError from None
            except FilterError:
                raise FiltersRefusedError from None
        return self._table


def _person(actor: Actor) -> User:
    if actor.user is None:
        raise ScopeLostError
    return actor.user
