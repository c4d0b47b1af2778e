"""The key by which the browsers' push services know this service (VAPID, RFC 8292).

Without VAPID_PRIVATE_KEY nothing is pushed and nobody is asked to allow it; the demo makes a key and keeps it in
``VAR_DIR``. Browsers subscribe under the public key: with another one they subscribe anew.
"""

import base64
import os
import secrets
from functools import cache
from pathlib import Path

from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from django.conf import settings
from py_vapid import Vapid02

KEY_BYTES = 32


def vapid() -> Vapid02 | None:
    """What signs; None where push is not set up."""
    text = settings.VAPID_PRIVATE_KEY or (_kept(settings.VAR_DIR) if settings.DEMO_MODE else "")
    return read(text) if text else None


def public_key() -> str:
    """As browsers want it, base64url; empty where push is not set up."""
    key = vapid()
    return public_key_of(key) if key else ""


def public_key_of(key: Vapid02) -> str:
    return encode(key.public_key.public_bytes(Encoding.X962, PublicFormat.UncompressedPoint))


def new_key() -> str:
    key = Vapid02()
    key.generate_keys()
    return encode(key.private_key.private_numbers().private_value.to_bytes(KEY_BYTES, "big"))


def encode(data: bytes) -> str:
    """base64url without its padding."""
    return base64.urlsafe_b64encode(data).decode().rstrip("=")


def decode(text: str) -> bytes:
    """Raises ValueError."""
    return base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)


@cache
def read(text: str) -> Vapid02:
    """Raises ValueError for what is no key."""
    if len(decode(text)) != KEY_BYTES:
        raise ValueError(f"a VAPID key has {KEY_BYTES} bytes")
    return Vapid02.from_raw(text.encode())


@cache
def _kept(folder: Path) -> str:
    """The demo's own. Of several processes that make one at the same time the first one's stays."""
    file = folder / "vapid_key"
    if not file.exists():
        folder.mkdir(parents=True, exist_ok=True)
        draft = folder / f"vapid_key.{secrets.token_hex(8)}"
        draft.touch(mode=0o600)
        draft.write_text(new_key())
        try:
            os.link(draft, file)
        except FileExistsError:
            pass
        draft.unlink()
    return file.read_text().strip()
