"""A rule of routing and its history in words."""

from collections.abc import Iterable
from datetime import date
from typing import Any

from django.utils.dateparse import parse_date
from django.utils.formats import date_format
from django.utils.translation import get_language, gettext_lazy, pgettext
from django.utils.translation import gettext as _

from accounts.models import Organization
from desks.places import name_of
from desks.routing_form import WEEKDAYS
from dispatch.models import RoutingRule, RuleChange
from events.catalogue import versions
from events.models import Level, Urgency
from grids.models import District

WHAT = {
    "add_rule": gettext_lazy("added"),
    "change_rule": gettext_lazy("changed"),
    "retire_rule": gettext_lazy("retired"),
    "move_rule": gettext_lazy("moved in the order"),
    "add_period": gettext_lazy("key period added"),
    "change_period": gettext_lazy("key period changed"),
}
FIELDS = {
    "name": gettext_lazy("Called"),
    "item_prefix": gettext_lazy("Item"),
    "area_prefix": gettext_lazy("Place"),
    "urgency": gettext_lazy("Urgency"),
    "weekdays": gettext_lazy("Weekdays"),
    "time_from": gettext_lazy("Time of day from"),
    "time_to": gettext_lazy("to"),
    "period": gettext_lazy("Key period"),
    "level": gettext_lazy("To the desk of the level"),
    "desk": gettext_lazy("Desk"),
    "lead": gettext_lazy("Proposed lead"),
    "limit_amount": gettext_lazy("Shorter limit"),
    "first": gettext_lazy("First day"),
    "last": gettext_lazy("Last day"),
}
DAYS = dict(WEEKDAYS)


class RuleWords:
    """Of one district; organisations named in the history are read at once."""

    def __init__(self, district: District, changes: Iterable[RuleChange] = ()):
        self.district = district
        codes = {
            code
            for change in changes
            for name in ("desk", "lead")
            for code in change.params.get("changed", {}).get(name, ())
            if code
        }
        rows = Organization.objects.filter(district=district, code__in=codes) if codes else ()
        self.organizations = {row.code: row.name for row in rows}

    def conditions(self, rule: RoutingRule) -> list[str]:
        """When it holds; empty for a rule that always does."""
        found = [
            self.value(name, getattr(rule, name))
            for name in ("item_prefix", "area_prefix", "urgency")
            if getattr(rule, name)
        ]
        if rule.weekdays:
            found.append(self.value("weekdays", rule.weekdays))
        if rule.time_from and rule.time_to:
            found.append(f"{rule.time_from:%H:%M}–{rule.time_to:%H:%M}")
        if rule.period:
            found.append(
                f"{rule.period.name} · {day_words(rule.period.first)} – {day_words(rule.period.last)}"
            )
        return found

    def effects(self, rule: RoutingRule) -> list[tuple[Any, str]]:
        found: list[tuple[Any, str]] = []
        if rule.level:
            found.append((_("Desk"), self.value("level", rule.level)))
        if rule.desk:
            found.append((_("Desk"), rule.desk.name))
        if rule.lead:
            found.append((_("Lead"), rule.lead.name))
        if rule.limit_amount:
            found.append((_("Limit"), self.value("limit_amount", rule.limit_amount)))
        return found

    def value(self, name: str, value: Any) -> str:
        """One thing a rule says; a dash for what it leaves open."""
        if value in (None, "", []):
            return "—"
        match name:
            case "item_prefix":
                return self._item(value)
            case "area_prefix":
                return name_of(self.district, value)
            case "urgency":
                return str(Urgency(value).label)
            case "level":
                return str(Level(value).label)
            case "weekdays":
                return pgettext("between words", ", ").join(str(DAYS[day]) for day in value)
            case "desk" | "lead":
                return self.organizations.get(value, value)
            case "limit_amount":
                return _("%(n)s of the item's unit") % {"n": value}
            case "first" | "last":
                return day_words(parse_date(value)) if isinstance(value, str) else day_words(value)
            case "time_from" | "time_to":
                return str(value)[:5]
        return str(value)

    def _item(self, prefix: str) -> str:
        known = versions(self.district).get(prefix)
        if known:
            return f"{prefix} {known[-1].name}"
        of_prefix = [rows[-1] for code, rows in versions(self.district).items() if code.startswith(prefix)]
        category = of_prefix[0].category if of_prefix and len(prefix) == 3 else None
        return f"{prefix} {category.name}" if category else _("items %(prefix)s…") % {"prefix": prefix}

    def change(self, change: RuleChange) -> list[str]:
        """What the change did, each thing as 'name: old → new'."""
        if place := change.params.get("place"):
            return [f"{place[0]} → {place[1]}"]
        colon = _(": ")
        return [
            f"{FIELDS[name]}{colon}{self._old(name, old)}{self._plain(name, new)}"
            for name, (old, new) in _in_order(change.params.get("changed", {}))
        ]

    def _old(self, name: str, old: Any) -> str:
        return "" if old in (None, "", []) else f"{self._plain(name, old)} → "

    def _plain(self, name: str, value: Any) -> str:
        return str(value) if name == "period" and value else self.value(name, value)


def _in_order(changed: dict[str, list]) -> list[tuple[str, list]]:
    return [(name, changed[name]) for name in FIELDS if name in changed]


def day_words(day: date | None) -> str:
    if day is None:
        return "—"
    return date_format(day, "j M Y" if (get_language() or "").startswith("en") else "Y年n月j日")
