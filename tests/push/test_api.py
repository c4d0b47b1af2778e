"""The browser's side of the API: subscribe from a tap, know it again, unsubscribe."""

import json

import pytest
from django.test import Client
from django.utils import timezone

from accounts import tokens
from accounts.tokens import TokenScope
from push.actions import digest_of
from push.keys import public_key
from push.models import Subscription
from tests.push.service import Browser

URL = "/api/v1/push/"
MOZILLA = "https://updates.push.services.mozilla.com/wpush/v2/abc"


@pytest.fixture
def client(cast) -> Client:
    return client_of(cast.worker)


def client_of(person) -> Client:
    client = Client(headers={"accept-language": "en"})
    client.force_login(person, backend="accounts.backends.PostBackend")
    return client


def body_of(browser: Browser, **change) -> dict:
    """As PushSubscription.toJSON() has it."""
    return {"endpoint": browser.endpoint, "expirationTime": None, "keys": browser.keys} | change


def sent(client: Client, body: dict):
    return client.post(URL, json.dumps(body), content_type="application/json")


def test_a_browser_subscribes_is_known_and_unsubscribes(cast, client, service, django_assert_max_num_queries):
    browser = service.browser("phone")
    digest = digest_of(browser.endpoint)
    assert client.get(URL).json() == {"configured": True, "public_key": public_key(), "known": False}
    for _twice in range(2):
        answer = sent(client, body_of(browser))
        assert (answer.status_code, answer.json()["known"]) == (200, True)
    row = Subscription.objects.get()
    assert (row.user, str(row.log_in)) == (cast.worker, client.session["log_in"]["number"])
    assert (row.endpoint, row.p256dh, row.auth) == (browser.endpoint, *browser.keys.values())
    with django_assert_max_num_queries(3):  # session, person, subscription
        assert client.get(URL, {"digest": digest}).json()["known"] is True
    assert client_of(cast.colleague).get(URL, {"digest": digest}).json()["known"] is False
    client_of(cast.colleague).delete(f"{URL}?digest={digest}")
    assert Subscription.objects.exists(), "nobody ends another one's"
    for _twice in range(2):
        assert client.delete(f"{URL}?digest={digest}").json()["known"] is False
    assert not Subscription.objects.exists()


def test_new_keys_of_a_known_browser_take_the_place_of_the_old(client, service):
    browser = service.browser("phone")
    sent(client, body_of(browser))
    fresh = Browser(browser.endpoint)
    sent(client, body_of(fresh))
    assert Subscription.objects.get().p256dh == fresh.keys["p256dh"]


def test_where_push_is_not_set_up_nobody_is_asked(client, settings):
    settings.VAPID_PRIVATE_KEY, settings.DEMO_MODE = "", False
    assert client.get(URL).json() == {"configured": False, "public_key": "", "known": False}
    refused = sent(client, body_of(Browser(MOZILLA)))
    assert (refused.status_code, refused.json()["code"]) == (409, "push_off")


@pytest.mark.parametrize(
    ("change", "field", "code"),
    [
        ({"endpoint": "https://host.example/x"}, "endpoint", "unknown_push_service"),
        ({"endpoint": "http://fcm.googleapis.com/x"}, "endpoint", "https_only"),
        ({"endpoint": "https://10.0.0.1/x"}, "endpoint", "forbidden_address"),
        ({"endpoint": "x" * 1001}, "endpoint", "max_length"),
        ({"endpoint": ""}, "endpoint", "blank"),
        ({"keys": {}}, "keys", "required"),
        ({"keys": {"p256dh": "AAAA", "auth": "BTBZMqHH6r4Tts7J_aSIgg"}}, "keys", "invalid_key"),
        ({"keys": {"p256dh": "\u4e2d", "auth": "BTBZMqHH6r4Tts7J_aSIgg"}}, "keys", "invalid_key"),
        ({"keys": Browser("").keys | {"auth": "AAAA"}}, "keys", "invalid_key"),
        ({"keys": Browser("").keys | {"auth": "!!!!"}}, "keys", "invalid_key"),
    ],
)
def test_bad_input_is_told_by_field_and_reason(client, configured, settings, change, field, code):
    settings.PUSH_HOSTS, settings.WEBHOOK_LOOPBACK = (
        ["fcm.googleapis.com", "push.services.mozilla.com"],
        False,
    )
    refused = sent(client, body_of(Browser(MOZILLA), **change))
    assert (refused.status_code, refused.json()["code"]) == (400, "invalid_input")
    assert refused.json()["fields"][field][0]["code"] == code
    assert not Subscription.objects.exists()


@pytest.mark.parametrize("digest", ["x", "\x00", "A" * 64, "0" * 65])
def test_a_digest_that_is_none_is_told(client, configured, digest):
    assert client.get(URL, {"digest": digest}).json()["fields"]["digest"][0]["code"] == "invalid"


def test_a_token_is_no_browser(cast, configured):
    given = {"name": "x", "days": 7, "with_second_step": False, "now": timezone.now()}
    _row, secret = tokens.make(user=cast.worker, scopes=TokenScope.values, **given)
    program = Client(headers={"authorization": f"Bearer {secret}"})
    assert program.get(URL).status_code == 200
    refused = sent(program, body_of(Browser(MOZILLA)))
    assert (refused.status_code, refused.json()["code"]) == (403, "no_browser")
