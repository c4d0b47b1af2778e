"""How light the grid worker's app is: bytes and seconds of the first and of later starts, and how typing keeps up.

``python -m bench.phone``: Chromium as a weak phone, its processor slowed down four times, on "slow 3G" as browsers' tools define
it (400 kbit/s, 400 ms there and back); the server has answered each address before. *First*: nothing kept, logged in, until the tasks are shown; then what the service worker
fetches besides, and what the app provides for a basement. *Later*: from what is kept, with the same network. *Typing*: the longest time from a key to the picture with it, while
the checklist proposes. Goals: ``FIRST_KB``, ``LATER_KB`` and ``USABLE_SECONDS``.
"""

import os
import shutil
import statistics
import sys
import time

from playwright.sync_api import CDPSession, Page, sync_playwright

from bench import place

FIRST_KB, LATER_KB, USABLE_SECONDS = 200, 10, 3
SLOW_3G = {"offline": False, "latency": 400, "downloadThroughput": 50_000, "uploadThroughput": 50_000}
"""Milliseconds, bytes a second."""
SLOWER = 4
WHO = "worker"
STARTS = 5
SETTLED_MS = 8000
ASKED_BEFORE = ("/m/", "/api/v1/me/", "/api/v1/tasks/", "/api/v1/inbox/unread/")
WORDS = "小区东门路灯坏了三天晚上很黑老人摔倒请尽快修"
TYPING = """() => {
    window.slowest = [];
    new PerformanceObserver((list) => {
        for (const entry of list.getEntries()) if (entry.name === 'keydown' || entry.name === 'input') window.slowest.push(entry.duration);
    }).observe({ type: 'event', durationThreshold: 16 });
}"""


def main() -> None:
    with place.database():
        import django

        django.setup()
        with place.web("product"):
            first, later, keys = measured()
    print("on slow 3G (400 kbit/s, 400 ms) with a processor four times slower:")
    for name, (kilobytes, seconds), most in (("first", first, FIRST_KB), ("later", later, LATER_KB)):
        print(
            f"  {name} start: {kilobytes:6.1f} KB (goal {most}), usable after {seconds:.1f} s (goal {USABLE_SECONDS})"
        )
    print(
        f"  typing: a key is seen after {statistics.median(keys):.0f} ms in the middle, {max(keys):.0f} ms at the latest"
    )
    sys.exit(first[0] > FIRST_KB or later[0] > LATER_KB or max(first[1], later[1]) > USABLE_SECONDS)


def measured() -> tuple[tuple[float, float], tuple[float, float], list[float]]:
    """(KB, seconds) in the middle of the first starts and of the later ones; milliseconds of keys."""
    from bench.client import Person, log_in

    site = f"http://127.0.0.1:{place.PORTS['product']}"
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "1"  # Playwright keeps an event loop in this thread.
    with sync_playwright() as playwright:
        program = shutil.which("chromium") or shutil.which("chromium-browser")
        browser = playwright.chromium.launch(executable_path=program, args=["--no-sandbox"])
        session = log_in(WHO)
        person = Person(place.PORTS["product"], session)
        for path in ASKED_BEFORE:
            person.read(path)
        firsts, laters = [], []
        for _ in range(STARTS):
            context = browser.new_context(
                viewport={"width": 390, "height": 844}, is_mobile=True, has_touch=True, locale="zh-CN"
            )
            context.add_cookies([{"name": "sessionid", "value": session, "url": site}])
            firsts.append(started(context.new_page(), site))
            page = context.new_page()
            laters.append(started(page, site))
            keys = typed(page, site)
            context.close()
        browser.close()
    return middle(firsts), middle(laters), keys


def middle(starts: list[tuple[float, float]]) -> tuple[float, float]:
    return tuple(statistics.median(figures) for figures in zip(*starts, strict=True))


def weak(page: Page) -> CDPSession:
    session = page.context.new_cdp_session(page)
    session.send("Network.enable")
    session.send("Network.emulateNetworkConditions", SLOW_3G)
    session.send("Emulation.setCPUThrottlingRate", {"rate": SLOWER})
    return session


def started(page: Page, site: str) -> tuple[float, float]:
    """KB on the network until nothing more is fetched, and seconds until the tasks are shown."""
    session, bytes_of = weak(page), []
    session.on("Network.loadingFinished", lambda told: bytes_of.append(told["encodedDataLength"]))
    began = time.monotonic()
    page.goto(f"{site}/m/", wait_until="commit")
    page.wait_for_selector("body[data-shown=tasks]")
    seconds = time.monotonic() - began
    page.wait_for_load_state("networkidle")
    page.evaluate("navigator.serviceWorker.ready.then(() => undefined)")
    page.wait_for_timeout(SETTLED_MS)
    return sum(bytes_of) / 1000, seconds


def typed(page: Page, site: str) -> list[float]:
    page.goto(f"{site}/m/#/report")
    page.wait_for_selector("form[data-ready]")
    page.evaluate(TYPING)
    page.focus("#description")
    for character in WORDS:
        page.keyboard.press(
            "Shift"
        )  # The key event that is measured; a pinyin keyboard sends its text with one.
        page.keyboard.insert_text(character)
        page.wait_for_timeout(60)
    page.wait_for_timeout(500)
    return page.evaluate("window.slowest") or [16.0]


if __name__ == "__main__":
    main()
