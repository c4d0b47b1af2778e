"""What a table would change: a kind of list compares its rows with what is there, one entry by its key.

A kind says what its columns are, what is there now, what is wrong with the rows beyond single cells, and how
changes are written; the comparing, the counting and the fingerprint are the same for all.
"""

import hashlib
import json
from abc import ABC, abstractmethod
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import cached_property
from typing import IO, Any

from django.db import models
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from grid_platform.sheets.columns import Column
from grid_platform.sheets.problems import Problem
from grid_platform.sheets.reading import Row, Table, read_table
from grids.models import District

Key = tuple[str, ...]
Values = dict[str, Any]


class State(models.TextChoices):
    NEW = "new", _("new")
    CHANGED = "changed", _("changed")
    ENDED = "ended", _("ended")
    UNCHANGED = "unchanged", _("unchanged")


@dataclass(frozen=True)
class Asked:
    """Whose list it is, who brings it (None: a command), from which day it holds, whether it is the whole list."""

    district: District
    by: User | None
    now: datetime
    from_day: date
    complete: bool = False


@dataclass(frozen=True)
class Change:
    """``fields``: (old, new) by column. ``row`` is 0 for an entry that ends because the whole list lacks it."""

    state: State
    key: Key
    values: Values
    fields: dict[str, tuple[Any, Any]] = field(default_factory=dict)
    row: int = 0


class KindOfList(ABC):
    """One kind of list that can be loaded. ``key`` names the columns that together name an entry."""

    code: str
    title: str | Promise
    about: str | Promise
    key: tuple[str, ...]
    is_dated = False
    """Whether what changes begins on a day the person chooses."""
    can_be_complete = True
    """Whether a file may be the whole list, so that what it lacks ends."""
    accepts = ".xlsx"
    """The ends of file names the page offers."""
    is_personal = False
    """Whether the list as it stands is personal data, so that taking it is written down."""

    def read(self, file: IO[bytes], district: District, renamed: Mapping[str, str]) -> Table:
        """The rows of a file. ``renamed``: column by another heading. Raises FileRefusedError."""
        return read_table(file, self.columns(district))

    @abstractmethod
    def columns(self, district: District) -> tuple[Column, ...]: ...

    @abstractmethod
    def current(self, asked: Asked) -> dict[Key, Values]:
        """What is there, as a file would say it, by key. A constant number of queries."""

    @abstractmethod
    def check(self, rows: Sequence[Row], current: Mapping[Key, Values], asked: Asked) -> Iterator[Problem]:
        """What is wrong beyond single cells: orphans, contradictions, what may not be changed."""

    @abstractmethod
    def write(self, changes: Sequence[Change], asked: Asked) -> list[tuple[str, ...]]:
        """Do it, by the product's own verbs. Returns rows of secrets to be shown once, if any."""

    def expand(self, rows: Sequence[Row], asked: Asked) -> list[Row]:
        """The entries the rows stand for; usually themselves."""
        return list(rows)

    def rows_now(self, asked: Asked) -> list[Values]:
        """What is there as rows of the file, for who loads it down to change it."""
        return list(self.current(asked).values())

    def entry_columns(self, district: District) -> tuple[Column, ...]:
        """The columns of the entries, where they are not those of the file."""
        return self.columns(district)

    def ends(self, fields: Mapping[str, tuple[Any, Any]]) -> bool:
        """Whether a change of these columns is the entry's end."""
        return False

    def may_end(self, key: Key, values: Values, asked: Asked) -> bool:
        """Whether an entry that the whole list lacks ends by that."""
        return True

    def is_over(self, values: Values, asked: Asked) -> bool:
        """Whether a row that is not there tells of something that has ended anyway."""
        return False

    def key_of(self, values: Values) -> Key:
        return tuple(str(values.get(name) or "") for name in self.key)


@dataclass(frozen=True)
class Preview:
    """What a list would change, and what is wrong with it; nothing is changed while there is a problem."""

    kind: KindOfList
    asked: Asked
    rows: Sequence[Row]
    problems: list[Problem]
    changes: list[Change] = field(default_factory=list)
    unread: Sequence[str] = ()

    @property
    def is_clean(self) -> bool:
        return not self.problems

    @cached_property
    def counts(self) -> dict[str, int]:
        counted = Counter(change.state for change in self.changes)
        return {state.value: counted[state] for state in State}

    @property
    def changes_nothing(self) -> bool:
        return self.counts[State.UNCHANGED] == len(self.changes)

    @cached_property
    def fingerprint(self) -> str:
        """The same for the same difference; whoever confirms says which one was seen."""
        told = [
            [change.state, change.key, change.fields]
            for change in self.changes
            if change.state != State.UNCHANGED
        ]
        return hashlib.sha256(json.dumps(told, sort_keys=True, default=str).encode()).hexdigest()


def compare(kind: KindOfList, rows: Sequence[Row], asked: Asked, problems: Iterable[Problem] = ()) -> Preview:
    """The difference between the rows and what is there now. Reads only."""
    found = list(problems)
    current = kind.current(asked)
    good = [row for row in rows if not row.bad]
    twice = _duplicates(kind, good)
    found += twice
    again = {problem.row for problem in twice}
    entries = kind.expand([row for row in good if row.number not in again], asked)
    found += kind.check(entries, current, asked)
    found.sort(key=lambda problem: problem.row)
    changes = [] if found else list(_changes(kind, entries, current, asked))
    return Preview(kind, asked, rows, found, changes)


def _duplicates(kind: KindOfList, rows: Sequence[Row]) -> list[Problem]:
    """Each row about what an earlier one is about."""
    first: dict[Key, int] = {}
    found = []
    for row in rows:
        key = kind.key_of(row.values)
        if key in first:
            name = kind.key[0]
            told = " · ".join(filter(None, key))
            found.append(Problem("duplicate_row", row.number, name, told, {"other": first[key]}))
        first.setdefault(key, row.number)
    return found


def _changes(
    kind: KindOfList, rows: Sequence[Row], current: Mapping[Key, Values], asked: Asked
) -> Iterator[Change]:
    columns = kind.entry_columns(asked.district)
    given = set()
    for row in rows:
        key = kind.key_of(row.values)
        given.add(key)
        old = current.get(key)
        if old is None:
            state = State.UNCHANGED if kind.is_over(row.values, asked) else State.NEW
            empty = {column.name: column.empty for column in columns}
            yield Change(state, key, empty | row.values, row=row.number)
            continue
        values = {column.name: _wanted(column, row.values, old) for column in columns}
        fields = {
            name: (old.get(name), value)
            for name, value in values.items()
            if name not in kind.key and (old.get(name) or None) != (value or None)
        }
        state = State.UNCHANGED if not fields else State.ENDED if kind.ends(fields) else State.CHANGED
        yield Change(state, key, values, fields, row.number)
    for key, old in current.items() if asked.complete else ():
        if key not in given and kind.may_end(key, old, asked):
            yield Change(State.ENDED, key, old)


def _wanted(column: Column, values: Values, old: Values) -> Any:
    """What the entry is to be: a column the file lacks, or one that keeps, leaves what is there."""
    value = values.get(column.name)
    if column.name not in values or (column.keeps and value is None):
        return old.get(column.name)
    return value
