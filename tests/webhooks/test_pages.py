"""The system administrator's pages: set up, change, pause, rotate, test, look into the log, send again."""

import re
from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from accounts.audit import AuditEntry
from dispatch import outbox
from dispatch.workflow import VERBS
from events.models import State
from grids.models import Area, District
from tests.cast import POLICE, STREET, story_at
from tests.webhooks.endpoints import endpoint_at, make_due, queued, states
from webhooks import actions
from webhooks.delivering import deliver
from webhooks.models import Delivery, Endpoint

SECRET = re.compile(r"whsec_[\w+/=]{44}")


@pytest.fixture
def admin(cast):
    client = Client(headers={"accept-language": "en"})
    client.force_login(cast.admin, backend="accounts.backends.PostBackend")
    return client


def url(name: str, *keys: int | str) -> str:
    return reverse(f"webhooks:{name}", args=keys)


def page(client: Client, name: str, *keys: int, **query: str) -> str:
    answer = client.get(url(name, *keys), query)
    assert answer.status_code == 200
    return answer.content.decode()


def do(client: Client, endpoint: Endpoint, act: str, **data: object):
    return client.post(url("act", endpoint.pk, act), data, follow=True)


def told(kind: str) -> list[tuple[str, str, dict]]:
    rows = AuditEntry.objects.filter(kind=kind).select_related("actor").order_by("id")
    return [(row.actor.username, row.subject, row.detail) for row in rows]


def form(receiver, **change: object) -> dict:
    return {
        "name": "城管系统",
        "url": receiver.url,
        "area": STREET,
        "organization": "",
        "every": "on",
    } | change


def test_an_empty_list_says_what_a_webhook_is_for(admin):
    shown = page(admin, "webhooks")
    assert "No webhook yet" in shown and url("new_webhook") in shown


def test_one_is_set_up_and_its_secret_shown_once(cast, admin, receiver):
    answer = admin.post(url("new_webhook"), form(receiver))
    endpoint = Endpoint.objects.get()
    (secret,) = SECRET.findall(answer.content.decode())
    assert endpoint.secrets(at=timezone.now()) == [secret]
    assert "no-store" in answer["Cache-Control"]
    assert (endpoint.name, endpoint.area.code, endpoint.organization, endpoint.state) == (
        "城管系统", STREET, None, "active",
    )  # fmt: skip
    assert set(endpoint.verbs) == set(VERBS)
    assert endpoint.created_by == cast.admin
    for shown in (page(admin, "webhooks"), page(admin, "webhook", endpoint.pk)):
        assert "城管系统" in shown and not SECRET.search(shown)
    ((who, subject, detail),) = told("webhook_created")
    assert (who, subject, detail["scope"], detail["url"]) == (
        cast.admin.username,
        "城管系统",
        STREET,
        receiver.url,
    )
    assert secret not in str(list(AuditEntry.objects.values_list("detail", flat=True)))


@pytest.mark.parametrize(
    ("change", "field", "words"),
    [
        ({"url": "https://10.0.0.1/x"}, "url", "inside a network"),
        ({"url": "https://169.254.169.254/latest/meta-data"}, "url", "inside a network"),
        ({"url": "ftp://host.example/"}, "url", "no web address"),
        ({"url": "https://a:b@host.example/"}, "url", "user name and password"),
        ({"url": "https://host.example:25/"}, "url", "Use port 443"),
        ({"area": "", "organization": ""}, "area", "one of them"),
        ({"area": STREET, "organization": POLICE}, "area", "one of them"),
        ({"area": "999999"}, "area", "no area with this code"),
        ({"area": "", "organization": "NOBODY"}, "organization", "no organisation at work"),
        ({"every": "", "verbs": []}, "verbs", "at least one step"),
        ({"every": "", "verbs": ["no_such_verb"]}, "verbs", "not one of the available choices"),
        ({"name": ""}, "name", "required"),
    ],
)
def test_bad_input_is_marked_with_its_reason_and_nothing_is_lost(admin, receiver, change, field, words):
    answer = admin.post(url("new_webhook"), form(receiver, **change))
    assert answer.status_code == 400
    assert list(answer.context["form"].errors) == [field]
    shown = answer.content.decode()
    assert words in shown and (change.get("name") == "" or "城管系统" in shown)
    assert not Endpoint.objects.exists()


def test_a_district_has_so_many_and_no_more(cast, admin, receiver, monkeypatch):
    monkeypatch.setattr(actions, "MOST_ENDPOINTS", 1)
    endpoint_at(cast, receiver)
    answer = admin.post(url("new_webhook"), form(receiver))
    assert answer.status_code == 400 and "20 webhooks at most" in answer.content.decode()


def test_scope_and_verbs_are_changed_and_the_change_is_told(cast, admin, receiver):
    endpoint = endpoint_at(cast, receiver)
    assert f'value="{STREET}"' in page(admin, "change_webhook", endpoint.pk)
    change = form(receiver, area="", organization=POLICE, every="", verbs=["sign", "verify"])
    assert admin.post(url("change_webhook", endpoint.pk), change).status_code == 302
    endpoint = Endpoint.objects.get()
    assert (endpoint.area, endpoint.organization.code, endpoint.verbs) == (None, POLICE, ["sign", "verify"])
    ((_who, _subject, detail),) = told("webhook_changed")
    assert detail["scope"] == [STREET, POLICE] and detail["verbs"][1] == ["sign", "verify"]
    assert page(admin, "change_webhook", endpoint.pk).count("checked") == 2
    admin.post(url("change_webhook", endpoint.pk), change)
    assert len(told("webhook_changed")) == 1, "nothing was changed"


def test_a_test_message_goes_out_and_its_log_shows_both_sides(cast, admin, receiver):
    endpoint = endpoint_at(cast, receiver)
    receiver.status, receiver.answer = 500, "<b>拒绝</b>".encode()
    assert "on its way" in do(admin, endpoint, "test").content.decode()
    assert deliver() == 1
    ((message_id, message),) = [(got.id, got.body) for got in receiver.got]
    assert message_id.startswith("msg_test_") and f'"scope":"{STREET}"' in message
    row = endpoint.deliveries.get()
    shown = page(admin, "delivery", endpoint.pk, row.pk)
    for part in (
        "HTTP 500",
        message_id,
        "webhook-signature: v1,",
        "&lt;b&gt;拒绝&lt;/b&gt;",
        "127.0.0.1",
        "webhook.test",
    ):
        assert part in shown, part
    assert "<b>拒绝" not in shown
    assert "Send again" not in shown and "Deliver again" not in shown, "it is tried again by itself"
    assert told("webhook_tested")[0][1] == endpoint.name


def test_a_test_goes_ahead_of_what_waits_for_a_receiver_that_was_down(cast, admin, receiver):
    endpoint = endpoint_at(cast, receiver)
    story_at(cast, State.CLOSED)
    queued(endpoint)
    receiver.stop()
    deliver()
    receiver.start()
    do(admin, endpoint, "test")
    assert deliver() == 8
    assert receiver.ids[0].startswith("msg_test_")


def test_pause_and_resume(cast, admin, receiver):
    endpoint = endpoint_at(cast, receiver, verbs=["accept"])
    story_at(cast, State.ACCEPTED)
    queued(endpoint)
    assert "pauses" in do(admin, endpoint, "pause").content.decode()
    assert deliver() == 0
    answer = do(admin, endpoint, "test")
    assert answer.status_code == 409 and "Resume it first" in answer.content.decode()
    assert "active again" in do(admin, endpoint, "resume").content.decode()
    assert deliver() == 1
    assert len(told("webhook_paused")) == len(told("webhook_resumed")) == 1


def test_one_switched_off_says_why_and_is_resumed(cast, admin, receiver):
    endpoint = endpoint_at(cast, receiver, verbs=["accept"])
    story_at(cast, State.ACCEPTED)
    queued(endpoint)
    receiver.status = 410
    deliver()
    assert "switched off" in page(admin, "webhooks")
    assert "gone (410)" in page(admin, "webhook", endpoint.pk)
    receiver.status = 200
    do(admin, endpoint, "resume")
    answer = do(admin, endpoint, "resend_failed", hours="1")
    assert "1 message is sent once more" in answer.content.decode()
    assert deliver() == 1 and len(receiver.accepted) == 1


def test_a_rotation_shows_the_new_secret_once(cast, admin, receiver):
    endpoint = endpoint_at(cast, receiver)
    answer = do(admin, endpoint, "rotate")
    (new,) = SECRET.findall(answer.content.decode())
    assert "no-store" in answer["Cache-Control"]
    endpoint.refresh_from_db()
    assert endpoint.secrets(at=timezone.now()) == [new, receiver.secret]
    assert not SECRET.search(page(admin, "webhook", endpoint.pk))
    assert len(told("webhook_rotated")) == 1


def test_a_removed_one_is_gone_and_its_secret_with_it(cast, admin, receiver):
    endpoint = endpoint_at(cast, receiver, verbs=["accept"])
    story_at(cast, State.ACCEPTED)
    queued(endpoint)
    assert "removed" in do(admin, endpoint, "remove").content.decode()
    assert deliver() == 0 and states(endpoint) == [("dropped", "removed", 0)]
    for name in ("webhook", "change_webhook"):
        assert admin.get(url(name, endpoint.pk)).status_code == 404
    assert admin.post(url("act", endpoint.pk, "resume")).status_code == 404
    assert set(Endpoint.objects.values_list("sealed_secret", "sealed_previous")) == {("", "")}


def test_the_log_is_searched_by_state_number_and_day(cast, admin, receiver):
    endpoint = endpoint_at(cast, receiver, verbs=["accept"])
    first, second = (story_at(cast, State.ACCEPTED) for _ in range(2))
    queued(endpoint)
    receiver.refuses = lambda got: first.id.hex in got.id
    deliver()
    numbers = {first.event.number, second.event.number}

    def shown(**query: str) -> set[str]:
        return (
            set(re.findall(r"\d{19}", page(admin, "webhook", endpoint.pk, **query).split("<tbody>")[-1]))
            & numbers
        )

    today = timezone.localdate()
    assert shown() == numbers
    assert shown(state="delivered") == {second.event.number}
    assert shown(state="waiting") == {first.event.number}
    assert shown(number=first.event.number) == {first.event.number}
    assert shown(first=today.isoformat(), last=today.isoformat()) == numbers
    assert "Nothing matches" in page(
        admin, "webhook", endpoint.pk, last=(today - timedelta(days=1)).isoformat()
    )
    for strange in ({"state": "x"}, {"first": "x"}, {"before": "x"}, {"number": "1"}):
        page(admin, "webhook", endpoint.pk, **strange)


def test_one_message_is_sent_again_under_its_id(cast, admin, receiver):
    endpoint = endpoint_at(cast, receiver, verbs=["accept"])
    story_at(cast, State.ACCEPTED)
    queued(endpoint)
    row = endpoint.deliveries.get()
    answer = admin.post(url("resend", endpoint.pk, row.pk))
    assert answer.status_code == 409 and "still waiting" in answer.content.decode()
    deliver()
    assert "Deliver again" in page(admin, "delivery", endpoint.pk, row.pk)
    assert admin.post(url("resend", endpoint.pk, row.pk)).status_code == 302
    assert deliver() == 1
    assert receiver.ids == [row.message_id] * 2 and len(receiver.accepted) == 1, (
        "the receiver forgets the second"
    )
    assert [detail for _who, _subject, detail in told("webhook_resent")] == [{"message": row.message_id}]
    assert row.attempts.count() == 2


def test_all_that_failed_in_a_time_is_sent_again(cast, admin, receiver):
    endpoint = endpoint_at(cast, receiver, verbs=["accept"])
    for _ in range(3):
        story_at(cast, State.ACCEPTED)
    queued(endpoint)
    endpoint.deliveries.update(state="failed")
    old = endpoint.deliveries.first()
    Delivery.objects.filter(pk=old.pk).update(created_at=timezone.now() - timedelta(hours=5))
    assert "2 messages are sent once more" in do(admin, endpoint, "resend_failed", hours="1").content.decode()
    make_due(endpoint)
    assert deliver() == 2
    assert "1 message is sent" in do(admin, endpoint, "resend_failed", hours="24").content.decode()
    assert "Nothing failed" in do(admin, endpoint, "resend_failed", hours="24").content.decode()
    assert do(admin, endpoint, "resend_failed", hours="7000").status_code == 404


def test_an_administrator_of_another_district_finds_nothing(cast, admin, receiver):
    endpoint = endpoint_at(cast, receiver)
    story_at(cast, State.ACCEPTED)
    outbox.drain()
    other = District.objects.create(code="330105", name_zh="拱墅区")
    area = Area.objects.create(code="330105", name_zh="拱墅区", level="district", district=other)
    Endpoint.objects.filter(pk=endpoint.pk).update(district=other, area=area)
    row = endpoint.deliveries.first()
    assert "No webhook yet" in page(admin, "webhooks")
    for name, keys in (("webhook", ()), ("change_webhook", ()), ("delivery", (row.pk,)), ("act", ("test",))):
        for send in (admin.get, admin.post):
            assert send(url(name, endpoint.pk, *keys)).status_code in (404, 405), name
    assert (
        "no area with this code"
        in admin.post(url("new_webhook"), form(receiver, area="330105")).content.decode()
    )


def test_pages_cost_the_same_however_long_the_log_is(cast, admin, receiver):
    endpoint = endpoint_at(cast, receiver)
    counts = {}
    for number in (1, 6):
        for _ in range(number):
            story_at(cast, State.ACCEPTED)
        queued(endpoint)
        for name, keys in (("webhooks", ()), ("webhook", (endpoint.pk,))):
            page(admin, name, *keys)
            with CaptureQueriesContext(connection) as captured:
                page(admin, name, *keys)
            counts.setdefault(name, []).append(len(captured))
    assert all(few == many <= 8 for few, many in counts.values()), counts
