"""A grid worker's phone: a Chromium with storage of its own, which can lose the network, be killed and be started again."""

import io
import shutil
import signal
import time
from pathlib import Path

import psutil
from django.conf import settings
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from PIL import ExifTags, Image
from playwright.sync_api import Browser, BrowserContext, Error, Page, expect

from accounts.views import PERSON_COOKIE
from events.models import Event
from tests.browser.chromium import CHROMIUM, flags
from tests.cast import SHOP_IN_ROAD, Cast, Story

SHELL = reverse("phone:shell")
IN_THE_GRID = {"longitude": 120.1625, "latitude": 30.2835, "accuracy": 14}
STAIRWELL = "楼道堆放纸箱"
MEDIA = ["--use-fake-device-for-media-stream", "--use-fake-ui-for-media-stream"]


class Phone:
    """``person``: whose session it begins with; None: nobody has logged in on it."""

    def __init__(
        self,
        browser: Browser,
        folder: Path,
        site: str,
        person: str | None = "worker",
        program: str = CHROMIUM,
        **device,
    ) -> None:
        self._browser, self._folder, self.site, self._program = browser, folder, site, program
        self._device = {"viewport": {"width": 390, "height": 844}, "locale": "zh-CN", **device}
        self.start()
        if person:
            self.log_in(person)

    def start(self) -> None:
        self.context: BrowserContext = self._browser.browser_type.launch_persistent_context(
            self._folder,
            executable_path=self._program,
            args=[*flags(), *MEDIA],
            is_mobile=True,
            has_touch=True,
            timezone_id="Asia/Shanghai",
            geolocation=IN_THE_GRID,
            permissions=["geolocation", "microphone", "camera"],
            **self._device,
        )
        self.page: Page = self.context.pages[0]
        self.page.set_default_timeout(10_000)

    def log_in(self, person: str) -> None:
        client = Client()
        client.force_login(getattr(Cast(), person), backend="accounts.backends.PostBackend")
        later = time.time() + settings.SESSION_COOKIE_AGE
        kept = {
            "sessionid": client.cookies["sessionid"].value,
            PERSON_COOKIE: str(client.session["_auth_user_id"]),
        }
        self.context.add_cookies(
            [
                {"name": name, "value": value, "url": self.site, "expires": later}
                for name, value in kept.items()
            ]
        )

    def open(self, screen: str = "tasks") -> Page:
        """The app at this screen, started anew."""
        self.page.goto("about:blank")
        self.page.goto(f"{self.site}{SHELL}#/{screen}")
        self.page.wait_for_selector(f"body[data-shown='{screen.split('/')[0]}']")
        if screen.startswith("report"):
            self.page.wait_for_selector("form[data-ready]")
        return self.page

    def kept(self) -> None:
        """Until the service worker has the whole app."""
        self.page.evaluate("navigator.serviceWorker.ready.then(() => undefined)")

    def kill(self) -> None:
        """As an empty battery would: no page, no worker is told."""
        for process in psutil.process_iter(["cmdline"]):
            if f"--user-data-dir={self._folder}" in (process.info["cmdline"] or []):
                process.send_signal(signal.SIGKILL)
        try:
            self.context.close()
        except Error:
            pass  # It is dead already.
        for lock in self._folder.glob("Singleton*"):
            lock.unlink()

    def charge(self, person: str) -> None:
        """On again. Chromium writes its cookies down twice a minute only, so the log-in may have to be repeated."""
        self.start()
        self.log_in(person)

    def close(self) -> None:
        try:
            self.context.close()
        except Error:
            pass
        shutil.rmtree(self._folder, ignore_errors=True)

    # What a worker does -----------------------------------------------------------------------------

    def fill(self, words: str = STAIRWELL, *, photos: int = 1, item: str = "") -> None:
        """A report up to its sending: a photo, a few words, the first proposal, the phone's own position."""
        page = self.page
        if photos:
            page.set_input_files(
                "[data-tray=before_photo] input[multiple]", [photo(seed) for seed in range(photos)]
            )
            expect(page.locator("[data-tray=before_photo] .tile img")).to_have_count(photos)
        page.fill("#description", words)
        chips = page.locator("[data-proposals] button:not(.all)")
        (chips.filter(has_text=item) if item else chips).first.click()
        expect(page.locator("[data-chosen]")).to_be_visible()

    def add_oneself(self) -> Story:
        """A report of what a colleague has just reported here, up to its sending, with oneself added to the colleague's."""
        where = {name: IN_THE_GRID[name] for name in ("longitude", "latitude")}
        first = Story(Cast(), SHOP_IN_ROAD, at=timezone.now()).report("colleague", **where).route()
        self.open("report")
        self.fill("店铺占道经营")
        join = self.page.locator("[data-join]").first
        join.click()
        expect(join).to_have_attribute("aria-pressed", "true")
        return first

    def send(self) -> None:
        self.page.locator("[data-send]").click()
        self.page.wait_for_selector(".sent")

    def until_sent(self) -> None:
        """The outbox is empty: the server has everything."""
        self.page.wait_for_selector(
            "body[data-shown]"
        )  # A page that is only beginning has counted nothing yet.
        expect(self.page.locator("[data-mark=outbox]")).to_have_attribute("hidden", "", timeout=20_000)


def photo(
    seed: int = 0, size: tuple[int, int] = (1200, 900), place: tuple[float, float] | None = None
) -> dict:
    """``place``: the longitude and latitude its EXIF says."""
    file, exif = io.BytesIO(), Image.Exif()
    if place:
        exif.get_ifd(ExifTags.IFD.GPSInfo).update(
            {1: "N", 2: (place[1], 0.0, 0.0), 3: "E", 4: (place[0], 0.0, 0.0)}
        )
    noise = Image.effect_noise((size[0] // 8, size[1] // 8), 40 + seed).resize(size).convert("RGB")
    noise.save(file, "JPEG", exif=exif)
    return {"name": f"{seed}.jpg", "mimeType": "image/jpeg", "buffer": file.getvalue()}


def fed_back() -> Story:
    """What the worker of the grid may check."""
    story = Story(Cast(), SHOP_IN_ROAD).report().route()
    return story.accept().dispatch(lead="CGJ@330104005").sign().feed_back()


def only_event() -> Event:
    return Event.objects.get()
