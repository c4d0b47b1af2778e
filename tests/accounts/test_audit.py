"""The audit log: what is told of, and that nobody changes it."""

from datetime import UTC, datetime

import pytest
from django.db import connection, transaction
from django.db.utils import ProgrammingError
from django.test import Client, RequestFactory
from django.urls import reverse

from accounts import audit
from accounts.actions import SeparatedPostsError, appoint, appoint_many, end_post
from accounts.models import AuditEntry, Post
from tests.cast import CENTRE, Cast, unit

NOW = datetime(2019, 3, 4, 1, 0, tzinfo=UTC)
PASSWORD = "river-lantern-94"
CHROME = "Mozilla/5.0 (Windows NT 10.0) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/120.0 Safari/537.36"


@pytest.fixture
def cast(db) -> Cast:
    return Cast()


@pytest.fixture
def worker(cast):
    cast.worker.set_password(PASSWORD)
    cast.worker.save(update_fields=["password"])
    return cast.worker


@pytest.fixture
def browser() -> Client:
    return Client(headers={"accept-language": "en", "user-agent": CHROME})


def told(kind: str) -> list[AuditEntry]:
    return list(AuditEntry.objects.filter(kind=kind).order_by("id"))


def log_in(browser: Client, username: str = "worker", password: str = PASSWORD):
    return browser.post(reverse("accounts:login"), {"username": username, "password": password})


def test_a_log_in_and_a_log_out_are_told_with_address_and_device(worker, browser):
    log_in(browser)
    browser.post(reverse("accounts:logout"))

    for kind in ("login", "logout"):
        entry = told(kind)[-1]
        assert (entry.actor, entry.subject, entry.address) == (worker, "worker", "127.0.0.1")
        assert entry.device == "Chrome, Windows"
        assert entry.district_id == worker.district_id


def test_a_failed_log_in_is_told_of_the_name_tried(worker, browser):
    log_in(browser, password="wrong")

    entry = told("login_failed")[-1]
    assert (entry.actor, entry.subject, entry.district_id) == (None, "worker", worker.district_id)


def test_an_unknown_user_name_is_not_kept_because_it_may_be_a_password(worker, browser):
    log_in(browser, username=PASSWORD, password="worker")

    entry = told("login_failed")[-1]
    assert (entry.subject, entry.detail, entry.district) == ("", {"unknown": True}, None)


def test_the_lock_is_told_and_so_is_who_meets_it(worker, browser):
    for number in range(5):
        log_in(browser, password=f"wrong {number}")
    log_in(browser)

    assert len(told("login_failed")) == 4
    assert [entry.subject for entry in told("login_locked")] == ["worker", "worker"]


def test_a_post_begun_and_ended_is_told_with_who_did_it(cast):
    admin = cast.centre
    post = appoint(user=cast.worker, role="supervisor", organization=unit(CENTRE), at=NOW, by=admin)
    end_post(post=post, at=NOW, by=admin)

    begun, ended = told("post_begun")[-1], told("post_ended")[-1]
    assert (begun.actor, begun.subject) == (admin, "worker")
    assert begun.detail["role"] == ended.detail["role"] == "supervisor"
    assert begun.detail["organization"] == "ZHZX"


def test_a_post_that_was_there_already_is_not_told_again(cast):
    count = len(told("post_begun"))
    post = cast.worker.posts.get()

    appoint(user=cast.worker, role=post.role_id, organization=post.organization, at=NOW)

    assert len(told("post_begun")) == count


def test_other_applications_record_in_one_query(cast, django_assert_num_queries):
    request = RequestFactory().get("/", REMOTE_ADDR="10.1.2.3")
    person = cast.supervisor
    with django_assert_num_queries(1):
        entry = audit.record(
            kind="export", actor=person, subject="closure", detail={"rows": 8}, request=request
        )
    assert (entry.address, entry.words) == ("10.1.2.3", audit.KINDS["export"])


def test_behind_a_proxy_the_address_is_the_one_the_proxy_saw(cast, settings):
    settings.BEHIND_PROXY = True
    request = RequestFactory().get("/", headers={"X-Forwarded-For": "1.1.1.1, 10.9.8.7"})

    assert audit.record(kind="export", actor=cast.supervisor, request=request).address == "10.9.8.7"


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE accounts_auditentry SET subject = ''",
        "DELETE FROM accounts_auditentry",
        "TRUNCATE accounts_auditentry",
    ],
)
def test_nobody_changes_a_row(cast, statement):
    audit.record(kind="export", actor=cast.supervisor)
    with pytest.raises(ProgrammingError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)


# Three administrators --------------------------------------------------------------------------------

ADMINISTRATORS = ("system_admin", "security_admin", "audit_admin")


@pytest.mark.parametrize("held", ADMINISTRATORS)
@pytest.mark.parametrize("wanted", ADMINISTRATORS)
def test_nobody_holds_two_of_the_three_posts(cast, held, wanted):
    person, centre = cast.supervisor, unit(CENTRE)
    appoint(user=person, role=held, organization=centre, at=NOW)
    if held == wanted:
        appoint(user=person, role=wanted, organization=centre, at=NOW)
        return
    with pytest.raises(SeparatedPostsError) as refused:
        appoint(user=person, role=wanted, organization=centre, at=NOW)

    assert refused.value.code == "separated_posts"
    assert not Post.objects.filter(user=person, role=wanted).exists()


def test_one_after_the_other_is_allowed(cast):
    person, centre = cast.supervisor, unit(CENTRE)
    post = appoint(user=person, role="audit_admin", organization=centre, at=NOW)
    end_post(post=post, at=NOW)

    assert appoint(user=person, role="system_admin", organization=centre, at=NOW).pk


def test_two_in_one_appointment_are_refused_too(cast):
    rows = [(cast.supervisor, role, unit(CENTRE)) for role in ADMINISTRATORS[:2]]
    with pytest.raises(SeparatedPostsError):
        appoint_many(rows=rows, at=NOW)
