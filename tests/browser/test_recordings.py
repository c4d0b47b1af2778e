"""A voice message and a video that a browser has really recorded: sent in pieces, played on the event's page."""

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from dispatch import outbox
from events.models import Evidence
from tests.browser.people import Office
from tests.browser.test_axe import AXE, RUN
from tests.cast import POLICE, SHOP_IN_ROAD, Cast, Story

RECORD = """
async ([kind, ms]) => {
  let stream;
  if (kind === "video") {
    const canvas = Object.assign(document.createElement("canvas"), { width: 320, height: 240 });
    const pen = canvas.getContext("2d");
    let turn = 0;
    window.turning = setInterval(() => {
      pen.fillStyle = `hsl(${(turn += 9)}, 60%, 55%)`;
      pen.fillRect(0, 0, 320, 240);
      pen.fillStyle = "white";
      pen.fillRect((turn * 3) % 300, 100, 40, 40);
    }, 40);
    stream = canvas.captureStream(25);
  } else {
    const audio = new AudioContext(), tone = audio.createOscillator(), out = audio.createMediaStreamDestination();
    await audio.resume();
    tone.connect(out);
    tone.start();
    stream = out.stream;
  }
  const recorder = new MediaRecorder(stream), parts = [];
  recorder.ondataavailable = (event) => parts.push(event.data);
  const done = new Promise((resolve) => (recorder.onstop = resolve));
  recorder.start(200);
  await new Promise((resolve) => setTimeout(resolve, ms));
  recorder.stop();
  await done;
  clearInterval(window.turning);
  const blob = new Blob(parts);
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", await blob.arrayBuffer()));
  window.recorded = { ...window.recorded, [kind]: blob };
  return Array.from(digest, (byte) => byte.toString(16).padStart(2, "0")).join("");
}
"""
SEND = """
async ([event, kind, sha256, step]) => {
  const blob = window.recorded[kind];
  const token = document.cookie.match(/csrftoken=([^;]+)/)[1];
  const told = [];
  for (let at = 0; at < blob.size; at = told.at(-1).received_bytes) {
    const answer = await fetch(`/api/v1/events/${event}/evidence/${kind}/${sha256}/?offset=${at}`, {
      method: "PUT",
      body: blob.slice(at, at + step),
      headers: { "Content-Type": "application/octet-stream", "X-CSRFToken": token, "X-Size": blob.size },
    });
    told.push(await answer.json());
    if (!answer.ok) break;
  }
  return told;
}
"""


@pytest.fixture
def office(chromium, site, settings, tmp_path):
    settings.DEMO_MODE, settings.MEDIA_ROOT = True, tmp_path
    office = Office(chromium, site, locale="zh-CN")
    yield office
    office.close()


def plays(page: Page, player: str) -> None:
    """It knows how long it is, plays when told to and not before, and jumps to another place."""
    found = page.locator(player)
    expect(found).to_be_visible()
    page.wait_for_function("(player) => document.querySelector(player).readyState >= 1", arg=player)
    assert found.evaluate("(player) => player.paused && player.currentTime === 0")
    found.evaluate("(player) => { player.muted = true; return player.play(); }")
    page.wait_for_function("(player) => document.querySelector(player).currentTime > 0.2", arg=player)
    found.evaluate("(player) => { player.pause(); player.currentTime = 0.1; }")
    page.wait_for_function("(player) => !document.querySelector(player).seeking", arg=player)


def test_what_was_recorded_is_sent_in_pieces_and_played(office):
    worker = office.page_of("worker")
    worker.goto(f"{office.site}/m/")
    worker.mouse.click(5, 5)  # A browser makes no sound before somebody touches the page.
    names = {kind: worker.evaluate(RECORD, [kind, 1200]) for kind in ("voice", "video")}
    story = Story(Cast(), SHOP_IN_ROAD, at=timezone.now())
    photos = [{"kind": kind, "sha256": name} for kind, name in names.items()]
    story.report(photos=[{"kind": "before_photo", "sha256": "0" * 64}, *photos])
    for kind, name in names.items():
        told = worker.evaluate(SEND, [str(story.id), kind, name, 3000])
        assert len(told) > 1 and told[-1]["received"], told[-1]
        assert all(answer["received_bytes"] == 3000 * (n + 1) for n, answer in enumerate(told[:-1]))
    rows = Evidence.objects.filter(event=story.id).exclude(received_at=None)
    assert {row.content_type for row in rows} == {"audio/webm", "video/webm"}
    outbox.drain()
    story.accept().dispatch(lead=POLICE).sign()

    for name in ("worker", "director"):
        page = office.page_of(name)
        page.goto(f"{office.site}/events/{story.id}/")
        plays(page, ".p-photos audio")
        plays(page, ".p-photos video")
        assert page.evaluate("document.documentElement.scrollWidth") <= page.viewport_size["width"]
        page.evaluate(AXE.read_text(encoding="utf-8"))
        assert page.evaluate(RUN) == []

    video = rows.get(kind="video")
    page.goto(f"{office.site}/evidence/{video.pk}/")  # As the step's link opens it: alone, in its sandbox.
    page.wait_for_function("() => document.querySelector('video').readyState >= 1")
