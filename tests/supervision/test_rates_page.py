"""The rates page: who may open it, its filters in the address, every figure a link to exactly its events."""

from datetime import datetime, timedelta
from urllib.parse import parse_qs, urlsplit

import pytest
from django.core.exceptions import PermissionDenied
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils.translation import override

from supervision.board import Board
from supervision.cuts import CUTS
from supervision.forms import RatesForm
from supervision.indicators import FAMILIES, INDICATORS
from supervision.rates import shown
from supervision.tables import FilterError, rates_table
from tests.cast import (
    CITY,
    GRID,
    KITCHEN,
    MONDAY,
    NEXT_GRID,
    SHANGHAI,
    SHOP_IN_ROAD,
    STREET,
    VIOLENCE,
    Story,
)

PAGE = reverse("supervision:rates")
LIST = reverse("supervision:events")
MARCH = {"from": "2019-03-01", "to": "2019-03-31"}
APRIL = datetime(2019, 4, 1, tzinfo=SHANGHAI)


@pytest.fixture
def month(cast) -> None:
    """March 2019: one closed on time, one late, two overdue, one of them in the next street."""
    for days in (0, 20):
        story = Story(cast).report().route().accept().dispatch(lead=CITY).sign().feed_back()
        story.wait(days=days).verify(note="Seen")
    Story(cast, KITCHEN).report().route()
    Story(cast).report(area_code=NEXT_GRID).route()
    Story(cast, VIOLENCE).report().route()


def closing(response) -> dict[str, list[int]]:
    """By row: should be closed, closed on time, closed late, overdue and open."""
    codes = ("should_close", "closed_on_time", "closed_late", "overdue_open")
    board: Board = response.context["board"]
    return {row.key: [row.counts[code] for code in codes] for row, _url, _cells in board.rows}


def numbers(board: Board) -> list:
    """Those of the tiles and of the table."""
    of_rows = [number for _row, _url, cells in board.rows for cell in cells for number in cell.numbers]
    return [number for cell in board.total for number in (*cell.numbers, *cell.apart)] + of_rows


def test_the_supervisor_sees_the_figures_of_every_street(enter, month):
    response = enter("supervisor").get(PAGE, MARCH)

    assert closing(response)[STREET] == [3, 1, 1, 1]
    assert closing(response)["330104006"] == [1, 0, 0, 1]
    assert "25.00" in response.text and "50.00" in response.text


def test_the_director_sees_the_own_street_alone(enter, month):
    assert set(closing(enter("director").get(PAGE, MARCH))) == {STREET}


@pytest.mark.parametrize("person", ["worker", "acceptor", "police", "community", "auditor"])
@pytest.mark.parametrize("address", [PAGE, LIST + "?figure=closed"])
def test_who_supervises_nothing_is_refused(enter, person, address):
    assert enter(person).get(address).status_code == 403


@pytest.mark.parametrize("show", FAMILIES)
def test_every_figure_of_the_page_leads_to_exactly_its_events(enter, month, show):
    browser = enter("supervisor")
    response = browser.get(PAGE, MARCH | {"show": show})

    found = numbers(response.context["board"])
    assert found
    for number in found:
        assert bool(number.url) == bool(number.count)
        if number.count:
            behind = browser.get(number.url).context
            assert behind["count"] == len(behind["rows"]) == number.count
            assert all(why for _event, why in behind["rows"]), number.code
            assert number.url.replace("&", "&amp;") in response.text


def test_every_indicator_is_shown_by_some_cut_and_every_cut_shows_some():
    assert {one.code for cut in CUTS.values() for one in shown(cut)} == set(INDICATORS)
    assert all(shown(cut) for cut in CUTS.values())


def test_the_list_says_of_each_event_why_it_counts(enter, month):
    text = enter("supervisor").get(LIST, MARCH | {"figure": "should_close"}).text

    assert "before the whole deadline" in text
    assert "after the whole deadline" in text
    assert "Open at the period&#x27;s end" in text


def test_the_list_keeps_the_instant_the_figures_were_counted_at(cast, enter):
    story = Story(cast).report().route()
    shown_at = story.event.whole_due + timedelta(hours=1)
    query = MARCH | {"figure": "overdue_open", "at": shown_at.isoformat()}
    browser = enter("supervisor")
    assert browser.get(LIST, query).context["count"] == 1

    story.now = shown_at + timedelta(hours=1)
    story.accept().dispatch(lead=CITY).sign().feed_back().verify(note="Seen")

    assert browser.get(LIST, query).context["count"] == 1
    assert browser.get(LIST, MARCH | {"figure": "overdue_open"}).context["count"] == 0


def test_a_list_shows_nothing_of_another_street(enter, month):
    query = MARCH | {"figure": "should_close", "group": "street", "key": "330104006"}

    assert enter("director").get(LIST, query).context["count"] == 0
    assert enter("supervisor").get(LIST, query).context["count"] == 1


@pytest.mark.parametrize(
    "query", [{"figure": "everything"}, {"figure": "filed", "group": "agency", "key": "1"}]
)
def test_a_figure_that_is_not_there_is_not_found(enter, query):
    assert enter("supervisor").get(LIST, MARCH | query).status_code == 404


def test_a_row_opens_what_lies_under_it(enter, month):
    browser = enter("supervisor")
    within = {
        row.key: url
        for row, url, _cells in browser.get(PAGE, MARCH | {"group": "grid"}).context["board"].rows
    }

    assert parse_qs(within[GRID][1:]) == {
        "from": ["2019-03-01"],
        "to": ["2019-03-31"],
        "area": [GRID],
        "group": ["item"],
        "show": ["closure"],
    }
    assert closing(browser.get(PAGE + within[GRID])) == {KITCHEN: [1, 0, 0, 1], SHOP_IN_ROAD: [2, 1, 1, 0]}


@pytest.mark.parametrize(
    ("filters", "rows"),
    [
        ({"item": KITCHEN}, 1),
        ({"category": SHOP_IN_ROAD[:3]}, 3),
        ({"platform": "市场监管"}, 1),
        ({"source": "grid"}, 4),
        ({"source": "sensor"}, 0),
        ({"urgency": "normal", "area": STREET}, 3),
    ],
)
def test_filters_narrow_the_figures(enter, month, filters, rows):
    response = enter("supervisor").get(PAGE, MARCH | filters)

    assert response.context["board"].sum.counts["should_close"] == rows


@pytest.mark.parametrize(
    ("sort", "first"),
    [("key", STREET), ("-key", "330104014"), ("-on_time_closure", STREET), ("-overdue_rate", "330104006")],
)
def test_the_rows_are_sorted_by_any_column(enter, month, sort, first):
    assert next(iter(closing(enter("supervisor").get(PAGE, MARCH | {"sort": sort})))) == first


def test_no_data_is_sorted_below_every_rate(enter, month):
    order = list(closing(enter("supervisor").get(PAGE, MARCH | {"sort": "-on_time_closure"})))

    assert order[:2] == [STREET, "330104006"]


def test_a_rate_is_compared_with_the_period_before(cast, enter):
    for at, days in ((MONDAY, 0), (MONDAY, 20), (APRIL + timedelta(days=2, hours=9), 0)):
        story = Story(cast, at=at).report().route().accept().dispatch(lead=CITY).sign().feed_back()
        story.wait(days=days).verify(note="Seen")

    response = enter("supervisor").get(PAGE, {"from": "2019-04-01", "to": "2019-04-30"})

    on_time, _closure, late, *_ = response.context["board"].total
    assert (str(on_time.rate), str(on_time.change), on_time.tone) == ("100.00", "50.00", "better")
    assert (str(late.rate), str(late.change), late.tone) == ("0.00", "-50.00", "better")
    assert "▲ +50.00" in response.text


@pytest.mark.parametrize(
    ("preset", "first", "last", "before"),
    [
        ("today", "2019-03-04", "2019-03-04", ("2019-03-03T00:00", "2019-03-03T09:00")),
        ("this_month", "2019-03-01", "2019-03-04", ("2019-02-01T00:00", "2019-02-04T09:00")),
        ("last_month", "2019-02-01", "2019-02-28", ("2019-01-01T00:00", "2019-02-01T00:00")),
        ("last_30_days", "2019-02-03", "2019-03-04", ("2019-01-04T00:00", "2019-02-02T09:00")),
    ],
)
def test_the_periods_of_the_buttons_and_what_they_are_compared_with(preset, first, last, before):
    form = RatesForm({"period": preset}, now=MONDAY)

    assert form.is_valid()
    asked = form.cleaned_data
    assert (str(asked["first"]), str(asked["last"])) == (first, last)
    assert asked["period"].start == datetime.fromisoformat(first).replace(tzinfo=SHANGHAI)
    assert asked["period"].end <= MONDAY
    assert (asked["before"].start, asked["before"].end) == tuple(
        datetime.fromisoformat(at).replace(tzinfo=SHANGHAI) for at in before
    )


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ({"from": "2019-04-01", "to": "2019-03-01"}, "to"),
        ({"from": "yesterday"}, "from"),
        ({"from": "1066-10-14"}, "from"),
        ({"from": "2090-01-01", "to": "2090-01-31"}, "from"),
        ({"group": "colour"}, "group"),
        ({"show": "weather"}, "show"),
        ({"period": "eon"}, "period"),
        ({"source": "dream"}, "source"),
    ],
)
def test_a_filter_that_cannot_be_read_is_told(cast, enter, query, field):
    response = enter("supervisor").get(PAGE, query)

    assert response.status_code == 400
    form = response.context["form"]
    assert field in form.errors
    assert f"<span>{form.fields[field].label}: " in response.text
    assert f'name="from" class="form-control" value="{query.get("from", "")}"' in response.text
    with pytest.raises(FilterError) as refusal:
        rates_table(cast.supervisor, query, now=MONDAY)
    assert refusal.value.fields[field][0]["code"]


@pytest.mark.parametrize(
    "query",
    [
        {"at": "x"},
        {"at": "2019-13-40T00:00:00Z"},
        {"at": "0001-01-01T00:00:00+14:00"},
        {"sort": "colour"},
        {"to": "9999-12-31"},
        {"from": "2000-01-01", "to": "9999-12-31"},
        {"from": "9999-12-31"},
        {"item": "%s' OR 1=1 --", "area": "{}"},
        {"item": "\x00"},
    ],
)
def test_other_odd_addresses_do_no_harm(enter, query):
    assert enter("supervisor").get(PAGE, query).status_code in (200, 400)


def test_an_empty_period_says_so(enter):
    response = enter("supervisor").get(PAGE, {"from": "2018-01-01", "to": "2018-01-31"})

    assert "Nothing to count in this period" in response.text
    assert "no data" in response.text


def test_the_page_tells_its_formulas_and_what_is_left_out(enter, month):
    browser = enter("supervisor")
    text = browser.get(PAGE, MARCH).text

    assert "Closed on time ÷ Should be closed" in text
    assert "Sensitive events are in no figure here" in text
    assert "provisional" in browser.get(PAGE, {"show": "outcome"}).text
    assert "is provisional" not in browser.get(PAGE, MARCH | {"show": "outcome"}).text


def test_the_old_address_leads_here(enter):
    response = enter("supervisor").get(reverse("supervision:closure"), MARCH)

    assert response.status_code == 302
    assert response.url == f"{PAGE}?from=2019-03-01&to=2019-03-31"


@pytest.mark.parametrize("group", CUTS)
def test_the_table_has_the_figures_of_the_page(cast, enter, month, group):
    board = enter("supervisor").get(PAGE, MARCH | {"group": group}).context["board"]
    with override("en"):
        table = rates_table(cast.supervisor, MARCH | {"group": group}, now=APRIL)

    keys = [column.key for column in table.columns]
    assert len(keys) == len(set(keys))
    *rows, total = (dict(zip(keys, cells, strict=True)) for cells in table.rows)
    assert [row["key"] for row in rows] == [row.key for row, _url, _cells in board.rows]
    assert total["name"] == "Total"
    for line, cells in ((total, board.total), *zip(rows, (cells for *_, cells in board.rows), strict=True)):
        for cell in cells:
            assert [line[number.code] for number in cell.numbers] == [one.count for one in cell.numbers]
            if cell.indicator.denominator:
                assert line[cell.indicator.code] == cell.rate
                assert line[f"{cell.indicator.code}_change"] == cell.change


def test_who_supervises_nothing_gets_no_table(cast):
    with pytest.raises(PermissionDenied):
        rates_table(cast.worker, MARCH, now=APRIL)


@pytest.mark.parametrize(
    "address", [PAGE, f"{PAGE}?group=item", f"{PAGE}?group=department", f"{LIST}?figure=should_close"]
)
def test_ten_queries_at_most(enter, month, address):
    browser = enter("supervisor")
    joint = "&" if urlsplit(address).query else "?"
    address += f"{joint}from=2019-03-01&to=2019-03-31"
    browser.get(address)
    with CaptureQueriesContext(connection) as asked:
        browser.get(address)

    statements = [row["sql"] for row in asked if not row["sql"].startswith(("SAVEPOINT", "RELEASE"))]
    assert len(statements) <= 10, statements


def test_the_picture_has_the_rows_of_the_table_in_its_order(month, enter):
    board = enter("supervisor").get(PAGE, MARCH | {"group": "item"}).context["board"]
    drawn = [row.name for row, _url, _cells in board.rows if row.counts["should_close"]]
    assert len(drawn) > 1 and board.picture["names"] == drawn
