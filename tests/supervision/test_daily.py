"""The daily overdue list: every number leads to exactly its events, as of the close of the day."""

from datetime import timedelta

from django.test import Client
from django.utils import timezone

from events.models import State
from supervision import daily, rates
from supervision.cuts import CUTS
from tests.cast import Cast, story_at


def test_numbers_lead_to_their_events_and_a_later_closing_changes_nothing(db):
    cast = Cast()
    story = story_at(cast, State.FED_BACK)
    late = timezone.localdate(story.event.whole_due) + timedelta(days=2)
    now = story.now + timedelta(days=20)
    for _ in range(2):
        for group in daily.GROUPS:
            (line,) = daily.lines(cast.supervisor, group, late, now=now)
            assert line.number == 1
        key = daily.lines(cast.supervisor, "street", late, now=now)[0].url.split("key=")[1].split("&")[0]
        period = daily.period_of(late, now=now)
        behind = rates.events_behind(cast.supervisor, period, daily.FIGURE, group="street", key=key)
        assert [event.pk for event in behind] == [story.id]
        if story.event.state == State.FED_BACK:
            story.wait(days=10).verify(note="Seen")
    before = timezone.localdate(story.event.recorded_at) - timedelta(days=1)
    assert daily.lines(cast.supervisor, "street", before, now=now) == []


def test_what_no_agency_has_comes_last(db):
    cast = Cast()
    late = [story_at(cast, state).event for state in (State.ACCEPTED, State.HANDLING)]
    day = timezone.localdate(max(event.whole_due for event in late)) + timedelta(days=2)
    lines = daily.lines(cast.supervisor, "agency", day, now=timezone.now())
    assert [line.name for line in lines] == [late[1].lead.name, str(CUTS["agency"].unknown)]


def test_it_is_for_those_who_supervise(db):
    cast, codes = Cast(), {}
    for name in ("supervisor", "centre", "police", "worker"):
        browser = Client()
        browser.force_login(getattr(cast, name), backend="accounts.backends.PostBackend")
        codes[name] = browser.get("/supervision/rates/daily/").status_code
    assert codes == {"supervisor": 200, "centre": 200, "police": 403, "worker": 403}


def test_it_is_signed_by_the_unit_that_prints_it(db):
    browser = Client(headers={"accept-language": "en"})
    for name, unit in (("supervisor", "Information Command Centre"), ("director", "Kaixuan Street")):
        browser.force_login(getattr(Cast(), name), backend="accounts.backends.PostBackend")
        signature = browser.get("/supervision/rates/daily/").text.split('class="paper-sign"')[1]
        assert unit in signature, "a street's numbers are not the district's"


def test_a_day_that_lies_ahead_has_no_list(db):
    browser = Client(headers={"accept-language": "en"})
    browser.force_login(Cast().supervisor, backend="accounts.backends.PostBackend")
    answer = browser.get("/supervision/rates/daily/", {"day": "2090-01-01"})
    assert answer.status_code == 400 and "Choose a day that has begun." in answer.text
