"""Voice and video of an event: played on its page in parts, by the photos' rules, and never in a photo's place."""

import hashlib
import re
import uuid
from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from accounts import training
from events.item_columns import REQUIRED
from events.models import Event, Evidence
from tests.caller import EVENTS, Caller
from tests.cast import GRID, KITCHEN, POLICE, SHOP_IN_ROAD, Cast, Story, manifest
from tests.desks.test_evidence_files import a_photo, file_of, media, sent
from tests.recordings import MP4, OGG, WEBM

__all__ = ["media"]  # a fixture
VOICE = OGG + bytes(range(200))
PHOTO = "before_photo"


def name_of(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def promise(**kinds: bytes) -> list[dict[str, str]]:
    return [{"kind": kind, "sha256": name_of(data)} for kind, data in kinds.items()]


@pytest.fixture
def story(cast) -> Story:
    """In the hands of the police; the report came with a photo, a voice message and a video."""
    story = Story(cast, at=timezone.now() - timedelta(minutes=9))
    photos = promise(before_photo=a_photo(), voice=VOICE, video=MP4)
    story.report(photos=photos).route().accept().dispatch(lead=POLICE).sign()
    for kind, data in ((PHOTO, a_photo()), ("voice", VOICE), ("video", MP4)):
        sent(cast, story, "worker", kind, data)
    return story


def of(story: Story, kind: str) -> Evidence:
    return Evidence.objects.get(event=story.id, kind=kind)


# Played -------------------------------------------------------------------------------------------


def test_a_player_gets_the_parts_it_asks_for(story, enter):
    browser, address = enter("director"), file_of(of(story, "voice"))
    whole = browser.get(address)
    assert (whole.status_code, whole["Content-Type"], whole["Accept-Ranges"]) == (200, "audio/ogg", "bytes")
    assert whole["X-Content-Type-Options"] == "nosniff" and "sandbox" in whole["Content-Security-Policy"]
    assert whole["Content-Disposition"].startswith("inline")
    assert b"".join(whole.streaming_content) == VOICE

    part = browser.get(address, headers={"Range": "bytes=4-13"})
    assert (part.status_code, part["Content-Length"]) == (206, "10")
    assert part["Content-Range"] == f"bytes 4-13/{len(VOICE)}"
    assert part["ETag"] == whole["ETag"] and part["Content-Type"] == "audio/ogg"
    assert b"".join(part.streaming_content) == VOICE[4:14]

    last = browser.get(reverse("api:file", args=[of(story, "voice").pk]), headers={"Range": "bytes=-5"})
    assert (last.status_code, b"".join(last.streaming_content)) == (206, VOICE[-5:])


def test_behind_the_end_a_player_is_told_the_size(story, enter):
    answer = enter("director").get(file_of(of(story, "video")), headers={"Range": "bytes=999999-"})
    assert (answer.status_code, answer["Content-Range"]) == (416, f"bytes */{len(MP4)}")


def test_a_part_of_another_file_than_the_one_begun_is_the_whole(story, enter):
    browser, address = enter("director"), file_of(of(story, "video"))
    tag = browser.get(address)["ETag"]
    assert browser.get(address, headers={"Range": "bytes=0-3", "If-Range": tag}).status_code == 206
    assert browser.get(address, headers={"Range": "bytes=0-3", "If-Range": '"another"'}).status_code == 200
    assert browser.get(address, headers={"Range": "bytes=0-3", "If-None-Match": tag}).status_code == 304
    assert browser.head(address, headers={"Range": "bytes=0-3"}).status_code == 200


@pytest.mark.parametrize("who", ["neighbour", "next_worker", "fire"])
@pytest.mark.parametrize("kind", ["voice", "video"])
def test_out_of_scope_not_a_byte_of_it_exists(story, enter, who, kind):
    assert enter(who).get(file_of(of(story, kind)), headers={"Range": "bytes=0-1"}).status_code == 404


def test_of_training_nobody_hears_it(cast, enter):
    training.begin(user=cast.worker, now=timezone.now())
    story = Story(cast, KITCHEN, at=timezone.now()).report(
        photos=promise(before_photo=a_photo(), voice=VOICE)
    )
    row = sent(cast, story, "worker", "voice", VOICE)
    assert enter("worker").get(file_of(row)).status_code == 200
    assert enter("director").get(file_of(row)).status_code == 404
    training.end(user=cast.worker)
    assert enter("worker").get(file_of(row)).status_code == 404


# Shown --------------------------------------------------------------------------------------------


def test_the_page_plays_them_with_a_label_and_never_by_itself(story, enter):
    page = enter("director").get(reverse("desks:event", args=[story.id])).content.decode()
    (audio,), (video,) = re.findall("<audio[^>]*>", page), re.findall("<video[^>]*>", page)
    for tag, kind, label in ((audio, "voice", "Voice message 1"), (video, "video", "Video 1")):
        assert " controls" in tag and "autoplay" not in tag
        assert f'src="{file_of(of(story, kind))}"' in tag and f'aria-label="{label}"' in tag
    assert "playsinline" in video


def test_the_case_file_names_each(story, enter):
    page = enter("director").get(reverse("desks:case_file", args=[story.id])).content.decode()
    assert "Voice message 1" in page and "Video 1" in page


def test_the_api_tells_kind_type_and_size(story, enter):
    told = {row["kind"]: row for row in enter("director").get(f"{EVENTS}{story.id}/evidence/").json()}
    assert (told["voice"]["content_type"], told["voice"]["size"]) == ("audio/ogg", len(VOICE))
    assert (told["video"]["content_type"], told["video"]["thumbnail"]) == ("video/mp4", None)


def test_what_a_form_still_holds_is_not_shown_and_the_form_shows_it(cast, story, enter):
    row = sent(cast, story, "police", "video", WEBM)
    page = reverse("desks:event", args=[story.id])
    assert file_of(row) not in enter("director").get(page).content.decode()
    slots = enter("police").get(reverse("desks:move", args=[story.id, "feed_back"])).context["page"].slots
    assert [(slot.kind, slot.needed, len(slot.files)) for slot in slots] == [
        ("after_photo", True, 0),
        ("document", False, 0),
        ("video", False, 1),
    ]


def test_an_organisation_the_event_left_keeps_its_own(cast, story, enter):
    theirs = [
        sent(cast, story, "police", kind, data)
        for kind, data in (("after_photo", a_photo("blue")), ("video", WEBM))
    ]
    story.do("feed_back", "police", result="Done", evidence=[str(row.pk) for row in theirs])
    story.rework(missing="All of it").recall(reason="Another agency takes it")
    police = enter("police")
    assert police.get(file_of(theirs[1])).status_code == 200
    assert police.get(file_of(of(story, "voice"))).status_code == 404
    assert file_of(theirs[1]) in police.get(reverse("desks:event", args=[story.id])).content.decode()


# Reported and attached ----------------------------------------------------------------------------


def a_report(photos: list, item: str = SHOP_IN_ROAD) -> dict:
    return {"id": str(uuid.uuid4()), "item": item, "area_code": GRID, "description": "x", "photos": photos}


def test_a_report_may_promise_them(cast: Cast):
    worker = Caller(cast.worker)
    photos = [*manifest(PHOTO), *promise(voice=VOICE, video=MP4)]
    status, body = worker.post(EVENTS, a_report(photos))
    assert (status, body["photos_missing"]) == (201, 3)


def test_they_stand_for_no_photo_an_item_asks_for(cast: Cast, story):
    status, body = Caller(cast.worker).post(EVENTS, a_report(promise(voice=VOICE, video=MP4)))
    assert (status, body["fields"]["photos"][0]["code"]) == (400, "missing_evidence")
    video = sent(cast, story, "police", "video", WEBM)
    move = {"result": "Done", "evidence": [str(video.pk)]}
    status, body = Caller(cast.police).move(story, "feed_back", **move)
    assert (status, body["fields"]["evidence"][0]["code"]) == (400, "missing_evidence")
    photo = sent(cast, story, "police", "after_photo", a_photo())
    move["evidence"].append(str(photo.pk))
    assert Caller(cast.police).move(story, "feed_back", **move)[0] == 200
    assert {row.kind for row in Event.objects.get(pk=story.id).steps.latest("sequence").evidence.all()} == {
        "video",
        "after_photo",
    }


def test_a_fourth_of_a_kind_is_not_promised(cast: Cast):
    rows = [{"kind": "voice", "sha256": name_of(bytes([number]))} for number in range(4)]
    status, body = Caller(cast.worker).post(EVENTS, a_report([*manifest(PHOTO), *rows]))
    assert (status, body["fields"]["photos"][0]["code"]) == (400, "too_many_photos")
    assert "3" in body["fields"]["photos"][0]["message"]


def test_no_item_asks_for_one(cast: Cast):
    assert {code for code, _label in REQUIRED} == set(Evidence.Kind.values) - {"voice", "video"}
