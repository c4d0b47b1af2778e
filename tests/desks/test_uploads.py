"""A file in pieces: kept as far as it came, told to go on from there, attached once and for ever."""

import hashlib
import io
import os
import uuid

import pytest
from django.http import UnreadablePostError
from django.test import Client
from django.utils import timezone

from accounts import tokens, training
from events import parts
from events.evidence import open_file
from events.models import Event, Evidence, State
from events.parts import MOST, Part
from tests.caller import EVENTS
from tests.cast import DAMP_WALL, KITCHEN, POLICE, Cast, Story, story_at
from tests.desks.test_evidence_files import a_photo, media
from tests.events.test_images import encoded, exif, gps, two_colours
from tests.recordings import MP4

__all__ = ["media"]  # a fixture
PHOTO = a_photo("navy")
BEFORE, AFTER = "before_photo", "after_photo"


def name_of(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


@pytest.fixture
def cast(db) -> Cast:
    return Cast()


class Phone:
    """A person who sends pieces; every answer is (status, body)."""

    def __init__(self, person=None, **headers: str) -> None:
        self.client = Client(headers={"accept-language": "en"} | headers)
        if person:
            self.client.force_login(person, backend="accounts.backends.PostBackend")

    def put(self, event_id, data: bytes, offset: int, end: int | None = None, **more):
        given = {"kind": BEFORE, "size": len(data), "name": name_of(data)} | more
        url = f"{EVENTS}{event_id}/evidence/{given['kind']}/{given['name']}/?offset={offset}"
        answer = self.client.put(
            url,
            data[offset:end],
            content_type="application/octet-stream",
            headers={"X-Size": str(given["size"])},
        )
        return answer.status_code, answer.json()

    def get(self, event_id, data: bytes, kind: str = BEFORE):
        answer = self.client.get(f"{EVENTS}{event_id}/evidence/{kind}/{name_of(data)}/")
        return answer.status_code, answer.json()


@pytest.fixture
def worker(cast) -> Phone:
    return Phone(cast.worker)


@pytest.fixture
def story(cast) -> Story:
    """Just reported by the worker, with one photo to come."""
    photos = [{"kind": BEFORE, "sha256": name_of(PHOTO)}]
    return Story(cast, KITCHEN, at=timezone.now()).report(photos=photos)


def part_of(cast: Cast, story: Story, data: bytes = PHOTO, kind: str = BEFORE) -> Part:
    return Part(story.id, cast.worker.pk, kind, name_of(data))


# As it goes ---------------------------------------------------------------------------------------


def test_piece_by_piece_until_it_is_evidence(worker, story, media):
    half = len(PHOTO) // 2
    told = {"sha256": name_of(PHOTO), "size": len(PHOTO), "received": False, "id": None, "photos_missing": 1}
    assert worker.get(story.id, PHOTO) == (200, told | {"size": None, "received_bytes": 0})
    assert worker.put(story.id, PHOTO, 0, half) == (200, told | {"received_bytes": half})
    assert worker.get(story.id, PHOTO) == (200, told | {"size": None, "received_bytes": half})

    status, body = worker.put(story.id, PHOTO, half)

    row = Evidence.objects.get(event=story.id)
    done = {"received": True, "received_bytes": len(PHOTO), "id": str(row.pk), "photos_missing": 0}
    assert (status, body) == (200, told | done)
    assert row.received_at and row.sha256 == name_of(PHOTO) and open_file(row).is_file()
    assert story.event.photos_missing == 0
    assert list((media / "uploads").iterdir()) == []


def test_one_piece_is_enough(worker, story):
    status, body = worker.put(story.id, PHOTO, 0)
    assert (status, body["received"]) == (200, True)


def test_a_lost_answer_and_the_same_again_is_received_for_ever(cast, worker, story, media):
    first = worker.put(story.id, PHOTO, 0)[1]
    assert worker.put(story.id, PHOTO, 0) == (200, first)
    assert worker.put(story.id, PHOTO, len(PHOTO)) == (200, first)
    assert worker.get(story.id, PHOTO)[1]["id"] == first["id"]
    story.route().accept().dispatch(lead=POLICE).sign()
    Event.objects.filter(pk=story.id).update(state=State.CLOSED)
    assert worker.put(story.id, PHOTO, 0)[1] == first
    assert Evidence.objects.filter(event=story.id).count() == 1
    assert not part_of(cast, story).path.exists()


def test_from_elsewhere_than_the_end_one_is_told_where_it_is(worker, story):
    worker.put(story.id, PHOTO, 0, 1000)
    for offset in (0, 999, 1001, len(PHOTO)):
        status, body = worker.put(story.id, PHOTO, offset)
        assert (status, body["code"], body["received_bytes"]) == (409, "wrong_offset", 1000)
        assert body["message"]
    assert worker.put(story.id, PHOTO, 1000)[1]["received"]


def test_a_part_that_is_lost_begins_anew(cast, worker, story):
    worker.put(story.id, PHOTO, 0, 1000)
    part_of(cast, story).discard()
    status, body = worker.put(story.id, PHOTO, 1000)
    assert (status, body["received_bytes"]) == (409, 0)


def test_all_bytes_are_here_and_the_server_fell_before_it_said_so(cast, worker, story):
    """A piece without bytes finishes it."""
    part = part_of(cast, story)
    assert part.append(io.BytesIO(PHOTO), offset=0)
    assert worker.get(story.id, PHOTO)[1]["received_bytes"] == len(PHOTO)
    assert worker.put(story.id, PHOTO, len(PHOTO))[1]["received"]


def test_a_crash_between_the_row_and_the_end_of_the_part_leaves_nothing(cast, worker, story):
    worker.put(story.id, PHOTO, 0)
    part = part_of(cast, story)
    part.path.write_bytes(PHOTO)
    assert worker.put(story.id, PHOTO, 0)[1]["received"]
    assert not part.path.exists()


def test_a_pending_self_close_takes_effect_though_the_server_fell_before_it(cast, media):
    papers = [(kind, bytes(f"%PDF-{kind}", "ascii")) for kind in ("document",)]
    pictures = [("signature", PHOTO)]
    story = Story(cast, DAMP_WALL, at=timezone.now())
    photos = [{"kind": kind, "sha256": name_of(data)} for kind, data in papers + pictures]
    story.report(by="community", photos=photos, self_close=True, result="Dried").route()
    phone = Phone(cast.community)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("dispatch.evidence.close_if_complete", lambda **_: None)
        for kind, data in papers + pictures:
            assert phone.put(story.id, data, 0, kind=kind)[1]["received"]
    assert story.event.state == State.REPORTED
    assert phone.put(story.id, PHOTO, 0, kind="signature")[1]["received"]
    assert story.event.state == State.CLOSED


def test_bytes_that_came_before_the_connection_broke_are_kept(cast, story):
    class Broken(io.BytesIO):
        def read(self, size=-1):
            if self.tell() >= 2 * parts.BLOCK:
                raise UnreadablePostError
            return super().read(size)

    part = part_of(cast, story)
    assert part.append(Broken(bytes(5 * parts.BLOCK)), offset=0)
    assert part.size == 2 * parts.BLOCK


def test_two_that_send_the_same_at_once_never_write_over_each_other(cast, story):
    """The first waits for its network while the second goes on; then it finds the end elsewhere."""
    part, data = part_of(cast, story), os.urandom(4 * parts.BLOCK)

    class Overtaken(io.BytesIO):
        def read(self, size=-1):
            if self.tell() == parts.BLOCK:
                rest = io.BytesIO(data[parts.BLOCK : 3 * parts.BLOCK])
                assert part.append(rest, offset=parts.BLOCK)
            return super().read(size)

    assert not part.append(Overtaken(data), offset=0)
    assert part.path.read_bytes() == data[: 3 * parts.BLOCK]


def test_the_pin_the_worker_set_is_the_events_point_whatever_the_photo_says(cast, worker):
    """The camera stood elsewhere, or knew its place badly; its own point is kept with the photo, and nowhere else."""
    data = encoded(two_colours(), exif=exif(gps=gps()))
    photos = [{"kind": BEFORE, "sha256": name_of(data)}]
    pinned = Story(cast, KITCHEN, at=timezone.now())
    pinned.report(area_code="", longitude=120.1925, latitude=30.2601, photos=photos)
    named = Story(cast, KITCHEN, at=timezone.now()).report(photos=photos)
    before = {story.id: place_of(story) for story in (pinned, named)}
    assert before[pinned.id][:2] == (120.1925, 30.2601) and before[named.id][:2] == (None, None)
    for story in (pinned, named):
        assert worker.put(story.id, data, 0)[1]["received"]
        row = Evidence.objects.get(event=story.id)
        assert (row.longitude, row.latitude) == (120.21, 30.275)
        story.route()
        assert place_of(story) == before[story.id]
        (entry,) = worker.client.get(f"{EVENTS}{story.id}/evidence/").json()
        assert "longitude" not in entry


def place_of(story: Story) -> tuple:
    event = story.event
    return event.longitude, event.latitude, event.raw_point, event.area_code, event.reported_area_code


# Refused ------------------------------------------------------------------------------------------


def test_other_bytes_than_announced_are_dropped(cast, worker, story):
    worker.put(story.id, PHOTO, 0, 1000)
    with part_of(cast, story).path.open("r+b") as file:
        file.write(b"other")
    status, body = worker.put(story.id, PHOTO, 1000)
    assert (status, body["code"]) == (400, "hash_mismatch")
    assert worker.get(story.id, PHOTO)[1]["received_bytes"] == 0
    assert worker.put(story.id, PHOTO, 0)[1]["received"]


def test_fewer_bytes_announced_than_are_here_are_another_file(worker, story):
    worker.put(story.id, PHOTO, 0, 1000)
    status, body = worker.put(story.id, PHOTO, 1000, 1000, size=1000)
    assert (status, body["code"]) == (400, "hash_mismatch")


def test_what_is_no_photo_is_dropped_with_its_last_byte(cast, worker, story):
    data = b"text in a file called photo.jpg"
    status, body = worker.put(story.id, data, 0)
    assert (status, body["code"]) == (400, "not_an_image")
    assert not part_of(cast, story, data).path.exists()


@pytest.mark.parametrize(
    ("kind", "most"), [(BEFORE, 15_000_000), ("voice", 3_000_000), ("video", 20_000_000)]
)
def test_too_large_is_said_at_the_first_byte(worker, story, media, kind, most):
    status, body = worker.put(story.id, MP4, 0, kind=kind, size=most + 1)
    assert (status, body["code"]) == (400, "image_too_large_bytes")
    assert str(most // 1_000_000) in body["message"]
    assert not (media / "uploads").exists()


@pytest.mark.parametrize(
    ("offset", "size", "field", "code"),
    [
        ("0", "10", "X-Size", "piece_too_long"),
        ("0", "", "X-Size", "invalid"),
        ("0", "-1", "X-Size", "invalid"),
        ("0", "٣", "X-Size", "invalid"),
        ("", "100", "offset", "invalid"),
        ("-1", "100", "offset", "invalid"),
        ("1e3", "100", "offset", "invalid"),
        ("9" * 30, "100", "offset", "invalid"),
        ("0", "0", "file", "empty_file"),
    ],
)
def test_what_is_announced_wrongly_names_its_field(worker, story, offset, size, field, code):
    url = f"{EVENTS}{story.id}/evidence/{BEFORE}/{name_of(PHOTO)}/?offset={offset}"
    headers = {"X-Size": size.encode().decode("latin-1")}
    answer = worker.client.put(url, b"x" * 20, content_type="application/octet-stream", headers=headers)
    assert answer.status_code == 400
    assert answer.json()["fields"][field][0]["code"] == code and answer.json()["fields"][field][0]["message"]


def test_another_kind_hash_or_type_of_body(worker, story):
    assert worker.put(story.id, PHOTO, 0, kind="film")[1]["fields"]["kind"][0]["code"] == "unknown_kind"
    assert worker.put(story.id, PHOTO, 0, name="F" * 64)[1]["fields"]["sha256"][0]["code"] == "invalid"
    url = f"{EVENTS}{story.id}/evidence/{BEFORE}/{name_of(PHOTO)}/?offset=0"
    answer = worker.client.put(url, {"a": 1}, content_type="application/json", headers={"X-Size": "9"})
    assert (answer.status_code, answer.json()["code"]) == (415, "unsupported_media_type")


def test_a_tenth_photo_is_refused_before_it_is_sent(worker, story, media):
    for number in range(9):
        Evidence.objects.create(
            tenant=story.event.tenant,
            event_id=story.id,
            kind=BEFORE,
            sha256=f"{number:064}",
            promised_at=story.now,
        )
    status, body = worker.put(story.id, a_photo("lime"), 0, 10)
    assert (status, body["code"]) == (400, "too_many_photos")
    assert not (media / "uploads").exists()
    assert worker.put(story.id, PHOTO, 0)[1]["received"], "the promised one is"


def test_so_many_may_be_begun_and_not_finished(worker, story):
    for number in range(MOST):
        name = f"{number:064}"
        assert worker.put(story.id, PHOTO, 0, 10, kind=AFTER, name=name)[0] == 200
    status, body = worker.put(story.id, PHOTO, 0, 10, kind=AFTER)
    assert (status, body["code"]) == (400, "too_many_uploads")
    assert worker.put(story.id, PHOTO, 10, 20, kind=AFTER, name="0" * 64)[0] == 200


# Who may ------------------------------------------------------------------------------------------


def test_the_reporter_and_whoever_is_to_give_evidence(cast, media):
    """The same rule as for a file in one piece."""
    story = story_at(cast, State.HANDLING, at=timezone.now()).assist_sign("city")
    for name, allowed in (
        ("worker", True),
        ("police", True),
        ("city", True),
        ("director", False),
        ("acceptor", False),
    ):
        status, body = Phone(getattr(cast, name)).put(story.id, a_photo("teal"), 0, 10, kind=AFTER)
        assert (status, body.get("code")) == ((200, None) if allowed else (403, "not_permitted")), name
    assert sorted(path.name.split("-")[5] for path in (media / "uploads").iterdir()) == sorted(
        str(getattr(cast, name).pk) for name in ("worker", "police", "city")
    ), "each has a part of their own"


@pytest.mark.parametrize("who", ["neighbour", "next_worker", "next_police", "fire", "housing"])
def test_out_of_scope_there_is_no_such_event(cast, worker, story, who, media):
    worker.put(story.id, PHOTO, 0)
    phone, nobody = Phone(getattr(cast, who)), uuid.uuid4()
    for event_id in (story.id, nobody):
        assert phone.put(event_id, PHOTO, 0)[0] == 404
        assert phone.get(event_id, PHOTO)[0] == 404
    assert phone.put(story.id, PHOTO, 0)[1] == phone.put(nobody, PHOTO, 0)[1]
    assert list((media / "uploads").iterdir()) == []


def test_an_agency_that_lost_the_event_is_told_of_its_own_file_only(cast, story):
    police = Phone(cast.police)
    story.route().accept().dispatch(lead=POLICE).sign()
    done = police.put(story.id, a_photo("teal"), 0, kind=AFTER)[1]
    story.recall(reason="Another agency takes it")
    assert Phone(cast.worker).put(story.id, PHOTO, 0)[0] == 200
    assert police.put(story.id, a_photo("teal"), 0, kind=AFTER) == (200, done | {"photos_missing": None})
    assert police.put(story.id, PHOTO, 0)[0] == 404
    assert police.get(story.id, PHOTO)[0] == 404


def test_nobody_and_tokens(cast, story):
    assert Phone().put(story.id, PHOTO, 0)[0] == 401

    def program(*scopes: str) -> Phone:
        made = {"name": "x", "scopes": list(scopes), "days": 7, "with_second_step": False}
        _token, secret = tokens.make(user=cast.worker, now=timezone.now(), **made)
        return Phone(authorization=f"Bearer {secret}")

    assert program("read").put(story.id, PHOTO, 0, 10)[1]["code"] == "missing_scope"
    assert program("read").get(story.id, PHOTO)[0] == 200
    assert program("report").put(story.id, PHOTO, 0, 10)[0] == 200
    assert program("report").get(story.id, PHOTO)[1]["received_bytes"] == 10


def test_for_another_person_or_mode_not_a_byte_is_kept(cast, story, media):
    other = Phone(cast.worker, **{"X-Person": str(cast.acceptor.pk)})
    assert other.put(story.id, PHOTO, 0)[1]["code"] == "other_person"
    training.begin(user=cast.worker, now=timezone.now())
    assert Phone(cast.worker, **{"X-Training": "0"}).put(story.id, PHOTO, 0)[1]["code"] == "training_changed"
    assert not (media / "uploads").exists()


def test_a_cross_site_page_sends_nothing(cast, story):
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(cast.worker, backend="accounts.backends.PostBackend")
    url = f"{EVENTS}{story.id}/evidence/{BEFORE}/{name_of(PHOTO)}/?offset=0"
    answer = strict.put(url, PHOTO, content_type="application/octet-stream", headers={"X-Size": "9"})
    assert (answer.status_code, answer.json()["code"]) == (403, "csrf_expired")


# What it costs ------------------------------------------------------------------------------------


def test_a_piece_asks_for_little_and_writes_nothing(worker, story, django_assert_num_queries):
    worker.put(story.id, PHOTO, 0, 10)
    with django_assert_num_queries(4):  # session, person, event, row
        worker.put(story.id, PHOTO, 10, 20)
