"""A major incident of forty reports in a real browser: gathered, ticked by a key, messaged, closed."""

from datetime import timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from events.models import Event, Step
from incidents.actions import open_incident
from incidents.closing import work_on_closings
from incidents.models import Incident, Membership, Plan
from incidents.plans import load_plans
from tests.browser.people import Office
from tests.cast import Cast, Story

FORTY = 40


@pytest.fixture
def office(chromium, site, settings):
    settings.DEMO_MODE = True
    office = Office(chromium, site, locale="en-GB")
    yield office
    office.close()


def test_forty_reports_are_gathered_ticked_told_and_closed(office):
    cast, now = Cast(), timezone.now() - timedelta(minutes=3)
    load_plans(district=cast.district)
    incident = open_incident(
        actor=cast.actor("director"),
        name="Flood",
        plan=Plan.objects.in_force(at=now).get(code="flooding"),
        response=3,
        summary="",
        now=now,
    )
    for number in range(FORTY):
        Story(cast, at=now).report("worker" if number % 2 else "colleague").route()

    page = office.page_of("director")
    page.goto(f"{office.site}/incidents/{incident.pk}/gather/?item=30202")
    expect(page.locator("[data-count]")).to_have_text(f"{FORTY} / {FORTY}")
    page.locator("[data-send]").click()
    expect(page.get_by_text(f"{FORTY} reports joined.")).to_be_visible()

    page.goto(f"{office.site}/incidents/{incident.pk}/")
    expect(page.locator("#number-of-members")).to_have_text(str(FORTY))
    page.keyboard.press("1")
    expect(page.locator(".tasks li.is-done")).to_have_count(1)
    page.keyboard.press("l")
    page.keyboard.type("The pumps are here")
    page.get_by_role("button", name="Write down").click()
    expect(page.locator(".story")).to_contain_text("The pumps are here")
    expect(page.locator("#note-text")).to_have_value("")

    page.get_by_role("link", name="Tell all reporters").click()
    expect(page.locator("#reach")).to_have_text("2 reporters read it.")
    page.get_by_label("Message").fill("The water is being pumped off.")
    page.get_by_role("button", name="Send").click()
    expect(page.get_by_text("2 reporters told.")).to_be_visible()
    assert Step.objects.filter(verb="answer_reporter").count() == 2

    page.get_by_role("link", name="Close").click()
    expect(page.locator(".closing select")).to_have_count(FORTY)
    page.get_by_label("How it ended").fill("The water is gone")
    page.get_by_role("button", name="Close the incident").click()
    page.wait_for_url(lambda url: not url.endswith("/close/"))
    work_on_closings()  # What a slow machine leaves to the worker.
    page.goto(f"{office.site}/incidents/{incident.pk}/report/")
    expect(page.get_by_text("closed with 1 report handed on")).to_be_visible()

    assert Incident.objects.get().state == "closed"
    assert not Membership.objects.filter(left_at=None).exists()
    assert Event.objects.filter(state="merged").count() == FORTY - 1
