"""Personal API tokens: a program acts as the person who made it, within the token's scopes and for its time.

A token never gives more than its person may do now: posts, account and the demand of a second step are looked at
with every request. It is shown once; only the SHA-256 of it is kept, which 256 random bits make enough. What is made
and revoked is in the audit log.
"""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Collection
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from django.conf import settings
from django.contrib.auth import get_user_model
from django.contrib.postgres.fields import ArrayField
from django.db import models, transaction
from django.http import HttpRequest
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from accounts import audit

if TYPE_CHECKING:
    from accounts.models import User

START = "grid_"
"""Makes a token that leaked into some file easy to find."""
SHOWN = len(START) + 6
MOST_DAYS = 365
MOST_TOKENS = 20
TOUCH_EVERY = timedelta(minutes=1)


class TokenScope(models.TextChoices):
    """What a program may do; each operation of the API needs one of them."""

    READ = "read", gettext_lazy("Read events, files and lists")
    REPORT = "report", pgettext_lazy("token", "Report, and send files")
    MOVE = "move", gettext_lazy("Move events, and send files")
    INBOX = "inbox", gettext_lazy("Read the inbox and mark it read")
    RATES = "rates", gettext_lazy("Read rates")
    UNMASK = "unmask", gettext_lazy("Unmask personal data, with a reason")


class TokenQuerySet(models.QuerySet["ApiToken"]):
    def valid(self, *, at: datetime):
        return self.filter(revoked_at=None, expires_at__gt=at)


class ApiToken(models.Model):
    """``prefix``: the first characters, by which its person knows it. ``digest``: SHA-256 of the whole, hex."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="api_tokens")
    name = models.CharField(max_length=60)
    prefix = models.CharField(max_length=SHOWN)
    digest = models.CharField(max_length=64, db_collation="C")
    scopes = ArrayField(models.CharField(max_length=10, choices=TokenScope))
    with_second_step = models.BooleanField(help_text="Made in a log-in whose second step was passed.")
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True)
    revoked_at = models.DateTimeField(null=True)

    objects = TokenQuerySet.as_manager()

    class Meta:
        default_permissions = ()
        constraints = [models.UniqueConstraint(fields=["digest"], name="api_token_digest")]

    def __str__(self) -> str:
        return f"{self.prefix}…"

    @property
    def scope_names(self) -> list[str]:
        return [str(TokenScope(scope).label) for scope in self.scopes]


@transaction.atomic
def make(
    *,
    user: User,
    name: str,
    scopes: Collection[str],
    days: int,
    with_second_step: bool,
    now: datetime,
    request: HttpRequest | None = None,
) -> tuple[ApiToken, str]:
    """A token valid for ``days``, and its secret, to be shown once. Raises TooManyTokensError."""
    get_user_model().objects.select_for_update(no_key=True).only("pk").get(pk=user.pk)
    if user.api_tokens.valid(at=now).count() >= MOST_TOKENS:
        raise TooManyTokensError
    secret = START + secrets.token_urlsafe(32)
    token = ApiToken.objects.create(
        user=user,
        name=name,
        prefix=secret[:SHOWN],
        digest=_digest(secret),
        scopes=sorted(TokenScope(scope).value for scope in scopes),
        with_second_step=with_second_step,
        created_at=now,
        expires_at=now + timedelta(days=min(days, MOST_DAYS)),
    )
    told = {"token": token.prefix, "scopes": token.scopes, "until": token.expires_at.isoformat()}
    audit.record(kind="token_made", actor=user, subject=user.username, detail=told, request=request)
    return token, secret


@transaction.atomic
def revoke(
    *, user: User, by: User, now: datetime, number: int | None = None, request: HttpRequest | None = None
) -> int:
    """End the person's token of that number, or all of them; returns how many."""
    ending = user.api_tokens.valid(at=now)
    if number is not None:
        ending = ending.filter(pk=number)
    prefixes = list(ending.values_list("prefix", flat=True))
    if prefixes:
        ending.update(revoked_at=now)
        audit.record(
            kind="token_revoked",
            actor=by,
            subject=user.username,
            detail={"tokens": prefixes},
            request=request,
            district=user.district,
        )
    return len(prefixes)


def valid_token(secret: str, *, now: datetime) -> ApiToken | None:
    """The token with its person and the district, unless it ended or the account is closed. One query."""
    found = ApiToken.objects.valid(at=now).filter(digest=_digest(secret), user__is_active=True)
    return found.select_related("user__district").first()


def note_use(token: ApiToken, *, now: datetime) -> None:
    """Remember the last use, to the minute: a request usually writes nothing."""
    if token.used_at is None or now - token.used_at >= TOUCH_EVERY:
        ApiToken.objects.filter(pk=token.pk).update(used_at=now)


def _digest(secret: str) -> str:
    return hashlib.sha256(secret.encode(errors="replace")).hexdigest()


class TooManyTokensError(ValueError):
    """More programs than anybody keeps in mind."""

    code = "too_many_tokens"

    def __init__(self) -> None:
        super().__init__(
            _("You have %(most)d tokens, the most there may be. Revoke one that is not used.")
            % {"most": MOST_TOKENS}
        )
