"""Voice and video: known by their content, kept as they came but for metadata, counted by themselves."""

from io import BytesIO

import pytest

from events.evidence import TooManyPhotosError, make_thumbnail, open_file, receive
from events.images import NotAnImageError, TooManyBytesError
from events.models import Evidence
from events.recordings import NotAVideoError, NotAVoiceError, container_of
from tests.events.test_evidence import AFTER, PDF, media, missing, nudges, photo, promise, send, stored
from tests.events.test_evidence import event as event
from tests.recordings import HEIC, M4A, MATROSKA, MOV, MP4, OGG, WEBM

__all__ = ["media", "nudges"]  # fixtures
VOICE, VIDEO = Evidence.Kind.VOICE, Evidence.Kind.VIDEO


@pytest.mark.parametrize(
    ("data", "kind", "content_type", "suffix"),
    [
        (WEBM, VOICE, "audio/webm", ".webm"),
        (OGG, VOICE, "audio/ogg", ".ogg"),
        (M4A, VOICE, "audio/mp4", ".m4a"),
        (MP4, VOICE, "audio/mp4", ".m4a"),
        (WEBM, VIDEO, "video/webm", ".webm"),
        (OGG, VIDEO, "video/ogg", ".ogv"),
        (MP4, VIDEO, "video/mp4", ".mp4"),
        (MOV, VIDEO, "video/mp4", ".mp4"),
    ],
)
def test_a_recording_is_kept_as_it_came(event, data, kind, content_type, suffix):
    row = send(event, data, kind)
    row.refresh_from_db()
    assert (row.content_type, row.size, row.file[-len(suffix) :]) == (content_type, len(data), suffix)
    assert open_file(row).read_bytes() == data
    assert (row.width, row.thumbnail, row.longitude) == (0, "", None)
    assert not make_thumbnail(evidence_id=row.pk)


def box(name: bytes, content: bytes, *, large: bool = False) -> bytes:
    size = len(content) + (16 if large else 8)
    head = b"\0\0\0\1" + name + size.to_bytes(8) if large else size.to_bytes(4) + name
    return head + content


PLACE = box(b"\xa9xyz", b"+30.2835+120.1625/")
FTYP, TRACK, SOUND = (
    box(b"ftyp", b"mp42\0\0\0\0mp42isom"),
    box(b"tkhd", bytes(20)),
    box(b"mdat", b"sound" * 9),
)


@pytest.mark.parametrize(
    "film",
    [
        FTYP + box(b"moov", TRACK + box(b"udta", PLACE)) + SOUND,
        FTYP + SOUND + box(b"moov", box(b"trak", TRACK + box(b"udta", PLACE)) + box(b"meta", PLACE)),
        FTYP
        + box(b"mdat", b"sound" * 9, large=True)
        + box(b"moov", box(b"udta", PLACE, large=True), large=True),
        FTYP + box(b"uuid", PLACE) + SOUND + b"\0\0\0\0udta" + PLACE,
    ],
    ids=["android", "iphone", "large", "xmp"],
)
def test_where_a_film_was_taken_is_forgotten_and_nothing_else_moves(event, film):
    kept = open_file(send(event, film, VIDEO)).read_bytes()
    assert b"+30.2835" not in kept
    assert len(kept) == len(film)
    assert [kept.find(part) for part in (FTYP, TRACK, b"sound" * 9)] == [
        film.find(part) for part in (FTYP, TRACK, b"sound" * 9)
    ]


@pytest.mark.parametrize(
    "rest",
    [
        box(b"moov", b"\0\0\xff\xffudta" + PLACE),
        box(b"moov", b"\0\0\0\1ud"),
        b"\0\0\0\2moov",
        b"moov",
        box(b"mdat", PLACE) + box(b"mdia", box(b"udta", PLACE)),
    ],
)
def test_boxes_that_do_not_add_up_and_the_film_itself_are_left_alone(event, rest):
    assert open_file(send(event, FTYP + rest, VIDEO)).read_bytes() == FTYP + rest


@pytest.mark.parametrize(
    "data",
    [PDF, photo(), HEIC, MATROSKA, b"ftyp", b"<script>", WEBM[:4]],
    ids=["pdf", "photo", "heic", "matroska", "short", "text", "cut"],
)
def test_anything_else_is_refused_and_leaves_nothing(event, media, data):
    assert container_of(data) is None
    for kind, error in ((VOICE, NotAVoiceError), (VIDEO, NotAVideoError)):
        with pytest.raises(error):
            send(event, data, kind)
    assert stored(media) == [] and not Evidence.objects.exists()


def test_a_recording_is_no_photo(event):
    with pytest.raises(NotAnImageError):
        send(event, MP4, AFTER)


@pytest.mark.parametrize(("kind", "most"), [(VOICE, 3_000_000), (VIDEO, 20_000_000)])
def test_each_kind_has_its_own_size(event, kind, most):
    upload = BytesIO(MP4 + bytes(most - len(MP4)))
    assert send(event, upload.getvalue(), kind).size == most
    upload = BytesIO(MP4 + bytes(most))
    with pytest.raises(TooManyBytesError):
        receive(event=event, kind=kind, upload=upload, user=None, organization_id=None, now=event.recorded_at)
    assert upload.tell() == most + 1


def test_three_of_a_kind_each_and_they_take_no_photos_place(event):
    for number in range(3):
        send(event, MP4 + bytes([number]), VIDEO)
        send(event, MP4 + bytes([number]), VOICE)
    for kind in (VIDEO, VOICE):
        with pytest.raises(TooManyPhotosError):
            send(event, MP4 + b"four", kind)
    for shade in range(9):
        send(event, photo(shade), AFTER)


def test_a_promised_recording_counts_down_what_is_missing(event):
    promise(event, OGG)
    Evidence.objects.update(kind=VOICE)
    assert send(event, OGG, VOICE).came_with_report
    assert missing(event) == 0
