"""Complain, answer, close: once under each key, seen by the author and the district's system administrators alone."""

import json
import threading
import uuid
from datetime import timedelta

import pytest
from django.db import connections
from django.test import Client
from django.utils import timezone

from accounts.models import User
from complaints import actions, queries
from complaints.actions import MOST_OPEN, answer, close, complain
from complaints.errors import KeyTakenError, NoSuchComplaintError, NotOpenError, TooManyOpenError
from complaints.models import TEXT_LENGTH, Complaint
from grids.models import District
from tests.cast import EVERYBODY, Cast

URL = "/api/v1/complaints/"
WITH_NUMBERS = "打不开，找我 13812341234，证号 33010419900101123X"


def written(author: User, text: str = "The list is slow", **given) -> Complaint:
    given = {"key": uuid.uuid4(), "app": "1.0.0, Chrome", "now": timezone.now()} | given
    return complain(author=author, text=text, **given)[0]


def answered(complaint: Complaint, cast: Cast, text: str = "It is quicker now") -> Complaint:
    return answer(complaint_id=complaint.pk, by=cast.admin, text=text, now=timezone.now())


def client_of(person: User) -> Client:
    client = Client(headers={"accept-language": "en"})
    client.force_login(person, backend="accounts.backends.PostBackend")
    return client


def sent(client: Client, **body):
    body = {"id": str(uuid.uuid4()), "text": "慢", "app": "1.0.0"} | body
    return client.post(URL, json.dumps(body), content_type="application/json")


def test_the_same_again_is_the_same_and_other_content_is_refused(cast):
    key = uuid.uuid4()
    first = written(cast.worker, key=key)
    again, is_new = complain(
        author=cast.worker, key=key, text=first.text, app=first.app, now=timezone.now() + timedelta(days=1)
    )
    assert (again.pk, again.at, is_new) == (first.pk, first.at, False)
    for author, change in [
        (cast.worker, {"text": "Other words"}),
        (cast.worker, {"app": "2.0.0"}),
        (cast.colleague, {}),
    ]:
        with pytest.raises(KeyTakenError):
            written(author, **({"key": key} | change))
    assert Complaint.objects.count() == 1


def test_a_repeat_after_the_answer_tells_the_answer(cast):
    client, key = client_of(cast.worker), str(uuid.uuid4())
    assert sent(client, id=key).status_code == 201
    answered(Complaint.objects.get(), cast)
    repeat = sent(client, id=key)
    assert repeat.status_code == 200
    assert (repeat.json()["state"], repeat.json()["answer"]) == ("answered", "It is quicker now")


def test_one_sent_by_two_at_once_is_stored_once(fresh_database):
    worker, key = Cast().worker, uuid.uuid4()
    start, made = threading.Barrier(4), []

    def send() -> None:
        start.wait()
        given = {"key": key, "text": "Slow", "app": "", "now": timezone.now()}
        made.append(complain(author=worker, **given)[1])
        connections.close_all()

    threads = [threading.Thread(target=send) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(made) == [False, False, False, True]


def test_a_person_has_so_many_open_and_no_more(cast, monkeypatch):
    monkeypatch.setattr(actions, "MOST_OPEN", 2)
    first, _second = written(cast.worker), written(cast.worker)
    with pytest.raises(TooManyOpenError):
        written(cast.worker)
    refused = sent(client_of(cast.worker))
    assert (refused.status_code, refused.json()["code"]) == (409, "too_many_open")
    assert written(cast.colleague), "each has their own"
    answered(first, cast)
    assert written(cast.worker)
    assert str(MOST_OPEN) in str(TooManyOpenError.message)


def test_its_author_and_the_administrator_see_it_and_nobody_else(cast):
    complaint = written(cast.worker)
    for who in ("admin", "worker"):
        assert Complaint.objects.visible_to(getattr(cast, who)).count() == 1
    for who in {*EVERYBODY, "auditor"} - {"worker"}:
        assert not Complaint.objects.visible_to(getattr(cast, who)).exists(), who
    security = User.objects.get(username="security")
    assert not Complaint.objects.visible_to(security).exists()
    other = District.objects.create(code="330105", name_zh="拱墅区")
    Complaint.objects.update(tenant=other.pk)
    assert not Complaint.objects.visible_to(cast.admin).exists(), "of another district"
    for act in (
        lambda: close(complaint_id=complaint.pk, by=cast.colleague),
        lambda: answered(complaint, cast),
    ):
        with pytest.raises(NoSuchComplaintError):
            act()


def test_numbers_in_it_are_masked_for_others_and_whole_for_its_author(cast):
    complaint = written(cast.worker, WITH_NUMBERS)
    assert complaint.words(cast.worker) == WITH_NUMBERS
    assert complaint.words(cast.admin) == "打不开，找我 138****1234，证号 330104********123X"
    for asked, found in [
        ("打不开", 1),
        ("13812341234", 0),
        ("1381234", 0),
        ("19900101", 0),
        ("138****1234", 1),
    ]:
        assert queries.box(cast.admin, words=asked).count() == found, asked


def test_numbers_in_an_answer_are_whole_between_the_two(cast):
    complaint = answered(written(cast.worker), cast, "请打 0571-86021234")
    assert complaint.answer_words(cast.worker) == complaint.answer_words(cast.admin) == "请打 0571-86021234"
    assert complaint.answer_words(cast.auditor) == "请打 0571-****1234"


def test_a_text_full_of_numbers_is_kept_though_masking_makes_it_longer(cast):
    text = ("0571-8602123，" * 160)[:TEXT_LENGTH]
    assert len(written(cast.worker, text).masked) > len(text)


def test_it_is_answered_once(cast):
    complaint = answered(written(cast.worker), cast)
    assert (complaint.state, complaint.answered_by) == ("answered", cast.admin)
    with pytest.raises(NotOpenError):
        answered(complaint, cast, "Another")
    closed = written(cast.worker)
    close(complaint_id=closed.pk, by=cast.worker)
    with pytest.raises(NotOpenError):
        answered(closed, cast)


def test_an_answer_counts_as_unread_until_it_is_put_away(cast):
    complaint = written(cast.worker)
    assert queries.unread(cast.worker) == 0
    answered(complaint, cast)
    assert queries.unread(cast.worker) == 1
    for _twice in range(2):
        assert close(complaint_id=complaint.pk, by=cast.worker).state == "closed"
    assert queries.unread(cast.worker) == 0
    with pytest.raises(NoSuchComplaintError):
        close(complaint_id=complaint.pk, by=cast.admin)


# The API --------------------------------------------------------------------------------------------


def test_the_phone_sends_reads_and_puts_away(cast):
    client, key = client_of(cast.worker), str(uuid.uuid4())
    made = sent(client, id=key, text=WITH_NUMBERS)
    assert made.status_code == 201
    assert set(made.json()) == {"id", "text", "app", "at", "state", "state_name", "answer", "answered_at"}
    answered(Complaint.objects.get(), cast, "修好了")
    listed = client.get(URL).json()
    assert (listed["unread"], listed["next"]) == (1, None)
    (row,) = listed["results"]
    assert (row["id"], row["text"], row["state"], row["answer"]) == (key, WITH_NUMBERS, "answered", "修好了")
    assert client_of(cast.colleague).get(URL).json()["results"] == []
    assert client.post(f"{URL}{key}/close/").json()["state"] == "closed"
    assert client.get(URL).json()["unread"] == 0


@pytest.mark.parametrize(
    ("change", "field", "code"),
    [
        ({"id": "7"}, "id", "invalid"),
        ({"text": " "}, "text", "blank"),
        ({"text": "x" * (TEXT_LENGTH + 1)}, "text", "max_length"),
        ({"text": ["a"]}, "text", "invalid"),
        ({"app": "x" * 201}, "app", "max_length"),
        ({"text": "a\x00b"}, "text", "null_characters_not_allowed"),
    ],
)
def test_bad_input_is_told_by_field_and_reason(cast, change, field, code):
    refused = sent(client_of(cast.worker), **change)
    assert (refused.status_code, refused.json()["code"]) == (400, "invalid_input")
    assert refused.json()["fields"][field][0]["code"] == code
    assert refused.json()["fields"][field][0]["message"]


def test_the_list_comes_in_pages_and_costs_the_same(cast, django_assert_num_queries, monkeypatch):
    client = client_of(cast.worker)
    for number in range(3):
        written(cast.worker, f"No. {number}")
    first = client.get(URL, {"page_size": 2}).json()
    second = client.get(first["next"]).json()
    told = [row["text"] for row in first["results"] + second["results"]]
    assert told == ["No. 2", "No. 1", "No. 0"] and second["next"] is None
    assert client.get(URL, {"cursor": "bz0xJnA9eA=="}).status_code == 404
    with django_assert_num_queries(4):  # session, person, complaints, unread
        client.get(URL)
