"""What happens beside a log-in, a log-out and a failed try: the session remembers, the audit log tells."""

from axes.signals import user_locked_out
from django.contrib.auth.signals import user_logged_in, user_logged_out, user_login_failed
from django.dispatch import receiver
from django.http import HttpRequest

from accounts import audit, demands, factors, sessions
from accounts.models import User
from accounts.scope import scope_of


@receiver(user_logged_in)
def begin(sender, request: HttpRequest, user: User, **kwargs) -> None:
    sessions.begin(request, demands.idle_seconds(scope_of(user)))
    factors.forget(request.session)
    if factors.has_any(user):
        factors.want(request.session)
    audit.record(kind="login", actor=user, subject=user.username, request=request)


@receiver(user_logged_out)
def end(sender, request: HttpRequest, user: User | None, **kwargs) -> None:
    if user:
        audit.record(kind="logout", actor=user, subject=user.username, request=request)


@receiver(user_login_failed)
def failed(sender, credentials: dict, request: HttpRequest | None = None, **kwargs) -> None:
    """A try that locks, or meets the lock, is told of by ``locked``: django-axes runs before."""
    if not getattr(request, "axes_locked_out", False):
        _tell("login_failed", credentials.get("username"), request)


@receiver(user_locked_out)
def locked(sender, request: HttpRequest, username: str, **kwargs) -> None:
    _tell("login_locked", username, request)


def _tell(kind: str, username: str | None, request: HttpRequest | None) -> None:
    person = User.objects.select_related("district").filter(username=username).first()
    if person:
        audit.record(
            kind=kind, actor=None, subject=person.username, district=person.district, request=request
        )
    else:
        audit.record(kind=kind, actor=None, detail={"unknown": True}, request=request)
