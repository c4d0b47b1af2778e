"""The closure page: who may open it, its filters in the address, every figure a link to exactly its events."""

from datetime import datetime, timedelta
from urllib.parse import parse_qs, urlsplit

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from supervision.forms import ClosureForm
from tests.cast import CITY, KITCHEN, MONDAY, NEXT_GRID, SHANGHAI, SHOP_IN_ROAD, STREET, Story

PAGE = reverse("supervision:closure")
LIST = reverse("supervision:closure_events")
MARCH = {"from": "2019-03-01", "to": "2019-03-31"}


@pytest.fixture
def month(cast) -> None:
    """March 2019: one closed on time, one late, two overdue, one of them in the next street."""
    for days in (0, 20):
        story = Story(cast).report().route().accept().dispatch(lead=CITY).sign().feed_back()
        story.wait(days=days).verify(note="Seen")
    Story(cast, KITCHEN).report().route()
    Story(cast).report(area_code=NEXT_GRID).route()


def rows(response) -> dict[str, list[int]]:
    return {row.key: [cell.count for cell in cells] for row, cells, _ in response.context["rows"]}


def test_the_supervisor_sees_the_figures_of_every_street(enter, month):
    response = enter("supervisor").get(PAGE, MARCH)

    assert rows(response)[STREET] == [3, 1, 1, 1]
    assert rows(response)["330104006"] == [1, 0, 0, 1]
    assert [cell.count for cell in response.context["total_cells"]] == [4, 1, 1, 2]
    assert "25.00" in response.text and "50.00" in response.text


def test_the_director_sees_the_own_street_alone(enter, month):
    assert set(rows(enter("director").get(PAGE, MARCH))) == {STREET}


@pytest.mark.parametrize("person", ["worker", "acceptor", "police", "community", "auditor"])
@pytest.mark.parametrize("address", [PAGE, LIST + "?figure=closed"])
def test_who_supervises_nothing_is_refused(enter, person, address):
    assert enter(person).get(address).status_code == 403


@pytest.mark.parametrize("group", ["street", "community", "item", "platform"])
def test_every_figure_of_the_page_leads_to_exactly_its_events(enter, month, group):
    browser = enter("supervisor")
    response = browser.get(PAGE, MARCH | {"group": group})
    cells = [cell for _, cells, _ in response.context["rows"] for cell in cells]

    for cell in [*cells, *response.context["total_cells"]]:
        behind = browser.get(cell.url).context
        assert behind["count"] == len(behind["page"].rows) == cell.count
        if cell.count:
            assert cell.url.replace("&", "&amp;") in response.text


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


def test_a_street_opens_its_items(enter, month):
    response = enter("supervisor").get(PAGE, MARCH)
    within = next(within for row, _, within in response.context["rows"] if row.key == STREET)

    assert parse_qs(within[1:]) == {
        "from": ["2019-03-01"],
        "to": ["2019-03-31"],
        "area": [STREET],
        "group": ["item"],
    }
    assert rows(enter("supervisor").get(PAGE + within)) == {KITCHEN: [1, 0, 0, 1], SHOP_IN_ROAD: [2, 1, 1, 0]}


@pytest.mark.parametrize(
    ("sort", "first"), [("key", STREET), ("-key", "330104014"), ("-should_close", STREET), ("closed", STREET)]
)
def test_the_rows_are_sorted_by_any_column(enter, month, sort, first):
    assert next(iter(rows(enter("supervisor").get(PAGE, MARCH | {"sort": sort})))) == first


def test_no_data_is_sorted_below_every_rate(enter, month):
    order = list(rows(enter("supervisor").get(PAGE, MARCH | {"sort": "-on_time_rate"})))

    assert order[:2] == [STREET, "330104006"]


@pytest.mark.parametrize(
    ("preset", "first", "last"),
    [
        ("today", "2019-03-04", "2019-03-04"),
        ("this_month", "2019-03-01", "2019-03-04"),
        ("last_month", "2019-02-01", "2019-02-28"),
        ("last_30_days", "2019-02-03", "2019-03-04"),
    ],
)
def test_the_periods_of_the_buttons(preset, first, last):
    form = ClosureForm({"period": preset}, now=MONDAY)

    assert form.is_valid()
    assert (str(form.cleaned_data["first"]), str(form.cleaned_data["last"])) == (first, last)
    assert form.cleaned_data["period"].start == datetime.fromisoformat(first).replace(tzinfo=SHANGHAI)
    assert form.cleaned_data["period"].end <= MONDAY


@pytest.mark.parametrize(
    "query",
    [
        {"from": "2019-04-01", "to": "2019-03-01"},
        {"from": "yesterday"},
        {"group": "colour"},
        {"period": "eon"},
    ],
)
def test_a_filter_that_cannot_be_read_is_told(enter, query):
    response = enter("supervisor").get(PAGE, query)

    assert response.status_code == 400
    assert response.context["form"].errors
    assert 'role="alert"' in response.text


@pytest.mark.parametrize(
    "query",
    [
        {"at": "x"},
        {"at": "2019-13-40T00:00:00Z"},
        {"at": "0001-01-01T00:00:00+14:00"},
        {"sort": "colour"},
        {"to": "9999-12-31"},
    ],
)
def test_other_odd_addresses_do_no_harm(enter, query):
    assert enter("supervisor").get(PAGE, query).status_code == 200


def test_an_unknown_figure_is_not_found(enter):
    assert enter("supervisor").get(LIST, {"figure": "everything"}).status_code == 404


def test_an_empty_period_says_so(enter):
    response = enter("supervisor").get(PAGE, {"from": "2018-01-01", "to": "2018-01-31"})

    assert "Nothing was due in this period" in response.text
    assert "no data" in response.text


def test_the_page_tells_its_formula_and_what_is_left_out(enter, month):
    text = enter("supervisor").get(PAGE, MARCH).text

    assert "closed on time ÷ should be closed" in text
    assert "Sensitive events are in no figure here" in text


@pytest.mark.parametrize("address", [PAGE, f"{PAGE}?group=item", f"{LIST}?figure=should_close"])
def test_ten_queries_at_most(enter, month, address):
    browser = enter("supervisor")
    joint = "&" if urlsplit(address).query else "?"
    address += f"{joint}from=2019-03-01&to=2019-03-31"
    browser.get(address)
    with CaptureQueriesContext(
        connection,
    ) as asked:
        browser.get(address)

    statements = [row["sql"] for row in asked if not row["sql"].startswith(("SAVEPOINT", "RELEASE"))]
    assert len(statements) <= 10, statements
