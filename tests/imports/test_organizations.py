"""Departments and organisations from lists: what follows from them, orphans, circles, ends, moves."""

import pytest
from django.db.models import Count
from django.utils.translation import override

from accounts.models import AreaGroupPermission, Organization, Post
from accounts.scope import scope_of
from imports.actions import apply
from imports.difference import State
from imports.files import problem_rows
from tests.cast import GRID, POLICE, STREET, Story, unit

NEW = {"code": "STATION", "kind": "agency", "area": STREET, "name_zh": "火车站派出所", "parent": "GAFJ",
       "agency_mode": "outposted", "tier": "9"}  # fmt: skip
DEPARTMENT = {"code": "NEWBJ", "short_name": "新局", "platform": "综治工作", "has_street_agency": "yes",
              "agency_mode": "resident", "street_agency_zh": "新所"}  # fmt: skip


def test_a_department_brings_an_agency_to_every_street(look, cast):
    found = look("departments", DEPARTMENT)
    assert found.problems == [] and found.counts[State.NEW] == 1 + 8
    apply(found)
    agency = unit(f"NEWBJ@{STREET}")
    assert (agency.kind, agency.agency_mode, agency.parent.code) == ("agency", "resident", "NEWBJ")
    assert agency.name_zh == f"{agency.area.name_zh}新所"
    assert look("departments", DEPARTMENT).changes_nothing


def test_without_an_agency_a_department_stands_alone(look):
    found = look("departments", DEPARTMENT | {"has_street_agency": "no", "agency_mode": None})
    assert [change.key for change in found.changes if change.state == State.NEW] == [("NEWBJ",)]


def test_a_department_named_twice_is_told_once_with_its_first_row(look, codes):
    found = look("departments", DEPARTMENT, DEPARTMENT | {"code": "OTHER"}, DEPARTMENT)
    assert codes(found) == [(4, "code", "duplicate_row")]
    assert found.problems[0].params == {"other": 2}


def test_what_is_wrong_is_shown_as_it_would_be_typed(look, cast):
    found = look("organizations", NEW | {"code": POLICE, "kind": "room"})
    with override("zh-hans"):
        rows = problem_rows(found.kind, cast.district, found.problems)
    assert [value for *_, value, _reason, _advice, code in rows if code == "kind_fixed"] == ["街道指挥室"]


def test_an_organisation_is_made_and_changed_with_old_and_new(look):
    apply(look("organizations", NEW))
    made = unit("STATION")
    assert (made.parent.code, made.agency_mode, made.tier) == ("GAFJ", "outposted", "9")
    [change] = look("organizations", NEW | {"name_zh": "城站派出所", "tier": None}).changes
    assert change.fields == {"name_zh": ("火车站派出所", "城站派出所"), "tier": ("9", None)}


def test_upper_and_lower_come_in_any_order_and_depth(look):
    rows = [NEW | {"code": "C3", "parent": "C2"}, NEW | {"code": "C2", "parent": "C1"}, NEW | {"code": "C1"}]
    apply(look("organizations", *rows))
    assert unit("C3").parent.parent.parent.code == "GAFJ"


@pytest.mark.parametrize(
    ("row", "column", "code"),
    [
        ({"area": "330104999"}, "area", "unknown_area"),
        ({"area": GRID}, "area", "wrong_level"),
        ({"parent": "NOBODY"}, "parent", "unknown_parent"),
        ({"parent": "STATION"}, "parent", "cycle"),
        ({"kind": "club"}, "kind", "unknown_choice"),
        ({"code": POLICE, "kind": "room"}, "kind", "kind_fixed"),
        ({"code": "A B", "area": "x"}, "area", "wrong_form"),
    ],
)
def test_an_organisation_that_cannot_be_is_named(look, codes, row, column, code):
    assert (2, column, code) in codes(look("organizations", NEW | row))


def test_a_circle_of_two_is_told_at_both_with_the_way(look):
    found = look("organizations", NEW | {"code": "A1", "parent": "B1"}, NEW | {"code": "B1", "parent": "A1"})
    assert [problem.params["chain"] for problem in found.problems] == ["A1 → B1 → A1", "B1 → A1 → B1"]


def test_one_with_open_work_does_not_end(look, codes, cast):
    Story(cast).report().route().accept().dispatch(lead=POLICE)
    values = {
        "code": POLICE,
        "kind": "agency",
        "area": STREET,
        "name_zh": unit(POLICE).name_zh,
        "parent": "GAFJ",
    }
    found = look("organizations", values | {"is_active": "no"})
    assert codes(found) == [(2, "is_active", "open_work")] and found.problems[0].params == {"count": 1}


def test_one_without_work_ends_and_its_posts_give_nothing_more(look, cast):
    agency = unit(f"SFJ@{STREET}")
    head = Post.objects.filter(organization=agency).first().user
    assert scope_of(head).posts
    row = {"code": agency.code, "kind": "agency", "area": STREET, "name_zh": agency.name_zh, "parent": "SFJ"}
    found = look("organizations", row | {"is_active": "no"})
    assert [change.state for change in found.changes] == [State.ENDED]
    apply(found)
    head.refresh_from_db()
    assert not unit(agency.code).is_active and scope_of(head).posts == ()


def test_an_organisation_that_moves_takes_its_grants_along(look, cast):
    team = unit(f"TEAM@{GRID}")
    there = f"{STREET}001002"
    row = {"code": team.code, "kind": "team", "area": there, "name_zh": team.name_zh}
    apply(look("organizations", row))
    cast.worker.refresh_from_db()
    assert scope_of(cast.worker).codes("report_in_area") == {there}
    grants = AreaGroupPermission.objects.filter(group__unit__organization=team)
    assert set(grants.values_list("content_object__code", flat=True)) == {there}


def test_the_whole_list_ends_what_it_lacks(look, cast):
    rows = [
        {"code": one.code, "kind": one.kind, "area": one.area.code, "name_zh": one.name_zh}
        for one in Organization.objects.filter(district=cast.district).select_related("area")
        if one.code != f"SFJ@{STREET}"
    ]
    found = look("organizations", *rows, complete=True)
    assert [change.key[0] for change in found.changes if change.state == State.ENDED] == [f"SFJ@{STREET}"]
    assert Organization.objects.values("is_active").annotate(n=Count("pk")).count() == 1
