"""The second step: who needs it, setting it up, passing it by code and recovery code, and what it keeps out."""

import time
from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from django_otp.oath import TOTP
from django_otp.plugins.otp_static.models import StaticToken
from django_otp.plugins.otp_totp.models import TOTPDevice

from accounts import factors
from accounts.models import AuditEntry, User
from tests.cast import Cast

HOME, STEP = reverse("desks:home"), reverse("accounts:second_step")
AUTHENTICATOR, MINE = reverse("accounts:authenticator"), reverse("accounts:own_log_ins")
CODES = reverse("accounts:recovery_codes")


@pytest.fixture
def cast(db) -> Cast:
    return Cast()


@pytest.fixture
def in_service(settings):
    settings.REQUIRE_SECOND_FACTOR = True


def browser_of(person: User) -> Client:
    browser = Client(headers={"accept-language": "en"})
    browser.force_login(person, backend="accounts.backends.PostBackend")
    return browser


def code_of(person: User, *, confirmed: bool = True, ahead: int = 0) -> str:
    """The code the person's phone shows, ``ahead`` steps of 30 seconds later."""
    device = TOTPDevice.objects.get(user=person, confirmed=confirmed)
    totp = TOTP(device.bin_key)
    totp.time = time.time() + 30 * ahead
    return f"{totp.token():06}"


def set_up(person: User) -> list[str]:
    """The person has an authenticator, as made by the page; the recovery codes."""
    browser = browser_of(person)
    browser.get(AUTHENTICATOR)
    page = browser.post(AUTHENTICATOR, {"code": code_of(person, confirmed=False)})
    TOTPDevice.objects.filter(user=person).update(last_t=-1)  # as if that had been long ago
    return page.context["codes"]


def told(kind: str, person: User) -> list[dict]:
    return list(AuditEntry.objects.filter(kind=kind, actor=person).values_list("detail", flat=True))


# Who needs it ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("person", ["director", "acceptor", "community", "centre", "supervisor", "auditor"])
def test_desks_and_administrators_set_it_up_before_anything_else(cast, in_service, person):
    browser = browser_of(getattr(cast, person))

    assert browser.get(HOME).url == f"{AUTHENTICATOR}?next=/"
    refused = browser.get(reverse("api:me"))
    assert (refused.status_code, refused.json()["code"]) == (403, "second_step_not_set_up")
    assert browser.get(HOME, headers={"HX-Request": "true"})["HX-Refresh"] == "true"
    assert browser.get(AUTHENTICATOR).status_code == 200


@pytest.mark.parametrize("person", ["worker", "police", "housing"])
def test_the_others_may_do_without(cast, in_service, person):
    assert browser_of(getattr(cast, person)).get(MINE).status_code == 200


def test_the_demo_asks_nobody(cast, settings):
    assert settings.DEMO_MODE and not settings.REQUIRE_SECOND_FACTOR

    assert browser_of(cast.director).get(HOME).status_code == 200


def test_the_demos_one_click_needs_no_second_step_even_if_one_is_set_up(cast):
    set_up(cast.director)
    browser = Client()
    browser.post(reverse("accounts:demo_login", args=["director"]))

    assert browser.get(HOME).status_code == 200


# Setting it up ---------------------------------------------------------------------------------------


def test_an_authenticator_is_set_up_by_its_first_code(cast, in_service):
    person = cast.director
    browser = browser_of(person)

    page = browser.get(AUTHENTICATOR, {"next": HOME})
    done = browser.post(AUTHENTICATOR, {"code": code_of(person, confirmed=False), "next": HOME})

    assert "<svg" in page.context["qr"] and len(page.context["secret"].replace(" ", "")) == 32
    assert len(done.context["codes"]) == 10
    assert browser.get(HOME).status_code == 200
    assert told("factor_added", person) == [{"way": "totp"}]
    assert told("recovery_codes", person) == [{}]


def test_a_wrong_first_code_sets_nothing_up(cast, in_service):
    browser = browser_of(cast.director)
    browser.get(AUTHENTICATOR)

    page = browser.post(AUTHENTICATOR, {"code": "000000"})

    assert page.context["error"]
    assert not factors.has_any(cast.director)
    assert browser.get(HOME).status_code == 302


def test_recovery_codes_are_kept_as_digests_and_replaced_as_a_whole(cast):
    codes = set_up(cast.director)
    kept = set(StaticToken.objects.filter(device__user=cast.director).values_list("token", flat=True))

    assert not kept & {code.replace("-", "") for code in codes}
    factors.new_recovery_codes(cast.director)
    assert not kept & set(StaticToken.objects.values_list("token", flat=True))


def test_recovery_codes_are_for_who_has_a_second_step(cast):
    assert browser_of(cast.director).post(CODES).url == AUTHENTICATOR


# Passing it ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("person", ["director", "worker"])
def test_who_has_one_is_asked_at_each_log_in(cast, person):
    person = getattr(cast, person)
    set_up(person)
    browser = browser_of(person)

    assert browser.get(HOME).url == f"{STEP}?next=/"
    assert browser.get(reverse("api:me")).json()["code"] == "second_step_missing"
    key = browser.session.session_key
    done = browser.post(STEP, {"code": code_of(person), "next": MINE})

    assert done.url == MINE
    assert browser.session.session_key != key
    assert browser.get(MINE).status_code == 200
    assert told("factor_passed", person) == [{"way": "totp"}]


def test_a_recovery_code_works_once(cast):
    code = set_up(cast.director)[3]
    browser, later = browser_of(cast.director), browser_of(cast.director)

    assert browser.post(STEP, {"code": code.upper()}).status_code == 302
    assert browser.get(MINE).context["codes_left"] == 9
    assert later.post(STEP, {"code": code}).status_code == 200
    assert later.get(HOME).status_code == 302


def test_a_code_seen_by_somebody_else_is_worth_nothing_after_its_use(cast):
    set_up(cast.director)
    code = code_of(cast.director)
    browser_of(cast.director).post(STEP, {"code": code})
    thief = browser_of(cast.director)

    thief.post(STEP, {"code": code})

    assert thief.get(HOME).status_code == 302
    assert told("factor_failed", cast.director) == [{}]


@pytest.mark.parametrize("code", ["000000", "", "abcde-fghjk", "１２３４５６", "1" * 300])
def test_a_wrong_code_leads_nowhere(cast, code):
    set_up(cast.director)
    browser = browser_of(cast.director)

    assert browser.post(STEP, {"code": code}).context["error"]
    assert browser.get(HOME).status_code == 302


def test_after_a_wrong_code_the_right_one_waits_a_moment(cast):
    set_up(cast.director)
    browser = browser_of(cast.director)
    for _ in range(3):
        browser.post(STEP, {"code": "000000"})

    assert browser.post(STEP, {"code": code_of(cast.director)}).status_code == 200
    TOTPDevice.objects.update(throttling_failure_timestamp=timezone.now() - timedelta(minutes=1))
    assert browser.post(STEP, {"code": code_of(cast.director)}).status_code == 302


@pytest.mark.parametrize(
    "name",
    ["authenticator", "passkey_offer", "own_log_ins", "password_change", "recovery_codes", "remove_factor"],
)
def test_without_the_second_step_nothing_about_it_can_be_changed(cast, name):
    set_up(cast.director)
    browser = browser_of(cast.director)

    for answer in (browser.get(reverse(f"accounts:{name}")), browser.post(reverse(f"accounts:{name}"))):
        assert answer.status_code == 302 and answer.url.startswith(STEP)
    assert factors.has_any(cast.director)


def test_the_second_step_never_leads_to_another_site(cast):
    set_up(cast.director)

    answer = browser_of(cast.director).post(
        STEP, {"code": code_of(cast.director), "next": "https://elsewhere.example/"}
    )

    assert answer.url == HOME


def test_one_may_log_out_instead(cast):
    set_up(cast.director)

    assert browser_of(cast.director).post(reverse("accounts:logout")).status_code == 302


# Taking it away --------------------------------------------------------------------------------------


def test_a_person_takes_it_away_and_where_it_is_needed_sets_up_another(cast, in_service):
    set_up(cast.director)
    browser = browser_of(cast.director)
    browser.post(STEP, {"code": code_of(cast.director)})

    browser.post(reverse("accounts:remove_factor"))

    assert not factors.has_any(cast.director)
    assert browser.get(HOME).url.startswith(AUTHENTICATOR)
    assert told("factor_removed", cast.director) == [{"way": "totp"}]


def test_the_security_administrator_takes_it_away_when_the_phone_is_lost(cast):
    set_up(cast.director)
    waiting = browser_of(cast.director)
    security = browser_of(User.objects.get(username="security"))

    security.post(reverse("accounts:act", args=[cast.director.pk, "remove_second_step"]))

    assert not factors.has_any(cast.director)
    assert waiting.get(HOME).url.startswith(reverse("accounts:login"))
    assert browser_of(cast.director).get(HOME).status_code == 200


# Passkeys --------------------------------------------------------------------------------------------


def test_a_passkey_answer_to_no_challenge_is_refused(cast):
    browser, offer = browser_of(cast.director), reverse("accounts:passkey_offer")

    asked = browser.get(offer).json()["publicKey"]
    refused = browser.post(offer, {"id": "x"}, content_type="application/json")
    crooked = browser.post(offer, "[1]", content_type="application/json")

    assert asked["rp"]["id"] == "testserver" and asked["user"]["name"] == "director"
    assert (refused.status_code, refused.json()["code"]) == (400, "passkey_refused")
    assert crooked.status_code == 400
    assert not factors.has_any(cast.director)


def test_a_passkey_answer_at_the_log_in_is_refused_without_a_key(cast):
    set_up(cast.director)
    browser, challenge = browser_of(cast.director), reverse("accounts:passkey_challenge")

    assert browser.post(challenge, {"id": "x"}, content_type="application/json").status_code == 400
    assert browser.get(HOME).status_code == 302
    assert told("factor_failed", cast.director) == [{}]
