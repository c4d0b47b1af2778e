import pytest

from tests.cast import Cast
from tests.webhooks.receiver import Receiver


@pytest.fixture
def cast(db):
    return Cast()


@pytest.fixture(autouse=True)
def loopback(settings):
    """The receivers of the tests stand on this machine."""
    settings.WEBHOOK_LOOPBACK = True


@pytest.fixture
def receiver():
    receiver = Receiver()
    yield receiver
    receiver.stop()
