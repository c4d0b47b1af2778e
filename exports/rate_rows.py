"""The rates page's table as rows, with its total; counts only, so no personal data."""

from collections.abc import Sequence

from django.core.exceptions import PermissionDenied
from django.http import QueryDict
from django.utils.translation import gettext as _

from accounts.models import User
from accounts.scope import Actor
from desks.places import name_of
from exports.errors import FiltersRefusedError, ScopeLostError
from exports.rows import Asked, Batch, Column, Size
from supervision.forms import ClosureForm
from supervision.tables import FilterError, Table, rates_table

WIDTHS = {"text": 20, "count": 12, "percent": 12}
KINDS = {"text": "text", "count": "number", "percent": "percent"}


class RateRows:
    """A source (``exports.rows.Source``): the whole table is one batch, counted as of the asking."""

    def __init__(self, asked: Asked) -> None:
        self.asked = asked
        self._table: Table | None = None

    def columns(self, actor: Actor) -> Sequence[Column]:
        return [
            Column(column.label, KINDS[column.kind], WIDTHS[column.kind])
            for column in self.table(actor).columns
        ]

    def size(self, actor: Actor) -> Size:
        return Size(len(self.table(actor).rows))

    def batch(self, actor: Actor, after: str) -> Batch:
        return Batch([list(row) for row in self.table(actor).rows])

    def table(self, actor: Actor) -> Table:
        if self._table is None:
            try:
                self._table = rates_table(
                    self._person(actor), QueryDict(self.asked.query), now=self.asked.until
                )
            except PermissionDenied:
                raise ScopeLostError from None
            except FilterError:
                raise FiltersRefusedError from None
        return self._table

    @staticmethod
    def _person(actor: Actor) -> User:
        if actor.user is None:
            raise ScopeLostError
        return actor.user

    def filters(self, actor: Actor) -> list[tuple[str, str]]:
        """By the words of the page's own form."""
        given = QueryDict(self.asked.query)
        words = []
        for name, field in ClosureForm(given, now=self.asked.until).fields.items():
            value = given.get(name, "")
            if not value or name in ("sort", "at"):
                continue
            if name == "area":
                words.append((_("Place"), name_of(actor.district, value)))
            else:
                choices = dict(getattr(field, "choices", ()))
                words.append((str(field.label or _("Period")), str(choices.get(value, value))))
        return words
