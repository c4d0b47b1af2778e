"""Where webhooks may go: judged as written, and once more when the name is resolved."""

import socket
from ipaddress import ip_address, ip_network

import pytest

from webhooks.destination import DestinationError, connect, is_allowed, parse, resolve


@pytest.fixture(autouse=True)
def strict(settings):
    settings.WEBHOOK_LOOPBACK = False
    settings.WEBHOOK_ALLOWED_NETWORKS = []


@pytest.fixture
def resolver(monkeypatch):
    """A name server of the test's own; each call of it takes the next answer."""

    def answers(*lists: list[str]):
        left = list(lists)
        asked = []

        def getaddrinfo(host, port, *_args, **_options):
            asked.append(host)
            addresses = left.pop(0) if len(left) > 1 else left[0]
            family = {4: socket.AF_INET, 6: socket.AF_INET6}
            return [
                (family[ip_address(each).version], socket.SOCK_STREAM, 6, "", (each, port))
                for each in addresses
            ]

        monkeypatch.setattr(socket, "getaddrinfo", getaddrinfo)
        return asked

    return answers


def refused(url: str) -> str:
    with pytest.raises(DestinationError) as refusal:
        resolve(parse(url))
    assert str(refusal.value.message)
    return refusal.value.code


@pytest.mark.parametrize(
    ("url", "code"),
    [
        ("", "url_unreadable"),
        ("ftp://host.example/", "url_unreadable"),
        ("https://", "url_unreadable"),
        ("https://host.example/#x", "url_unreadable"),
        ("https://host.example/a b", "url_unreadable"),
        ("https://host.example/\r\nHost: other", "url_unreadable"),
        ("https://host.example\\@127.0.0.1/", "url_unreadable"),
        ("https://主机.example/", "url_unreadable"),
        ("https://host..example/", "url_unreadable"),
        ("https://-host.example/", "url_unreadable"),
        ("https://host.example:99999/", "url_unreadable"),
        ("https://[::1", "url_unreadable"),
        ("https://host.example@127.0.0.1/", "url_with_login"),
        ("https://user:word@host.example/", "url_with_login"),
        ("http://host.example/", "https_only"),
        ("http://127.0.0.1:8000/", "https_only"),
        ("https://host.example:22/", "port_not_allowed"),
        ("https://host.example:80/", "port_not_allowed"),
        ("https://127.0.0.1/", "forbidden_address"),
        ("https://[::1]/", "forbidden_address"),
        ("https://[::ffff:10.0.0.1]/", "forbidden_address"),
        ("https://[fe80::1%25eth0]/", "forbidden_address"),
        ("https://2130706433/", "forbidden_address"),  # 127.0.0.1 in one figure
        ("https://0x7f.1/", "forbidden_address"),
        ("https://127.1:8443/", "forbidden_address"),
        ("https://localhost/", "forbidden_address"),
    ],
)
def test_an_address_is_refused_with_its_reason(url, code):
    assert refused(url) == code


FORBIDDEN = """
    0.0.0.0 0.1.2.3 10.1.2.3 100.64.0.1 100.100.100.200 127.0.0.1 127.255.255.254 168.63.129.16 169.254.169.254
    172.16.0.1 172.31.255.255 192.0.0.8 192.0.2.1 192.88.99.1 192.168.1.1 198.18.0.1 198.51.100.1 203.0.113.1
    224.0.0.1 239.255.255.255 240.0.0.1 255.255.255.255
    :: ::1 ::ffff:127.0.0.1 ::ffff:169.254.169.254 ::ffff:192.168.0.1 64:ff9b::a9fe:a9fe 2001::1 2002:7f00:1::
    2001:db8::1 fc00::1 fd00:ec2::254 fe80::1 fec0::1 ff02::1 ::7f00:1
""".split()
PUBLIC = ["1.1.1.1", "115.29.0.1", "223.5.5.5", "::ffff:223.5.5.5", "2400:3200::1", "2606:4700:4700::1111"]


@pytest.mark.parametrize("address", FORBIDDEN)
def test_no_name_leads_to_an_address_inside(resolver, address):
    resolver([address])
    assert refused("https://host.example/hook") == "forbidden_address"


@pytest.mark.parametrize("address", PUBLIC)
def test_public_addresses_are_reached(resolver, address):
    resolver([address])
    assert resolve(parse("https://host.example/hook")) == [ip_address(address)]


def test_one_address_inside_among_public_ones_is_one_too_many(resolver):
    resolver(["223.5.5.5", "10.0.0.1"])
    assert refused("https://host.example/hook") == "forbidden_address"


def test_a_network_that_is_allowed_is_reached_but_never_metadata_or_loopback(settings, resolver):
    settings.WEBHOOK_ALLOWED_NETWORKS = [ip_network("10.20.0.0/16"), ip_network("169.254.0.0/16")]
    assert is_allowed(ip_address("10.20.3.4")) and is_allowed(ip_address("::ffff:10.20.3.4"))
    assert not is_allowed(ip_address("10.21.0.1"))
    assert not is_allowed(ip_address("10.20.3.4"), public_only=True), (
        "for URLs that are not an administrator's"
    )
    assert not is_allowed(ip_address("169.254.169.254"))
    assert not is_allowed(ip_address("127.0.0.1"))


def test_without_https_only_this_very_machine_is_reached_and_only_when_asked_for(settings, resolver):
    settings.WEBHOOK_LOOPBACK = True
    settings.WEBHOOK_ALLOWED_NETWORKS = [ip_network("10.20.0.0/16")]
    resolver(["127.0.0.1"])
    assert resolve(parse("http://host.example:8000/")) == [ip_address("127.0.0.1")]
    for inside in ("10.20.0.1", "223.5.5.5"):
        resolver([inside])
        assert refused("http://host.example:8000/") == "forbidden_address"


def test_a_name_that_changes_its_address_gains_nothing(settings, resolver, receiver, monkeypatch):
    """The first answer is public and checked, the second is inside: there is no second question."""
    connected = []

    def create_connection(address, _timeout):
        connected.append(address)
        raise ConnectionRefusedError

    monkeypatch.setattr(socket, "create_connection", create_connection)
    asked = resolver(["223.5.5.5"], ["127.0.0.1"])
    with pytest.raises(ConnectionRefusedError):
        connect(parse(f"https://rebinding.example:{receiver.port}/"), timeout=1)
    assert connected == [("223.5.5.5", receiver.port)]
    assert asked == ["rebinding.example"]
    assert refused("https://rebinding.example/") == "forbidden_address", "the next try is judged anew"


def test_a_name_that_leads_nowhere_is_said(monkeypatch):
    def getaddrinfo(*_args, **_options):
        raise socket.gaierror

    monkeypatch.setattr(socket, "getaddrinfo", getaddrinfo)
    assert refused("https://nowhere.example/") == "unknown_host"
