"""Secrets and signatures as the Standard Webhooks specification has them.

A secret is ``whsec_`` and 32 random bytes in base64. The signature is ``v1,`` and the base64 HMAC-SHA256 of
``id.timestamp.body``; while a rotation is under way there are two of them, separated by a space. A secret lies in
the database sealed under SECRET_KEY, so a copy of the tables alone signs nothing.
Source: https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md
"""

import base64
import secrets
from collections.abc import Iterable
from datetime import UTC, datetime

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings
from django.utils.encoding import force_bytes
from standardwebhooks import Webhook

SECRET_BYTES = 32


def new_secret() -> str:
    return "whsec_" + base64.b64encode(secrets.token_bytes(SECRET_BYTES)).decode()


def signed_headers(*, message_id: str, body: str, at: datetime, secrets: Iterable[str]) -> dict[str, str]:
    """The three headers a receiver checks; ``at`` is the instant of this try, not of the message."""
    at = at.astimezone(UTC)
    return {
        "webhook-id": message_id,
        "webhook-timestamp": str(int(at.timestamp())),
        "webhook-signature": " ".join(Webhook(secret).sign(message_id, at, body) for secret in secrets),
    }


def seal(secret: str) -> str:
    return _keys().encrypt(secret.encode()).decode()


def unseal(sealed: str) -> str:
    """Raises UnreadableSecretError after SECRET_KEY was replaced without a fallback."""
    try:
        return _keys().decrypt(sealed.encode()).decode()
    except InvalidToken:
        raise UnreadableSecretError from None


def _keys() -> MultiFernet:
    return MultiFernet([_key(key) for key in (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS)])


def _key(secret_key: str | bytes) -> Fernet:
    derived = HKDF(SHA256(), length=32, salt=None, info=b"webhook secrets").derive(force_bytes(secret_key))
    return Fernet(base64.urlsafe_b64encode(derived))


class UnreadableSecretError(Exception):
    """The secret cannot be opened; a rotation makes a new one."""

    code = "secret_unreadable"
