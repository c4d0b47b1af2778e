"""The search box of every page: what is suggested, what was searched lately, and never a person's number among it."""

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from dispatch.outbox import drain
from tests.browser.people import Office
from tests.cast import POLICE, SHOP_IN_ROAD, Cast, Story


@pytest.fixture
def office(chromium, site, settings):
    settings.DEMO_MODE = True
    office = Office(chromium, site)
    yield office
    office.close()


def test_the_box_suggests_finds_and_remembers(office):
    story = Story(Cast(), SHOP_IN_ROAD, at=timezone.now())
    story.report(
        description="菜市场门口有流动摊贩，影响居民出行，电话13912345678", address="凯旋路12号3号楼"
    ).route()
    story.accept().dispatch(lead=POLICE).sign().comment("police", text="已联系队员到场劝离")
    drain()
    page = office.page_of("director")
    page.goto(office.site)
    box = page.locator("#global-search")
    box.fill("斗殴")
    option = page.locator("#global-search-options [role=option]")
    expect(option.first).to_be_visible()
    box.fill("摊贩 劝离")
    box.press("Enter")
    expect(page.locator("mark", has_text="劝离")).to_be_visible()
    box.fill("13912345678")
    box.press("Enter")
    expect(page.locator("#number-reason")).to_be_visible()
    page.fill("#number-reason", "回访")
    page.locator(".number-search button").click()
    expect(page.locator("#content").get_by_text(story.event.number)).to_be_visible()
    page.goto(office.site)
    box.click()
    expect(option).to_have_count(1)
    expect(option).to_contain_text("摊贩 劝离")
