"""Webhooks with real workers: killed after sending and before writing it down, and with Redis away."""

from collections.abc import Iterator

import pytest
from django.utils import timezone

from events.models import Event
from grid_platform.hints import nudge
from tests.cast import DISTRICT, Cast
from tests.processes.product import OWN_GRID, report_from, wait_for
from tests.webhooks.endpoints import endpoint_at, make_due
from tests.webhooks.receiver import Receiver
from webhooks.models import Attempt, Delivery, Endpoint


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    receiver = Receiver()
    yield receiver
    receiver.stop()


@pytest.fixture
def endpoint(fresh_database, settings, monkeypatch, receiver) -> Endpoint:
    monkeypatch.setenv("WEBHOOK_LOOPBACK", "1")
    settings.WEBHOOK_LOOPBACK = True
    return endpoint_at(Cast(), receiver, area=DISTRICT)


def all_arrived(number: int) -> bool:
    delivered = Delivery.objects.filter(state=Delivery.State.DELIVERED)
    return delivered.count() == number and not Delivery.objects.waiting().exists()


def test_a_worker_killed_between_sending_and_writing_it_down_sends_again_under_the_same_id(
    endpoint, product, receiver
):
    receiver.delay = 30
    (key,) = report_from([OWN_GRID])
    nudge("dispatch.tasks.drain_outbox")
    worker = product.worker()
    wait_for(lambda: receiver.got, "the first message")
    worker.kill()
    row = Delivery.objects.get(message_id=receiver.ids[0])
    assert (row.state, row.tries, row.attempts.count()) == ("waiting", 1, 0)
    assert row.leased_until and row.leased_until > timezone.now()

    receiver.delay = 0
    product.worker()
    nudge("webhooks.tasks.deliver")
    make_due(endpoint)  # a minute later
    wait_for(lambda: nudge("webhooks.tasks.deliver") or all_arrived(2), "the next worker")
    first, second = f"msg_{key.hex}_1", f"msg_{key.hex}_2"
    assert receiver.ids == [first, first, second]
    assert list(receiver.accepted) == [first, second], "who remembers the id takes it once"
    assert receiver.forged == []
    assert list(Attempt.objects.order_by("id").values_list("number", flat=True)) == [2, 1]


def test_what_happened_while_redis_was_away_is_sent_by_the_sweep(endpoint, product, valkey, receiver):
    product.worker()
    valkey.kill()
    keys = report_from([OWN_GRID] * 5)
    assert not Delivery.objects.exists() and Event.objects.filter(desk=None).count() == 5
    valkey.start()
    product.beat()
    product.worker()
    wait_for(lambda: all_arrived(10), "the sweep")
    assert sorted(receiver.ids) == sorted(f"msg_{key.hex}_{n}" for key in keys for n in (1, 2))
    assert len(receiver.accepted) == 10
    for key in keys:
        mine = [id_ for id_ in receiver.ids if key.hex in id_]
        assert mine == [f"msg_{key.hex}_1", f"msg_{key.hex}_2"], "in the event's order"
