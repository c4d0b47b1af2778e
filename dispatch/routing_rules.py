"""A district's own rules of routing, before the default way: which one holds, and the verbs that keep them.

The first rule in the district's order decides, whole: what it leaves open goes the default way. A rule is
changed by a new version that begins at an instant; what was decided before stays. Windows of the day and
weekdays are local time; a window may pass midnight, its weekday is then that of the instant itself.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, time
from typing import Any

from django.db import transaction
from django.db.models import F, Max, Q
from django.utils import timezone

from accounts.models import User
from dispatch.models import KeyPeriod, RoutingRule, RuleChange
from grids.actions import advance_version
from grids.memory import kept_under
from grids.models import District

CONTENT = (
    "name",
    "item_prefix",
    "area_prefix",
    "urgency",
    "weekdays",
    "time_from",
    "time_to",
    "period",
    "level",
    "desk",
    "lead",
    "limit_amount",
)
DAY = 24 * 60


def first_rule(district: District, *, item: str, area: str, urgency: str, at: datetime) -> RoutingRule | None:
    """The rule that decides about an item's code, an area's code and an urgency at an instant; warm, no query."""
    return next(
        (
            rule
            for rule in _rules(district)
            if in_force(rule, at)
            and item.startswith(rule.item_prefix)
            and area.startswith(rule.area_prefix)
            and rule.urgency in ("", urgency)
            and _in_its_time(rule, timezone.localtime(at))
        ),
        None,
    )


@kept_under("calendar_version")
def _rules(district: District) -> list[RoutingRule]:
    return list(RoutingRule.objects.filter(district=district).select_related("period"))


def in_force(rule: RoutingRule, at: datetime) -> bool:
    return rule.valid_from <= at and (rule.valid_to is None or at < rule.valid_to)


def _in_its_time(rule: RoutingRule, local: datetime) -> bool:
    minute = local.hour * 60 + local.minute
    return (
        (not rule.weekdays or local.isoweekday() in rule.weekdays)
        and any(begin <= minute < end for begin, end in _windows(rule))
        and (rule.period is None or rule.period.first <= local.date() <= rule.period.last)
    )


def _windows(rule: RoutingRule) -> list[tuple[int, int]]:
    """The minutes of the day it holds in; one that passes midnight in two parts."""
    if rule.time_from is None or rule.time_to is None:
        return [(0, DAY)]
    begin, end = _minute(rule.time_from), _minute(rule.time_to)
    return [(begin, end)] if begin < end else [(begin, DAY), (0, end)]


def _minute(at: time) -> int:
    return at.hour * 60 + at.minute


def in_order(district: District, *, at: datetime) -> list[RoutingRule]:
    """The versions in force or to come, in the order they are asked. One query."""
    rules = RoutingRule.objects.filter(Q(valid_to=None) | Q(valid_to__gt=at), district=district)
    return list(rules.exclude(valid_to=F("valid_from")).select_related("period", "desk", "lead"))


def shadowed_by(rule: RoutingRule, others: Iterable[RoutingRule], *, at: datetime) -> RoutingRule | None:
    """An earlier rule that always holds where this one would, from ``at`` on: then this one never decides."""
    return next(
        (other for other in others if other.position < rule.position and _covers(other, rule, at)), None
    )


def _covers(other: RoutingRule, rule: RoutingRule, at: datetime) -> bool:
    return (
        rule.item_prefix.startswith(other.item_prefix)
        and rule.area_prefix.startswith(other.area_prefix)
        and other.urgency in ("", rule.urgency)
        and (not other.weekdays or (bool(rule.weekdays) and set(rule.weekdays) <= set(other.weekdays)))
        and (other.period_id is None or other.period_id == rule.period_id)
        and all(
            any(begin <= from_ and to <= end for begin, end in _windows(other))
            for from_, to in _windows(rule)
        )
        and other.valid_from <= max(rule.valid_from, at)
        and (other.valid_to is None or (rule.valid_to is not None and rule.valid_to <= other.valid_to))
    )


def is_over(rule: RoutingRule, *, at: datetime) -> bool:
    """Its key period has passed, so it holds no more."""
    return rule.period is not None and rule.period.last < timezone.localdate(at)


# The verbs ------------------------------------------------------------------------------------------


@transaction.atomic
def save_rule(
    *,
    district: District,
    number: int | None,
    content: Mapping[str, Any],
    by: User | None,
    valid_from: datetime,
    now: datetime,
) -> RoutingRule:
    """Add a rule at the end of the order (``number`` None), or give one new ``CONTENT`` from an instant on.

    Raises RoutingRule.DoesNotExist for a number that is not in force or to come.
    """
    _locked(district)
    mine = RoutingRule.objects.filter(district=district)
    old = None
    if number is None:
        last = mine.aggregate(number=Max("number"), position=Max("position"))
        number, position = (last["number"] or 0) + 1, (last["position"] or 0) + 1
    else:
        old = mine.get(number=number, valid_to=None)
        position = old.position
        _end(district, number, valid_from)
    rule = RoutingRule.objects.create(
        district=district,
        number=number,
        position=position,
        valid_from=valid_from,
        changed_by=by,
        changed_at=now,
        **{name: content[name] for name in CONTENT},
    )
    before = _told(old) if old else {}
    changed = {
        name: [before.get(name), value] for name, value in _told(rule).items() if before.get(name) != value
    }
    _written(
        district, "change_rule" if old else "add_rule", number, {"changed": changed}, valid_from, by, now
    )
    return rule


@transaction.atomic
def retire_rule(
    *, district: District, number: int, by: User | None, valid_to: datetime, now: datetime
) -> None:
    """The rule holds no more from an instant on; raises RoutingRule.DoesNotExist."""
    _locked(district)
    rule = RoutingRule.objects.get(district=district, number=number, valid_to=None)
    _end(district, number, valid_to)
    _written(district, "retire_rule", number, {"name": rule.name}, valid_to, by, now)


@transaction.atomic
def move_rule(*, district: District, number: int, up: bool, by: User | None, now: datetime) -> None:
    """One place up or down in the order, at once; nothing at the end of it."""
    _locked(district)
    order = list(dict.fromkeys(rule.number for rule in in_order(district, at=now)))
    here = order.index(number)
    there = here - 1 if up else here + 1
    if not 0 <= there < len(order):
        return
    other = order[there]
    versions = RoutingRule.objects.filter(district=district)
    places = dict(versions.filter(number__in=(number, other)).values_list("number", "position"))
    versions.filter(number=number).update(position=places[other])
    versions.filter(number=other).update(position=places[number])
    _written(district, "move_rule", number, {"place": [here + 1, there + 1]}, now, by, now)


@transaction.atomic
def order_rules(*, district: District, numbers: Sequence[int], by: User | None, now: datetime) -> None:
    """Bring the rules of these numbers into this order, at once, on the places they had among all."""
    _locked(district)
    versions = RoutingRule.objects.filter(district=district)
    places = dict(versions.filter(number__in=numbers).values_list("number", "position"))
    before = sorted(places, key=lambda number: places[number])
    positions = sorted(places.values())
    for here, number in enumerate(numbers):
        if before[here] != number:
            versions.filter(number=number).update(position=positions[here])
            place = {"place": [before.index(number) + 1, here + 1]}
            _written(district, "move_rule", number, place, now, by, now)


@transaction.atomic
def save_period(
    *,
    district: District,
    period: KeyPeriod | None,
    content: Mapping[str, Any],
    by: User | None,
    now: datetime,
) -> KeyPeriod:
    """Add a key period, or change its name or days."""
    _locked(district)
    period = period or KeyPeriod(district=district)
    names = ("name", "first", "last")
    before = {name: _plain(getattr(period, name)) for name in names} if period.pk else {}
    for name in names:
        setattr(period, name, content[name])
    verb = "change_period" if period.pk else "add_period"
    period.save()
    after = {name: _plain(getattr(period, name)) for name in names}
    changed = {name: [before.get(name), value] for name, value in after.items() if before.get(name) != value}
    _written(district, verb, None, {"name": period.name, "changed": changed}, now, by, now)
    return period


def _locked(district: District) -> None:
    """Changes of the order come one after the other."""
    District.objects.select_for_update().get(pk=district.pk)


def _end(district: District, number: int, at: datetime) -> None:
    """No version of the rule holds from ``at`` on; one that would begin later never does."""
    for version in RoutingRule.objects.filter(
        Q(valid_to=None) | Q(valid_to__gt=at), district=district, number=number
    ):
        version.valid_to = max(at, version.valid_from)
        version.save(update_fields=["valid_to"])


def _written(
    district: District,
    what: str,
    number: int | None,
    params: dict,
    takes_effect_at: datetime,
    by: User | None,
    now: datetime,
) -> None:
    RuleChange.objects.create(
        district=district,
        what=what,
        number=number,
        params=params,
        takes_effect_at=takes_effect_at,
        changed_by=by,
        changed_at=now,
    )
    advance_version(district=district, of="calendar_version")


def _told(rule: RoutingRule) -> dict[str, Any]:
    """What a version says, as the history keeps it: codes and plain values, empty ones left out."""
    said = {name: _plain(getattr(rule, name)) for name in CONTENT}
    said |= {name: getattr(rule, name).code for name in ("desk", "lead") if getattr(rule, name)}
    return {name: value for name, value in said.items() if value not in (None, "", [])}


def _plain(value: Any) -> Any:
    return value if isinstance(value, int | str | list) or value is None else str(value)
