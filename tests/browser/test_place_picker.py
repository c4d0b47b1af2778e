"""The address book on the report page of a phone: by the keyboard, by a tap, from a label, and corrected on the map."""

import pytest
from django.urls import reverse
from playwright.sync_api import Page, expect

from grids.place_book import save_places
from tests.cast import GRID, Cast
from tests.desks.test_report_page import session

LON, LAT = 120.1625, 30.2835


@pytest.fixture
def phone(site, chromium):
    place = {"kind": "estate", "area": GRID, "longitude": LON, "latitude": LAT}
    save_places(
        district=Cast().district,
        rows=[
            place | {"code": "A", "name": "嘉泰小区", "address": "凯旋路88号"},
            place
            | {"code": "A-1", "name": "1幢", "kind": "building", "parent": "A", "longitude": LON + 0.0004},
            {"code": "S", "name": "文澜小学", "kind": "school", "area": GRID},
        ],
    )
    context = chromium.new_context(viewport={"width": 1440, "height": 900}, locale="en", has_touch=True)
    context.add_cookies([{"name": "sessionid", "value": session("community"), "url": site}])
    page = context.new_page()
    page.set_default_timeout(10_000)
    yield page, site
    context.close()


def opened(page: Page, address: str) -> None:
    page.goto(address)
    expect(page.locator("#report")).to_have_attribute("data-ready", "yes")


def test_a_place_is_taken_by_keys_by_a_tap_and_from_a_label(phone):
    page, site = phone
    opened(page, site + reverse("desks:report"))
    field, options = page.locator("#address"), page.locator("#address-places [role=option]")
    longitude = page.locator("[name=longitude]")

    field.press_sequentially("jtxq")
    expect(options).to_have_count(2)
    expect(field).to_have_attribute("aria-expanded", "true")
    field.press("ArrowDown")
    expect(field).to_have_attribute("aria-activedescendant", "address-places-0")
    field.press("Enter")
    expect(field).to_have_value("凯旋路88号 嘉泰小区")
    expect(longitude).to_have_value(f"{LON:.6f}")
    expect(page.locator("[data-located]")).to_be_visible()
    expect(field).to_be_focused()

    field.fill("jtxq1")
    options.first.tap()
    expect(field).to_have_value("嘉泰小区1幢")
    expect(longitude).to_have_value(f"{LON + 0.0004:.6f}")
    page.locator("#map").scroll_into_view_if_needed()
    page.locator("#map").tap(position={"x": 60, "y": 60})
    expect(longitude).not_to_have_value(f"{LON + 0.0004:.6f}")
    expect(field).to_have_value("嘉泰小区1幢")  # The point is corrected, the words stay.

    field.fill("嘉")
    expect(options).to_have_count(2)
    field.press("Escape")
    expect(page.locator("#address-places")).to_be_hidden()

    opened(page, site + reverse("desks:report") + "?place=A")
    expect(field).to_have_value("凯旋路88号 嘉泰小区")
    expect(longitude).to_have_value(f"{LON:.6f}")
