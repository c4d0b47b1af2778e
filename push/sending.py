"""One hint to one browser, sealed and signed (RFC 8030, 8291, 8292). Knows no database; runs in a thread."""

import json
from dataclasses import dataclass, field
from datetime import datetime
from urllib.parse import urlsplit

import http_ece
from cryptography.hazmat.primitives.asymmetric import ec
from django.conf import settings
from django.utils.translation import gettext_lazy as _

from push.keys import decode, vapid
from webhooks.destination import DestinationError, parse
from webhooks.wire import Answer, post

SIGNED_FOR = 12 * 3600
"""Seconds; push services take no more than a day."""


class UnknownServiceError(DestinationError):
    WORDS = {
        "unknown_push_service": _(
            "This is no push service that is known here. The operator may add its host (PUSH_HOSTS)."
        )
    }


@dataclass(frozen=True)
class Message:
    """All that is needed to send; taken from the database before. ``seconds``: how long it may wait for the phone."""

    endpoint: str
    p256dh: str = field(repr=False)
    auth: str = field(repr=False)
    payload: dict[str, str | int]
    seconds: int
    is_urgent: bool


def host_of(endpoint: str) -> str:
    """The push service's host. Raises DestinationError for one that PUSH_HOSTS does not name."""
    host = parse(endpoint, public_only=True).host.lower().rstrip(".")
    if not any(host == known or host.endswith(f".{known}") for known in settings.PUSH_HOSTS):
        raise UnknownServiceError("unknown_push_service")
    return host


def send(message: Message, *, at: datetime) -> Answer:
    """Post it once; never raises for what the push service or the network does."""
    try:
        host_of(message.endpoint)
    except DestinationError as error:
        return Answer(at, why=error.code)
    return post(message.endpoint, sealed(message), _headers(message, at), at=at, public_only=True)


def sealed(message: Message) -> bytes:
    """Readable for the browser alone."""
    return http_ece.encrypt(
        json.dumps(message.payload, ensure_ascii=False).encode(),
        private_key=ec.generate_private_key(ec.SECP256R1()),
        dh=decode(message.p256dh),
        auth_secret=decode(message.auth),
        version="aes128gcm",
    )


def _headers(message: Message, at: datetime) -> dict[str, str]:
    service = urlsplit(message.endpoint)
    key = vapid()
    assert key is not None, "nothing is queued without a key"
    signed = key.sign(
        {
            "aud": f"{service.scheme}://{service.netloc}",
            "exp": int(at.timestamp()) + SIGNED_FOR,
            "sub": settings.VAPID_SUBJECT,
        }
    )
    return {
        "Content-Type": "application/octet-stream",
        "Content-Encoding": "aes128gcm",
        "TTL": str(message.seconds),
        "Urgency": "high" if message.is_urgent else "normal",
        "Topic": str(message.payload["tag"]),
        **signed,
    }
