"""The district's rules of routing: what they decide, the page that keeps them, and 'where would it go'."""

import re
from datetime import date, datetime, time, timedelta

import pytest
from django.utils import timezone

from dispatch.advance import advance
from dispatch.models import KeyPeriod, RoutingRule, RuleChange
from dispatch.routing import choose_desk, propose
from dispatch.routing_rules import (
    CONTENT,
    in_order,
    move_rule,
    retire_rule,
    save_period,
    save_rule,
    shadowed_by,
)
from events.models import Step
from grids import memory
from tests.cast import (
    BRAWL,
    CENTRE,
    CITY,
    COMMUNITY,
    DESK,
    FIRE,
    FIRE_LANE,
    GRID,
    LOAN_FIRM,
    MONDAY,
    POLICE,
    ROOM,
    SHANGHAI,
    SHOP_IN_ROAD,
    STREET,
    Story,
    unit,
)  # fmt: skip

URL = "/rules/routing/"
BEFORE = MONDAY - timedelta(days=30)
EMPTY = dict.fromkeys(CONTENT, "") | {
    "name": "Shops", "weekdays": [], "time_from": None, "time_to": None, "period": None, "desk": None,
    "lead": None, "limit_amount": None,
}  # fmt: skip


@pytest.fixture(autouse=True)
def forget():
    """What a test changed is rolled back with its version."""
    yield
    memory.forget()


@pytest.fixture
def add(cast):
    """``add(item_prefix="302", level="district")``: a rule in force since before the stories of the cast."""

    def add_(valid_from=BEFORE, number=None, **content):
        return save_rule(
            district=cast.district,
            number=number,
            content=EMPTY | content,
            by=cast.admin,
            valid_from=valid_from,
            now=timezone.now(),
        )

    return add_


def desk_of(cast, item=SHOP_IN_ROAD, *, at=MONDAY, **report):
    return Story(cast, item, at=at).report(**report).route().event.desk.code


def codes(reasons):
    return [reason["code"] for reason in reasons]


# What a rule decides --------------------------------------------------------------------------------


def test_a_rule_names_the_level_and_is_cited(cast, add):
    rule = add(item_prefix="302", level="district")
    event = Story(cast).report().route().event
    assert event.desk.code == CENTRE
    assert event.routing[0] == {"code": "rule", "number": rule.number, "name": "Shops"}
    assert codes(event.routing) == ["rule", "rule_level", "desk"]


def test_a_rule_names_one_desk_even_elsewhere(cast, add):
    add(area_prefix=STREET, desk=unit("ZHZX@330104006"))
    event = Story(cast).report().route().event
    assert event.desk.code == "ZHZX@330104006" and event.level == "street"
    assert codes(event.routing) == ["rule", "rule_desk"]


@pytest.mark.parametrize(
    "content",
    [
        {"item_prefix": "1"},
        {"item_prefix": "30201"},
        {"area_prefix": "330104006"},
        {"urgency": "urgent"},
        {"weekdays": [2, 3]},
        {"time_from": time(18), "time_to": time(8)},
        {"time_from": time(9, 1), "time_to": time(12)},
        {"valid_from": MONDAY + timedelta(minutes=1)},
    ],
    ids=str,
)
def test_a_rule_that_does_not_fit_changes_nothing(cast, add, content):
    add(**content, level="district")
    assert desk_of(cast) == ROOM


@pytest.mark.parametrize(
    ("at", "fits"),
    [
        (datetime(2019, 3, 4, 17, 59), False),
        (datetime(2019, 3, 4, 18, 0), True),
        (datetime(2019, 3, 5, 7, 59), True),
        (datetime(2019, 3, 5, 8, 0), False),
    ],
)
def test_a_night_window_passes_midnight_and_is_half_open(cast, add, at, fits):
    add(time_from=time(18), time_to=time(8), level="district")
    assert (desk_of(cast, at=at.replace(tzinfo=SHANGHAI)) == CENTRE) is fits


def test_a_key_period_holds_on_both_its_days(cast, add):
    period = save_period(
        district=cast.district,
        period=None,
        content={"name": "Congress", "first": date(2019, 3, 4), "last": date(2019, 3, 5)},
        by=cast.admin,
        now=timezone.now(),
    )
    add(period=period, level="district")
    found = [desk_of(cast, at=MONDAY + timedelta(days=days)) for days in (-1, 0, 1, 2)]
    assert found == [ROOM, CENTRE, CENTRE, ROOM]


def test_the_first_rule_in_the_order_decides(cast, add):
    add(level="community")
    last = add(item_prefix="302", level="district")
    assert desk_of(cast) == DESK
    move_rule(district=cast.district, number=last.number, up=True, by=cast.admin, now=timezone.now())
    cast.acceptor.district.refresh_from_db()
    assert desk_of(cast) == CENTRE


def test_a_critical_event_goes_to_no_community_desk(cast, add):
    add(item_prefix=BRAWL, desk=unit(DESK))
    assert desk_of(cast, BRAWL) == ROOM
    add(item_prefix="10102", level="community")
    assert desk_of(cast, FIRE_LANE, area_code=STREET) == ROOM, "the place is known to the street only"


def test_the_lead_and_the_shorter_limit_are_proposed(cast, add):
    rule = add(item_prefix="302", lead=unit("XFDD"), limit_amount=2)
    event = Story(cast).report().route().event
    found = propose(event, district=cast.district, at=MONDAY)
    assert (found.lead.code, found.amount, found.rule.number) == (FIRE, 2, rule.number)
    assert codes(found.reasons) == ["rule", "rule_lead"]
    assert codes(event.routing) == ["item_level", "desk"], "the rule leaves the desk open"


def test_a_lead_out_of_reach_falls_back_to_the_list(cast, add):
    add(lead=unit(POLICE), limit_amount=99)
    story = Story(cast, FIRE_LANE).report().route()
    found = propose(story.event, district=cast.district, at=MONDAY)
    assert found.lead.kind == "team" and found.amount == 4, "never longer than the item's limit"
    assert codes(found.reasons) == ["rule", "rule_lead_out_of_reach", "responsibility"]


def test_the_dispatchers_form_begins_with_the_proposal(cast, add, enter):
    add(valid_from=timezone.now() - timedelta(days=1), lead=unit(POLICE), limit_amount=2)
    story = Story(cast).report().route().accept()
    page = enter("dispatcher").get(f"/events/{story.id}/moves/dispatch/")
    shown = page.content.decode()
    assert re.search(rf'name="lead" value="{unit(POLICE).pk}"[^>]* checked', shown)
    assert "Proposed by rule 1 (Shops)" in shown


def test_an_unaccepted_critical_event_goes_to_the_rules_lead(cast, add):
    add(item_prefix=BRAWL, lead=unit("CGJ"))
    story = Story(cast, BRAWL).report().route()
    advance("auto_dispatch", actor=cast.system, event_id=story.id, now=story.now)
    assert story.event.lead.code == CITY
    assert codes(story.last.params["why"]) == ["rule", "rule_lead"]


def test_routing_costs_no_statement_more(cast, add, django_assert_num_queries):
    add(item_prefix="302", level="district")
    event = Story(cast).report().event
    choose_desk(event, district=cast.district, at=MONDAY)
    with django_assert_num_queries(1):
        choose_desk(event, district=cast.district, at=MONDAY)


# Changes --------------------------------------------------------------------------------------------


def test_a_change_takes_effect_from_its_instant_and_the_old_version_stays(cast, add):
    rule = add(level="district")
    add(number=rule.number, level="community", valid_from=MONDAY)
    cast.worker.district.refresh_from_db()
    assert desk_of(cast, at=MONDAY - timedelta(minutes=1)) == CENTRE
    assert desk_of(cast) == DESK
    versions = RoutingRule.objects.filter(number=rule.number)
    assert [(row.level, row.valid_to) for row in versions] == [("district", MONDAY), ("community", None)]
    change = RuleChange.objects.first()
    assert (change.what, change.changed_by) == ("change_rule", cast.admin)
    assert change.params["changed"] == {"level": ["district", "community"]}


def test_an_earlier_change_replaces_a_planned_one(cast, add):
    rule = add(level="district")
    add(number=rule.number, level="community", valid_from=MONDAY + timedelta(days=10))
    add(number=rule.number, level="street", valid_from=MONDAY + timedelta(days=1))
    shown = in_order(cast.district, at=MONDAY)
    assert [row.level for row in shown] == ["district", "street"]


def test_a_retired_rule_decides_no_more(cast, add):
    rule = add(level="district")
    retire_rule(
        district=cast.district, number=rule.number, by=cast.admin, valid_to=MONDAY, now=timezone.now()
    )
    cast.worker.district.refresh_from_db()
    assert desk_of(cast) == ROOM
    assert in_order(cast.district, at=MONDAY) == []


# A rule that can never decide -----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("earlier", "later", "never"),
    [
        ({}, {"item_prefix": "302"}, True),
        ({"item_prefix": "302"}, {}, False),
        ({"item_prefix": "3"}, {"item_prefix": "302", "area_prefix": STREET}, True),
        ({"area_prefix": STREET}, {"area_prefix": COMMUNITY}, True),
        ({"area_prefix": COMMUNITY}, {"area_prefix": STREET}, False),
        ({"urgency": "urgent"}, {}, False),
        ({"urgency": "urgent"}, {"urgency": "urgent", "weekdays": [1]}, True),
        ({"weekdays": [1, 2]}, {"weekdays": [2]}, True),
        ({"weekdays": [1, 2]}, {}, False),
        ({"time_from": time(18), "time_to": time(8)}, {"time_from": time(22), "time_to": time(6)}, True),
        ({"time_from": time(22), "time_to": time(6)}, {"time_from": time(18), "time_to": time(8)}, False),
        ({"time_from": time(8), "time_to": time(18)}, {}, False),
        ({"valid_from": BEFORE + timedelta(days=90)}, {}, False),
    ],
    ids=str,
)
def test_a_rule_behind_one_that_always_fits_never_decides(cast, add, earlier, later, never):
    first, second = add(**earlier, level="district"), add(**later, level="community")
    found = shadowed_by(second, in_order(cast.district, at=MONDAY), at=MONDAY)
    assert (found == first) is never
    assert shadowed_by(first, in_order(cast.district, at=MONDAY), at=MONDAY) is None


def test_the_page_says_so(add, enter):
    now = timezone.now() - timedelta(days=1)
    add(valid_from=now, level="district", name="Everything")
    add(valid_from=now, item_prefix="302", level="street")
    assert "Can never decide: rule 1 (Everything) comes first" in enter("admin").get(URL).content.decode()


# The pages ------------------------------------------------------------------------------------------

FORM = {"name": "Night fires", "item_prefix": "105", "time_from": "18:00", "time_to": "08:00", "lead": "XFDD"}


def test_the_administrator_adds_changes_moves_and_retires(cast, enter):
    browser = enter("admin")
    assert browser.post(f"{URL}rule/", FORM).status_code == 302
    browser.post(f"{URL}rule/", FORM | {"name": "Second", "weekdays": ["6", "7"]})
    rule = RoutingRule.objects.get(name="Second")
    assert (rule.number, rule.weekdays, rule.lead.code, rule.changed_by) == (2, [6, 7], "XFDD", cast.admin)
    form = browser.get(f"{URL}rule/", {"number": 2}).context["form"]
    assert form["lead"].value() == unit("XFDD").name and form["weekdays"].value() == [6, 7]
    assert (
        browser.post(f"{URL}rule/?number=2", FORM | {"name": "Third", "level": "district"}).status_code == 302
    )
    browser.post(URL, {"number": 2, "act": "up"})
    shown = browser.get(URL)
    assert [row.rule.number for row in shown.context["rows"]] == [2, 1]
    browser.post(URL, {"number": 1, "act": "retire"})
    shown = browser.get(URL)
    assert [row.rule.name for row in shown.context["rows"]] == ["Third"]
    assert [told.change.what for told in shown.context["told"]] == [
        "retire_rule", "move_rule", "change_rule", "add_rule", "add_rule",
    ]  # fmt: skip
    assert "Called: Second → Third" in shown.content.decode()


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"name": ""}, "name"),
        ({"item_prefix": "999"}, "item_prefix"),
        ({"area_prefix": "330105"}, "area_prefix"),
        ({"time_to": ""}, "time_to"),
        ({"time_to": "18:00"}, "time_to"),
        ({"desk": "nobody"}, "desk"),
        ({"desk": "CGJ"}, "desk"),
        ({"level": "street", "desk": "ZHZX"}, "desk"),
        ({"lead": ""}, "__all__"),
        ({"valid_from": "2018-01-01"}, "valid_from"),
    ],
    ids=str,
)
def test_a_refused_rule_is_marked_and_nothing_is_written(enter, change, field):
    answer = enter("admin").post(f"{URL}rule/", FORM | change)
    assert answer.status_code == 400 and field in answer.context["form"].errors
    assert not RoutingRule.objects.exists()


def test_a_key_period_is_added_and_changed(cast, enter):
    browser = enter("admin")
    given = {"name": "Flood season", "first": "2019-06-01", "last": "2019-09-30"}
    assert browser.post(f"{URL}period/", given | {"last": "2019-05-01"}).status_code == 400
    assert browser.post(f"{URL}period/", given).status_code == 302
    assert browser.post(f"{URL}period/", given).status_code == 400, "the name is taken"
    period = KeyPeriod.objects.get()
    assert browser.get(f"{URL}period/", {"id": period.pk}).context["form"]["name"].value() == "Flood season"
    browser.post(f"{URL}period/?id={period.pk}", given | {"last": "2019-10-15"})
    period.refresh_from_db()
    assert period.last == date(2019, 10, 15)
    assert RuleChange.objects.first().params["changed"] == {"last": ["2019-09-30", "2019-10-15"]}


def test_what_does_not_exist_is_not_found(enter):
    browser = enter("admin")
    for url in (f"{URL}rule/?number=9", f"{URL}rule/?number=x", f"{URL}period/?id=9"):
        assert browser.get(url).status_code == 404
    for act in ({"number": 9, "act": "up"}, {"number": 9, "act": "retire"}, {"number": "x"}):
        assert browser.post(URL, act).status_code == 404


@pytest.mark.parametrize("reader", ["director", "community", "centre"])
def test_desks_read_and_do_not_write(add, enter, reader):
    add(level="district")
    browser = enter(reader)
    assert "Retire" not in browser.get(URL).content.decode()
    assert browser.get(f"{URL}try/").status_code == 200
    assert browser.post(URL, {"number": 1, "act": "retire"}).status_code == 403
    assert browser.post(f"{URL}rule/", FORM).status_code == 403
    assert browser.post(f"{URL}period/", {"name": "x"}).status_code == 403
    assert RoutingRule.objects.count() == 1 and RoutingRule.objects.get().valid_to is None


@pytest.mark.parametrize("other", ["worker", "police", "housing"])
def test_others_are_refused(enter, other):
    for url in (URL, f"{URL}rule/", f"{URL}period/", f"{URL}try/"):
        assert enter(other).get(url).status_code == 403


def test_where_it_would_go_and_why_without_writing(add, enter):
    add(item_prefix="302", lead=unit("XFDD"), limit_amount=2, valid_from=MONDAY, name="Fires")
    steps = Step.objects.count()
    asked = {"item": SHOP_IN_ROAD, "area": GRID, "urgency": "", "at": "2019-03-04T09:00"}
    answer = enter("director").get(f"{URL}try/", asked)
    assert answer.context["route"].desk.code == ROOM
    assert answer.context["proposal"].lead.code == FIRE
    shown = answer.content.decode()
    assert "Rule 1: Fires." in shown and f"The desk of the place: {unit(ROOM).name_en}." in shown
    assert Step.objects.count() == steps
    before = enter("director").get(f"{URL}try/", asked | {"at": "2019-03-04T08:00"})
    assert before.context["proposal"].lead.code == CITY
    centre = enter("director").get(f"{URL}try/", asked | {"item": LOAN_FIRM})
    assert centre.context["route"].desk.code == CENTRE


def test_a_question_that_cannot_be_answered_is_refused(enter):
    answer = enter("director").get(f"{URL}try/", {"item": SHOP_IN_ROAD, "area": "1"})
    assert answer.status_code == 400 and "area" in answer.context["form"].errors
