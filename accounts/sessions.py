"""Log-ins that last: who, from where, since when, last seen when; and how long one may be idle.

A session expires when nobody used it for its idle time (``accounts.demands``). Its expiry is moved on at most once a minute, so that
a request usually writes nothing. All columns but the key follow from the session's data.
"""

import uuid
from datetime import datetime, timedelta
from typing import cast

from django.conf import settings
from django.contrib.sessions.backends import db
from django.contrib.sessions.base_session import AbstractBaseSession
from django.db import models
from django.http import HttpRequest
from django.utils import timezone

from accounts.device import address_of, device_of

TOUCH_EVERY = timedelta(minutes=1)
LOG_IN = "log_in"
"""The key of the session's data about the log-in."""


class SessionQuerySet(models.QuerySet["Session"]):
    def open(self, *, at: datetime):
        return self.filter(expire_date__gt=at)


class Session(AbstractBaseSession):
    """``number`` names it on pages; the key itself is never shown. For a moment two rows have the same number:
    Django gives a session a new key by adding a row before it takes the old one away."""

    number = models.UUIDField(null=True)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, null=True, related_name="sessions", db_constraint=False
    )
    started_at = models.DateTimeField(null=True)
    seen_at = models.DateTimeField()
    address = models.GenericIPAddressField(null=True)
    device = models.CharField(max_length=80, blank=True)

    objects = SessionQuerySet.as_manager()  # type: ignore[assignment, misc]

    @classmethod
    def get_session_store_class(cls) -> type["SessionStore"]:
        return SessionStore


class SessionStore(db.SessionStore):
    """``row`` is the session as it was loaded for this request, None for a new one."""

    row: Session | None = None

    @classmethod
    def get_model_class(cls) -> type[Session]:
        return Session

    def _get_session_from_db(self):
        self.row = super()._get_session_from_db()  # type: ignore[misc]
        return self.row

    def create_model_instance(self, data: dict) -> Session:
        session = cast(Session, super().create_model_instance(data))
        told = data.get(LOG_IN, {})
        session.number = told.get("number")
        session.user_id = data.get("_auth_user_id")
        session.started_at = told.get("at")
        session.seen_at = timezone.now()
        session.address = told.get("address")
        session.device = told.get("device", "")
        return session


def begin(request: HttpRequest, idle_seconds: int) -> None:
    """Remember this log-in in its session, and how long it may be idle."""
    request.session[LOG_IN] = {
        "number": str(uuid.uuid4()),
        "at": timezone.now().isoformat(),
        "address": address_of(request),
        "device": device_of(request),
    }
    request.session.set_expiry(idle_seconds)


def touch(request: HttpRequest) -> None:
    """The person is still there: the session is saved when that was last noted a minute ago or more.

    A page that asks for itself anew, with nobody before it, says so by a header and is no sign of life.
    """
    row = getattr(request.session, "row", None)
    unattended = "X-Unattended" in request.headers
    if row and not unattended and timezone.now() - row.seen_at >= TOUCH_EVERY:
        request.session.modified = True


def number_of(request: HttpRequest) -> str:
    """The number of the session of this request."""
    return request.session.get(LOG_IN, {}).get("number", "")
