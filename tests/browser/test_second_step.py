"""The second step in a real browser: an authenticator by its QR page, a passkey by a virtual authenticator."""

import os
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from django.test import Client
from django.urls import reverse
from django_otp.oath import TOTP
from django_otp.plugins.otp_totp.models import TOTPDevice
from playwright.sync_api import Browser, BrowserContext, Page, expect

from accounts.models import Passkey, User
from tests.browser.people import DESKTOP, PHONE

PASSWORD = "river-lantern-94"
ALBUM = os.environ.get("ACCESS_ALBUM", "")


@pytest.fixture
def host(site) -> str:
    """Passkeys belong to a name, not to a number."""
    return f"http://localhost:{urlsplit(site).port}"


@pytest.fixture
def context(chromium: Browser) -> Iterator[BrowserContext]:
    context = chromium.new_context(**DESKTOP, locale="zh-CN", timezone_id="Asia/Shanghai")
    context.set_default_timeout(20_000)
    yield context
    context.close()


@pytest.fixture
def director(site, settings) -> User:
    settings.REQUIRE_SECOND_FACTOR = True
    person = User.objects.get(username="director")
    person.set_password(PASSWORD)
    person.save()
    return person


def log_in(page: Page, host: str, username: str = "director") -> None:
    page.goto(f"{host}/accounts/login/")
    page.fill("#id_username", username)
    page.fill("#id_password", PASSWORD)
    page.locator("form[action='/accounts/login/'] button").click()
    page.wait_for_url(lambda url: "/login/" not in url)


def log_out(page: Page) -> None:
    page.context.clear_cookies()


def snap(page: Page, name: str) -> None:
    if ALBUM:
        for device, form in (("desktop", DESKTOP), ("phone", PHONE)):
            page.set_viewport_size(form["viewport"])
            page.screenshot(path=Path(ALBUM) / f"{name}-{device}.png", full_page=True)
        page.set_viewport_size(DESKTOP["viewport"])


def code_of(person: User, *, confirmed: bool) -> str:
    totp = TOTP(TOTPDevice.objects.get(user=person, confirmed=confirmed).bin_key)
    totp.time = time.time()
    return f"{totp.token():06}"


def test_a_director_sets_up_an_authenticator_and_passes_it(context, host, director):
    page = context.new_page()
    log_in(page, host)

    expect(page.locator(".access-qr svg")).to_be_visible()
    snap(page, "authenticator")
    page.fill("#id_code", code_of(director, confirmed=False))
    page.locator(".access-inline button").click()
    expect(page.locator(".access-codes li")).to_have_count(10)
    snap(page, "codes")
    page.locator(".btn-row a").click()
    page.wait_for_url(f"{host}/")
    log_out(page)

    TOTPDevice.objects.update(last_t=-1)
    log_in(page, host)
    expect(page.locator("#id_code")).to_be_focused()
    snap(page, "second-step")
    page.fill("#id_code", code_of(director, confirmed=True))
    page.keyboard.press("Enter")
    page.wait_for_url(f"{host}/")
    page.goto(f"{host}{reverse('accounts:own_log_ins')}")
    snap(page, "own-log-ins")


def test_a_director_makes_a_passkey_and_passes_it(context, host, director):
    page = context.new_page()
    devtools = context.new_cdp_session(page)
    devtools.send("WebAuthn.enable")
    options = {
        "protocol": "ctap2",
        "transport": "internal",
        "hasResidentKey": True,
        "hasUserVerification": True,
    }
    device = devtools.send(
        "WebAuthn.addVirtualAuthenticator", {"options": options | {"isUserVerified": True}}
    )["authenticatorId"]
    log_in(page, host)

    page.locator("[data-passkey=create]").click()
    expect(page.locator(".access-codes li")).to_have_count(10)
    assert Passkey.objects.get(user=director).name.endswith("Chrome, Linux")
    log_out(page)
    log_in(page, host)
    page.locator("[data-passkey=get]").click()
    page.wait_for_url(f"{host}/")
    assert Passkey.objects.get(user=director).used_at
    log_out(page)

    devtools.send("WebAuthn.removeVirtualAuthenticator", {"authenticatorId": device})
    devtools.send("WebAuthn.addVirtualAuthenticator", {"options": options | {"isUserVerified": True}})
    log_in(page, host)
    page.locator("[data-passkey=get]").click()
    expect(page.locator("[data-passkey-error]")).to_be_visible()
    page.goto(f"{host}/")
    assert "second-step" in page.url


def test_the_pages_of_the_administrators_fit(context, host, director, settings):
    settings.REQUIRE_SECOND_FACTOR = False
    for number in range(5):
        Client().post(reverse("accounts:login"), {"username": "director", "password": f"wrong {number}"})
    pages = {
        "system": {"people": "accounts:people", "new": "accounts:new_person"},
        "security": {"locked": "accounts:people"},
        "audit": {"audit": "accounts:audit_log"},
    }
    User.objects.filter(username__in=pages).update(password=director.password)
    for username, names in pages.items():
        context.clear_cookies()
        page = context.new_page()
        log_in(page, host, username)
        for name, address in names.items():
            page.goto(f"{host}{reverse(address)}")
            fits(page, f"{username.split('_')[0]}-{name}")
        if "audit" not in names:
            page.goto(f"{host}{reverse('accounts:person', args=[director.pk])}")
            fits(page, f"{username.split('_')[0]}-person")


def fits(page: Page, name: str) -> None:
    snap(page, name)
    page.set_viewport_size(PHONE["viewport"])
    assert page.evaluate("document.documentElement.scrollWidth") <= 390, name
    page.set_viewport_size(DESKTOP["viewport"])
