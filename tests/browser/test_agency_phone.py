"""An agency at its phone: sign, hand to a person inside, feed back; the list says what is due first."""

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from dispatch.models import Assignment
from events.models import State
from tests.browser.people import Office
from tests.cast import POLICE, Cast, Story


@pytest.fixture
def office(chromium, site, settings):
    settings.DEMO_MODE = True
    office = Office(chromium, site, locale="en-GB")
    yield office
    office.close()


def test_an_agency_signs_hands_on_and_feeds_back(office):
    cast = Cast()
    story = Story(cast, at=timezone.now()).report().route().accept().dispatch(lead=POLICE)
    page = office.page_of("police")
    page.goto(office.site)
    expect(page.locator("#queue-title")).to_contain_text("Our orders")
    expect(page.locator(".due-section")).to_have_count(1)
    expect(page.locator(f"#e-{story.id}")).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth") <= 390

    office.move("police", "sign", story.event)
    office.move("police", "hand_to", story.event, handler=cast.police.pk)
    expect(page.locator(".p-people .handler-mark")).to_contain_text(cast.police.display_name)

    page.goto(f"{office.site}/?queue=handed_to_me")
    expect(page.locator(f"#e-{story.id}")).to_be_visible()
    expect(page.locator(".due-section")).to_have_count(1)
    assert page.evaluate("document.documentElement.scrollWidth") <= 390

    office.move("police", "feed_back", story.event, result="Cleared", evidence=["after_photo"])
    assert story.event.state == State.FED_BACK
    assert Assignment.objects.get(event=story.id).handler == cast.police
