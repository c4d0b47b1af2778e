"""A file arrives for an event: taken once, counted, on the disk before its row says so."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime
from hashlib import sha256
from io import BytesIO
from threading import Barrier

import pytest
from django.db import connection, transaction
from django.utils import translation
from PIL import Image

from accounts.models import Organization, User
from events import evidence
from events.evidence import (
    DocumentTypeError,
    HashMismatchError,
    TooManyPhotosError,
    make_thumbnail,
    open_file,
    receive,
)
from events.images import EmptyFileError, NotAnImageError, TooManyBytesError
from events.models import Category, Event, Evidence, Item, Platform, Source, State, Urgency
from events.tasks import make_missing_thumbnails
from grids.models import Area, District, Level

NOW = datetime(2019, 5, 6, 1, 30, tzinfo=UTC)
PDF = b"%PDF-1.7\n1 0 obj\n<<>>\nendobj\n%%EOF"
BEFORE, AFTER, DOCUMENT = Evidence.Kind.BEFORE, Evidence.Kind.AFTER, Evidence.Kind.DOCUMENT


@pytest.fixture(autouse=True)
def media(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    return tmp_path


@pytest.fixture(autouse=True)
def nudges(monkeypatch) -> list[str]:
    sent: list[str] = []
    monkeypatch.setattr("events.evidence.nudge", sent.append)
    return sent


@pytest.fixture
def event(db) -> Event:
    return an_event()


@pytest.fixture
def wang(event) -> User:
    """The grid worker who reported it."""
    return event.reporter


def an_event() -> Event:
    district = District.objects.create(code="990001", name_zh="测试区")
    area = Area.objects.create(code="990001", level=Level.DISTRICT, district=district, name_zh="测试区")
    Organization.objects.create(district=district, code="centre", kind="centre", area=area, name_zh="中心")
    category = Category.objects.create(
        district=district, code="301", platform=Platform.ENFORCEMENT, name_zh="市容"
    )
    item = Item.objects.create(
        district=district,
        code="30101",
        category=category,
        name_zh="暴露垃圾",
        urgency=Urgency.NORMAL,
        level=Level.COMMUNITY,
        self_handle=True,
        accept_minutes=30,
        dispatch_minutes=30,
        handle_limit=2,
        limit_unit=Item.LimitUnit.WORKING_DAYS,
        lead_department="ZFJ",
        valid_from=date(2018, 1, 1),
    )
    return Event.objects.create(
        tenant=district.code,
        number="990001-20190506-001",
        item=item,
        urgency=item.urgency,
        level=item.level,
        source=Source.GRID,
        area_code=area.code,
        reported_area_code=area.code,
        reporter=User.objects.create(username="wang", display_name="王", district=district),
        occurred_at=NOW,
        recorded_at=NOW,
        content_hash="",
        state=State.REPORTED,
    )


def photo(shade: int = 0, size: tuple[int, int] = (64, 48), format: str = "PNG") -> bytes:
    file = BytesIO()
    Image.new("RGB", size, (shade, 120, 90)).save(file, format)
    return file.getvalue()


def name_of(data: bytes) -> str:
    return sha256(data).hexdigest()


def send(event: Event, data: bytes, kind: str = BEFORE, user: User | None = None, **more) -> Evidence:
    arguments = {"organization_id": None, "now": NOW} | more
    return receive(event=event, kind=kind, upload=BytesIO(data), user=user or event.reporter, **arguments)


def promise(event: Event, *photos: bytes) -> None:
    """What the report does for its manifest."""
    for data in photos:
        Evidence.objects.create(
            tenant=event.tenant, event=event, kind=BEFORE, sha256=name_of(data), promised_at=NOW
        )
    Event.objects.filter(pk=event.pk).update(photos_missing=len(photos))


def missing(event: Event) -> int:
    return Event.objects.values_list("photos_missing", flat=True).get(pk=event.pk)


def stored(media) -> list[str]:
    return sorted(str(path.relative_to(media)) for path in media.rglob("*") if path.is_file())


# Taken ------------------------------------------------------------------------------------------


def test_a_photo_is_stored_as_jpeg_below_its_month(event, wang, media):
    centre = Organization.objects.get(code="centre")

    row = send(event, photo(), organization_id=centre.pk, sha256=name_of(photo()))

    row.refresh_from_db()
    assert (row.tenant, row.event, row.kind, row.uploaded_by) == (event.tenant, event, BEFORE, wang)
    assert (row.organization, row.promised_at, row.received_at) == (centre, NOW, NOW)
    assert (row.content_type, row.width, row.height) == ("image/jpeg", 64, 48)
    assert row.file == f"evidence/2019/05/{row.pk}.jpg"
    assert stored(media) == [row.file]
    assert row.size == open_file(row).stat().st_size
    assert Image.open(open_file(row)).format == "JPEG"


def test_a_pdf_is_kept_as_it_came_but_only_as_a_document(event, nudges, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True):
        row = send(event, PDF, DOCUMENT)

    assert (row.content_type, row.file[-4:]) == ("application/pdf", ".pdf")
    assert open_file(row).read_bytes() == PDF
    assert nudges == []
    with pytest.raises(NotAnImageError):
        send(event, PDF, AFTER)


def test_a_picture_can_be_a_document(event):
    assert send(event, photo(), DOCUMENT).content_type == "image/jpeg"


def test_a_promised_photo_counts_the_missing_ones_down_once(event):
    promise(event, photo(1), photo(2))

    first = send(event, photo(1), sha256=name_of(photo(1)).upper())
    assert missing(event) == 1
    assert send(event, photo(1)) == first
    assert missing(event) == 1
    send(event, photo(2))
    assert missing(event) == 0
    assert Evidence.objects.filter(event=event).exclude(received_at=None).count() == 2


def test_a_photo_nobody_promised_counts_nothing_down(event):
    promise(event, photo(1))

    send(event, photo(9))

    assert missing(event) == 1


def test_the_same_bytes_again_give_the_same_row_and_no_second_file(event, media):
    first = send(event, photo())
    again = send(event, photo())

    assert again == first
    assert Evidence.objects.count() == 1
    assert len(stored(media)) == 1


def test_the_same_picture_may_be_another_kind_or_belong_to_another_event(event):
    other = Event.objects.get(pk=event.pk)
    other.pk, other.number = None, "990001-20190506-002"
    other._state.adding = True
    other.save()

    rows = {send(event, photo()), send(event, photo(), AFTER), send(other, photo())}

    assert len({row.pk for row in rows}) == len({row.file for row in rows}) == 3


def test_a_thumbnail_is_asked_for_when_all_is_committed(event, nudges, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True):
        send(event, photo())
        assert nudges == []

    assert nudges == ["events.tasks.make_missing_thumbnails"]


# Refused ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("data", "kind", "more", "error"),
    [
        (b"", BEFORE, {}, EmptyFileError),
        (b"text in a file called photo.jpg", BEFORE, {}, NotAnImageError),
        (b"text in a file called plan.pdf", DOCUMENT, {}, DocumentTypeError),
        (b"%PDF-" + b" " * 15_000_000, DOCUMENT, {}, TooManyBytesError),
        (photo(), BEFORE, {"sha256": "0" * 64}, HashMismatchError),
    ],
    ids=["empty", "text as photo", "text as document", "too large", "other bytes"],
)
def test_a_refused_file_leaves_nothing_behind(event, media, data, kind, more, error):
    promise(event, data)
    messages = set()
    for language in ("en", "zh-hans"):
        with translation.override(language), pytest.raises(error) as refusal:
            send(event, data, kind, **more)
        messages.add(str(refusal.value))

    assert refusal.value.field == "file"
    assert all(message and "%(" not in message for message in messages)
    assert stored(media) == []
    assert missing(event) == 1
    assert not Evidence.objects.exclude(received_at=None).exists()


def test_no_more_is_read_of_a_huge_upload_than_needed_to_refuse_it(event, settings):
    settings.EVIDENCE_MAX_BYTES = 1000
    upload = BytesIO(b"x" * 5000)

    with pytest.raises(TooManyBytesError):
        receive(event=event, kind=BEFORE, upload=upload, user=None, organization_id=None, now=NOW)

    assert upload.tell() == 1001


@pytest.mark.parametrize("kind", [BEFORE, AFTER])
def test_the_tenth_photo_is_refused_and_the_nine_stay(event, media, kind):
    for shade in range(9):
        send(event, photo(shade), kind)

    with pytest.raises(TooManyPhotosError) as refusal:
        send(event, photo(200), kind)

    assert refusal.value.code == "too_many_photos"
    assert len(stored(media)) == Evidence.objects.count() == 9
    assert send(event, photo(3), kind).received_at


def test_a_promised_ninth_photo_comes_in_and_a_tenth_does_not(event):
    promise(event, *[photo(shade) for shade in range(9)])

    with pytest.raises(TooManyPhotosError):
        send(event, photo(200))
    for shade in range(9):
        send(event, photo(shade))

    assert missing(event) == 0


def test_nine_pieces_each_and_the_limit_does_not_count_the_reports_photos(event):
    li = User.objects.create(username="li", display_name="李", district=event.reporter.district)
    for shade in range(9):
        send(event, photo(shade))
        send(event, photo(shade), AFTER)

    assert send(event, photo(100), AFTER, li).uploaded_by == li


# Crashes and races ------------------------------------------------------------------------------


def test_a_crash_before_the_row_leaves_only_a_file_and_the_next_try_succeeds(event, media, monkeypatch):
    promise(event, photo())

    def crash(self, *args, **kwargs):
        assert len(stored(media)) == 1
        raise SystemExit

    with monkeypatch.context() as patched:
        patched.setattr(Evidence, "save", crash)
        with pytest.raises(SystemExit):
            send(event, photo())
    assert missing(event) == 1
    assert Evidence.objects.get().received_at is None

    row = send(event, photo())

    assert missing(event) == 0
    assert stored(media) == [row.file]


def test_a_crash_while_writing_leaves_no_half_file_under_a_final_name(event, media, monkeypatch):
    def full(handle):
        raise OSError("no space left")

    with monkeypatch.context() as patched:
        patched.setattr("events.evidence.os.fsync", full)
        with pytest.raises(OSError, match="no space"):
            send(event, photo())

    assert [name for name in stored(media) if name.endswith(".jpg")] == []
    assert not Evidence.objects.exists()


def at_once(count: int, work) -> list:
    """The results, or the errors, of work(0) ... work(count - 1) begun at the same moment."""
    ready = Barrier(count)

    def run(number):
        try:
            ready.wait(10)
            return work(number)
        except Exception as error:
            return error
        finally:
            connection.close()

    with ThreadPoolExecutor(count) as pool:
        return list(pool.map(run, range(count)))


def test_racing_uploads_of_one_file_make_one_row_and_one_file(fresh_database, media, nudges):
    event = an_event()
    promise(event, photo(), photo(1))

    rows = at_once(4, lambda number: send(event, photo()))

    assert len({row.pk for row in rows}) == 1
    assert len(stored(media)) == 1
    assert missing(event) == 1
    assert nudges == ["events.tasks.make_missing_thumbnails"]


def test_racing_uploads_never_slip_past_the_ninth(fresh_database, media):
    event = an_event()
    for shade in range(7):
        send(event, photo(shade))

    results = at_once(5, lambda number: send(event, photo(100 + number)))

    assert sum(isinstance(result, Evidence) for result in results) == 2
    assert sum(isinstance(result, TooManyPhotosError) for result in results) == 3
    assert len(stored(media)) == Evidence.objects.count() == 9


# Thumbnails -------------------------------------------------------------------------------------


def test_thumbnails_are_made_once_for_every_picture_and_for_no_document(event):
    large = send(event, photo(size=(960, 720)))
    pdf = send(event, PDF, DOCUMENT)
    promise(event, photo(9))

    assert make_missing_thumbnails() == 1
    assert make_missing_thumbnails() == 0

    large.refresh_from_db()
    pdf.refresh_from_db()
    assert Image.open(open_file(large, thumbnail=True)).size == (480, 360)
    assert Image.open(open_file(large)).size == (960, 720)
    assert pdf.thumbnail == ""


def test_until_there_is_a_thumbnail_the_picture_stands_for_it(event):
    row = send(event, photo())

    assert open_file(row, thumbnail=True) == open_file(row)


@pytest.mark.parametrize("harm", ["lost", "broken"])
def test_a_bad_file_does_not_hold_up_the_others_and_is_tried_once(event, harm, caplog):
    bad, good = send(event, photo(1)), send(event, photo(2))
    if harm == "lost":
        open_file(bad).unlink()
    else:
        open_file(bad).write_bytes(open_file(bad).read_bytes()[:200])

    make_missing_thumbnails()
    make_missing_thumbnails()

    bad.refresh_from_db()
    good.refresh_from_db()
    assert bad.thumbnail == bad.file
    assert good.thumbnail != good.file
    assert [record.levelname for record in caplog.records if str(bad.pk) in record.getMessage()] == ["ERROR"]


def test_many_workers_make_each_thumbnail_once(fresh_database, monkeypatch):
    event = an_event()
    for shade in range(6):
        send(event, photo(shade))
    made, write = [], evidence._write
    monkeypatch.setattr(
        "events.evidence._write", lambda name, content: (made.append(name), write(name, content))
    )

    counts = at_once(3, lambda number: make_missing_thumbnails())

    assert sum(counts) == len(made) == len(set(made)) == 6
    assert not Evidence.objects.filter(thumbnail="").exists()


def test_a_row_another_worker_holds_is_left_alone(fresh_database):
    row = send(an_event(), photo())

    with transaction.atomic():
        Evidence.objects.select_for_update().get(pk=row.pk)
        assert at_once(1, lambda number: make_thumbnail(evidence_id=row.pk)) == [False]
    assert make_thumbnail(evidence_id=row.pk)
