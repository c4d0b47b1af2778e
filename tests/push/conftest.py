from collections.abc import Iterator

import pytest

from push.keys import new_key
from tests.cast import Cast
from tests.push.service import PushService


@pytest.fixture
def cast(db):
    return Cast()


@pytest.fixture
def configured(settings) -> None:
    """Push is set up, and push services stand on this machine."""
    settings.VAPID_PRIVATE_KEY, settings.VAPID_SUBJECT = new_key(), "mailto:ops@grid.example"
    settings.PUSH_HOSTS, settings.WEBHOOK_LOOPBACK = ["127.0.0.1"], True


@pytest.fixture
def service(configured) -> Iterator[PushService]:
    service = PushService()
    yield service
    service.stop()
