"""People of the demo at their browsers: a phone for those outdoors, a desktop for the others."""

import io
import itertools
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from django.conf import settings
from django.test import Client
from PIL import Image, ImageEnhance
from playwright.sync_api import Browser, BrowserContext, Page, expect

from accounts.models import Organization
from demo.people import LOGINS
from demo.pictures import picture
from dispatch.workflow import VERBS
from events.models import Event
from tests.cast import Cast

PHONE = {"viewport": {"width": 390, "height": 844}, "is_mobile": True, "has_touch": True}
DESKTOP = {"viewport": {"width": 1440, "height": 900}}
GRID_TEAM = {"worker", "leader"}
OUTDOORS = GRID_TEAM | {"fire", "police"}


@dataclass
class Office:
    """Everybody's browsers, and the album their screenshots go to (none without a folder)."""

    browser: Browser
    site: str
    album: Path | None = None
    locale: str = "zh-CN"
    _contexts: dict[str, BrowserContext] = field(default_factory=dict)
    _shots: int = 0

    def page_of(self, name: str) -> Page:
        """The person's page, logged in by one click."""
        if name not in self._contexts:
            device = PHONE if name in OUTDOORS else DESKTOP
            context = self.browser.new_context(**device, locale=self.locale, timezone_id="Asia/Shanghai")
            page = context.new_page()
            page.set_default_timeout(15_000)
            if name in LOGINS:
                page.goto(f"{self.site}/accounts/login/")
                page.locator(f"form[action$='/{name}/'] button").click()
                page.wait_for_url(f"{self.site}/**")
            else:
                self._let_in(context, name)
            self._contexts[name] = context
        return self._contexts[name].pages[0]

    def _let_in(self, context: BrowserContext, name: str) -> None:
        """One of the cast who has no button on the demo's log-in page: with a session of theirs."""
        client = Client()
        client.force_login(getattr(Cast(), name), backend="accounts.backends.PostBackend")
        key = client.cookies[settings.SESSION_COOKIE_NAME].value
        context.add_cookies([{"name": settings.SESSION_COOKIE_NAME, "value": key, "url": self.site}])

    def snap(self, page: Page, name: str) -> None:
        if self.album:
            self._shots += 1
            page.wait_for_load_state("networkidle")
            page.screenshot(path=self.album / f"{self._shots:02d}-{name}.png")

    @staticmethod
    def until(page: Page, done: Callable[[], bool], seconds: int = 15) -> None:
        """Let the page go on until something has happened behind it."""
        for _moment in range(seconds * 10):
            if done():
                return
            page.wait_for_timeout(100)
        raise AssertionError("it did not happen in time")

    def close(self) -> None:
        for context in self._contexts.values():
            context.close()

    # By page ------------------------------------------------------------------------------------

    def move(self, name: str, verb: str, event: Event, **inputs) -> None:
        """Open the event, press the verb's button, fill the form, send it; the page comes back with the step done.

        The grid team does so in its app.
        """
        if name in GRID_TEAM:
            self._move_in_app(name, verb, event, **inputs)
            return
        page = self.page_of(name)
        page.goto(f"{self.site}/events/{event.pk}/")
        page.wait_for_load_state("networkidle")
        button = page.locator(f"a[data-move='{verb}']")
        if not button.is_visible():
            page.locator("[popovertarget='more-actions']").click()
        button.click()
        form = page.locator(f"[data-move-form='{verb}']")
        expect(form).to_be_visible()
        for need in VERBS[verb].needs:
            if need.name in inputs:
                self._fill(form, need, inputs[need.name])
        for box in form.locator(".confirm input").all():
            box.check()
        self.snap(page, f"{verb}-{name}")
        before = event.steps.count()
        with page.expect_navigation():
            form.locator(".move-foot button").last.click()
        assert event.steps.count() == before + 1
        self.snap(page, f"{verb}-{name}-done")

    def _move_in_app(self, name: str, verb: str, event: Event, **inputs) -> None:
        page = self.page_of(name)
        with page.expect_response(f"**/api/v1/events/{event.pk}/"):  # What is kept of it may be older.
            page.goto(f"{self.site}/m/#/event/{event.pk}")
        page.wait_for_selector("#screen .event")
        page.wait_for_load_state("networkidle")
        self.snap(page, f"event-{name}")
        page.locator(f"a[href='#/event/{event.pk}/{verb}']").click()
        form = page.locator("form.move")
        form.wait_for()
        for kind in inputs.pop("evidence", []):
            tray = form.locator(f"[data-tray='{kind}']")
            tray.locator("[data-album]").set_input_files(photo())
            expect(tray.locator(".tile img")).to_be_visible()
        for need, value in inputs.items():
            chosen = form.locator(f"[type=radio][name='{need}'][value='{value}']")
            if chosen.count():
                chosen.check()
            else:
                form.locator(f"#need-{need}").fill(str(value))
        if (confirm := form.locator("[data-confirm]")).is_visible():
            confirm.check()
        self.snap(page, f"{verb}-{name}")
        before = event.steps.count()
        form.locator(".primary").click()
        expect(page.locator("body")).to_have_attribute("data-shown", "tasks")
        self.until(page, lambda: event.steps.count() == before + 1)
        self.snap(page, f"{verb}-{name}-done")

    def _fill(self, form, need, value) -> None:
        field = form.locator(f"[name='{need.name}']")
        if need.kind in ("item", "area", "text"):
            field.evaluate("it => it.closest('details')?.setAttribute('open', '')")
        match need.kind:
            case "text" | "amount" | "date" | "area":
                field.fill(str(value))
            case "item":
                field.fill(str(value))
                form.get_by_role("option").first.click()
            case "event":
                offered = form.locator(f"[name='{need.name}'][value='{value}']")
                offered.check() if offered.count() else field.first.fill(value)
            case "desk":
                field.select_option(str(unit_id(value)))
            case "reason" | "choice" | "urgency":
                form.locator(f"[name='{need.name}'][value='{value}']").check()
            case "lead":
                choice = form.locator(f"[name='lead'][value='{unit_id(value)}']")
                choice.evaluate("it => it.closest('details')?.setAttribute('open', '')")
                choice.check()
            case "person":
                field.select_option(str(value))
            case "assistants":
                form.locator(".assistants details").evaluate("it => it.open = true")
                for code in value:
                    form.locator(f"[name='assistants'][value='{unit_id(code)}']").first.check()
            case "evidence":
                for kind in value:
                    slot = form.locator(f"[data-slot='{kind}']")
                    slot.locator("input[type=file]").last.set_input_files(photo())
                    expect(slot.locator("[data-files] [name='evidence']")).to_have_count(1)

    # By API -------------------------------------------------------------------------------------

    def post(self, name: str, path: str, body: dict) -> tuple[int, dict]:
        """POST JSON as this person's browser would; (status, answer)."""
        context = self.page_of(name).context
        token = next(c["value"] for c in context.cookies() if c["name"] == "csrftoken")
        answer = context.request.post(
            f"{self.site}/api/v1/{path}", data=body, headers={"X-CSRFToken": token, "Referer": self.site}
        )
        return answer.status, answer.json()

    def upload(self, name: str, event: Event, kind: str) -> str:
        context = self.page_of(name).context
        token = next(c["value"] for c in context.cookies() if c["name"] == "csrftoken")
        answer = context.request.post(
            f"{self.site}/api/v1/events/{event.pk}/evidence/",
            multipart={"kind": kind, "file": photo()},
            headers={"X-CSRFToken": token, "Referer": self.site},
        )
        assert answer.status == 201, answer.text()
        return answer.json()["id"]

    def move_by_api(self, name: str, verb: str, event: Event, **inputs) -> tuple[int, dict]:
        data = dict(inputs)
        for need in VERBS[verb].needs:
            if need.name not in data:
                continue
            if need.kind == "lead":
                data[need.name] = unit_id(data[need.name])
            if need.kind == "assistants":
                data[need.name] = [unit_id(code) for code in data[need.name]]
            if need.kind == "evidence":
                data[need.name] = [self.upload(name, event, kind) for kind in data[need.name]]
        return self.post(name, f"events/{event.pk}/moves/", {"verb": verb, "data": data})


def unit_id(code: str) -> int:
    return Organization.objects.get(code=code).pk


_shades = itertools.count(7, 7)


def photo() -> dict:
    """An upload: the stairwell put in order, each time in another light, so that no two are the same file."""
    file = io.BytesIO()
    tidy = Image.open(io.BytesIO(picture("stairwell_after"))).resize((640, 480))
    ImageEnhance.Brightness(tidy).enhance(1 - next(_shades) / 1000).save(file, "JPEG")
    return {"name": "photo.jpg", "mimeType": "image/jpeg", "buffer": file.getvalue()}
