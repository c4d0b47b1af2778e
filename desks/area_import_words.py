"""An import's changes in words: kind, field, old and new."""

from dataclasses import dataclass
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from desks.models import AreaImport
from grids.models import Level

KINDS: dict[str, str | Promise] = {
    "new": pgettext_lazy("area", "new"),
    "changed": pgettext_lazy("area", "changed"),
    "ended": pgettext_lazy("area", "ended"),
}
FIELDS: dict[str, str | Promise] = {
    "name_zh": gettext_lazy("Chinese name"),
    "name_en": gettext_lazy("English name"),
    "valid_from": gettext_lazy("In force from"),
    "valid_to": gettext_lazy("Not in force from"),
    "parent": gettext_lazy("Area above"),
    "boundary": gettext_lazy("Boundary"),
    "predecessors": gettext_lazy("Came from"),
    "longitude": gettext_lazy("Longitude"),
    "latitude": gettext_lazy("Latitude"),
}
OF_NEW = ("valid_from", "boundary", "predecessors")
"""What is told of a new area, beside code, name and level."""


@dataclass(frozen=True)
class Line:
    kind: str
    words: str | Promise
    code: str
    name: str
    level: str | Promise
    fields: list[tuple[str | Promise, str, str]]
    """(field, old, new)."""


def lines(row: AreaImport) -> list[Line]:
    return [_line(change) for change in row.report.get("changes", [])]


def _line(change: dict[str, Any]) -> Line:
    kind = change["kind"]
    fields = [
        (FIELDS[name], _told(name, old), _told(name, new))
        for name, (old, new) in change["fields"].items()
        if name in FIELDS and (kind != "new" or name in OF_NEW)
    ]
    return Line(kind, KINDS[kind], change["code"], change["name"], Level(change["level"]).label, fields)


def _told(name: str, value: Any) -> str:
    if value in (None, ""):
        return ""
    return _("%(size)s ha") % {"size": f"{value / 10_000:,.1f}"} if name == "boundary" else str(value)
