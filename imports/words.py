"""A difference as the page shows it: each change with its columns in words, old and new."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from grid_platform.sheets.columns import Column
from grids.models import District
from imports.difference import Change, KindOfList, State

ICONS = {State.NEW: "plus", State.CHANGED: "pencil", State.ENDED: "player-stop", State.UNCHANGED: "equal"}


@dataclass(frozen=True)
class Line:
    """``title`` names the entry; ``fields``: (label, old, new) in words, old empty for what is new."""

    state: State
    icon: str
    row: int
    title: str
    fields: list[tuple[Any, str, str]]


def lines(kind: KindOfList, district: District, changes: Iterable[Change]) -> list[Line]:
    columns = {column.name: column for column in kind.entry_columns(district)}
    return [_line(kind, columns, change) for change in changes]


def _line(kind: KindOfList, columns: dict[str, Column], change: Change) -> Line:
    if change.state == State.NEW:
        fields = {name: (None, value) for name, value in change.values.items() if name not in kind.key}
    else:
        fields = change.fields
    told = [
        (column.label, column.write(said[0]), column.write(said[1]) or "—")
        for column in columns.values()
        if (said := fields.get(column.name)) and (said[0] or said[1] not in (None, "", []))
    ]
    parts = [columns[name].write(change.values.get(name)) for name in kind.key]
    title = " · ".join(filter(None, [*parts, _name(kind, change)]))
    return Line(change.state, ICONS[change.state], change.row, title, told)


def _name(kind: KindOfList, change: Change) -> str:
    """What a reader knows the entry by, where its key is a code."""
    name = change.values.get("display_name") or change.values.get("name_zh") or ""
    return "" if name in change.key else name
