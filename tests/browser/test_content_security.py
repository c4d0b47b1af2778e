"""The browser holds every page to the Content-Security-Policy, and no page needs what that forbids."""

import re
from pathlib import Path

import pytest
from django.conf import settings
from django.test import Client
from playwright.sync_api import expect

from events.models import State
from tests.browser.people import Office
from tests.cast import DAMP_WALL, Cast, Story, story_at

LISTEN = """
    window.refused = [];
    document.addEventListener("securitypolicyviolation", (event) =>
        window.refused.push(`${event.effectiveDirective} ${event.blockedURI} ${event.sourceFile}:${event.lineNumber}`));
"""
NEEDS_MORE = re.compile(
    r"<script(?![^>]*\bsrc=)|<style\b|\sstyle=|\son[a-z]+=|\shx-on|javascript:|hx-trigger=\"[^\"]*\["
)
"""Inline scripts and looks, handlers in attributes, and htmx's filters, which it evaluates."""


@pytest.fixture
def office(chromium, site, settings):
    settings.DEMO_MODE = True
    office = Office(chromium, site)
    yield office
    office.close()


def test_no_page_breaks_the_policy(office):
    event = story_at(Cast(), State.HANDLING).event
    papers = Story(Cast(), DAMP_WALL).report().route().event
    for name, paths in {
        "director": ["/", "/events/", f"/events/{event.pk}/", "/rules/calendar/", "/inbox/", "/api/v1/docs/"],
        "worker": ["/m/", f"/events/{papers.pk}/moves/self_close/", "/accounts/authenticator/"],
        "supervisor": ["/supervision/closure/"],
    }.items():
        page = office.page_of(name)
        page.add_init_script(LISTEN)
        for path in paths:
            answer = page.goto(office.site + path, wait_until="networkidle")
            assert answer and answer.ok, path
            page.mouse.move(700, 450)  # over the chart, where there is one: its tooltip
            assert page.evaluate("window.refused") == [], path


def test_the_browser_runs_no_script_and_loads_no_picture_that_slipped_into_a_page(office):
    page = office.page_of("director")
    page.add_init_script(LISTEN)
    page.goto(office.site)
    page.evaluate(
        """() => {
            const slipped = document.createElement("div");
            slipped.innerHTML = '<img src="https://elsewhere.invalid/x.png" onerror="window.ran = true">';
            document.body.append(slipped);
            const script = document.createElement("script");
            script.textContent = "window.ran = true";
            document.body.append(script);
        }"""
    )
    expect(page.locator("img[src*=elsewhere]")).to_have_count(1)
    Office.until(page, lambda: len(page.evaluate("window.refused")) >= 2)
    assert page.evaluate("window.ran") is None


def test_no_template_needs_more_than_the_policy_grants():
    templates = Path(settings.BASE_DIR, "templates").rglob("*.html")
    found = {path.name: NEEDS_MORE.search(path.read_text()) for path in templates}
    assert not {name: match[0] for name, match in found.items() if match}


def test_every_answer_has_the_policy(db):
    policy = Client().get("/accounts/login/").headers["Content-Security-Policy"]
    assert "default-src 'self'" in policy and "frame-ancestors 'none'" in policy
    assert "script-src" not in policy and "unsafe-eval" not in policy
