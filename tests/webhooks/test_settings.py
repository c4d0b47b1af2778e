"""What the operator sets: networks read loudly, and an open guard refused in service."""

from ipaddress import ip_network

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.test import Client

from grid_platform import environment
from tests.webhooks.endpoints import endpoint_at
from webhooks import checks
from webhooks.delivering import disable


def test_networks_are_read_and_a_mistake_is_named(monkeypatch):
    monkeypatch.setenv("NETWORKS", "10.20.0.0/16, fd00:1::/32")
    assert environment.networks("NETWORKS") == [ip_network("10.20.0.0/16"), ip_network("fd00:1::/32")]
    for mistake in ("10.20.0.1/16", "intranet"):
        monkeypatch.setenv("NETWORKS", mistake)
        with pytest.raises(ImproperlyConfigured, match="NETWORKS"):
            environment.networks("NETWORKS")


@pytest.mark.parametrize(
    ("demo", "loopback", "found"), [(False, True, 1), (True, True, 0), (False, False, 0)]
)
def test_loopback_is_refused_in_service(settings, demo, loopback, found):
    settings.DEMO_MODE, settings.DEBUG, settings.WEBHOOK_LOOPBACK = demo, False, loopback
    assert [error.id for error in checks.loopback_is_for_trying(None)] == ["webhooks.E001"] * found


def test_a_network_that_is_everything_is_refused(settings):
    settings.WEBHOOK_ALLOWED_NETWORKS = [
        ip_network("0.0.0.0/0"),
        ip_network("10.0.0.0/8"),
        ip_network("::/0"),
    ]
    assert [error.id for error in checks.no_network_is_everything(None)] == ["webhooks.E002"] * 2


def test_the_administrators_navigation_tells_of_a_webhook_that_was_switched_off(cast, receiver):
    endpoint = endpoint_at(cast, receiver)

    def marked(name: str) -> int:
        client = Client(headers={"accept-language": "en"})
        client.force_login(getattr(cast, name), backend="accounts.backends.PostBackend")
        return client.get("/inbox/").content.decode().count("nav-alert")

    assert marked("admin") == 0
    disable(endpoint, why="failing")
    endpoint.save()
    assert marked("admin") == 2, "at the top, and in the tab bar of a phone"
    assert marked("auditor") == marked("director") == 0
