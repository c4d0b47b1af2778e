"""Rules of responsibility from a list: the same rules as on their page, in the order of the list."""

from datetime import timedelta

import pytest
from django.utils import timezone

from dispatch.models import RoutingRule, RuleChange
from dispatch.routing_rules import in_order
from imports.actions import apply
from imports.difference import State
from tests.cast import CENTRE, FIRE, ROOM, SHOP_IN_ROAD, STREET, Story

SHOPS = {"name": "Shops", "item_prefix": "302", "area_prefix": STREET, "lead": "XFDD", "limit_amount": 2}
NIGHTS = {"name": "Nights", "weekdays": "6;7", "time_from": "18:00", "time_to": "08:00", "level": "district"}
LAST = {"name": "Last", "desk": ROOM}


def names(cast):
    return [rule.name for rule in in_order(cast.district, at=timezone.now())]


def test_rules_are_loaded_in_the_files_order_and_decide(look, cast):
    now = timezone.now()
    apply(look("rules", SHOPS, NIGHTS, LAST))
    assert names(cast) == ["Shops", "Nights", "Last"]
    rule = RoutingRule.objects.get(name="Nights")
    assert (rule.weekdays, f"{rule.time_from:%H:%M}", rule.level) == ([6, 7], "18:00", "district")
    event = Story(cast, SHOP_IN_ROAD, at=now + timedelta(minutes=1)).report().route().event
    assert event.routing[0]["code"] in ("item_level", "rule")
    assert look("rules", SHOPS, NIGHTS, LAST).changes_nothing


def test_only_what_differs_becomes_a_version_and_the_order_is_a_column(look, cast):
    apply(look("rules", SHOPS, NIGHTS, LAST))
    found = look("rules", LAST | {"place": 1}, SHOPS | {"limit_amount": 3, "place": 2})
    assert [(change.key[0], change.fields) for change in found.changes] == [
        ("Last", {"place": (3, 1)}),
        ("Shops", {"place": (1, 2), "limit_amount": (2, 3)}),
    ]
    apply(found)
    assert names(cast) == ["Last", "Shops", "Nights"]
    assert RoutingRule.objects.filter(name="Last").count() == 1
    assert RoutingRule.objects.get(name="Shops", valid_to=None).limit_amount == 3
    moves = RuleChange.objects.filter(what="move_rule")
    assert all(change.changed_by == cast.admin for change in moves) and moves.count() == 3


def test_the_whole_list_retires_the_others_from_its_day_on(look, cast):
    apply(look("rules", SHOPS, NIGHTS))
    day = timezone.localdate() + timedelta(days=3)
    found = look("rules", SHOPS, complete=True, from_day=day)
    assert [change.state for change in found.changes] == [State.UNCHANGED, State.ENDED]
    apply(found)
    assert timezone.localdate(RoutingRule.objects.get(name="Nights").valid_to) == day


@pytest.mark.parametrize(
    ("row", "column", "code"),
    [
        ({"item_prefix": "999"}, "item_prefix", "unknown_item"),
        ({"area_prefix": "330104999"}, "area_prefix", "unknown_area"),
        ({"lead": "NOBODY"}, "lead", "unknown_unit"),
        ({"desk": FIRE, "lead": None}, "desk", "not_a_desk"),
        ({"period": "Congress"}, "period", "unknown_period"),
        ({"time_from": "18:00"}, "time_to", "window"),
        ({"level": "street", "desk": CENTRE}, "desk", "level_and_desk"),
        ({"lead": None, "limit_amount": None}, "level", "decides_nothing"),
        ({"weekdays": "8"}, "weekdays", "unknown_choice"),
    ],
)
def test_a_rule_that_cannot_be_is_named(look, codes, row, column, code):
    assert codes(look("rules", SHOPS | row)) == [(2, column, code)]


def test_rules_do_not_begin_in_the_past(look, codes):
    yesterday = timezone.localdate() - timedelta(days=1)
    assert codes(look("rules", SHOPS, from_day=yesterday)) == [(0, "", "day_is_over")]
