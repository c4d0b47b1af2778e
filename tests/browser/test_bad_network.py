"""The phone's outbox in a real browser over a bad network: zero lost, zero doubled, every photo there.

The page is loaded anew in the middle and a second tab opened, as a worker does who sees nothing happen. REPORTS by
environment: two hundred in a test run, ten thousand in 'make soak'.
"""

import os
import time

import pytest
from django.db.models import Count
from playwright.sync_api import Page

from accounts.models import User
from events.models import Event, Evidence, Step
from tests.browser.people import Office
from tests.processes.fault_proxy import FAULTS, FaultProxy
from tests.processes.product import ITEM, OWN_GRID

REPORTS = int(os.environ.get("REPORTS", "200"))
BATCH = 100
"""Reports made at a time; more at once than a worker has after a week without network."""
PHOTO_EVERY = 4
SHARE = 0.3
SECONDS = 120 + REPORTS // 2

OPEN = """async (person) => {
    const load = (name) => import(`/static/grid/phone/${name}.js`);
    const [{ openStore }, { Outbox }, { sender }] = await Promise.all(["store", "outbox", "send"].map(load));
    const store = await openStore(person);
    window.outbox = new Outbox({ store, send: sender({ person }) });
    window.outbox.start();
    return store.durable;
}"""

MAKE = """async ({ from, to, every, item, area }) => {
    const { sha256 } = await import("/static/grid/report/sha256.js");
    const canvas = Object.assign(document.createElement("canvas"), { width: 320, height: 240 });
    const context = canvas.getContext("2d");
    for (let at = from; at < to; at++) {
        const files = [];
        if (at % every === 0) {
            context.fillStyle = `hsl(${at % 360} 60% 60%)`;
            context.fillRect(0, 0, 320, 240);
            context.fillStyle = "#000";
            context.fillText(`Photo ${at}`, 20, 40);
            const blob = await new Promise((done) => canvas.toBlob(done, "image/jpeg"));
            files.push({ kind: "before_photo", blob, sha256: await sha256(blob), name: `${at}.jpg` });
        }
        await window.outbox.addReport({ item, area_code: area, description: `Report ${at}` }, files);
    }
}"""


@pytest.fixture
def office(chromium, site):
    office = Office(chromium, site, locale="en-US")
    yield office
    office.close()


@pytest.fixture
def proxy(site):
    proxy = FaultProxy(site, share=SHARE, seed=1)
    yield proxy
    proxy.stop()


def until_left(page: Page, most: int) -> None:
    """Let the phone go on until no more than these wait."""
    Office.until(page, lambda: page.evaluate("window.outbox.waiting()") <= most, seconds=SECONDS)


def test_hundreds_of_reports_over_a_bad_network(office, proxy):
    page = office.page_of("worker")
    person = User.objects.get(username="worker").pk
    begun = time.monotonic()

    def open_phone(tab: Page) -> None:
        tab.goto(f"{proxy.url}/m/")
        assert tab.evaluate(OPEN, person) is True, "the store is durable"

    open_phone(page)
    for number, first in enumerate(range(0, REPORTS, BATCH)):
        span = {"from": first, "to": min(first + BATCH, REPORTS), "every": PHOTO_EVERY}
        page.evaluate(MAKE, span | {"item": ITEM, "area": OWN_GRID})
        if number % 2 == 0:
            open_phone(page)  # In the middle of whatever it was sending.
        else:
            second = page.context.new_page()
            open_phone(second)
            page.close()
            page = second
        until_left(page, BATCH)
    until_left(page, 0)

    photos = len(range(0, REPORTS, PHOTO_EVERY))
    events = Event.objects.filter(description__startswith="Report ")
    assert events.count() == events.values("description").distinct().count() == REPORTS
    assert not events.exclude(photos_missing=0).exists()
    assert Evidence.objects.filter(event__in=events, received_at__isnull=False).count() == photos
    assert Evidence.objects.filter(event__in=events).count() == photos
    steps = Step.objects.filter(event__in=events, verb="report").values("event").annotate(times=Count("pk"))
    assert [row["times"] for row in steps] == [1] * REPORTS
    assert set(proxy.done) == {"passed", *FAULTS}, "everything that can go wrong did"
    assert page.evaluate("window.outbox.sent().then((sent) => sent.every((one) => one.photos_missing === 0))")
    print(f"{REPORTS} reports, {photos} photos in {time.monotonic() - begun:.0f} s: {dict(proxy.done)}")
