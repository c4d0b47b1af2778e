"""The rules of responsibility: which desk decides and which lead is proposed, by item, place and time.

The same rules as on the page of routing (``dispatch.routing_rules``), named by their names; the column of the place
is their order.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from datetime import time
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import DESK_KINDS, Organization
from dispatch.models import KeyPeriod, RoutingRule
from dispatch.routing_rules import order_rules, retire_rule, save_rule
from events.models import Item, Level, Urgency
from grid_platform.sheets.columns import Column, Kind
from grid_platform.sheets.problems import Problem
from grid_platform.sheets.reading import Row
from grids.models import Area, District
from imports.difference import Asked, Change, Key, KindOfList, State, Values
from imports.kinds.days import begins

LEVELS = [(level.value, level.label) for level in (Level.COMMUNITY, Level.STREET, Level.DISTRICT)]
WEEKDAYS = [
    ("1", _("Monday")),
    ("2", _("Tuesday")),
    ("3", _("Wednesday")),
    ("4", _("Thursday")),
    ("5", _("Friday")),
    ("6", _("Saturday")),
    ("7", _("Sunday")),
]
COLUMNS = (
    Column("place", _("Place in the order"), _("The first rule that fits decides. Empty: as it is, a new one last."),
           Kind.NUMBER, keeps=True, least=1, most=20_000, example="1"),
    Column("name", _("Name of the rule"), _("What it is for; it names the rule and is cited as the reason."),
           required=True, longest=60, example="夜间占道交执法中队"),
    Column("item_prefix", _("Item"), _("The first digits of its code: 1 a platform, 3 a category, 5 one item. Empty: every item."),
           Kind.CODE, longest=5, form="[0-9]{1,5}", example="302"),
    Column("area_prefix", _("Area code"), _("The code of a street, community or grid. Empty: the whole district."),
           Kind.CODE, longest=20, form="[0-9]+", example="330104005"),
    Column("urgency", _("Urgency"), _("Empty: every urgency."), Kind.CHOICE, choices=Urgency.choices, example="normal"),
    Column("weekdays", _("Weekdays"), _("Separated by semicolons; empty: every day."), Kind.CHOICES, choices=WEEKDAYS,
           example="6;7"),
    Column("time_from", _("Time of day from"), _("Like 18:00; empty: all day."), Kind.TIME, example="18:00"),
    Column("time_to", _("Time of day to"), _("An earlier end is that of the next morning."), Kind.TIME, example="08:00"),
    Column("period", _("Key period"), _("Its name; empty: at all times."), longest=60, example=""),
    Column("level", _("To the desk of the level"), _("Empty: as the item says."), Kind.CHOICE, choices=LEVELS,
           example="street"),
    Column("desk", _("Or to this desk"), _("Its organisation code."), Kind.CODE, longest=40, example="ZHZX@330104005"),
    Column("lead", _("Proposed lead"), _("Its organisation code; a department means its agency of the street where the street's room decides."),
           Kind.CODE, longest=40, example="CGJ"),
    Column("limit_amount", _("Shorter limit"), _("In the item's own unit; a longer one than the item's changes nothing."),
           Kind.NUMBER, least=1, most=1_000, example="2"),
)  # fmt: skip


class Rules(KindOfList):
    code = "rules"
    title = _("Rules of responsibility")
    about = _(
        "Which desk and which lead, by item, place and time. What differs holds from the day you choose."
    )
    key = ("name",)
    is_dated = True

    def columns(self, district: District) -> tuple[Column, ...]:
        return COLUMNS

    def current(self, asked: Asked) -> dict[Key, Values]:
        return {
            (rule.name,): _values(rule, place)
            for place, rule in enumerate(_open_rules(asked.district), start=1)
        }

    def check(self, rows: Sequence[Row], current: Mapping[Key, Values], asked: Asked) -> Iterator[Problem]:
        if asked.from_day < timezone.localdate(asked.now):
            yield Problem("day_is_over", value=asked.from_day.isoformat())
        names = Counter(rule.name for rule in _open_rules(asked.district))
        areas = set(Area.objects.filter(district=asked.district).values_list("code", flat=True))
        items = set(Item.objects.filter(district=asked.district).values_list("code", flat=True))
        units = Organization.objects.active().filter(district=asked.district)
        kinds = dict(units.values_list("code", "kind"))
        periods = set(KeyPeriod.objects.filter(district=asked.district).values_list("name", flat=True))
        for row in rows:
            said: Values = {column.name: row.values.get(column.name) for column in COLUMNS}
            unknown = (
                ("area_prefix", "unknown_area", said["area_prefix"] in areas),
                (
                    "item_prefix",
                    "unknown_item",
                    any(code.startswith(said["item_prefix"] or "") for code in items),
                ),
                ("period", "unknown_period", said["period"] in periods),
                ("desk", "unknown_unit", said["desk"] in kinds),
                ("lead", "unknown_unit", said["lead"] in kinds),
            )
            for name, code, is_known in unknown:
                if said[name] and not is_known:
                    yield Problem(code, row.number, name, said[name])
            if names[said["name"]] > 1:
                yield Problem("ambiguous_name", row.number, "name", said["name"])
            if said["desk"] in kinds and kinds[said["desk"]] not in DESK_KINDS:
                yield Problem("not_a_desk", row.number, "desk", said["desk"])
            if bool(said["time_from"]) != bool(said["time_to"]) or (
                said["time_from"] and said["time_from"] == said["time_to"]
            ):
                yield Problem("window", row.number, "time_to", said["time_to"] or "")
            if said["level"] and said["desk"]:
                yield Problem("level_and_desk", row.number, "desk", said["desk"])
            if not any(said[name] for name in ("level", "desk", "lead", "limit_amount")):
                yield Problem("decides_nothing", row.number, "level")

    def write(self, changes: Sequence[Change], asked: Asked) -> list[tuple[str, ...]]:
        numbers = {rule.name: rule.number for rule in _open_rules(asked.district)}
        units = {unit.code: unit for unit in Organization.objects.active().filter(district=asked.district)}
        periods = {period.name: period for period in KeyPeriod.objects.filter(district=asked.district)}
        begin = begins(asked.from_day, now=asked.now)
        for change in changes:
            name = change.key[0]
            if change.state == State.ENDED:
                retire_rule(
                    district=asked.district, number=numbers[name], by=asked.by, valid_to=begin, now=asked.now
                )
            elif change.state == State.NEW or change.fields.keys() - {"place"}:
                save_rule(
                    district=asked.district,
                    number=numbers.get(name),
                    content=_content(change.values, units, periods),
                    by=asked.by,
                    valid_from=begin,
                    now=asked.now,
                )
        order = _order(asked.district, changes)
        order_rules(district=asked.district, numbers=order, by=asked.by, now=asked.now)
        return []


def _open_rules(district: District) -> list[RoutingRule]:
    """The versions without an end, in their order. One query."""
    rules = RoutingRule.objects.filter(district=district, valid_to=None)
    return list(rules.select_related("period", "desk", "lead").order_by("position", "number"))


def _values(rule: RoutingRule, place: int) -> Values:
    return {
        "place": place,
        "name": rule.name,
        "item_prefix": rule.item_prefix or None,
        "area_prefix": rule.area_prefix or None,
        "urgency": rule.urgency or None,
        "weekdays": [str(day) for day in rule.weekdays],
        "time_from": f"{rule.time_from:%H:%M}" if rule.time_from else None,
        "time_to": f"{rule.time_to:%H:%M}" if rule.time_to else None,
        "period": rule.period.name if rule.period else None,
        "level": rule.level or None,
        "desk": rule.desk.code if rule.desk else None,
        "lead": rule.lead.code if rule.lead else None,
        "limit_amount": rule.limit_amount,
    }


def _content(
    said: Values, units: Mapping[str, Organization], periods: Mapping[str, KeyPeriod]
) -> dict[str, Any]:
    texts = {name: said.get(name) or "" for name in ("item_prefix", "area_prefix", "urgency", "level")}
    times = {
        name: time.fromisoformat(said[name]) if said.get(name) else None for name in ("time_from", "time_to")
    }
    return {
        "name": said["name"],
        **texts,
        **times,
        "weekdays": [int(day) for day in said.get("weekdays") or []],
        "period": periods.get(said.get("period") or ""),
        "desk": units.get(said.get("desk") or ""),
        "lead": units.get(said.get("lead") or ""),
        "limit_amount": said.get("limit_amount"),
    }


def _order(district: District, changes: Sequence[Change]) -> list[int]:
    """The numbers of all rules: each listed one at the place the list gives it, the others round them as they were."""
    numbers = {rule.name: rule.number for rule in _open_rules(district)}
    places = {
        numbers[change.key[0]]: change.values["place"]
        for change in changes
        if change.key[0] in numbers and change.values.get("place")
    }
    order = [number for number in numbers.values() if number not in places]
    for number in sorted(places, key=lambda each: places[each]):
        order.insert(places[number] - 1, number)
    return order
