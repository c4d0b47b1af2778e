"""From the queue to the receiver: order, retries, back-off, giving up, switching off, and no message lost."""

import logging
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from django.db import connection, connections, transaction
from django.utils import timezone

from accounts.audit import AuditEntry
from dispatch import outbox
from events.models import Event, State
from tests.cast import POLICE, Cast, story_at
from tests.webhooks.endpoints import endpoint_at, make_due, queued, states
from tests.webhooks.receiver import Receiver
from webhooks import actions, delivering, flights, signing
from webhooks.delivering import deliver, give_up
from webhooks.flights import LEASE, pause
from webhooks.models import Attempt, Delivery, Endpoint
from webhooks.queries import backlog
from webhooks.wire import Answer

DAY = timedelta(days=1)


@pytest.fixture
def later(monkeypatch):
    """Turns the clock of what delivers."""
    real, shift = timezone.now, [timedelta()]
    monkeypatch.setattr(timezone, "now", lambda: real() + shift[0])

    def later_(**span):
        shift[0] += timedelta(**span)
        return timezone.now()

    return later_


def failing_for(endpoint: Endpoint, span: timedelta) -> None:
    Endpoint.objects.filter(pk=endpoint.pk).update(failing_since=timezone.now() - span, failures=9)


def test_a_day_of_an_event_arrives_signed_and_in_order(cast, receiver):
    endpoint = endpoint_at(cast, receiver)
    story = story_at(cast, State.CLOSED)
    queued(endpoint)
    assert deliver() == 7
    assert receiver.ids == [f"msg_{story.id.hex}_{n}" for n in range(1, 8)]
    assert [message["data"]["step"]["verb"] for message in receiver.accepted.values()] == [
        "report", "route", "accept", "dispatch", "sign", "feed_back", "verify",
    ]  # fmt: skip
    assert receiver.forged == []
    assert states(endpoint) == [("delivered", "", 1)] * 7
    row = Attempt.objects.filter(delivery__endpoint=endpoint).first()
    assert (row.number, row.status, row.why, row.address) == (1, 204, "", "127.0.0.1")
    assert deliver() == 0


def test_a_receiver_that_is_down_gets_it_all_in_order_after_it_is_back(cast, receiver, later):
    endpoint = endpoint_at(cast, receiver)
    story = story_at(cast, State.CLOSED)
    queued(endpoint)
    receiver.stop()
    assert deliver() == 1, "one message finds out; the others wait"
    assert states(endpoint) == [("waiting", "no_connection", 1), *[("waiting", "", 0)] * 6]
    endpoint.refresh_from_db()
    assert endpoint.failures == 1 and endpoint.failing_since
    assert deliver() == 0, "held back"
    later(seconds=7)
    assert deliver() == 1
    later(seconds=20)
    assert deliver() == 0, "the second pause is longer"
    receiver.start()
    later(seconds=20)
    assert deliver() == 7
    assert list(receiver.accepted) == [f"msg_{story.id.hex}_{n}" for n in range(1, 8)]
    endpoint.refresh_from_db()
    assert (endpoint.failures, endpoint.failing_since, endpoint.held_until) == (0, None, None)


@pytest.mark.parametrize("status", [500, 503, 404, 301])
def test_a_refused_message_is_tried_again_and_the_event_waits_behind_it(cast, receiver, status):
    endpoint = endpoint_at(cast, receiver)
    story_at(cast, State.ACCEPTED)
    queued(endpoint)
    receiver.status = status
    for number in (1, 2, 3):
        make_due(endpoint)
        assert deliver() == 1
        assert [tries for _state, _why, tries in states(endpoint)] == [number, 0, 0]
    receiver.status = 200
    make_due(endpoint)
    assert deliver() == 3
    assert len(set(receiver.ids)) == 3 and receiver.ids[:4] == [receiver.ids[0]] * 4, "the same id each time"
    assert Attempt.objects.filter(delivery__endpoint=endpoint, why="").count() == 3


def test_one_event_that_is_refused_does_not_hold_up_the_others(cast, receiver):
    endpoint = endpoint_at(cast, receiver, verbs=["accept"])
    bad, good = (story_at(cast, State.ACCEPTED) for _ in range(2))
    queued(endpoint)
    receiver.refuses = lambda got: bad.id.hex in got.id
    assert deliver() == 2
    rows = {row.event_id: row.state for row in endpoint.deliveries.all()}
    assert rows == {bad.id: "waiting", good.id: "delivered"}
    endpoint.refresh_from_db()
    assert endpoint.failures == 0, "a refusal tells of the message, not of the receiver"


def test_pauses_grow_scatter_and_end_within_a_day():
    for number, seconds in enumerate(flights.PAUSES, start=1):
        drawn = {pause(number).total_seconds() for _ in range(30)}
        assert len(drawn) > 1 and 0.8 * seconds <= min(drawn) and max(drawn) <= 1.2 * seconds
    assert list(flights.PAUSES) == sorted(flights.PAUSES)
    assert 1.2 * sum(flights.PAUSES) < DAY.total_seconds()


def test_after_a_day_a_message_is_given_up_and_the_next_of_its_event_goes(cast, receiver, later):
    endpoint = endpoint_at(cast, receiver)
    story_at(cast, State.ACCEPTED)
    queued(endpoint)
    receiver.status, tries = 422, 0
    while states(endpoint)[0][0] == "waiting":
        row = endpoint.deliveries.order_by("sequence").first()
        later(seconds=(row.next_try_at - timezone.now()).total_seconds() + 1)
        endpoint.deliveries.filter(sequence__gt=1).update(expires_at=timezone.now() + DAY)
        tries += deliver()
    first, second, _third = states(endpoint)
    assert first == ("failed", "refused", tries - second[2])
    assert 10 <= first[2] <= 13
    assert timezone.now() - endpoint.deliveries.order_by("sequence").first().created_at < DAY
    receiver.status = 200
    make_due(endpoint)
    assert deliver() == 2


def test_what_a_pause_outlasts_is_given_up(cast, receiver, later):
    endpoint = endpoint_at(cast, receiver, verbs=["accept"])
    story_at(cast, State.ACCEPTED)
    queued(endpoint)
    actions.pause(endpoint=endpoint, by=cast.admin)
    assert deliver() == 0
    assert give_up(now=timezone.now()) == 0
    assert give_up(now=later(hours=25)) == 1
    assert states(endpoint) == [("failed", "too_old", 0)]


def test_after_a_day_without_any_arrival_the_endpoint_is_switched_off(cast, receiver, caplog):
    endpoint = endpoint_at(cast, receiver)
    story_at(cast, State.ACCEPTED)
    queued(endpoint)
    receiver.stop()
    failing_for(endpoint, DAY - timedelta(minutes=1))
    assert deliver() == 1
    endpoint.refresh_from_db()
    assert endpoint.state == "active"
    failing_for(endpoint, DAY)
    make_due(endpoint)
    with caplog.at_level(logging.ERROR):
        assert deliver() == 1
    endpoint.refresh_from_db()
    assert (endpoint.state, endpoint.disabled_why) == ("disabled", "failing")
    assert {state for state, _why, _tries in states(endpoint)} == {"failed"}
    entry = AuditEntry.objects.get(kind="webhook_disabled")
    assert (entry.actor, entry.subject, entry.detail) == (None, endpoint.name, {"why": "failing"})
    assert "switched off: failing" in caplog.text and endpoint.url not in caplog.text
    receiver.start()
    assert (backlog(now=timezone.now()).waiting, backlog(now=timezone.now()).endpoints_disabled) == (0, 1)
    actions.resume(endpoint=endpoint, by=cast.admin)
    assert (
        actions.resend_failed(
            endpoint=endpoint, since=timezone.now() - DAY, by=cast.admin, now=timezone.now()
        )
        == 3
    )
    assert deliver() == 3


def test_a_receiver_that_says_it_is_gone_is_believed_at_once(cast, receiver):
    endpoint = endpoint_at(cast, receiver)
    story_at(cast, State.CLOSED)
    queued(endpoint)
    receiver.status = 410
    assert deliver() == 1
    endpoint.refresh_from_db()
    assert (endpoint.state, endpoint.disabled_why) == ("disabled", "gone")
    assert {state for state, _why, _tries in states(endpoint)} == {"failed"}
    make_due(endpoint)
    assert deliver() == 0


def test_what_left_the_scope_or_became_sensitive_while_it_waited_is_not_sent(cast, receiver):
    endpoint = endpoint_at(cast, receiver, verbs=["accept"])
    other = endpoint_at(cast, receiver, verbs=["dispatch"], organization=POLICE)
    hidden, moved, stays = (story_at(cast, State.ACCEPTED) for _ in range(3))
    left = story_at(cast, State.DISPATCHED)
    queued(endpoint)
    Event.objects.filter(pk=hidden.id).update(sensitive=True)
    Event.objects.filter(pk=moved.id).update(area_code="330104006001001")
    left.return_(reason="not_our_duty", explanation="Not us")
    assert deliver() == 2
    assert {got.id.split("_")[1] for got in receiver.got} == {stays.id.hex, left.id.hex}
    assert sorted(states(endpoint)) == [("delivered", "", 1)] * 2 + [("dropped", "out_of_scope", 1)] * 2
    assert states(other) == [("dropped", "out_of_scope", 1)]


def test_however_much_is_dropped_the_run_goes_on_to_what_may_leave(cast, receiver):
    endpoint = endpoint_at(cast, receiver, verbs=["accept"])
    gone = [story_at(cast, State.ACCEPTED) for _ in range(2 * delivering.PER_ENDPOINT + 1)]
    queued(endpoint)
    Event.objects.filter(pk__in=[story.id for story in gone]).update(sensitive=True)
    stays = story_at(cast, State.ACCEPTED)
    queued(endpoint)
    assert deliver() == 1
    assert [got.id for got in receiver.got] == [f"msg_{stays.id.hex}_3"]
    assert {row.state for row in endpoint.deliveries.exclude(event=stays.id)} == {"dropped"}


def test_a_secret_that_cannot_be_opened_sends_nothing(cast, receiver, settings):
    endpoint = endpoint_at(cast, receiver, verbs=["accept"])
    story_at(cast, State.ACCEPTED)
    queued(endpoint)
    settings.SECRET_KEY = "another"
    deliver()
    assert states(endpoint) == [("waiting", "secret_unreadable", 1)] and receiver.got == []
    receiver.secret = actions.rotate(endpoint=endpoint, by=cast.admin, now=timezone.now() - 2 * DAY)
    make_due(endpoint)
    assert deliver() == 1 and len(receiver.accepted) == 1


def test_a_rotated_secret_signs_beside_the_old_one_for_a_day(cast, receiver, later):
    endpoint = endpoint_at(cast, receiver, verbs=["accept"])
    actions.rotate(endpoint=endpoint, by=cast.admin, now=timezone.now())
    story_at(cast, State.ACCEPTED)
    queued(endpoint)
    deliver()
    assert len(receiver.accepted) == 1, "the receiver still has the old one"
    later(hours=25)
    endpoint.refresh_from_db()
    assert len(endpoint.secrets(at=timezone.now())) == 1


def test_a_slow_receiver_is_asked_little_and_no_other_waits_for_it(cast, receiver, monkeypatch):
    slow = Receiver()
    slow.delay = 0.4
    endpoint_at(cast, slow, verbs=["accept"])
    quick = endpoint_at(cast, receiver, verbs=["accept"])
    for _ in range(6):
        story_at(cast, State.ACCEPTED)
    queued(quick)
    done: list[float] = []
    receiver.meanwhile = lambda got: done.append(time.monotonic())
    began = time.monotonic()
    assert deliver() == 12
    slow.stop()
    assert slow.busiest == delivering.PER_ENDPOINT
    assert max(done) - began < slow.got[-1].at - began, "the quick one was through first"


def test_a_run_ends_in_time_and_the_next_one_goes_on(cast, receiver, monkeypatch):
    endpoint = endpoint_at(cast, receiver, verbs=["accept"])
    for _ in range(12):
        story_at(cast, State.ACCEPTED)
    queued(endpoint)
    receiver.delay = 0.1
    monkeypatch.setattr(flights, "RUN_FOR", timedelta(seconds=0.15))
    first = deliver()
    assert 0 < first < 12
    while deliver():
        pass
    assert len(receiver.accepted) == len(receiver.got) == 12


def test_while_a_worker_sends_the_others_leave_it_alone(cast, receiver):
    endpoint = endpoint_at(cast, receiver)
    story_at(cast, State.ACCEPTED)
    queued(endpoint)
    row = endpoint.deliveries.order_by("sequence").first()
    Delivery.objects.filter(pk=row.pk).update(leased_until=timezone.now() + LEASE)
    assert deliver() == 0
    Delivery.objects.filter(pk=row.pk).update(leased_until=timezone.now())
    assert deliver() == 3, "its lease ran out: it died"


def test_an_answer_that_comes_after_the_lease_decides_nothing(cast, receiver):
    endpoint = endpoint_at(cast, receiver, verbs=["accept"])
    story_at(cast, State.ACCEPTED)
    queued(endpoint)
    (flight,) = delivering._claim(8, [], timezone.now())
    Delivery.objects.update(leased_until=timezone.now() + 2 * LEASE, tries=2)
    delivering._record(flight, Answer(timezone.now(), why="timeout"))
    row = endpoint.deliveries.get()
    assert (row.state, row.why, row.tries) == ("waiting", "", 2)
    assert row.attempts.get().why == "timeout", "but it is in the log"


def test_two_workers_at_once_send_each_message_once(fresh_database, receiver):
    cast = Cast()
    endpoint = endpoint_at(cast, receiver, verbs=["report", "accept"])
    for _ in range(10):
        story_at(cast, State.ACCEPTED)
    queued(endpoint)
    receiver.delay = 0.01
    barrier = threading.Barrier(4)

    def work() -> int:
        barrier.wait()
        try:
            return sum(len(delivering._claim(2, [], timezone.now())) for _ in range(5))
        finally:
            connections.close_all()

    with ThreadPoolExecutor(4) as threads:
        claims = [threads.submit(work) for _ in range(4)]
    taken = sum(each.result() for each in claims)
    leased = Delivery.objects.filter(leased_until__gt=timezone.now())
    assert taken == leased.count() == 10, "the first step of each event, none of them twice"
    assert set(leased.values_list("tries", flat=True)) == {1}
    make_due(endpoint)

    def send() -> int:
        try:
            return deliver()
        finally:
            connections.close_all()

    with ThreadPoolExecutor(3) as threads:
        tried = [threads.submit(send) for _ in range(3)]
    assert sum(each.result() for each in tried) == len(receiver.got) == len(set(receiver.ids)) == 20


def test_a_row_somebody_holds_is_left_out(fresh_database, receiver):
    cast = Cast()
    endpoint = endpoint_at(cast, receiver, verbs=["accept"])
    for _ in range(2):
        story_at(cast, State.ACCEPTED)
    queued(endpoint)
    held = endpoint.deliveries.order_by("pk").first()
    taken: list[int] = []

    def work() -> None:
        taken.extend(flight.delivery.pk for flight in delivering._claim(8, [], timezone.now()))
        connections.close_all()

    with transaction.atomic():
        Delivery.objects.select_for_update().get(pk=held.pk)
        other = threading.Thread(target=work)
        other.start()
        other.join()
    assert taken == [endpoint.deliveries.exclude(pk=held.pk).get().pk]


def test_figures_for_whoever_watches(cast, receiver, later):
    endpoint = endpoint_at(cast, receiver)
    story_at(cast, State.ACCEPTED)
    queued(endpoint)
    receiver.stop()
    deliver()
    now = later(minutes=5)
    figures = backlog(now=now)
    assert (figures.waiting, figures.failed_last_day, figures.endpoints_failing, figures.endpoints_disabled) == (
        3, 0, 1, 0,
    )  # fmt: skip
    assert 299 < figures.oldest_seconds < 310
    give_up(now=later(hours=24))
    assert backlog(now=timezone.now()).waiting == 0


def test_the_log_is_kept_for_thirty_days(cast, receiver, later):
    endpoint = endpoint_at(cast, receiver)
    story_at(cast, State.ACCEPTED)
    queued(endpoint)
    deliver()
    assert actions.forget_old(now=timezone.now() + timedelta(days=29)) == 0
    assert actions.forget_old(now=timezone.now() + timedelta(days=31), batch=2) == 2
    assert actions.forget_old(now=timezone.now() + timedelta(days=31)) == 1
    assert not Delivery.objects.exists() and not Attempt.objects.exists()


def test_a_queue_of_thousands_is_claimed_by_index(cast, receiver):
    endpoint = endpoint_at(cast, receiver, verbs=["accept"])
    event = story_at(cast, State.ACCEPTED).event
    outbox.drain()
    now = timezone.now()
    Delivery.objects.bulk_create(
        Delivery(
            tenant=event.tenant,
            endpoint=endpoint,
            event=event,
            sequence=1000 + number,
            message_id=f"msg_{number}",
            body="{}",
            created_at=now,
            next_try_at=now,
            expires_at=now + DAY,
        )
        for number in range(5000)
    )
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE webhooks_delivery")
    began = time.monotonic()
    assert len(delivering._claim(8, [], timezone.now())) == 1, "of one event the earliest alone"
    assert time.monotonic() - began < 0.5


def test_a_new_secret_is_long_and_never_the_same():
    secrets = {signing.new_secret() for _ in range(50)}
    assert len(secrets) == 50 and all(secret.startswith("whsec_") and len(secret) == 50 for secret in secrets)
