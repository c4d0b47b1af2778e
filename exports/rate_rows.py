"""The rates page's table as rows, with its total; counts only, so no personal data."""

from collections.abc import Callable, Sequence

from django.core.exceptions import PermissionDenied
from django.http import QueryDict
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from accounts.scope import Actor
from desks.places import name_of
from events.models import Platform, Source, Urgency
from exports.errors import FiltersRefusedError, ScopeLostError
from exports.event_rows import item_name
from exports.rows import Asked, Batch, Column, Size
from grids.models import District
from supervision.forms import PRESETS
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

    def filters(self, actor: Actor) -> list[tuple[str, str]]:
        """The group by the head of its column, the others by name."""
        given = QueryDict(self.asked.query)
        by = [(str(_("By")), column.label) for column in self.table(actor).columns if column.key == "name"]
        return by + [
            (str(label), str(word(actor.district, value)))
            for name, (label, word) in FILTERS.items()
            if (value := given.get(name, ""))
        ]


def _person(actor: Actor) -> User:
    if actor.user is None:
        raise ScopeLostError
    return actor.user


def _one_of(choices) -> Callable[[District, str], str]:
    return lambda district, value: dict(choices).get(value, value)


FILTERS: dict[str, tuple[Promise, Callable[[District, str], str]]] = {
    "period": (_("Period"), _one_of(PRESETS)),
    "from": (_("From"), lambda district, value: value),
    "to": (_("To"), lambda district, value: value),
    "area": (_("Place"), name_of),
    "item": (_("Item"), item_name),
    "platform": (_("Platform"), _one_of(Platform.choices)),
    "source": (_("Source"), _one_of(Source.choices)),
    "urgency": (_("Urgency"), _one_of(Urgency.choices)),
}
"""The page's filters by name: what they are called, and their values in words."""
