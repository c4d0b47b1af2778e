"""The network goes in the middle of a move made by keyboard: nothing typed is lost and nothing is done twice."""

from datetime import timedelta

from django.utils import timezone
from playwright.sync_api import Route, expect

from dispatch import outbox
from events.models import State
from tests.browser.test_together import accepted, live, office  # noqa: F401
from tests.cast import Cast, Story

TYPED = "Half a sentence, and the rest"


def reply_is_lost(route: Route) -> None:
    """The server hears the request and does it; its answer never arrives."""
    route.fetch(max_redirects=0)
    route.abort("connectionreset")


def test_a_dropped_connection_in_the_middle(live, office, settings):  # noqa: F811
    settings.CONTENT_SECURITY_POLICY["DIRECTIVES"]["connect-src"] = [
        "'self'",
        f"*{settings.LIVE_URL.split('/')[0]}",
    ]
    story = accepted()
    page = office.page_of("dispatcher")
    page.goto(f"{office.site}/?queue=to_dispatch", wait_until="load")
    expect(page.locator("html[data-live=on]")).to_be_attached()
    keys, form = page.keyboard, page.locator("dialog[open] [data-move-form='dispatch']")
    trouble, colleague = form.locator("[data-trouble]"), form.locator("[data-colleague]")
    note = form.locator("[name=note]")

    keys.press("j")
    keys.press("Enter")
    expect(page.locator("#event-pane [data-my-turn]")).to_be_visible()
    keys.press("a")
    expect(form).to_be_visible()
    keys.press("1")
    note.focus()
    keys.type("Half a sentence")

    page.context.set_offline(True)
    keys.press("Control+Enter")
    expect(trouble).to_contain_text("No answer from the server. What you entered is kept here")
    expect(page.locator("[data-live-mark] [data-when=off]")).to_be_visible()
    expect(note).to_be_focused()
    keys.type(", and the rest")
    assert story.event.state == State.ACCEPTED
    missed = Story(Cast(), at=timezone.now() - timedelta(minutes=1)).report().route().accept()
    outbox.drain()

    page.context.set_offline(False)
    expect(page.locator(f"#row-{missed.id}")).to_be_attached(timeout=5000)
    expect(page.locator("[data-live-mark] [data-when=on]")).to_be_attached()
    expect(page.locator("html[data-live=on]")).to_be_attached(timeout=5000)
    expect(note).to_have_value(TYPED)

    page.route("**/moves/dispatch/", reply_is_lost)
    keys.press("Control+Enter")
    office.until(page, lambda: story.event.state == State.DISPATCHED)
    expect(trouble).to_be_visible()
    story.at = timezone.now()
    with page.expect_response(lambda answer: "/since/" in answer.url):
        story.comment("director", text="Good")  # The form asks what happened: mostly its own move.
    expect(colleague).to_be_hidden()
    expect(form.locator("[data-send]")).to_be_enabled()
    expect(note).to_have_value(TYPED)

    page.unroute("**/moves/dispatch/")
    keys.press("Control+Enter")
    expect(page.locator("dialog[open]")).to_have_count(0)
    expect(page.locator(f"#row-{story.id}")).to_have_count(0)
    step = story.event.steps.get(verb="dispatch")  # One only.
    assert step.text.content["note"] == TYPED
