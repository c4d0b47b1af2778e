"""Hints to phones with real workers: one is killed after sending and before writing it down."""

from collections.abc import Iterator

import pytest
from django.utils import timezone

from grid_platform.hints import nudge
from push.keys import new_key
from push.models import Hint
from tests.cast import Cast
from tests.processes.product import OWN_GRID, report_from, wait_for
from tests.push.service import PushService


@pytest.fixture
def service(fresh_database, settings, monkeypatch) -> Iterator[PushService]:
    settings.VAPID_PRIVATE_KEY, settings.VAPID_SUBJECT = new_key(), "mailto:ops@grid.example"
    settings.PUSH_HOSTS, settings.WEBHOOK_LOOPBACK = ["127.0.0.1"], True
    for name in ("VAPID_PRIVATE_KEY", "VAPID_SUBJECT"):
        monkeypatch.setenv(name, getattr(settings, name))
    monkeypatch.setenv("PUSH_HOSTS", "127.0.0.1")
    monkeypatch.setenv("WEBHOOK_LOOPBACK", "1")
    service = PushService()
    yield service
    service.stop()


def test_a_worker_killed_between_sending_and_writing_it_down_sends_again(service, product):
    service.browser("acceptor").subscribed(Cast().acceptor)
    service.delay = 30
    report_from([OWN_GRID])
    nudge("dispatch.tasks.drain_outbox")
    worker = product.worker()
    wait_for(lambda: service.got, "the first hint")
    worker.kill()
    row = Hint.objects.get()
    assert (row.state, row.tries) == ("waiting", 1) and row.leased_until > timezone.now()

    service.delay = 0
    product.worker()
    Hint.objects.update(leased_until=None)  # a minute later
    wait_for(lambda: nudge("push.tasks.deliver") or Hint.objects.get().state == "sent", "the next worker")
    assert [(name, body["tag"]) for name, body in service.told] == [("acceptor", "desk")] * 2
    assert service.told[0] == service.told[1], "the second takes the place of the first"
