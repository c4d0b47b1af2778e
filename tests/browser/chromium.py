"""A real Chromium against the product served from the test's own database."""

import os
import shutil
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, sync_playwright

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
WITHOUT_WINDOWS = shutil.which("chromium-headless-shell") or CHROMIUM
"""The same engine without the browser's own surface, for half the processor time. Without a network and for push
it is the whole one."""
FLAGS = [
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-gpu",  # there is none: its imitation takes more processor time than the pages
    "--disable-sync",
    "--no-first-run",
]


def flags() -> list[str]:
    return [*FLAGS, "--no-sandbox"] if os.geteuid() == 0 else FLAGS


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    if CHROMIUM is None:
        pytest.skip("no Chromium: as root run 'apt-get install chromium fonts-noto-cjk'")
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "1"  # Playwright keeps an event loop in this thread.
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=WITHOUT_WINDOWS, args=flags())
        yield browser
        browser.close()
