"""Which addresses may be sent to: the guard against being led into the own network (SSRF).

``parse`` judges the URL as it is written. ``connect`` resolves the host once, judges every address it leads to, and
connects to one of those very addresses: a name that changes its address between check and connection gains nothing.
Only public unicast addresses pass, and what WEBHOOK_ALLOWED_NETWORKS names, unless ``public_only``; link-local and
cloud metadata never do, loopback only with WEBHOOK_LOOPBACK. Environment variables of proxies play no part: nothing here reads them.
"""

import ipaddress
import re
import socket
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address, ip_network
from urllib.parse import urlsplit

from django.conf import settings
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

Address = IPv4Address | IPv6Address

LOWEST_PORT = 1024
"""Below it only 443 is used: no other service of a host is knocked at."""
NEVER = tuple(
    ip_network(text)
    for text in (
        "0.0.0.0/8",
        "169.254.0.0/16",  # link-local, with the metadata of most clouds
        "100.100.100.200/32",  # metadata of Alibaba Cloud
        "168.63.129.16/32",  # metadata of Azure
        "192.0.0.0/24",  # of protocols
        "192.88.99.0/24",  # 6to4 relays
        "224.0.0.0/3",  # multicast, reserved, broadcast
        "::/128",
        "fe80::/10",
        "fd00:ec2::254/128",  # metadata of Amazon
        "ff00::/8",
    )
)
GLOBAL_V6 = ip_network("2000::/3")
TUNNELS = (ip_network("2001::/32"), ip_network("2002::/16"))
"""Teredo and 6to4 carry an IPv4 address inside."""
HOST = re.compile(
    r"(?=.{1,253}\Z)(?!-)[a-z0-9-]{1,63}(?<!-)(\.(?!-)[a-z0-9-]{1,63}(?<!-))*\.?", re.IGNORECASE
)


class DestinationError(Exception):
    """An address that is not sent to; ``code`` is stable, the words say what to do."""

    WORDS = {
        "url_unreadable": _("This is no web address. Write it as https://host/path."),
        "https_only": _("The address must begin with https://."),
        "url_with_login": _(
            "Leave user name and password out of the address; the signature proves who sends."
        ),
        "port_not_allowed": _("Use port 443, or one from 1024 up."),
        "forbidden_address": _(
            "This address is inside a network that is not sent to. "
            "The operator may allow the network (WEBHOOK_ALLOWED_NETWORKS)."
        ),
        "unknown_host": _("This host name leads nowhere. Check it."),
    }

    def __init__(self, code: str):
        self.code = code
        super().__init__(code)

    @property
    def message(self) -> Promise:
        return self.WORDS[self.code]


@dataclass(frozen=True)
class Destination:
    scheme: str
    host: str
    port: int
    target: str
    """Path and query."""
    public_only: bool = False


def parse(url: str, *, public_only: bool = False) -> Destination:
    """Raises DestinationError. Asks no name server; an address written in figures is judged.

    ``public_only``: the networks that the operator allows do not count, for the URL is not an administrator's.
    """
    if not url.isascii() or re.search(r"[\s\x00-\x1f\x7f\\]", url):
        raise DestinationError("url_unreadable")
    try:
        parts = urlsplit(url)
        host, port = parts.hostname or "", parts.port
    except ValueError:
        raise DestinationError("url_unreadable") from None
    if parts.scheme not in ("http", "https") or not host or parts.fragment:
        raise DestinationError("url_unreadable")
    if "@" in parts.netloc:
        raise DestinationError("url_with_login")
    figures = _figures(host)
    if figures is None and not HOST.fullmatch(host):
        raise DestinationError("url_unreadable")
    if parts.scheme == "http" and not settings.WEBHOOK_LOOPBACK:
        raise DestinationError("https_only")
    port = port if port is not None else {"http": 80, "https": 443}[parts.scheme]
    if port != 443 and port < LOWEST_PORT:
        raise DestinationError("port_not_allowed")
    target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    destination = Destination(parts.scheme, host, port, target, public_only)
    if figures:
        _judge(figures, destination)
    return destination


def connect(destination: Destination, *, timeout: float) -> socket.socket:
    """A connection to the first of the host's checked addresses that takes one, within ``timeout`` seconds each.

    Raises DestinationError when any of the host's addresses is forbidden, OSError when none answers.
    """
    refusal: OSError = ConnectionRefusedError()
    for address in resolve(destination):
        try:
            return socket.create_connection((str(address), destination.port), timeout)
        except OSError as error:
            refusal = error
    raise refusal


def resolve(destination: Destination) -> list[Address]:
    """The host's addresses, every one of them allowed."""
    try:
        found = socket.getaddrinfo(destination.host, destination.port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        raise DestinationError("unknown_host") from None
    addresses = list(dict.fromkeys(ipaddress.ip_address(str(row[4][0])) for row in found))
    for address in addresses:
        _judge(address, destination)
    return addresses[:2]


def _figures(host: str) -> Address | None:
    try:
        return ipaddress.ip_address(host)
    except ValueError:
        return None


def _judge(address: Address, destination: Destination) -> None:
    is_plain = destination.scheme == "http" and not plain(address).is_loopback
    if is_plain or not is_allowed(address, public_only=destination.public_only):
        raise DestinationError("forbidden_address")


def is_allowed(address: Address, *, public_only: bool = False) -> bool:
    address = plain(address)
    if address.is_loopback:
        return settings.WEBHOOK_LOOPBACK
    if any(address in network for network in NEVER):
        return False
    if not public_only and any(address in network for network in settings.WEBHOOK_ALLOWED_NETWORKS):
        return True
    if isinstance(address, IPv6Address):
        return address in GLOBAL_V6 and address.is_global and not any(address in each for each in TUNNELS)
    return address.is_global


def plain(address: Address) -> Address:
    """An IPv4 address that stands inside an IPv6 one is judged as what it is."""
    return getattr(address, "ipv4_mapped", None) or address
