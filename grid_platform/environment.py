"""Reads settings from the environment, and says exactly what is wrong with a value.

Every reader takes the variable's name and a default. A value that cannot be read raises
ImproperlyConfigured naming the variable, the value and what was expected.
"""

import ipaddress
import os
from urllib.parse import parse_qsl, unquote, urlsplit

from django.core.exceptions import ImproperlyConfigured

_TRUE = {"1", "true", "yes", "on"}
_FALSE = {"0", "false", "no", "off", ""}


def text(name: str, default: str = "") -> str:
    return os.environ.get(name, default)


def required(name: str, why: str) -> str:
    value = os.environ.get(name, "")
    if not value:
        raise ImproperlyConfigured(f"{name} is not set: {why}")
    return value


def flag(name: str, default: bool = False) -> bool:
    value = os.environ.get(name)
    if value is None:
        return default
    if value.lower() in _TRUE:
        return True
    if value.lower() in _FALSE:
        return False
    raise ImproperlyConfigured(f"{name}={value!r} is not a yes or a no: use 1 or 0")


def whole_number(name: str, default: int, *, minimum: int = 0) -> int:
    value = os.environ.get(name)
    if value is None:
        return default
    if not value.isdigit() or int(value) < minimum:
        raise ImproperlyConfigured(f"{name}={value!r} must be a whole number of at least {minimum}")
    return int(value)


def words(name: str, default: str = "") -> list[str]:
    return [word.strip() for word in (os.environ.get(name) or default).split(",") if word.strip()]


def networks(name: str) -> list[ipaddress.IPv4Network | ipaddress.IPv6Network]:
    """Addresses and networks separated by commas: '10.0.0.0/8,::1'."""
    try:
        return [ipaddress.ip_network(word) for word in words(name)]
    except ValueError as error:
        raise ImproperlyConfigured(f"{name} lists addresses like 10.0.3.7 or 10.0.0.0/8: {error}") from error


def origins(name: str) -> list[str]:
    """Scheme, host and port of an address, for a Content-Security-Policy; Leaflet's ``{s}`` stands for any subdomain.

    Empty for none and for an address without a host, which is this site's own.
    """
    parts = urlsplit(os.environ.get(name, ""))
    return [f"{parts.scheme}://{parts.netloc.replace('{s}', '*')}"] if parts.netloc else []


def live_sources(url: str) -> list[str]:
    """What a Content-Security-Policy must allow for ``LIVE_URL`` beside this site itself."""
    if url.startswith(":"):
        return [f"*{url.split('/')[0]}"]
    parts = urlsplit(url)
    return [f"{parts.scheme}://{parts.netloc}"] if parts.netloc else []


def database(name: str, url: str) -> dict:
    """Django's database dictionary for a URL.

    ``postgresql://user:password@host:port/name?host=/socket/folder``; the query's ``host`` names a
    Unix socket's folder and wins over the network part.
    """
    parts = urlsplit(url)
    if parts.scheme not in {"postgres", "postgresql"}:
        raise ImproperlyConfigured(f"{name}={url!r} must start with postgresql://")
    if not parts.path.strip("/"):
        raise ImproperlyConfigured(f"{name}={url!r} names no database: add /name at its end")
    options = dict(parse_qsl(parts.query))
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": unquote(parts.path.lstrip("/")),
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": options.pop("host", "") or (parts.hostname or ""),
        "PORT": options.pop("port", "") or str(parts.port or ""),
        "OPTIONS": options,
    }
