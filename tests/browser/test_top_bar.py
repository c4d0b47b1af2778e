"""The top bar stays, however long the page."""

from tests.browser.people import DESKTOP, Office


def test_the_top_bar_stays_at_the_end_of_a_long_page(chromium, site):
    office = Office(chromium, site)
    page = office.page_of("system")
    page.set_viewport_size(DESKTOP["viewport"])
    page.goto(f"{site}/checklist/", wait_until="networkidle")
    page.evaluate("window.scrollTo(0, document.documentElement.scrollHeight)")
    assert page.evaluate("scrollY") > 2 * DESKTOP["viewport"]["height"]
    assert page.locator(".topbar").bounding_box()["y"] == 0
    office.close()
