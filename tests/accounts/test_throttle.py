"""How many requests a minute: counted for all processes together, without Redis, and said with Retry-After."""

from datetime import UTC, datetime, timedelta

import pytest
from django.test import Client
from django.utils import timezone

from accounts import throttle, tokens
from accounts.throttle import BATCH, WRONG_TOKENS, Tally, draw, forget_old
from tests.cast import Cast

ME = "/api/v1/me/"
PEOPLE = ["worker", "acceptor", "police", "fire", "city", "director"]
NOW = datetime(2019, 3, 4, 1, 0, 20, tzinfo=UTC)


@pytest.fixture
def cast(db) -> Cast:
    return Cast()


@pytest.fixture(autouse=True)
def new_process(monkeypatch):
    """``new_process()``: what follows happens in a process that has drawn nothing yet."""

    def start() -> None:
        monkeypatch.setattr(throttle, "_held", {})

    start()
    return start


@pytest.fixture
def noon(monkeypatch) -> None:
    monkeypatch.setattr(timezone, "now", lambda: NOW)


def browser_of(person) -> Client:
    browser = Client(headers={"accept-language": "en"})
    browser.force_login(person, backend="accounts.backends.PostBackend")
    return browser


def program_of(person) -> Client:
    _token, secret = tokens.make(
        user=person, name="x", scopes=["read"], days=7, with_second_step=False, now=timezone.now()
    )
    return Client(headers={"authorization": f"Bearer {secret}"})


def test_the_limit_is_exact_in_one_process(db):
    assert [draw("a", 25, now=NOW) for _ in range(27)] == [0] * 25 + [40, 40]
    assert draw("b", 25, now=NOW) == 0
    assert draw("a", 25, now=NOW + timedelta(seconds=40)) == 0, "a new minute"


def test_a_request_usually_writes_nothing(db, django_assert_num_queries):
    with django_assert_num_queries(1):
        for _ in range(BATCH):
            draw("a", 25, now=NOW)
    with django_assert_num_queries(2):  # the next draws, the second of which finds that nothing is left
        for _ in range(100):
            draw("a", 2 * BATCH, now=NOW)


def test_processes_share_one_limit(db, new_process):
    """What another process drew is gone: early by what it has left, never late."""
    taken = 0
    for _process in range(4):
        new_process()
        taken += sum(draw("a", 25, now=NOW) == 0 for _ in range(7))
    assert taken == 7 + 7 + 5


def test_a_person_is_told_how_long_to_wait(cast, settings, noon):
    settings.API_PER_MINUTE = 4
    browser = browser_of(cast.worker)
    assert [browser.get(ME).status_code for _ in range(5)] == [200, 200, 200, 200, 429]
    answer = browser.get(ME)
    assert (answer.status_code, answer.json()["code"], answer["Retry-After"]) == (
        429,
        "too_many_requests",
        "40",
    )
    assert answer.json()["message"] and answer.json()["fields"] == {}
    assert browser.get("/events/").status_code == 200, "pages go on"
    assert browser_of(cast.acceptor).get(ME).status_code == 200, "others too"


def test_a_token_has_half_of_its_person(cast, settings):
    settings.API_PER_MINUTE = 6
    first, second = program_of(cast.worker), program_of(cast.worker)
    assert [first.get(ME).status_code for _ in range(4)] == [200, 200, 200, 429]
    assert [second.get(ME).status_code for _ in range(3)] == [200, 200, 429], "the person's own limit"


def test_the_tokens_of_an_address_have_five_times_as_many(cast, settings, noon):
    settings.API_PER_MINUTE = 1
    programs = [program_of(getattr(cast, name)) for name in PEOPLE]
    assert [program.get(ME).status_code for program in programs] == [200] * 5 + [429]


def test_people_behind_one_address_have_each_their_own(cast, settings, noon):
    """A carrier's network sends many phones out by one address; a neighbour's token takes nothing from them either."""
    settings.API_PER_MINUTE = 1
    browsers = [browser_of(getattr(cast, name)) for name in PEOPLE]
    assert [browser.get(ME).status_code for browser in browsers] == [200] * 6
    assert [browser.get(ME).status_code for browser in browsers] == [429] * 6


def test_who_tries_wrong_tokens_has_to_wait(cast, settings, noon, django_assert_num_queries):
    settings.API_PER_MINUTE = 600
    stranger = Client(headers={"authorization": "Bearer grid_guess"})
    told = [stranger.get(ME).status_code for _ in range(WRONG_TOKENS + 1)]
    assert told == [401] * WRONG_TOKENS + [429]
    with django_assert_num_queries(0):
        assert stranger.get(ME)["Retry-After"] == "40"


def test_the_limit_holds_without_redis(cast, settings, valkey):
    settings.API_PER_MINUTE = 4
    valkey.kill()
    browser = browser_of(cast.worker)
    assert [browser.get(ME).status_code for _ in range(5)] == [200, 200, 200, 200, 429]


def test_old_minutes_are_cleared_away(db):
    draw("a", 25, now=NOW - timedelta(minutes=2))
    draw("b", 25, now=NOW)
    assert forget_old(now=NOW) == 1
    assert Tally.objects.get().key == "b"
