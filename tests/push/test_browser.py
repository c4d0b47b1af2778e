"""A real Chromium: it subscribes, the worker sends, the push service opens the message, the phone shows it.

Chromium's own push service is out of reach of the tests, so the subscription it would give is the test's, and what
the test's push service has opened is delivered to the real service worker by the browser's own debugging protocol.
"""

import json
from datetime import timedelta
from urllib.parse import urlsplit

import pytest
from django.utils import timezone

from dispatch import outbox
from events.models import State
from push.actions import digest_of
from push.delivering import deliver
from push.keys import decode, public_key
from push.models import Subscription
from tests.browser.chromium import CHROMIUM, flags
from tests.browser.people import Office
from tests.cast import Cast, story_at
from tests.push.service import Browser

FAKE = """(subscription) => {
  let made = subscription.there ? browsers() : null;
  window.asked = 0;
  function browsers() {
    return {
      endpoint: subscription.endpoint,
      options: { applicationServerKey: Uint8Array.from(subscription.key).buffer },
      toJSON: () => ({ endpoint: subscription.endpoint, expirationTime: null, keys: subscription.keys }),
      unsubscribe: async () => { made = null; return true; },
    };
  }
  const pushManager = {
    getSubscription: async () => made,
    subscribe: async ({ applicationServerKey }) => {
      if (subscription.unreachable) throw new DOMException("push service error", "AbortError");
      subscription.key = [...applicationServerKey];
      return (made = browsers());
    },
  };
  window.app = pusher({
    send,
    workers: { getRegistration: async () => ({ pushManager }) },
    notifications: {
      permission: subscription.answer,
      requestPermission: async () => { asked += 1; return subscription.answer; },
    },
  });
}"""
SHOWN = """async () => (await (await navigator.serviceWorker.ready).getNotifications())
    .map(({ title, tag, data }) => ({ title, tag, data }))"""
TAP = """async () => {
  const [notification] = await registration.getNotifications();
  dispatchEvent(new NotificationEvent("notificationclick", { notification }));
}"""


@pytest.fixture(scope="module")
def whole(chromium):
    """The browser without windows has no notifications."""
    browser = chromium.browser_type.launch(executable_path=CHROMIUM, args=flags())
    yield browser
    browser.close()


@pytest.fixture
def phone(whole, site, settings, configured):
    """The worker's phone, at the app."""
    settings.DEMO_MODE, settings.ROOT_URLCONF = True, "tests.push.urls"
    office = Office(whole, site)
    page = office.page_of("worker")
    page.context.grant_permissions(["notifications"], origin=site)
    page.goto(f"{site}/m/")
    page.wait_for_selector("#ready", state="attached")
    yield page
    office.close()


def give(page, browser: Browser, **more) -> None:
    """The page's browser has such a subscription, or makes it."""
    given = {
        "endpoint": browser.endpoint,
        "keys": browser.keys,
        "key": [4],
        "there": False,
        "answer": "granted",
    }
    page.evaluate(FAKE, given | more)


def do(page, act: str) -> str:
    return page.evaluate(f"app.{act}()")


def test_the_phone_subscribes_is_told_and_a_tap_leads_into_the_app(phone, service, site):
    browser = service.browser("phone")
    give(phone, browser)
    assert (do(phone, "state"), phone.evaluate("asked")) == ("off", 0), "nobody is asked by looking"
    assert do(phone, "subscribe") == "on" == do(phone, "state")
    assert Subscription.objects.get().user == Cast().worker

    story_at(Cast(), State.FED_BACK, at=timezone.now() - timedelta(hours=1))
    outbox.drain()
    while deliver():
        pass
    (body,) = [body for _name, body in service.told if body["tag"] == "check"]
    shown = delivered(phone, site, json.dumps(body))
    assert shown == [
        {
            "title": "有 1 件待你核查",
            "tag": "check",
            "data": {"notice": body["notice"], "url": site + body["url"]},
        }
    ]
    phone.wait_for_function("heard.length === 1")
    assert phone.evaluate("heard") == [{"kind": "hint", "tag": "check", "notice": body["notice"]}]
    (worker,) = phone.context.service_workers
    worker.evaluate(TAP)
    phone.wait_for_function("heard.length === 2")
    assert phone.evaluate("heard[1]") == {"kind": "open", "url": site + body["url"], "notice": body["notice"]}
    assert phone.evaluate(SHOWN) == [], "it is gone from the screen"

    assert do(phone, "unsubscribe") == "off" == do(phone, "state")
    assert not Subscription.objects.exists()


def test_a_newer_hint_takes_the_place_of_the_older_and_an_unreadable_one_is_shown_as_ours(phone, site):
    for number in (1, 2):
        hint = {
            "tag": "check",
            "title": f"No. {number}",
            "url": "https://elsewhere.example/",
            "notice": number,
        }
        (shown,) = delivered(phone, site, json.dumps(hint))
    assert (shown["title"], shown["data"]["url"]) == ("No. 2", f"{site}/m/"), "nobody is led elsewhere"
    assert {row["title"] for row in delivered(phone, site, "no JSON")} == {"No. 2", urlsplit(site).netloc}


def delivered(page, site: str, data: str) -> list[dict]:
    """What the phone shows after a push of the data."""
    before = page.evaluate("heard.length")
    session = page.context.new_cdp_session(page)
    found: list[str] = []
    session.on(
        "ServiceWorker.workerRegistrationUpdated",
        lambda event: found.extend(row["registrationId"] for row in event["registrations"]),
    )
    session.send("ServiceWorker.enable")
    Office.until(page, lambda: bool(found))
    session.send(
        "ServiceWorker.deliverPushMessage", {"origin": site, "registrationId": found[0], "data": data}
    )
    page.wait_for_function(f"heard.length > {before}")
    session.detach()
    return page.evaluate(SHOWN)


def test_a_phone_that_somebody_else_had_is_not_told_of_theirs(phone, service):
    browser = service.browser("phone")
    browser.subscribed(Cast().colleague)
    give(phone, browser, there=True, key=list(decode(public_key())))
    assert do(phone, "state") == "off"
    assert do(phone, "unsubscribe") == "off"
    assert Subscription.objects.get().user == Cast().colleague, "until the push service says it is gone"


def test_one_under_a_key_of_before_is_made_anew(phone, service):
    browser = service.browser("phone")
    give(phone, browser, there=True)
    assert do(phone, "subscribe") == "on"
    give(phone, browser, there=True)
    assert do(phone, "state") == "off"


@pytest.mark.parametrize(
    ("given", "state", "subscribed"),
    [
        ({"answer": "denied"}, "denied", "denied"),
        ({"answer": "default"}, "off", "off"),
        ({"unreachable": True}, "off", "unreachable"),
    ],
)
def test_whoever_says_no_or_cannot_is_told_so(phone, service, given, state, subscribed):
    give(phone, service.browser("phone"), **given)
    assert (do(phone, "state"), do(phone, "subscribe")) == (state, subscribed)
    assert not Subscription.objects.exists()


def test_where_push_is_not_set_up_nobody_hears_of_it(phone, service, settings):
    settings.VAPID_PRIVATE_KEY, settings.DEMO_MODE = "", False
    give(phone, service.browser("phone"))
    assert do(phone, "state") == "unavailable" and phone.evaluate("asked") == 0
    phone.evaluate("window.app = pusher({ send, workers: undefined })")
    assert do(phone, "state") == "unavailable"


def test_an_unknown_push_service_is_not_subscribed(phone, settings):
    settings.PUSH_HOSTS = ["push.example"]
    give(phone, Browser("https://host.example/x"))
    assert do(phone, "subscribe") == "unavailable"


def test_the_digest_is_the_servers(phone):
    told = phone.evaluate("""async () => {
      let path;
      const manager = { getSubscription: async () => ({ endpoint: "https://a.example/中", unsubscribe: async () => 1 }) };
      const workers = { getRegistration: async () => ({ pushManager: manager }) };
      await pusher({ send: async (call) => (path = call.path, { kind: "offline" }), workers }).state();
      return path;
    }""")
    assert told == f"push/?digest={digest_of('https://a.example/中')}"
