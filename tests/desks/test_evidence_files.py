"""Files of evidence leave by one door, through the scope rule."""

from datetime import timedelta

import pytest
from django.core.files.base import ContentFile
from django.urls import reverse
from django.utils import timezone
from PIL import Image

from dispatch.evidence import attach
from events.evidence import make_thumbnail
from events.models import Evidence
from tests.cast import CITY, DAMP_WALL, POLICE, SHOP_IN_ROAD, Cast, Story

PDF = b"%PDF-1.7\n1 0 obj\n<<>>\nendobj\n%%EOF"


@pytest.fixture(autouse=True)
def media(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    return tmp_path


@pytest.fixture
def story(cast) -> Story:
    """In the hands of the police."""
    story = Story(cast, at=timezone.now() - timedelta(minutes=9)).report().route().accept()
    return story.dispatch(lead=POLICE).sign()


def a_photo(colour: str = "red") -> bytes:
    file = ContentFile(b"")
    Image.new("RGB", (640, 480), colour).save(file, "JPEG")
    return file.file.getvalue()


def sent(cast: Cast, story: Story, who: str, kind: str, content: bytes) -> Evidence:
    _event, row = attach(
        actor=cast.actor(who),
        event_id=story.id,
        kind=kind,
        upload=ContentFile(content),
        sha256=None,
        now=timezone.now(),
    )
    return row


def file_of(row: Evidence, name: str = "evidence") -> str:
    return reverse(f"desks:{name}", args=[row.pk])


def test_a_photo_is_shown_and_can_run_nothing(cast, story, enter):
    row = sent(cast, story, "worker", "before_photo", a_photo())

    answer = enter("director").get(file_of(row))

    assert answer.status_code == 200
    assert answer.headers["Content-Type"] == "image/jpeg"
    assert answer.headers["Content-Disposition"].startswith("inline")
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert "sandbox" in answer.headers["Content-Security-Policy"]
    assert answer.headers["Cache-Control"] == "private, no-cache"
    assert b"".join(answer.streaming_content).startswith(b"\xff\xd8")


def test_a_kept_copy_is_not_sent_again(cast, story, enter):
    row, browser = sent(cast, story, "worker", "before_photo", a_photo()), enter("director")
    tag = browser.get(file_of(row)).headers["ETag"]

    answer = browser.get(file_of(row), headers={"If-None-Match": tag})

    assert answer.status_code == 304
    assert answer.content == b""


def test_a_kept_copy_is_no_key(cast, story, enter):
    row = sent(cast, story, "worker", "before_photo", a_photo())
    tag = enter("director").get(file_of(row)).headers["ETag"]

    assert enter("neighbour").get(file_of(row), headers={"If-None-Match": tag}).status_code == 404


@pytest.mark.parametrize(("content", "name"), [(PDF, ".pdf"), (a_photo(), ".jpg")])
def test_a_document_is_always_a_download(cast, story, enter, content, name):
    row = sent(cast, story, "police", "document", content)

    answer = enter("director").get(file_of(row))

    assert answer.headers["Content-Disposition"].startswith("attachment")
    assert answer.headers["Content-Disposition"].endswith(f'{story.event.number}-document{name}"')


def test_a_document_has_no_picture_that_a_page_shows(cast, story, enter):
    row = sent(cast, story, "police", "document", a_photo())
    make_thumbnail(evidence_id=row.pk)

    answer = enter("director").get(file_of(row, "thumbnail"))
    event = enter("director").get(reverse("api:event", args=[story.id])).json()

    assert answer.headers["Content-Disposition"].startswith("attachment")
    assert {each["kind"]: each["thumbnail"] for each in event["evidence"]}["document"] is None


@pytest.mark.parametrize(
    ("verb", "by", "slots"),
    [
        ("feed_back", "police", [("after_photo", True), ("document", False)]),
        ("assist_feed_back", "city", [("after_photo", False), ("document", False)]),
        ("verify", "worker", [("after_photo", False), ("document", False)]),
        ("rework", "worker", [("after_photo", False), ("document", False)]),
        ("answer_check", "worker", [("before_photo", False), ("document", False)]),
        ("self_close", "community", [("document", True), ("signature", True), ("after_photo", False)]),
    ],
)
def test_a_form_says_beforehand_what_is_needed_at_its_stage(cast, enter, verb, by, slots):
    """A check on the spot comes before anything is done, so its photo is one of before."""
    story = Story(cast, DAMP_WALL if verb == "self_close" else SHOP_IN_ROAD, at=timezone.now())
    story.report(by="community" if verb == "self_close" else "worker").route()
    if verb == "answer_check":
        story.ask_check()
    elif verb != "self_close":
        story.accept().dispatch(lead=POLICE, assistants=[CITY]).sign().assist_sign("city")
    if verb in ("verify", "rework"):
        story.feed_back()

    page = enter(by).get(reverse("desks:move", args=[story.id, verb])).context["page"]

    assert page.possible
    assert [(slot.kind, slot.needed) for slot in page.slots] == slots
    assert [row for slot in page.slots for row in slot.files] == [], "nothing of the report's own"


def test_a_thumbnail_falls_back_to_the_file_until_it_is_made(cast, story, enter):
    row, browser = sent(cast, story, "worker", "before_photo", a_photo()), enter("director")

    before = browser.get(file_of(row, "thumbnail")).headers
    make_thumbnail(evidence_id=row.pk)
    after = browser.get(file_of(row, "thumbnail")).headers

    assert before["ETag"] != after["ETag"]
    assert int(after["Content-Length"]) < int(before["Content-Length"])


@pytest.mark.parametrize("who", ["neighbour", "next_worker", "fire"])
@pytest.mark.parametrize("size", ["evidence", "thumbnail"])
def test_out_of_scope_no_file_exists(cast, story, enter, who, size):
    row = sent(cast, story, "worker", "before_photo", a_photo())

    assert enter(who).get(file_of(row, size)).status_code == 404


def test_a_promised_file_is_not_there_yet(story, enter):
    promised = Evidence.objects.get(event=story.id)

    assert enter("director").get(file_of(promised)).status_code == 404


def test_a_lost_file_is_not_found_rather_than_broken(cast, story, enter, media):
    row = sent(cast, story, "worker", "before_photo", a_photo())
    (media / row.file).unlink()

    assert enter("director").get(file_of(row)).status_code == 404


def test_an_agency_the_event_left_keeps_the_files_of_its_own_steps(cast, story, enter):
    theirs = sent(cast, story, "police", "after_photo", a_photo("blue"))
    before = sent(cast, story, "worker", "before_photo", a_photo())
    story.do("feed_back", "police", result="Done", evidence=[str(theirs.pk)])
    story.rework(missing="All of it").recall(reason="Another agency takes it")

    police = enter("police")

    assert police.get(file_of(theirs)).status_code == 200
    assert police.get(file_of(before)).status_code == 404
    page = police.get(reverse("desks:event", args=[story.id]))
    assert [entry.step.verb for entry in page.context["page"].timeline] == ["feed_back", "sign"]
    assert file_of(theirs) in page.content.decode()
