"""Logging in and out, the demo's one click, passwords and languages."""

import pytest
from django.conf import settings as configured
from django.test import Client
from django.urls import reverse
from django.utils import translation

from accounts.models import User
from tests.cast import Cast

LOGIN, HOME, LANGUAGE = reverse("accounts:login"), reverse("desks:home"), reverse("accounts:language")
PASSWORD = "river-lantern-94"


@pytest.fixture
def worker(db) -> User:
    person = Cast().worker
    person.set_password(PASSWORD)
    person.save(update_fields=["password"])
    return person


@pytest.fixture
def browser() -> Client:
    return Client(headers={"accept-language": "en"})


def is_logged_in(browser: Client) -> bool:
    return "_auth_user_id" in browser.session


def test_a_stranger_is_sent_to_the_log_in_and_back(db, browser):
    assert browser.get(HOME).url == f"{LOGIN}?next={HOME}"


def test_a_person_logs_in_by_password_and_out_by_post(worker, browser):
    answer = browser.post(LOGIN, {"username": "worker", "password": PASSWORD})

    assert answer.url == HOME
    assert is_logged_in(browser)
    assert browser.get(reverse("accounts:logout")).status_code == 405
    assert browser.post(reverse("accounts:logout")).url == LOGIN
    assert not is_logged_in(browser)


def test_a_wrong_password_keeps_the_name_and_says_what_comes(worker, browser):
    page = browser.post(LOGIN, {"username": "worker", "password": "wrong"}).content.decode()

    assert 'value="worker"' in page
    assert "User name or password is wrong." in page


def test_a_name_longer_than_any_is_simply_wrong(db, browser):
    answer = browser.post(LOGIN, {"username": "x" * 300, "password": "wrong"})

    assert answer.status_code == 200
    assert "User name or password is wrong." in answer.content.decode()


def test_five_wrong_passwords_lock_the_name(worker, browser):
    answers = [browser.post(LOGIN, {"username": "worker", "password": f"wrong {n}"}) for n in range(5)]

    assert answers[0].status_code == 200
    assert answers[-1].status_code == 429
    assert "Too many wrong passwords." in answers[-1].content.decode()
    assert browser.post(LOGIN, {"username": "worker", "password": PASSWORD}).status_code == 429
    assert not is_logged_in(browser)


def test_the_log_in_never_leads_to_another_site(worker, browser):
    answer = browser.post(
        LOGIN, {"username": "worker", "password": PASSWORD, "next": "https://elsewhere.example/"}
    )

    assert answer.url == HOME


def test_a_persons_pages_are_kept_by_no_browser(worker, browser):
    assert "Cache-Control" not in browser.get(HOME).headers
    browser.force_login(worker, backend="accounts.backends.PostBackend")

    assert browser.get(HOME)["Cache-Control"] == "private, no-store"
    assert browser.get("/no-such-page/")["Cache-Control"] == "private, no-store"
    assert "Cache-Control" not in browser.get(HOME, headers={"hx-request": "true"}).headers


# The demo -------------------------------------------------------------------------------------------


def test_the_demo_offers_each_role_by_one_click(worker, browser, settings):
    settings.DEMO_MODE = True

    people = browser.get(LOGIN).context["demo_people"]
    answer = browser.post(reverse("accounts:demo_login", args=["worker"]))

    assert {who["person"].username for who in people} >= {"worker", "director", "centre", "supervisor"}
    assert all(who["person"].is_demo for who in people)
    assert answer.url == HOME
    assert is_logged_in(browser)


def test_one_click_does_not_exist_in_service(worker, browser, settings):
    settings.DEMO_MODE = False

    assert browser.get(LOGIN).context["demo_people"] == []
    assert browser.post(reverse("accounts:demo_login", args=["worker"])).status_code == 404
    assert not is_logged_in(browser)


def test_one_click_is_for_the_demos_people_and_by_post_only(worker, browser, settings):
    settings.DEMO_MODE = True
    User.objects.filter(pk=worker.pk).update(is_demo=False)

    assert browser.post(reverse("accounts:demo_login", args=["worker"])).status_code == 404
    assert browser.get(reverse("accounts:demo_login", args=["director"])).status_code == 405
    assert not is_logged_in(browser)


# Password and language ------------------------------------------------------------------------------


def test_a_person_changes_their_password(worker, browser):
    browser.force_login(worker, backend="accounts.backends.PostBackend")
    new = "quiet-harbour-28"
    form = {"old_password": PASSWORD, "new_password1": new, "new_password2": new}

    weak = browser.post(
        reverse("accounts:password_change"), form | {"new_password1": "1234", "new_password2": "1234"}
    )
    done = browser.post(reverse("accounts:password_change"), form)

    assert weak.status_code == 200
    assert 'aria-invalid="true"' in weak.content.decode()
    assert done.url == HOME
    worker.refresh_from_db()
    assert worker.check_password(new)


def test_a_chosen_language_stays_with_the_person(worker, browser):
    browser.force_login(worker, backend="accounts.backends.PostBackend")

    answer = browser.post(LANGUAGE, {"language": "zh-hans", "next": "/accounts/password/"})

    assert answer.url == "/accounts/password/"
    assert 'lang="zh-hans"' in browser.get(answer.url).content.decode()
    worker.refresh_from_db()
    assert worker.language == "zh-hans"

    elsewhere = Client(headers={"accept-language": "en"})
    elsewhere.post(LOGIN, {"username": "worker", "password": PASSWORD})
    assert elsewhere.cookies[configured.LANGUAGE_COOKIE_NAME].value == "zh-hans"


def test_a_stranger_chooses_a_language_too(db, browser):
    browser.post(LANGUAGE, {"language": "zh-hans", "next": LOGIN})

    page = browser.get(LOGIN).content.decode()
    assert 'lang="zh-hans"' in page
    assert '<span class="short">EN</span>' in page  # all that a phone shows, so no screen reader may miss it


@pytest.mark.parametrize(
    "elsewhere", ["https://elsewhere.example/", "//elsewhere.example", "javascript:alert(1)", ""]
)
def test_the_language_switch_never_leads_to_another_site(db, browser, elsewhere):
    assert browser.post(LANGUAGE, {"language": "en", "next": elsewhere}).url == "/"


def test_the_language_switch_takes_no_word_for_a_views_name(db, browser):
    assert browser.post(LANGUAGE, {"language": "en", "next": "nowhere"}).status_code == 302


def test_a_language_we_do_not_speak_is_not_found(db, browser):
    assert browser.post(LANGUAGE, {"language": "tlh"}).status_code == 404


@pytest.fixture(autouse=True)
def _the_next_test_speaks_as_before():
    language = translation.get_language()
    yield
    translation.activate(language)
