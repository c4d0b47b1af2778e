"""Who listens: the session cookie read as the pages read it, and read again while the connection stands.

Nothing here is a sign of life: an open connection keeps no session alive.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import cast

from django.contrib.auth import get_user
from django.http import HttpRequest
from django.utils import timezone

from accounts import demands, factors
from accounts.models import User
from accounts.requests import PersonRequest
from accounts.scope import Scope, scope_of
from accounts.sessions import Session, SessionStore


@dataclass(frozen=True)
class Listener:
    session_key: str
    user_id: int
    tenant: str
    training: bool
    scope: Scope
    password: str
    """What changes with the password; never the password."""


def listener_of(session_key: str) -> Listener | None:
    """Whoever the session lets in to the pages; None for anybody else. At most three queries."""
    request = HttpRequest()
    request.session = SessionStore(session_key)
    user = get_user(request)
    if not isinstance(user, User) or not user.is_active:
        return None
    if not _is_let_in(cast(PersonRequest, request), user):
        return None
    return _listener(session_key, user)


def _is_let_in(request: PersonRequest, user: User) -> bool:
    passed = factors.is_passed(request.session)
    missing = factors.is_wanted(request.session) or demands.needs_second_step(scope_of(user))
    return (passed or not missing) and not demands.password_has_expired(user, now=timezone.now())


def _listener(session_key: str, user: User) -> Listener:
    return Listener(
        session_key=session_key,
        user_id=user.pk,
        tenant=user.district_id,
        training=user.in_training,
        scope=scope_of(user),
        password=user.get_session_auth_hash(),
    )


def still_listening(listeners: list[Listener], *, now: datetime) -> dict[str, Listener]:
    """By session key, those whose session is still open, with the scope of now. Two queries for all of them, and
    those of a scope for each person whose posts changed."""
    keys = {listener.session_key for listener in listeners}
    open_keys = set(Session.objects.open(at=now).filter(pk__in=keys).values_list("pk", flat=True))
    people = User.objects.in_bulk({listener.user_id for listener in listeners})
    found = {}
    for listener in listeners:
        user = people.get(listener.user_id)
        if user is None or not user.is_active or listener.session_key not in open_keys:
            continue
        fresh = _listener(listener.session_key, user)
        if fresh.password == listener.password and fresh.scope.posts:
            found[listener.session_key] = fresh
    return found
