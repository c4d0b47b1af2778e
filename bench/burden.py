"""How many touches, keys and seconds five typical reports take on a phone, from the open app to 'sent'; in Chromium.

``python -m bench.burden``: each report begins at the tasks, as the app is left open. Every touch of a finger is counted, those in
the phone's own camera too (shutter and confirmation), which no browser can be made to do: ``CAMERA`` stands for them. Between
touches a person looks for a while: ``LOOKS``; a Chinese character by pinyin takes ``A_CHARACTER``. These are assumptions, printed
with the result; what the machine itself takes is printed beside. Goal: at most ``GOAL_TOUCHES`` touches and ``GOAL_SECONDS``
seconds with ten characters.
"""

import os
import shutil
import sys
import time
from dataclasses import dataclass, field

from playwright.sync_api import Page, sync_playwright

from bench import place

GOAL_TOUCHES, GOAL_SECONDS = 6, 20
LOOKS = 1.2
"""Seconds of a person's before each touch: to see where it goes, and to go there."""
A_CHARACTER = 0.6
"""Seconds for a character typed by pinyin with one thumb."""
CAMERA = (2, 3.0)
"""Touches in the phone's camera, shutter and confirmation, and the seconds they take."""
WHO = "worker"
IN_THE_GRID = {"longitude": 120.1625, "latitude": 30.2835, "accuracy": 14}


@dataclass(frozen=True)
class Case:
    """A report: what it is about, what is typed, whether it is closed on the spot."""

    name: str
    words: str
    photos: int = 1
    closed: bool = False


CASES = [
    Case("rubbish in the stairwell", "楼道堆放纸箱旧家具多"),
    Case("street lamp out", "路灯不亮晚上很黑危险"),
    Case("manhole cover broken", "窨井盖破损行人易绊倒"),
    Case("a shop in the road", "店铺占道经营影响通行"),
    Case("closed on the spot", "小广告已经清理干净了", closed=True),
]


@dataclass
class Hand:
    """A finger and a thumb: counts what they do, and the time a person would need besides the machine's."""

    page: Page
    touches: int = 0
    keys: int = 0
    human: float = 0
    machine: float = field(default=0)

    def tap(self, selector: str) -> None:
        self.touches += 1
        self.human += LOOKS
        began = time.monotonic()
        self.page.locator(selector).first.click()
        self.machine += time.monotonic() - began

    def shoot(self, selector: str, picture: dict) -> None:
        """Open the camera, press the shutter, confirm."""
        with self.page.expect_file_chooser() as chooser:
            self.tap(selector)
        touches, seconds = CAMERA
        self.touches += touches
        self.human += seconds
        chooser.value.set_files(picture)

    def type(self, words: str) -> None:
        """Where the caret stands already: nobody taps into the field."""
        for character in words:
            self.keys += 1
            self.human += A_CHARACTER
            began = time.monotonic()
            self.page.keyboard.insert_text(character)
            self.machine += time.monotonic() - began

    def wait(self, selector: str) -> None:
        began = time.monotonic()
        self.page.wait_for_selector(selector)
        self.machine += time.monotonic() - began


def main() -> None:
    with place.database():
        import django

        django.setup()
        with place.web("product"):
            hands = {case.name: hand for case, hand in reported()}
    print(
        f"assumed: {LOOKS} s before a touch, {A_CHARACTER} s a character, camera {CAMERA[0]} touches and {CAMERA[1]} s"
    )
    print(f"{'report':28} touches  keys  seconds  of them the app's")
    for name, hand in hands.items():
        print(
            f"{name:28} {hand.touches:7} {hand.keys:5} {hand.human + hand.machine:8.1f} {hand.machine:10.2f}"
        )
    plain = [hands[case.name] for case in CASES if not case.closed]
    worst = max(hand.touches for hand in plain), max(hand.human + hand.machine for hand in plain)
    print(
        f"goal: {GOAL_TOUCHES} touches, {GOAL_SECONDS} s for ten characters and a photo; slowest {worst[0]} and {worst[1]:.1f} s"
    )
    sys.exit(worst[0] > GOAL_TOUCHES or worst[1] > GOAL_SECONDS)


def reported():
    from bench.client import log_in
    from tests.phone.phones import photo

    site = f"http://127.0.0.1:{place.PORTS['product']}"
    cookie = {"name": "sessionid", "value": log_in(WHO), "url": site}
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "1"  # Playwright keeps an event loop in this thread.
    with sync_playwright() as playwright:
        program = shutil.which("chromium") or shutil.which("chromium-browser")
        browser = playwright.chromium.launch(executable_path=program, args=["--no-sandbox"])
        context = browser.new_context(
            viewport={"width": 390, "height": 844}, is_mobile=True, has_touch=True, locale="zh-CN",
            geolocation=IN_THE_GRID, permissions=["geolocation"],
        )  # fmt: skip
        context.add_cookies([cookie])
        page = context.new_page()
        page.goto(f"{site}/m/")
        for number, case in enumerate(CASES):
            page.wait_for_selector("body[data-shown=tasks]")
            yield case, one(page, case, [photo(10 * number + each) for each in range(2)])
            page.goto(f"{site}/m/#/tasks")
        browser.close()


def one(page: Page, case: Case, pictures: list[dict]) -> Hand:
    hand = Hand(page)
    hand.shoot("[data-report]", pictures[0])
    hand.wait("form[data-ready]")
    hand.type(case.words)
    hand.tap("[data-proposals] button:not(.all)")
    if case.closed:
        hand.tap("[name=self_close]")
        hand.shoot("[data-spot-trays] [capture]", pictures[1])
        hand.tap("#result")
        hand.type("已清理")
    hand.tap("[data-send]")
    hand.wait(".sent[data-state=complete], .sent[data-state=photos]")
    return hand


if __name__ == "__main__":
    main()
