"""The loop by hand: each verb done by its role on the page, refused to a wrong role, and done by API once.

``make screenshots`` runs this with ALBUM set to docs/screenshots.
"""

import hashlib
import os
import uuid
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from django.core.management import call_command
from playwright.sync_api import expect

from demo.people import GRID, STREET
from demo.pictures import picture
from dispatch import outbox, policy
from dispatch.workflow import VERBS
from events.models import Event, State, Step
from events.tasks import make_missing_thumbnails
from grids.models import Boundary
from tests.browser.people import Office, photo

EXIT_LOCKED = "10511"  # urgent, street level, photos before and after
RUBBISH = "30101"  # normal, grid level, closed on the spot, photos before and after
FIRE, POLICE = f"XFDD@{STREET}", f"GAFJ@{STREET}"


@dataclass(frozen=True)
class Scene:
    """One verb: who does it, who tries in vain, with what input, and the state it leads to."""

    verb: str
    by: str
    refused_to: str
    leads_to: str
    inputs: dict = field(default_factory=dict)


LOOP = [
    Scene("comment", "director", "neighbour", State.REPORTED, {"text": "请尽快处理，附近是小学。"}),
    Scene("accept", "acceptor", "dispatcher", State.ACCEPTED, {"note": "情况清楚，予以受理。"}),
    Scene("dispatch", "dispatcher", "acceptor", State.DISPATCHED, {"lead": POLICE}),
    Scene("recall", "dispatcher", "worker", State.ACCEPTED, {"reason": "应由消防救援站牵头。"}),
    Scene("dispatch", "director", "community", State.DISPATCHED, {"lead": POLICE}),
    Scene(
        "return",
        "police",
        "fire",
        State.ACCEPTED,
        {"reason": "not_our_duty", "explanation": "安全出口属消防职责。"},
    ),
    Scene(
        "dispatch",
        "dispatcher",
        "supervisor",
        State.DISPATCHED,
        {"lead": FIRE, "assistants": [POLICE], "note": "请今天内打开出口。"},
    ),
    Scene("sign", "fire", "police", State.HANDLING),
    Scene("assist_sign", "police", "fire", State.HANDLING),
    Scene("assist_feed_back", "police", "dispatcher", State.HANDLING, {"result": "已约谈物业负责人。"}),
    Scene(
        "feed_back",
        "fire",
        "police",
        State.FED_BACK,
        {"result": "锁已拆除，通道畅通。", "evidence": ["after_photo"]},
    ),
    Scene("rework", "worker", "fire", State.HANDLING, {"missing": "二楼出口仍然上锁。"}),
    Scene(
        "feed_back",
        "fire",
        "community",
        State.FED_BACK,
        {"result": "二楼出口也已打开。", "evidence": ["after_photo"]},
    ),
    Scene("verify", "worker", "neighbour", State.CLOSED, {"note": "现场看过，全部畅通。"}),
]
OTHERS = [
    (
        RUBBISH,
        Scene(
            "self_close",
            "worker",
            "neighbour",
            State.CLOSED,
            {"result": "已清运。", "evidence": ["after_photo"]},
        ),
    ),
    (RUBBISH, Scene("confirm_sample", "leader", "worker", State.CLOSED, {"note": "属实。"})),
    (
        EXIT_LOCKED,
        Scene(
            "reject",
            "acceptor",
            "verifier",
            State.REJECTED,
            {"reason": "duplicate", "answer": "您反映的问题已在处理。"},
        ),
    ),
]


def test_the_walk_shows_every_verb_of_the_loop():
    """The first issue's list; report has a test of its own below."""
    shown = {scene.verb for scene in LOOP} | {scene.verb for _item, scene in OTHERS} | {"report"}
    assert shown == {
        "report", "self_close", "confirm_sample", "accept", "reject", "dispatch", "recall", "sign", "return",
        "assist_sign", "assist_feed_back", "feed_back", "verify", "rework", "comment",
    }  # fmt: skip
    assert shown <= VERBS.keys()


@pytest.fixture
def office(chromium, site, monkeypatch, settings, tmp_path) -> Iterator[Office]:
    monkeypatch.setattr(policy, "of", lambda district, at: policy.Policy(sample_percent=100))
    settings.MEDIA_ROOT = tmp_path / "media"
    album = Path(os.environ["ALBUM"]) if os.environ.get("ALBUM") else None
    if album:
        call_command("load_demo")  # Pictures of an empty district show little.
    office = Office(chromium, site, album)
    yield office
    office.close()


def test_every_verb_by_page_by_its_role_and_refused_to_another(office):
    event = report_by_page(office)
    supervisor = office.page_of("supervisor")
    supervisor.goto(f"{office.site}/supervision/rates/")
    office.snap(supervisor, "closure-before")
    for scene in LOOP:
        refuse(office, scene, event)
        office.move(scene.by, scene.verb, event, **scene.inputs)
        settle()
        event.refresh_from_db()
        assert event.state == scene.leads_to, scene.verb
    supervisor.goto(f"{office.site}/supervision/rates/")
    office.snap(supervisor, "closure-after")
    assert [step.verb for step in Step.objects.filter(event=event).exclude(verb="route")] == [
        "report",
        *(scene.verb for scene in LOOP),
    ]

    closed = None
    for item, scene in OTHERS:
        event = closed if scene.verb == "confirm_sample" else report_by_api(office, item)
        refuse(office, scene, event)
        office.move(scene.by, scene.verb, event, **scene.inputs)
        settle()
        event.refresh_from_db()
        assert event.state == scene.leads_to, scene.verb
        closed = event
    for name in ("worker", "community", "dispatcher", "fire", "centre"):
        page = office.page_of(name)
        page.goto(office.site)
        office.snap(page, f"home-{name}")


def test_every_verb_by_api_once(office):
    event = report_by_api(office, EXIT_LOCKED)
    closed = None
    for item, scene in [*((None, scene) for scene in LOOP), *OTHERS]:
        if item and scene.verb != "confirm_sample":
            event = report_by_api(office, item)
        elif item:
            event = closed
        status, answer = office.move_by_api(scene.by, scene.verb, event, **scene.inputs)
        assert (status, answer["state"]) == (200, scene.leads_to), answer
        settle()
        closed = event


def refuse(office: Office, scene: Scene, event: Event) -> None:
    """The wrong person is offered no button, and the API says no without a trace."""
    page = office.page_of(scene.refused_to)
    page.goto(f"{office.site}/events/{event.pk}/")
    expect(page.locator(f"a[data-move='{scene.verb}']")).to_have_count(0)
    steps = event.steps.count()
    inputs = {name: value for name, value in scene.inputs.items() if name != "evidence"}
    status, answer = office.move_by_api(scene.refused_to, scene.verb, event, **inputs)
    assert status in (403, 404, 409), answer
    assert answer["code"] in {"not_permitted", "not_found", "own_work", "grid_checks_first"}, answer
    assert event.steps.count() == steps


def report_by_page(office: Office) -> Event:
    """A grid worker in the app: photo, words, the proposed item, a tap on the map, send."""
    page = office.page_of("worker")
    office.snap(page, "home-of-the-grid-worker")
    page.goto(f"{office.site}/m/#/report")
    page.wait_for_selector("form[data-ready]")
    page.locator("[data-tray='before_photo'] input[type=file]").last.set_input_files(
        {"name": "exit.jpg", "mimeType": "image/jpeg", "buffer": picture("stairwell_before")}
    )
    page.locator("[name='description']").fill("三楼安全出口被铁链锁住，开门后有孩子进出。")
    office.snap(page, "report-proposals")
    page.locator("[data-proposals] button:not(.all)").first.click()
    page.locator("[data-where]").click()
    page.locator(".leaflet-container").click()
    page.locator("[data-take]").click()
    page.locator("details.more summary").click()
    page.locator("[name='address']").fill("凯旋路118号3楼")
    office.snap(page, "report")
    page.locator("[data-send]").click()
    expect(page.locator(".sent")).to_have_attribute("data-state", "complete")
    event = Event.objects.latest("recorded_at")
    office.until(page, lambda: not Event.objects.get(pk=event.pk).photos_missing)
    office.snap(page, "report-sent")
    settle()
    event.refresh_from_db()
    assert event.item.code == EXIT_LOCKED
    assert event.area_code.startswith(GRID[:12])
    assert event.photos_missing == 0
    return event


def report_by_api(office: Office, item: str) -> Event:
    key = str(uuid.uuid4())
    point = Boundary.objects.get(area__code=GRID).geometry["coordinates"][0]
    longitude, latitude = (sum(axis) / len(axis) for axis in zip(*point[:-1], strict=True))
    upload = photo()
    body = {
        "id": key,
        "item": item,
        "description": "路口垃圾桶满溢，需要清运。",
        "longitude": longitude,
        "latitude": latitude,
        "photos": [{"kind": "before_photo", "sha256": hashlib.sha256(upload["buffer"]).hexdigest()}],
    }
    status, answer = office.post("worker", "events/", body)
    assert status == 201, answer
    settle()
    status, answer = office.post("fire", "events/", body | {"id": str(uuid.uuid4())})
    assert (status, answer["code"]) == (403, "not_permitted")
    return Event.objects.get(pk=key)


def settle() -> None:
    """What the workers would do."""
    outbox.drain()
    make_missing_thumbnails()
