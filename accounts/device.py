"""From where a request comes, as the list of log-ins and the audit log tell it: address and kind of device."""

import ipaddress

from django.conf import settings
from django.http import HttpRequest
from ua_parser import parse


def address_of(request: HttpRequest, *_ignored) -> str | None:
    """The client's address. Behind a proxy it is the last one of ``X-Forwarded-For``: the proxy wrote that one
    itself, and whatever stands before it anybody can invent."""
    address = request.META.get("REMOTE_ADDR", "")
    if settings.BEHIND_PROXY:
        address = request.META.get("HTTP_X_FORWARDED_FOR", address).rsplit(",", 1)[-1].strip()
    try:
        return str(ipaddress.ip_address(address))
    except ValueError:
        return None


def device_of(request: HttpRequest) -> str:
    """'Chrome Mobile, Android'; empty when the browser does not say."""
    told = parse(request.META.get("HTTP_USER_AGENT", "")[:500])
    return ", ".join(part.family for part in (told.user_agent, told.os) if part)[:80]
