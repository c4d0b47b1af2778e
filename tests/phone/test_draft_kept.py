"""What of an unfinished report comes back, and what must not."""

from playwright.sync_api import expect

from dispatch import outbox
from events.models import Event, State
from tests.phone.phones import IN_THE_GRID, only_event


def test_who_only_looked_in_is_located_anew_at_the_next_place(phone):
    mine = phone("worker")
    mine.context.set_geolocation({"longitude": 121.5, "latitude": 31.2, "accuracy": 10})
    page = mine.open("report")
    expect(page.locator("[data-where]")).to_contain_text("所属网格由受理台判断")
    mine.context.set_geolocation(IN_THE_GRID)
    page = mine.open("report")
    expect(page.locator("[data-restored]")).to_be_hidden()
    expect(page.locator("[data-where]")).to_contain_text("14")
    mine.fill()
    mine.send()
    mine.until_sent()
    assert only_event().flags == []


def test_who_added_oneself_is_still_added_after_a_reload(phone):
    mine = phone("worker")
    first = mine.add_oneself()
    page = mine.open("report")
    expect(page.locator("[data-join]").first).to_have_attribute("aria-pressed", "true")
    mine.send()
    mine.until_sent()
    outbox.drain()
    joined = Event.objects.exclude(pk=first.id).get()
    assert (joined.state, joined.leading_id) == (State.MERGED, first.id)
