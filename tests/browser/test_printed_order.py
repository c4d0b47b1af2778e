"""The order on paper: its QR code is what a handler scans at the place."""

from events.models import State
from tests.browser.people import Office
from tests.cast import Cast, story_at


def test_nothing_of_the_qr_code_stands_above_the_sheet(chromium, site, settings):
    """A printer cuts what begins above the first line."""
    settings.DEMO_MODE = True
    event = story_at(Cast(), State.HANDLING).event
    office = Office(chromium, site)
    page = office.page_of("city")
    answer = page.goto(f"{site}/events/{event.pk}/order/")
    assert answer and answer.ok
    page.set_viewport_size({"width": 688, "height": 972})  # A4 within its margins
    page.emulate_media(media="print")
    code, first_row = (
        page.locator(what).bounding_box() for what in (".paper-qr svg", ".paper-table tr >> nth=0")
    )
    office.close()

    assert code and first_row
    assert 0 <= code["y"] < code["y"] + code["height"] <= first_row["y"]
