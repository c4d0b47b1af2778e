"""A push service on loopback, and the browsers whose messages it can open: it checks the signature, then decrypts."""

import base64
import json
import secrets
from dataclasses import dataclass, field
from typing import Any

import http_ece
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from django.utils import timezone
from py_vapid import Vapid02

from accounts.models import User
from push import actions
from push.keys import encode
from push.models import Subscription
from tests.webhooks.receiver import Got, Receiver


@dataclass
class Browser:
    """What a browser keeps of a subscription: its endpoint, its key and its secret."""

    endpoint: str
    key: ec.EllipticCurvePrivateKey = field(default_factory=lambda: ec.generate_private_key(ec.SECP256R1()))
    auth: bytes = field(default_factory=lambda: secrets.token_bytes(16))

    @property
    def keys(self) -> dict[str, str]:
        point = self.key.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
        return {"p256dh": encode(point), "auth": encode(self.auth)}

    def subscribed(self, user: User, log_in: str = "00000000-0000-0000-0000-000000000001") -> Subscription:
        return actions.subscribe(
            user=user, log_in=log_in, endpoint=self.endpoint, **self.keys, now=timezone.now()
        )

    def opened(self, got: Got) -> dict[str, Any]:
        return json.loads(http_ece.decrypt(got.raw, private_key=self.key, auth_secret=self.auth))


class PushService(Receiver):
    """``told``: what each browser was told, in order. A browser that is ``gone`` gets 410."""

    def __init__(self) -> None:
        self.browsers: dict[str, Browser] = {}
        self.told: list[tuple[str, dict[str, Any]]] = []
        super().__init__()

    def browser(self, name: str) -> Browser:
        """A new one, or the one of that name."""
        endpoint = f"{self.url.removesuffix('/hook')}/send/{name}"
        return self.browsers.setdefault(name, Browser(endpoint))

    def verify(self, got: Got) -> None:
        name = got.path.removeprefix("/send/")
        assert Vapid02.verify(got.headers["authorization"]), "signed by the key it names"
        assert got.headers["content-encoding"] == "aes128gcm"
        if 200 <= self.status < 300 and not self.refuses(got):
            self.told.append((name, self.browsers[name].opened(got)))


def claims_of(got: Got) -> dict[str, Any]:
    token = got.headers["authorization"].split("t=")[1].split(",")[0].split(".")[1]
    return json.loads(base64.urlsafe_b64decode(token + "=" * (-len(token) % 4)))
