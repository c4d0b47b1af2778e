"""The checklist from lists: versions from a day on, what was judged stays, categories, sets."""

import csv
from datetime import date, timedelta

import pytest
from django.utils import timezone

from desks.likely import likely_leading
from events.actions import DATA
from events.catalogue import RetiredItemError, item_at, versions
from events.item_sets import SETS, BackwardsError, state_of, switch_off, switch_on
from events.models import Category, Event, Item, ItemChange
from events.versions import AlreadyJudgedError, retire_items
from grids.models import District
from imports.actions import apply
from imports.difference import State
from tests.cast import MONDAY, SHOP_IN_ROAD, Story

TODAY = timezone.localdate()
TOMORROW = TODAY + timedelta(days=1)
with (DATA / "event_items.csv").open(encoding="utf-8", newline="") as file:
    LIST = {row["code"]: row for row in csv.DictReader(file)}
SHOP = LIST[SHOP_IN_ROAD]


def noon(day: date):
    return timezone.make_aware(timezone.datetime(day.year, day.month, day.day, 12))


def district_now(cast) -> District:
    return District.objects.get(pk=cast.district.pk)


def test_the_products_own_list_is_loaded_as_it_is(look):
    assert look("items", *LIST.values()).changes_nothing


def test_a_change_becomes_a_version_from_a_day_on_and_is_told(look, cast):
    found = look("items", SHOP | {"handle_limit": 8}, from_day=TOMORROW)
    [change] = found.changes
    assert (change.state, change.fields) == (State.CHANGED, {"handle_limit": (4, 8)})
    apply(found)
    old, new = versions(district_now(cast))[SHOP_IN_ROAD]
    assert (old.valid_to, new.valid_from, new.valid_to) == (TOMORROW, TOMORROW, None)
    assert (old.handle_limit, new.handle_limit, new.desk_checked) == (4, 8, old.desk_checked)
    assert item_at(district_now(cast), SHOP_IN_ROAD, noon(TODAY)) == old
    assert item_at(district_now(cast), SHOP_IN_ROAD, noon(TOMORROW)) == new
    written = ItemChange.objects.get(code=SHOP_IN_ROAD)
    assert written.params == {"changed": {"handle_limit": [4, 8]}} and written.changed_by == cast.admin
    assert (written.what, written.from_day) == ("change", TOMORROW)


def test_a_version_between_two_others_ends_with_the_next(look, cast):
    apply(look("items", SHOP | {"handle_limit": 8}, from_day=TODAY + timedelta(days=9)))
    apply(look("items", SHOP | {"handle_limit": 6}, from_day=TODAY + timedelta(days=5)))
    spans = [(row.handle_limit, row.valid_to) for row in versions(district_now(cast))[SHOP_IN_ROAD]]
    days = [TODAY + timedelta(days=number) for number in (5, 9)]
    assert spans == [(4, days[0]), (6, days[1]), (8, None)]


def test_a_planned_version_is_replaced_not_doubled(look, cast):
    for limit in (8, 6):
        apply(look("items", SHOP | {"handle_limit": limit}, from_day=TOMORROW))
    assert [row.handle_limit for row in versions(district_now(cast))[SHOP_IN_ROAD]] == [4, 6]


def test_what_was_judged_stays_judged(look, codes, cast):
    Story(cast).report()
    early = {"from_day": MONDAY.date()}
    assert codes(look("items", SHOP | {"handle_limit": 8}, **early)) == [(2, "code", "already_judged")]
    assert look("items", SHOP, **early).changes_nothing
    day = MONDAY.date() + timedelta(days=1)
    apply(look("items", SHOP | {"handle_limit": 8}, from_day=day))
    limits = [item_at(district_now(cast), SHOP_IN_ROAD, at).handle_limit for at in (MONDAY, noon(day))]
    assert limits == [4, 8] and Event.objects.get().item.handle_limit == 4


def test_a_new_item_needs_its_category(look, codes):
    new = SHOP | {"code": "35001", "category": None, "platform": None}
    assert codes(look("items", new)) == [(2, "code", "unknown_category")]
    apply(look("categories", {"code": "350", "platform": "综合执法", "name_zh": "新类"}))
    apply(look("items", new))
    assert Item.objects.get(code="35001").category.name_zh == "新类"


@pytest.mark.parametrize(
    ("row", "column", "code"),
    [
        ({"lead_department": "NOBODY"}, "lead_department", "unknown_department"),
        ({"assist_departments": "GAFJ;NOBODY"}, "assist_departments", "unknown_department"),
        ({"urgency": "特急"}, "self_handle", "critical_self_handled"),
        ({"category": "社会治安"}, "category", "other_category"),
        ({"handle_limit": "soon"}, "handle_limit", "not_a_number"),
        ({"evidence": "before_photo;film"}, "evidence", "unknown_choice"),
        ({"code": "3020"}, "code", "wrong_form"),
    ],
)
def test_an_item_that_cannot_be_is_named(look, codes, row, column, code):
    assert codes(look("items", SHOP | row, from_day=TOMORROW)) == [(2, column, code)]


def test_the_whole_list_retires_what_it_lacks(look, cast):
    rows = [row for code, row in LIST.items() if code != SHOP_IN_ROAD]
    found = look("items", *rows, complete=True, from_day=TOMORROW)
    assert found.counts == {"new": 0, "changed": 0, "ended": 1, "unchanged": 172}
    apply(found)
    with pytest.raises(RetiredItemError):
        item_at(district_now(cast), SHOP_IN_ROAD, noon(TOMORROW))
    assert item_at(district_now(cast), SHOP_IN_ROAD, noon(TODAY))


def test_what_was_reported_since_keeps_an_item_from_ending(cast):
    Story(cast).report()
    who = {"district": cast.district, "codes": [SHOP_IN_ROAD], "by": None, "now": timezone.now()}
    with pytest.raises(AlreadyJudgedError):
        retire_items(from_day=MONDAY.date(), **who)
    assert retire_items(from_day=TOMORROW, **who) == 1
    assert retire_items(from_day=TOMORROW, **who) == 0


# Sets -------------------------------------------------------------------------------------------------

EPIDEMIC = SETS["epidemic"]


def test_the_sets_category_is_in_the_list_of_categories(cast):
    assert Category.objects.get(district=cast.district, code="190").name_zh == "疫情防控"


def test_a_set_is_on_from_its_first_day_through_its_last(cast):
    who = {"chosen": EPIDEMIC, "district": cast.district, "by": cast.admin, "now": timezone.now()}
    assert not state_of(EPIDEMIC, cast.district, on=TODAY).is_on
    assert switch_on(first=TODAY, last=TOMORROW, **who) == 12
    district = district_now(cast)
    switched = state_of(EPIDEMIC, district, on=TODAY)
    assert (switched.is_on, switched.last) == (True, TOMORROW)
    assert item_at(district, "19003", noon(TOMORROW)).sensitive
    with pytest.raises(RetiredItemError):
        item_at(district, "19003", noon(TOMORROW + timedelta(days=1)))
    longer = TODAY + timedelta(days=60)
    assert switch_on(first=TOMORROW, last=longer, **who) == 12
    assert state_of(EPIDEMIC, district_now(cast), on=TODAY).last == longer
    assert switch_off(from_day=TOMORROW, **who) == 12
    assert state_of(EPIDEMIC, district_now(cast), on=TOMORROW).begins is None
    with pytest.raises(BackwardsError):
        switch_on(first=TOMORROW, last=TODAY, **who)


def test_the_same_matter_is_known_again_across_versions(look, cast):
    first = Story(cast, at=noon(TODAY)).report().event
    apply(look("items", SHOP | {"handle_limit": 8}, from_day=TOMORROW))
    cast.worker.district.refresh_from_db()
    second = Event(
        tenant=first.tenant, area_code=first.area_code, occurred_at=noon(TODAY) + timedelta(hours=13)
    )
    second.item = item_at(district_now(cast), SHOP_IN_ROAD, noon(TOMORROW))
    assert second.item != first.item
    assert [(row.event, row.is_likely) for row in likely_leading(second, cast.actor("director"))] == [
        (first, True)
    ]
