"""Who counts what, and by what the figures are cut (field rules, section 7: by organisation)."""

from collections import Counter

import pytest
from django.utils.translation import override

from supervision.cuts import CUTS
from supervision.rates import Filters, count, events_behind, shown, table
from tests.cast import (
    CITY,
    DESK,
    GRID,
    KITCHEN,
    MONDAY,
    NEXT_GRID,
    NEXT_STREET,
    POLICE,
    ROOM,
    SHOP_IN_ROAD,
    STREET,
    VIOLENCE,
    unit,
)
from tests.supervision.months import (
    DAY,
    FEBRUARY,
    MARCH,
    closed,
    counts,
    reported,
    sent,
)


def test_everybody_counts_only_what_they_supervise(cast):
    reported(cast)
    reported(cast, area_code=NEXT_GRID)

    assert {key: found["reported"] for key, found in count(cast.director, "street", MARCH).items()} == {
        STREET: 1
    }
    assert counts(cast)["reported"] == 2
    assert counts(cast, by="worker") == Counter()


def test_every_street_stands_in_the_table_and_an_unknown_one_under_the_district(cast):
    reported(cast, area_code="")
    with override("en"):
        rows = {row.key: row for row in table(cast.supervisor, "street", MARCH, FEBRUARY)}

    assert len(rows) == 9
    assert rows["330104"].counts["reported"] == 1
    assert rows["330104"].name == "Street not known (330104)"
    assert not rows[STREET].counts


def test_an_area_narrows_every_cut(cast):
    reported(cast)
    reported(cast, area_code=NEXT_GRID)

    assert list(count(cast.supervisor, "item", MARCH, filters=Filters(area=NEXT_STREET))) == [SHOP_IN_ROAD]


def test_by_organisation_the_lead_answers_the_returner_returned_and_the_desk_dispatched(cast):
    sent(cast, lead=CITY).return_(reason="not_our_duty", explanation="The police").dispatch(lead=POLICE).sign(
        "police"
    ).feed_back("police").verify(note="Seen")
    city, police = (str(unit(code).pk) for code in (CITY, POLICE))

    found = count(cast.supervisor, "agency", MARCH)
    assert found[city] == Counter(returned=1, returned_upheld=1)
    assert (found[police]["closed"], found[police]["handled"], found[police]["returned"]) == (1, 1, 0)
    by_bureau = count(cast.supervisor, "department", MARCH)
    assert by_bureau[str(unit(POLICE).parent_id)]["closed"] == 1
    by_desk = count(cast.supervisor, "desk", MARCH)
    assert {key for key, row in by_desk.items() if row["dispatched_on_time"]} == {str(unit(ROOM).pk)}
    assert not any(row["closed"] for row in by_desk.values())


LISTED = {"reported", "filed_late", "should_dispatch", "returned", "overdue_unhandled", "should_close"}


@pytest.mark.parametrize("group", CUTS)
def test_every_cell_equals_its_list(cast, group):
    closed(cast)
    closed(cast, KITCHEN, when=MONDAY + 20 * DAY)
    reported(cast, KITCHEN, area_code=NEXT_GRID)
    reported(cast, area_code=GRID[:12])
    reported(cast, area_code="")
    sent(cast, lead=DESK)
    sent(cast).return_(reason="not_our_duty", explanation="The police")
    reported(cast, VIOLENCE)

    found = count(cast.supervisor, group, MARCH)

    figures = LISTED & {code for one in shown(CUTS[group]) for code in one.figures}
    assert figures
    for figure in figures:
        numbers = {key: row[figure] for key, row in found.items() if row[figure]}
        lists = {
            key: events_behind(cast.supervisor, MARCH, figure, group=group, key=key).count()
            for key in numbers
        }
        assert lists == numbers, figure
        assert events_behind(cast.supervisor, MARCH, figure, group=group).count() == sum(numbers.values())
