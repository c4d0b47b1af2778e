"""Passwords that age, sessions that end, locks, and what the administrators do about them."""

from datetime import timedelta
from io import StringIO

import pytest
from django.contrib.messages import get_messages
from django.core.exceptions import ValidationError
from django.core.management import CommandError, call_command
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import override

from accounts.audit import record
from accounts.audit_words import AuditWords
from accounts.models import AuditEntry, Post, Session, User
from accounts.passwords import ThreeKindsValidator
from grids.models import District
from tests.cast import CENTRE, Cast

LOGIN, HOME = reverse("accounts:login"), reverse("desks:events")
PASSWORD = "river-lantern-94"
SYSTEM, SECURITY = "system", "security"


@pytest.fixture
def cast(db) -> Cast:
    return Cast()


@pytest.fixture
def worker(cast) -> User:
    cast.worker.set_password(PASSWORD)
    cast.worker.save(update_fields=["password", "password_changed_at"])
    return cast.worker


def browser_of(person: User) -> Client:
    browser = Client(headers={"accept-language": "en"})
    browser.force_login(person, backend="accounts.backends.PostBackend")
    return browser


def administrator(username: str) -> Client:
    return browser_of(User.objects.get(username=username))


def log_in(password: str = PASSWORD, username: str = "worker") -> Client:
    browser = Client(headers={"accept-language": "en"})
    browser.post(LOGIN, {"username": username, "password": password})
    return browser


def is_logged_in(browser: Client) -> bool:
    return browser.get(reverse("accounts:own_log_ins")).status_code == 200


def act(browser: Client, person: User, name: str, **data):
    return browser.post(reverse("accounts:act", args=[person.pk, name]), data)


def row_of(browser: Client) -> Session:
    return Session.objects.get(pk=browser.session.session_key)


# Passwords -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("password", ["river-lantern-94", "RiverLantern94", "河边的灯笼-river-94"])
def test_a_password_has_three_kinds_of_characters(password):
    ThreeKindsValidator().validate(password)


@pytest.mark.parametrize("password", ["riverlantern", "river-lantern", "riverlantern94", "RIVER-LANTERN"])
def test_two_kinds_are_too_few(password):
    with pytest.raises(ValidationError):
        ThreeKindsValidator().validate(password)


def test_a_young_password_opens_every_page(worker, settings):
    settings.PASSWORD_MAX_AGE_DAYS = 90

    assert log_in().get(HOME).status_code == 200


@pytest.mark.parametrize("changed", [None, timedelta(days=91)])
def test_an_old_or_a_given_password_leads_to_the_change_and_back(worker, settings, changed):
    settings.PASSWORD_MAX_AGE_DAYS = 90
    User.objects.filter(pk=worker.pk).update(password_changed_at=changed and timezone.now() - changed)
    browser, change = log_in(), reverse("accounts:password_change")

    assert browser.get(HOME).url.startswith(change)
    refused = browser.get(reverse("api:me"))
    assert (refused.status_code, refused.json()["code"]) == (403, "password_expired")
    new = {"old_password": PASSWORD, "new_password1": "quiet-harbour-28", "new_password2": "quiet-harbour-28"}
    browser.post(change, new)
    assert browser.get(HOME).status_code == 200
    assert AuditEntry.objects.filter(kind="password_changed", actor=worker).exists()


def test_the_same_password_again_is_no_change(worker, settings):
    same = {"old_password": PASSWORD, "new_password1": PASSWORD, "new_password2": PASSWORD}
    page = browser_of(worker).post(reverse("accounts:password_change"), same)

    assert "differs from the old one" in page.content.decode()


def test_an_aged_password_may_still_be_changed_and_left(worker, settings):
    settings.PASSWORD_MAX_AGE_DAYS = 90
    User.objects.filter(pk=worker.pk).update(password_changed_at=None)
    browser = log_in()

    assert browser.get(reverse("accounts:password_change")).status_code == 200
    assert browser.post(reverse("accounts:logout")).url == LOGIN


# Sessions --------------------------------------------------------------------------------------------


def test_the_list_shows_each_log_in_with_device_and_address(worker):
    first, second = log_in(), log_in()

    page = second.get(reverse("accounts:own_log_ins"))

    assert {row.pk for row in page.context["sessions"]} == {
        first.session.session_key,
        second.session.session_key,
    }
    assert "127.0.0.1" in page.content.decode()
    assert first.session.session_key not in page.content.decode()


def test_one_log_in_is_ended_from_another(worker):
    lost, here = log_in(), log_in()

    here.post(reverse("accounts:end_log_in"), {"number": str(row_of(lost).number)})

    assert not is_logged_in(lost)
    assert is_logged_in(here)
    assert AuditEntry.objects.filter(kind="session_ended", subject="worker").count() == 1


def test_all_others_are_ended_at_once(worker):
    others, here = [log_in(), log_in()], log_in()

    here.post(reverse("accounts:end_log_in"))

    assert [is_logged_in(each) for each in [*others, here]] == [False, False, True]


def test_nobody_ends_the_log_in_of_somebody_else_here(worker, cast):
    theirs = browser_of(cast.director)

    log_in().post(reverse("accounts:end_log_in"), {"number": str(row_of(theirs).number)})

    assert is_logged_in(theirs)
    assert log_in().post(reverse("accounts:end_log_in"), {"number": "no number"}).status_code == 404


@pytest.mark.parametrize(
    ("person", "minutes"),
    [("worker", 720), ("police", 720), ("director", 30), ("centre", 30), ("housing", 30)],
)
def test_a_desk_may_be_idle_for_half_an_hour_and_a_phone_for_half_a_day(cast, person, minutes):
    row = row_of(browser_of(getattr(cast, person)))

    assert abs(row.expire_date - row.seen_at - timedelta(minutes=minutes)) < timedelta(seconds=5)


def test_an_idle_log_in_is_over(cast):
    browser = browser_of(cast.director)
    Session.objects.update(expire_date=timezone.now() - timedelta(seconds=1))

    assert browser.get(HOME).url.startswith(LOGIN)


def test_the_sign_of_life_is_written_once_a_minute_at_most(cast, django_assert_max_num_queries):
    browser = browser_of(cast.director)
    browser.get(reverse("accounts:password_change"))
    began = row_of(browser).seen_at
    with django_assert_max_num_queries(2):  # session, person
        browser.get(reverse("accounts:password_change"))
    assert row_of(browser).seen_at == began

    ago = timezone.now() - timedelta(seconds=61)
    Session.objects.update(seen_at=ago, expire_date=timezone.now() + timedelta(minutes=5))
    browser.get(reverse("accounts:password_change"))

    assert row_of(browser).seen_at > ago
    assert row_of(browser).expire_date > timezone.now() + timedelta(minutes=29)


def test_a_page_that_refreshes_itself_is_no_sign_of_life(cast):
    browser = browser_of(cast.director)
    ago = timezone.now() - timedelta(minutes=5)
    Session.objects.update(seen_at=ago)

    browser.get(HOME, headers={"HX-Request": "true", "X-Unattended": "1"})

    assert row_of(browser).seen_at == ago


# Security administrator ------------------------------------------------------------------------------


def test_the_security_administrator_unlocks(worker):
    for number in range(5):
        log_in(password=f"wrong {number}")
    assert not is_logged_in(log_in())
    security = administrator(SECURITY)
    assert [row.person for row in security.get(reverse("accounts:people")).context["locked"]] == [worker]

    act(security, worker, "unlock")

    assert is_logged_in(log_in())
    assert AuditEntry.objects.filter(kind="unlocked", subject="worker").exists()
    assert not security.get(reverse("accounts:people")).context["locked"]


def test_the_security_administrator_logs_a_person_out_everywhere(worker):
    browser = log_in()

    act(administrator(SECURITY), worker, "end_sessions")

    assert not is_logged_in(browser)


@pytest.mark.parametrize("name", ["begin_post", "end_post", "give_password", "close", "open"])
def test_the_security_administrator_does_not_touch_accounts_and_posts(worker, name):
    assert act(administrator(SECURITY), worker, name).status_code == 403


# System administrator --------------------------------------------------------------------------------


def test_the_system_administrator_creates_an_account_and_gives_it_a_post(cast, settings):
    system = administrator(SYSTEM)

    page = system.post(reverse("accounts:new_person"), {"username": "new.one", "display_name": "新同事"})
    person = User.objects.get(username="new.one")
    act(system, person, "begin_post", role="supervisor", organization=CENTRE)

    settings.PASSWORD_MAX_AGE_DAYS = 90
    browser = log_in(page.context["password"], "new.one")
    assert browser.get(HOME).url.startswith(reverse("accounts:password_change"))
    assert person.posts.get().role_id == "supervisor"
    kinds = AuditEntry.objects.filter(subject="new.one", actor__username=SYSTEM).values_list(
        "kind", flat=True
    )
    assert set(kinds) == {"account_created", "post_begun"}


def test_a_post_ends(cast):
    system, post = administrator(SYSTEM), cast.supervisor.posts.get()

    act(system, cast.supervisor, "end_post", post=post.pk)

    assert Post.objects.get(pk=post.pk).valid_to
    assert browser_of(cast.supervisor).get(reverse("supervision:rates")).status_code == 403


def test_a_closed_account_is_out_at_once_and_cannot_come_back(worker):
    browser = log_in()

    act(administrator(SYSTEM), worker, "close")

    assert not is_logged_in(browser)
    assert not is_logged_in(log_in())
    act(administrator(SYSTEM), worker, "open")
    assert is_logged_in(log_in())


def test_a_leaver_hands_over_posts_and_account_in_one_act(cast):
    system, leaver = administrator(SYSTEM), cast.leader
    browser = browser_of(leaver)

    act(system, leaver, "hand_over", to=cast.housing.username, with_posts="on")

    leaver.refresh_from_db()
    assert not leaver.is_active and browser.get(HOME).status_code == 302
    assert not leaver.posts.filter(valid_to=None).exists()
    assert {post.role_id for post in cast.housing.posts.filter(valid_to=None)} >= {"grid_leader"}
    kinds = set(AuditEntry.objects.filter(actor__username=SYSTEM).values_list("kind", flat=True))
    assert {"post_ended", "post_begun", "account_closed"} <= kinds


def test_a_leaver_without_a_heir_of_the_posts_leaves_a_warning(cast):
    page = act(administrator(SYSTEM), cast.housing, "hand_over", to=cast.centre.username)

    told = [str(message) for message in get_messages(page.wsgi_request)]
    assert any(words.startswith("Nobody is in post at") for words in told), told
    assert not cast.centre.posts.filter(role="department_liaison").exists()


def test_an_unknown_successor_changes_nothing(cast):
    page = act(administrator(SYSTEM), cast.leader, "hand_over", to="nobody.known", with_posts="on")

    assert (page.status_code, page.context["refusal"].code) == (409, "not_available")
    cast.leader.refresh_from_db()
    assert cast.leader.is_active and cast.leader.posts.filter(valid_to=None).exists()


def test_a_given_password_ends_the_log_ins(worker):
    browser = log_in()

    page = act(administrator(SYSTEM), worker, "give_password")

    assert not is_logged_in(browser)
    assert is_logged_in(log_in(page.context["password"]))
    worker.refresh_from_db()
    assert worker.password_changed_at is None


@pytest.mark.parametrize("name", ["unlock", "end_sessions", "remove_second_step"])
def test_the_system_administrator_does_not_touch_locks_and_log_ins(worker, name):
    assert act(administrator(SYSTEM), worker, name).status_code == 403


def test_nobody_changes_the_own_account(cast):
    person = User.objects.get(username=SYSTEM)

    page = act(administrator(SYSTEM), person, "begin_post", role="centre_duty", organization=CENTRE)

    assert page.context["refusal"].code == "own_account"
    assert person.posts.count() == 1


def test_a_second_administrators_post_and_a_wrong_unit_are_refused_with_words(cast):
    person = User.objects.get(username=SECURITY)
    system = administrator(SYSTEM)

    second = act(system, person, "begin_post", role="audit_admin", organization=CENTRE)
    wrong = act(system, person, "begin_post", role="grid_worker", organization=CENTRE)

    assert (second.status_code, second.context["refusal"].code) == (409, "separated_posts")
    assert (wrong.status_code, wrong.context["refusal"].code) == (409, "wrong_post")


def test_a_refused_post_keeps_what_was_typed(cast):
    page = act(administrator(SYSTEM), cast.worker, "begin_post", role="grid_worker", organization="NOWHERE")

    assert (page.status_code, page.context["refusal"].code) == (409, "unknown_unit")
    assert 'value="NOWHERE"' in page.text
    assert '<option value="grid_worker" selected>' in page.text


def test_a_taken_or_crooked_user_name_is_refused(cast):
    system = administrator(SYSTEM)
    for name in ("worker", "Big Name", ""):
        answer = system.post(reverse("accounts:new_person"), {"username": name, "display_name": "X"})
        assert answer.status_code == 400


def test_people_of_another_district_are_not_found(cast):
    elsewhere = District.objects.create(code="330199", name_zh="别区")
    stranger = User.objects.create_user("stranger", PASSWORD, display_name="S", district=elsewhere)

    for username in (SYSTEM, SECURITY):
        assert administrator(username).get(reverse("accounts:person", args=[stranger.pk])).status_code == 404


# Audit administrator ---------------------------------------------------------------------------------


def test_the_audit_administrator_filters_the_log_and_takes_it_as_a_file(worker, cast):
    log_in()
    log_in(password="wrong")
    auditor = browser_of(cast.auditor)

    page = auditor.get(reverse("accounts:audit_log"), {"who": "worker", "kind": "login_failed"})
    file = auditor.post(reverse("accounts:audit_export"), {"who": "worker"})

    assert [(entry.kind, entry.subject) for entry, _details in page.context["entries"]] == [
        ("login_failed", "worker")
    ]
    lines = b"".join(file.streaming_content).decode("utf-8-sig").splitlines()
    assert len(lines) == AuditEntry.objects.filter(subject="worker").count() + 1
    assert "127.0.0.1" in lines[1]
    exported = AuditEntry.objects.filter(kind="export").get()
    assert (exported.actor, exported.subject, exported.detail) == (
        cast.auditor,
        "audit_log",
        {"who": "worker"},
    )


def test_a_row_tells_its_details_in_words(cast):
    kept = {
        "role": "supervisor",
        "organization": "ZHZX",
        "from": "2019-03-04T01:00:00+00:00",
        "events": ["1", "2"],
        "kind": "steps",
        "personal_rows": 3,
        "all": True,
        "complete": False,
        "odd": 3,
    }
    entry = record(kind="post_begun", actor=cast.centre, detail=kept)
    with override("zh-hans"):
        assert AuditWords(cast.centre.district).details(entry) == [
            ("任职", "考核员"),
            ("单位", "区指挥中心"),
            ("自", "2019-03-04 09:00"),
            ("事件", "1、2"),
            ("内容", "流转记录"),
            ("含个人信息行数", "3"),
            ("全部", "✓"),
            ("odd", "3"),
        ]


def test_the_log_is_read_page_by_page(cast, django_assert_max_num_queries):
    for person in [cast.worker] * 60:
        browser_of(person)
    auditor = browser_of(cast.auditor)
    auditor.get(reverse("accounts:audit_log"))
    with django_assert_max_num_queries(4):  # session, person, rows, unread count
        first = auditor.get(reverse("accounts:audit_log"))

    second = auditor.get(f"{reverse('accounts:audit_log')}?{first.context['older']}")

    assert len(first.context["entries"]) == 50
    assert first.context["entries"][-1][0].pk > second.context["entries"][0][0].pk


@pytest.mark.parametrize("username", [SYSTEM, SECURITY])
def test_the_other_administrators_do_not_read_the_log(cast, username):
    browser = administrator(username)

    assert browser.get(reverse("accounts:audit_log")).status_code == 403
    assert browser.post(reverse("accounts:audit_export")).status_code == 403


def test_a_cell_like_a_formula_is_made_harmless(cast):
    record(kind="export", actor=cast.supervisor, subject="=cmd()")
    file = browser_of(cast.auditor).post(reverse("accounts:audit_export"), {"kind": "export"})

    assert ",'=cmd()," in b"".join(file.streaming_content).decode()


# The first administrators ----------------------------------------------------------------------------


def create(*arguments: str) -> str:
    told = StringIO()
    call_command("create_account", *arguments, "--district=330104", "--name=某人", stdout=told)
    return told.getvalue()


def test_the_first_administrators_come_about_by_command(db):
    password = create("first", "--role=system_admin").split()[4]

    browser = log_in(password, "first")
    assert browser.get(reverse("accounts:people")).status_code == 200
    assert set(AuditEntry.objects.filter(subject="first", actor=None).values_list("kind", flat=True)) == {
        "account_created",
        "post_begun",
    }


@pytest.mark.parametrize("crooked", [["--role=grid_worker"], ["--role=audit_admin", "--organization=NONE"]])
def test_a_crooked_post_creates_nobody(db, crooked):
    with pytest.raises(CommandError):
        create("first", *crooked)

    assert not User.objects.filter(username="first").exists()


def test_a_user_name_in_use_stays_whose_it_is(db):
    with pytest.raises(CommandError, match="in use"):
        create("worker", "--role=system_admin")
