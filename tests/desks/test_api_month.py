"""One's own month: the numbers are the person's own, of the month in Shanghai, and nobody else reads them."""

from datetime import datetime, timedelta

import pytest

from accounts import training
from dispatch import outbox
from events.models import State
from inbox.actions import mark_all_read
from tests.caller import Caller
from tests.cast import FIRE_LANE, MONDAY, SHANGHAI, Story, story_at
from tests.desks.test_query_counts import statements

MONTH = "/api/v1/month/"
NOTHING = dict.fromkeys(
    ["reported", "closed", "open", "rejected", "merged", "self_closed", "checks_done", "answers_waiting"], 0
)


def month(cast, name="worker", month="2019-03"):
    status, body = Caller(getattr(cast, name)).get(MONTH, month=month)
    assert status == 200, body
    return body


@pytest.fixture
def a_month(cast):
    leading = story_at(cast, State.HANDLING)
    story_at(cast, State.CLOSED)  # the worker verifies it, too
    story_at(cast, State.REJECTED)
    Story(cast).report(same_as=str(leading.id))
    Story(cast).report().route().withdraw()
    Story(cast, FIRE_LANE).report().route().self_close()
    story_at(cast, State.CLOSED, by="colleague")
    outbox.drain()


def test_the_numbers_of_a_month(cast, a_month):
    assert month(cast) == {
        "month": "2019-03", "reported": 5, "closed": 2, "open": 1, "rejected": 1, "merged": 1, "self_closed": 1,
        "checks_done": 2, "answers_waiting": 3,
    }  # fmt: skip
    colleague = month(cast, "colleague")
    assert (colleague["reported"], colleague["closed"], colleague["checks_done"]) == (1, 1, 0)
    for name in ("leader", "acceptor", "centre", "admin"):
        assert month(cast, name) == NOTHING | {"month": "2019-03"}, name


def test_answers_wait_until_they_are_read(cast, a_month):
    mark_all_read(user=cast.worker, until=datetime.now(SHANGHAI), now=datetime.now(SHANGHAI))
    assert month(cast)["answers_waiting"] == 0


def test_a_month_begins_and_ends_at_midnight_in_shanghai(cast):
    for at in ("2019-02-28T23:59", "2019-03-01T00:00", "2019-03-31T23:59", "2019-04-01T00:00"):
        Story(cast, at=datetime.fromisoformat(f"{at}+08:00")).report()
    assert [month(cast, month=f"2019-{number:02}")["reported"] for number in (1, 2, 3, 4)] == [0, 1, 2, 1]
    assert month(cast, month="2018-12") == NOTHING | {"month": "2018-12"}


def test_a_check_counts_in_the_month_it_is_done(cast):
    late = datetime(2019, 2, 28, 23, 0, tzinfo=SHANGHAI)
    story = Story(cast, at=late).report("colleague").route().ask_check(question="")
    story.now = MONDAY
    story.answer_check("worker", finding="true", result="Yes")
    assert (month(cast)["checks_done"], month(cast, month="2019-02")["checks_done"]) == (1, 0)


def test_without_a_month_it_is_this_one_and_practice_counts_in_practice_only(cast):
    now = datetime.now(SHANGHAI)
    Story(cast, at=now).report()
    training.begin(user=cast.worker, now=now)
    Story(cast, at=now).report()
    caller = Caller(cast.worker)
    practised = caller.get(MONTH)[1]
    assert (practised["month"], practised["reported"]) == (f"{now:%Y-%m}", 1)
    training.end(user=cast.worker)
    assert caller.get(MONTH)[1]["reported"] == 1


@pytest.mark.parametrize(
    "text", ["2019", "2019-13", "2019-3", "1999-12", "x", "2019-03-01", "２０１９-03", "0000-00"]
)
def test_what_is_no_month_is_refused(cast, text):
    status, body = Caller(cast.worker).get(MONTH, month=text)
    assert (status, body["fields"]["month"][0]["code"]) == (400, "invalid")


def test_it_takes_four_statements(cast, a_month):
    """1 session, 2 person, 3 the reports, 4 the checks."""
    caller = Caller(cast.worker)
    caller.get(MONTH)
    assert len(statements(caller.get, MONTH, month="2019-03")) <= 4


def test_december_is_followed_by_january(cast):
    Story(cast, at=MONDAY + timedelta(days=302)).report()  # the last day of the year
    assert month(cast, month="2019-12")["reported"] == 1
