"""What a worker adds to a report, in a real Chromium with a camera and a microphone that only play: pictures are made
small, recordings end where they must, and all of it reaches the server through the outbox."""

import base64
import io
from collections.abc import Iterator

import pytest
from PIL import Image
from playwright.sync_api import Browser, Page

from accounts.models import User
from events.models import Event, Evidence
from tests.browser.chromium import CHROMIUM, flags
from tests.browser.people import Office
from tests.processes.product import ITEM, OWN_GRID

DEVICES = ["--use-fake-device-for-media-stream", "--use-fake-ui-for-media-stream"]
SHRINK = """async ([base64, type]) => {
    const { shrink } = await import("/static/grid/phone/shrink.js");
    const source = new Blob([Uint8Array.from(atob(base64), (one) => one.charCodeAt(0))], { type });
    try {
        const small = await shrink(source);
        const bytes = new Uint8Array(await small.arrayBuffer());
        return { same: small === source, type: small.type, base64: btoa(bytes.reduce((all, one) => all + String.fromCharCode(one), "")) };
    } catch (error) {
        return error.name;
    }
}"""
RECORD = """async ([kind, after, end]) => {
    const { record } = await import("/static/grid/phone/recorder.js");
    const ticks = [];
    const recording = await record(kind, { onTick: (seconds) => ticks.push(seconds) });
    if (end) setTimeout(() => recording[end](), after);
    const done = await recording.done;
    window.recorded = { ...window.recorded, [kind]: done };
    const isLive = recording.stream.getTracks().some((track) => track.readyState === "live");
    return { kind: done?.kind, size: done?.blob.size, type: done?.blob.type, ticks: ticks.length, isLive };
}"""
SEND = """async ({ person, item, area }) => {
    const load = (path) => import(`/static/grid/${path}.js`);
    const modules = ["phone/store", "phone/outbox", "phone/send", "report/sha256"];
    const [{ openStore }, { Outbox }, { sender }, { sha256 }] = await Promise.all(modules.map(load));
    const outbox = new Outbox({ store: await openStore(person), send: sender({ person }) });
    const files = Object.values(window.recorded).filter(Boolean);
    for (const file of files) Object.assign(file, { sha256: await sha256(file.blob), name: file.kind });
    const id = await outbox.addReport({ item, area_code: area, description: "Heard and seen" }, files);
    await outbox.wake();
    return { id, left: await outbox.list() };
}"""


@pytest.fixture(scope="module")
def with_devices(chromium: Browser) -> Iterator[Browser]:
    browser = chromium.browser_type.launch(executable_path=CHROMIUM, args=[*flags(), *DEVICES])
    yield browser
    browser.close()


@pytest.fixture
def office(with_devices, site, settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    office = Office(with_devices, site, locale="en-US")
    yield office
    office.close()


@pytest.fixture
def page(office) -> Page:
    page = office.page_of("worker")
    page.goto(f"{office.site}/")
    return page


def picture(size: tuple[int, int], kind: str = "JPEG", **options) -> bytes:
    """Of noise, which compresses worst."""
    file = io.BytesIO()
    Image.effect_noise(size, 90).convert("RGB").save(file, kind, **options)
    return file.getvalue()


def shrunk(page: Page, content: bytes, kind: str = "image/jpeg"):
    return page.evaluate(SHRINK, [base64.b64encode(content).decode(), kind])


def opened(told: dict) -> Image.Image:
    return Image.open(io.BytesIO(base64.b64decode(told["base64"])))


def test_pictures_are_made_small(page):
    noise = picture((2400, 1800))
    large = shrunk(page, noise)
    assert opened(large).size == (1600, 1200)
    assert len(large["base64"]) < len(noise) / 2

    turned = Image.Exif()
    turned[0x0112] = 6  # a quarter to the right
    assert opened(shrunk(page, picture((2000, 1000), exif=turned))).size == (800, 1600)

    drawn = shrunk(page, picture((300, 200), "PNG"), "image/png")
    assert (drawn["type"], opened(drawn).size) == ("image/jpeg", (300, 200))

    assert shrunk(page, picture((300, 200)))["same"], "its time and place are kept"
    assert shrunk(page, b"%PDF-1.4 paper", "application/pdf")["same"]
    assert shrunk(page, b"\0\0\0\x18ftypheic and what no browser draws", "")["same"]
    assert shrunk(page, b"no picture", "image/jpeg") == "UnreadableError"
    assert shrunk(page, b"", "application/pdf") == "UnreadableError"


def test_recordings_are_stopped_cancelled_and_end_by_themselves_and_reach_the_server(page):
    cancelled = page.evaluate(RECORD, ["voice", 700, "cancel"])
    assert (cancelled["kind"], cancelled["isLive"]) == (None, False)
    voice = page.evaluate(RECORD, ["voice", 1500, "stop"])
    assert (voice["kind"], voice["type"], voice["isLive"]) == ("voice", "audio/webm", False)
    assert voice["ticks"] >= 2 and voice["size"] < 32_000

    limits = "async (limits) => Object.assign((await import('/static/grid/phone/recorder.js')).LIMITS.video, limits)"
    page.evaluate(limits, {"seconds": 60, "bytes": 30_000})
    full = page.evaluate(RECORD, ["video", 0, None])
    assert full["kind"] is None or full["size"] <= 30_000
    page.evaluate(limits, {"seconds": 2, "bytes": 20_000_000})
    video = page.evaluate(RECORD, ["video", 0, None])
    assert (video["kind"], video["type"], video["isLive"]) == ("video", "video/webm", False)

    worker = User.objects.get(username="worker").pk
    sent = page.evaluate(SEND, {"person": worker, "item": ITEM, "area": OWN_GRID})
    assert sent["left"] == []
    event = Event.objects.get(pk=sent["id"])
    rows = Evidence.objects.filter(event=event, received_at__isnull=False)
    assert {row.kind: row.content_type for row in rows} == {"voice": "audio/webm", "video": "video/webm"}
    assert event.photos_missing == 0


def test_without_a_recorder_or_a_device_it_says_so(chromium, site):
    office = Office(chromium, site, locale="en-US")
    page = office.page_of("worker")
    page.goto(f"{office.site}/")
    ask = """async () => {
        const { canRecord, record, RecordingError } = await import("/static/grid/phone/recorder.js");
        const error = await record("voice").catch((error) => error);
        return [canRecord, error instanceof RecordingError && error.code];
    }"""
    assert page.evaluate(ask) in ([True, "refused"], [True, "no_device"])
    page.add_init_script("delete window.MediaRecorder")
    page.reload()
    assert page.evaluate(ask) == [False, "not_supported"]
    office.close()
