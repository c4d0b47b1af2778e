"""Phones and identity numbers under a key: the index can tell that an event has a number, never which.

The key comes from SECRET_KEY, so a copy of the tables alone is no list of phones. After the key was changed the
fallbacks still find what was kept; ``rebuild_search --all`` moves it under the new key.
"""

import hashlib
import hmac

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings
from django.utils.encoding import force_bytes


def digest(number: str, tenant: str) -> str:
    """64 hexadecimal characters under the present key."""
    return _digest(number, tenant, settings.SECRET_KEY)


def digests(number: str, tenant: str) -> list[str]:
    """Under the present key and its predecessors."""
    return [_digest(number, tenant, key) for key in (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS)]


def _digest(number: str, tenant: str, secret_key: str | bytes) -> str:
    key = HKDF(SHA256(), length=32, salt=None, info=b"search numbers").derive(force_bytes(secret_key))
    return hmac.new(key, f"{tenant}:{number}".encode(), hashlib.sha256).hexdigest()
