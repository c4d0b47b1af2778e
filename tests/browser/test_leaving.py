"""What a browser still shows after the log-out."""

import pytest
from playwright.sync_api import expect

from tests.browser.chromium import CHROMIUM, flags
from tests.browser.people import Office
from tests.cast import Cast


@pytest.fixture
def remembering(chromium):
    """A browser as people have it: it keeps whole pages for Back, which the one of the other tests does not."""
    browser = chromium.browser_type.launch(
        executable_path=CHROMIUM, args=flags(), ignore_default_args=["--disable-back-forward-cache"]
    )
    yield browser
    browser.close()


def test_back_after_the_log_out_shows_nothing_private(remembering, site):
    Cast()
    office = Office(remembering, site, locale="en-GB")
    page = office.page_of("director")
    page.goto(f"{site}/events/")
    page.get_by_label("My account", exact=True).click()
    page.get_by_role("button", name="Log out").click()
    expect(page.get_by_label("User name")).to_be_visible()

    page.evaluate("setTimeout(() => history.back())")

    page.wait_for_url(f"{site}/accounts/login/?next=/events/")
    expect(page.get_by_label("User name")).to_be_visible()
    expect(page.locator(".topnav")).to_have_count(0)
