"""The pages: everybody writes, the system administrator finds and answers."""

import uuid

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from complaints.actions import close
from complaints.models import Complaint
from tests.complaints.test_complaining import WITH_NUMBERS, answered, client_of, written

BOX = "/complaints/box/"


@pytest.fixture
def worker(cast):
    return client_of(cast.worker)


@pytest.fixture
def admin(cast):
    return client_of(cast.admin)


def page(client, url, **query) -> str:
    answer = client.get(url, query)
    assert answer.status_code == 200
    return answer.content.decode()


def test_an_empty_box_says_how_it_fills(worker, admin):
    assert "Nothing written yet" in page(worker, "/complaints/")
    assert "The box is empty" in page(admin, BOX)
    assert 'href="/complaints/"' in page(worker, "/events/"), "it stands in the account menu"


def test_one_is_written_and_what_is_sent_along_is_shown_before(cast, worker):
    worker.defaults["HTTP_USER_AGENT"] = "Mozilla/5.0 (Windows NT 10.0) Chrome/120.0.0.0 Safari/537.36"
    shown = page(worker, "/complaints/")
    assert "Sent along: Chrome, Windows." in shown
    key = shown.split('name="id" value="')[1][:36]
    for _twice in range(2):
        answer = worker.post("/complaints/", {"id": key, "text": WITH_NUMBERS}, follow=True)
        assert "The answer will stand here" in answer.content.decode()
    complaint = Complaint.objects.get()
    assert (str(complaint.pk), complaint.app, complaint.author) == (key, "Chrome, Windows", cast.worker)
    assert "13812341234" in page(worker, "/complaints/"), "one's own words are whole"


@pytest.mark.parametrize(
    ("text", "words"), [("", "required"), ("x" * 2001, "at most 2000 characters")], ids=["empty", "long"]
)
def test_bad_input_is_marked_and_nothing_is_lost(worker, text, words):
    answer = worker.post("/complaints/", {"id": uuid.uuid4(), "text": text})
    shown = answer.content.decode()
    assert answer.status_code == 400 and words in shown and text in shown
    assert not Complaint.objects.exists()


def test_too_many_are_refused_and_the_words_stay(cast, worker, monkeypatch):
    monkeypatch.setattr("complaints.actions.MOST_OPEN", 1)
    written(cast.worker)
    answer = worker.post("/complaints/", {"id": uuid.uuid4(), "text": "One more"})
    assert answer.status_code == 409
    assert "wait for an answer, the most" in answer.content.decode() and "One more" in answer.content.decode()


def test_the_administrator_reads_masked_words_and_answers_after_a_second_look(cast, admin, worker):
    complaint = written(cast.worker, WITH_NUMBERS)
    url = f"/complaints/{complaint.pk}/"
    for shown in (page(admin, BOX), page(admin, url)):
        assert "138****1234" in shown and "13812341234" not in shown
    look = admin.post(url, {"answer": "Try again"}).content.decode()
    assert "Send this answer?" in look and 'value="Try again"' in look
    assert "Try again</textarea>" in admin.post(url, {"answer": "Try again", "edit": "1"}).content.decode()
    assert Complaint.objects.get().is_open
    done = admin.post(url, {"answer": "Try again", "sure": "1"}, follow=True)
    assert "The answer is sent" in done.content.decode()
    assert "Try again" in page(worker, "/complaints/") and cast.admin.display_name not in page(
        worker, "/complaints/"
    )
    worker.post(f"/complaints/{complaint.pk}/close/")
    assert Complaint.objects.get().state == "closed"


def test_a_colleague_was_quicker_and_the_words_typed_are_shown(cast, admin):
    complaint = written(cast.worker)
    answered(complaint, cast, "Mine")
    refused = admin.post(f"/complaints/{complaint.pk}/", {"answer": "Yours", "sure": "1"})
    shown = refused.content.decode()
    assert refused.status_code == 409 and "Yours" in shown and "Mine" in shown and "was not sent" in shown
    assert admin.post(f"/complaints/{complaint.pk}/", {"answer": "", "sure": "1"}).status_code == 400


def test_who_is_no_administrator_neither_lists_nor_answers(cast, worker):
    complaint = written(cast.worker)
    url = f"/complaints/{complaint.pk}/"
    assert worker.get(BOX).status_code == 403
    assert worker.get(url).status_code == worker.post(url, {"answer": "x", "sure": "1"}).status_code == 403
    for who in ("colleague", "director", "auditor", "centre"):
        client = client_of(getattr(cast, who))
        for refused in (client.get(url), client.post(url, {"answer": "x"}), client.post(f"{url}close/")):
            assert refused.status_code == 404, who
    admin = client_of(cast.admin)
    assert admin.post(f"{url}close/").status_code == 404, "its author's act"
    assert Complaint.objects.get().is_open


def test_open_ones_stand_first_and_the_url_says_what_is_shown(cast, admin):
    oldest, middle, newest = (written(cast.worker, f"Words {name}") for name in ("one", "two", "three"))
    answered(newest, cast, "A")
    close(complaint_id=middle.pk, by=cast.worker)

    def order(**query) -> list[str]:
        shown = page(admin, BOX, **query)
        return sorted(
            (name for name in ("one", "two", "three") if f"Words {name}" in shown),
            key=lambda name: shown.index(f"Words {name}"),
        )

    assert order() == ["one", "three", "two"]
    assert order(state="answered") == ["three"]
    assert order(q="words TWO") == ["two"]
    assert order(q=cast.worker.display_name, state="open") == ["one"]
    assert "Nothing matches" in page(admin, BOX, q="zebra")
    for strange in ({"state": "x"}, {"after": "x"}, {"q": "a\x00"}):
        page(admin, BOX, **strange)
    assert oldest.is_open


def test_long_lists_come_in_pages(cast, admin, monkeypatch):
    now = timezone.now()
    Complaint.objects.bulk_create(
        Complaint(
            id=uuid.uuid4(),
            tenant=cast.worker.district_id,
            author=cast.worker,
            text=f"N{n:03}",
            masked=f"N{n:03}",
            at=now,
        )
        for n in range(60)
    )
    first = admin.get(BOX)
    after = first.context["page"].after
    second = admin.get(BOX, {"after": after})
    rows = [row.text for answer in (first, second) for row in answer.context["page"].rows]
    assert len(first.context["page"].rows) == 50 and len(set(rows)) == len(rows) == 60
    assert "Start" in second.content.decode()


def test_a_mark_in_the_navigation_counts_what_waits(cast, admin):
    assert "nav-count" not in page(admin, "/inbox/")
    complaint = written(cast.worker)
    written(cast.colleague)
    assert '<b class="nav-count">2' in page(admin, "/inbox/")
    answered(complaint, cast)
    assert '<b class="nav-count">1' in page(admin, "/inbox/")
    assert "nav-count" not in page(client_of(cast.worker), "/inbox/")


def test_pages_cost_the_same_however_many_there_are(cast, admin, worker):
    counts: dict[str, list[int]] = {}
    for number in (1, 5):
        for _ in range(number):
            answered(written(cast.worker), cast)
            complaint = written(cast.worker)
        for client, url in ((admin, BOX), (admin, f"/complaints/{complaint.pk}/"), (worker, "/complaints/")):
            page(client, url)
            with CaptureQueriesContext(connection) as captured:
                page(client, url)
            counts.setdefault(url if "box" in url or url == "/complaints/" else "one", []).append(
                len(captured)
            )
    assert counts == {BOX: [5, 5], "one": [5, 5], "/complaints/": [3, 3]}
