"""The second step of a log-in: a code from an authenticator (TOTP, RFC 6238), a passkey (WebAuthn) or a recovery
code; and what the session remembers of it. Who must have one: ``accounts.demands``.

Codes, their drift, replay and throttle are django-otp's, the ceremonies of passkeys python-fido2's. Recovery codes
are kept as digests only. A passkey belongs to the host name it was made under.
"""

from __future__ import annotations

import base64
import secrets
from typing import TYPE_CHECKING, cast

from django.conf import settings
from django.contrib.sessions.backends.base import SessionBase
from django.db import models, transaction
from django.http import HttpRequest
from django.utils import timezone
from django.utils.crypto import salted_hmac
from django_otp.plugins.otp_static.models import StaticDevice, StaticToken
from django_otp.plugins.otp_totp.models import TOTPDevice
from fido2.server import Fido2Server
from fido2.webauthn import (
    AttestedCredentialData,
    PublicKeyCredentialRpEntity,
    PublicKeyCredentialUserEntity,
    UserVerificationRequirement,
)

if TYPE_CHECKING:
    from accounts.requests import PersonRequest

RECOVERY_CODES = 10
_LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"
STATE, WANTED, PASSED = "second_step", "wanted", "passed"
_CEREMONY = "passkey_ceremony"


class Passkey(models.Model):
    """A public key whose private half never leaves the person's device; ``credential`` as CTAP2 encodes it."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="passkeys")
    name = models.CharField(max_length=80)
    credential = models.BinaryField()
    created_at = models.DateTimeField(auto_now_add=True)
    used_at = models.DateTimeField(null=True)

    @property
    def public_key(self) -> AttestedCredentialData:
        return AttestedCredentialData(bytes(self.credential))


# How far the session is ------------------------------------------------------------------------------


def has_any(user) -> bool:
    return TOTPDevice.objects.devices_for_user(user, confirmed=True).exists() or user.passkeys.exists()


def want(session: SessionBase) -> None:
    session[STATE] = WANTED


def forget(session: SessionBase) -> None:
    session.pop(STATE, None)


def is_wanted(session: SessionBase) -> bool:
    return session.get(STATE) == WANTED


def is_passed(session: SessionBase) -> bool:
    return session.get(STATE) == PASSED


def passed(request: PersonRequest) -> None:
    """From here on the session is the person's; it gets a new key, as at any rise of rights."""
    request.session[STATE] = PASSED
    request.session.cycle_key()


# Codes ------------------------------------------------------------------------------------------------


def new_authenticator(user) -> TOTPDevice:
    """The authenticator that waits for its first code; the same one until it is confirmed."""
    return TOTPDevice.objects.get_or_create(user=user, confirmed=False, defaults={"name": "totp"})[0]


def readable_secret(device: TOTPDevice) -> str:
    """The key for typing it in, in groups of four."""
    text = base64.b32encode(device.bin_key).decode().rstrip("=")
    return " ".join(text[start : start + 4] for start in range(0, len(text), 4))


@transaction.atomic
def confirm_authenticator(user, code: str) -> bool:
    """The first right code shows that the person's authenticator holds the key; an older one is replaced."""
    device = TOTPDevice.objects.select_for_update().filter(user=user, confirmed=False).first()
    if not device or not device.verify_token(_digits(code)):
        return False
    TOTPDevice.objects.filter(user=user, confirmed=True).delete()
    device.confirmed = True
    device.save(update_fields=["confirmed"])
    return True


@transaction.atomic
def verify_code(user, code: str) -> str:
    """``totp`` or ``recovery`` when the code is right, else nothing. Each code works once."""
    digits = _digits(code)
    if digits.isdigit() and len(digits) == 6:
        devices = TOTPDevice.objects.select_for_update().filter(user=user, confirmed=True)
        return "totp" if any(device.verify_token(digits) for device in devices) else ""
    devices = StaticDevice.objects.select_for_update().filter(user=user)
    return "recovery" if any(device.verify_token(_digest(code)) for device in devices) else ""


@transaction.atomic
def new_recovery_codes(user) -> list[str]:
    """Ten codes of 50 bits, to be shown once; the former ones end."""
    StaticDevice.objects.filter(user=user).delete()
    device = StaticDevice.objects.create(user=user, name="recovery")
    codes = ["".join(secrets.choice(_LETTERS) for _ in range(10)) for _ in range(RECOVERY_CODES)]
    StaticToken.objects.bulk_create([StaticToken(device=device, token=_digest(code)) for code in codes])
    return [f"{code[:5]}-{code[5:]}" for code in codes]


def recovery_codes_left(user) -> int:
    return StaticToken.objects.filter(device__user=user).count()


@transaction.atomic
def remove_all(user) -> int:
    """Everything of the second step; how many authenticators and passkeys there were."""
    StaticDevice.objects.filter(user=user).delete()
    devices, _details = TOTPDevice.objects.filter(user=user).delete()
    passkeys, _details = Passkey.objects.filter(user=user).delete()
    return devices + passkeys


def _digits(code: str) -> str:
    return code.replace(" ", "")


def _digest(code: str) -> str:
    plain = code.lower().replace("-", "").replace(" ", "")
    return salted_hmac("accounts.recovery_code", plain, algorithm="sha256").hexdigest()[:16]


# Passkeys ---------------------------------------------------------------------------------------------


def offer_passkey(request: PersonRequest) -> dict:
    """What ``navigator.credentials.create`` is asked; the challenge waits in the session."""
    user = request.user
    options, state = _server(request).register_begin(
        PublicKeyCredentialUserEntity(
            id=str(user.pk).encode(), name=user.get_username(), display_name=user.display_name
        ),
        [key.public_key for key in user.passkeys.all()],
        user_verification=UserVerificationRequirement.PREFERRED,
    )
    request.session[_CEREMONY] = state
    return dict(options)


def add_passkey(request: PersonRequest, answer: dict, name: str) -> Passkey:
    """Raises PasskeyError when the device's answer does not fit the challenge."""
    try:
        told = _server(request).register_complete(request.session.pop(_CEREMONY), answer)
    except (KeyError, ValueError, TypeError) as error:
        raise PasskeyError from error
    credential = bytes(cast("AttestedCredentialData", told.credential_data))
    return Passkey.objects.create(user=request.user, name=name, credential=credential)


def ask_passkey(request: PersonRequest) -> dict:
    """What ``navigator.credentials.get`` is asked."""
    keys = [key.public_key for key in request.user.passkeys.all()]
    options, state = _server(request).authenticate_begin(
        keys, user_verification=UserVerificationRequirement.PREFERRED
    )
    request.session[_CEREMONY] = state
    return dict(options)


def verify_passkey(request: PersonRequest, answer: dict) -> Passkey:
    """The passkey that signed the challenge. Raises PasskeyError when none of the person's did."""
    keys = {key.public_key.credential_id: key for key in request.user.passkeys.all()}
    try:
        found = _server(request).authenticate_complete(
            request.session.pop(_CEREMONY), [key.public_key for key in keys.values()], answer
        )
    except (KeyError, ValueError, TypeError) as error:
        raise PasskeyError from error
    key = keys[found.credential_id]
    key.used_at = timezone.now()
    key.save(update_fields=["used_at"])
    return key


def _server(request: HttpRequest) -> Fido2Server:
    host = request.get_host().rsplit(":", 1)[0]
    return Fido2Server(PublicKeyCredentialRpEntity(name=settings.OTP_TOTP_ISSUER, id=host))


class PasskeyError(ValueError):
    """The device's answer is not one to the challenge that was put."""

    code = "passkey_refused"
