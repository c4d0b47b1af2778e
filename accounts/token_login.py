"""The API's log-in by token, and what each operation asks of one. A log-in by session may all of it."""

from django.conf import settings
from django.utils import timezone
from django.utils.translation import gettext as _
from rest_framework import exceptions
from rest_framework.authentication import BaseAuthentication
from rest_framework.permissions import BasePermission

from accounts import demands, throttle, tokens
from accounts.device import address_of
from accounts.models import User
from accounts.scope import scope_of
from accounts.tokens import ApiToken, TokenScope


class TokenAuthentication(BaseAuthentication):
    """``Authorization: Bearer grid_…``. Who tries wrong ones again and again has to wait."""

    def authenticate(self, request) -> tuple[User, ApiToken] | None:
        kind, _blank, secret = request.headers.get("Authorization", "").partition(" ")
        if kind.lower() != "bearer":
            return None
        now, key = timezone.now(), f"wrong tokens:{address_of(request)}"
        if wait := throttle.is_spent(key, now=now):
            raise exceptions.Throttled(wait)
        token = tokens.valid_token(secret.strip(), now=now)
        if token is None:
            if settings.API_PER_MINUTE and (wait := throttle.draw(key, throttle.WRONG_TOKENS, now=now)):
                raise exceptions.Throttled(wait)
            words = _("This token is unknown, ended or revoked. Make a new one under Log-ins and security.")
            raise exceptions.AuthenticationFailed(words, "token_not_valid")
        if demands.needs_second_step(scope_of(token.user)) and not token.with_second_step:
            words = _("Your post needs a second step, and this token was made without one. Make a new token.")
            raise exceptions.AuthenticationFailed(words, "second_step_missing")
        tokens.note_use(token, now=now)
        token.user.training_until = None  # Another system's reports are real while its owner practises.
        return token.user, token

    def authenticate_header(self, request) -> str:
        return "Bearer"


class MissingScopeError(exceptions.PermissionDenied):
    default_code = "missing_scope"


def needs(*scopes: TokenScope, **by_method: tuple[TokenScope, ...]) -> type[BasePermission]:
    """A permission: a token must have one of the scopes, or one of the method's own. None: any token will do."""

    class Needs(BasePermission):
        def has_permission(self, request, view) -> bool:
            if request.user is None or not request.user.is_authenticated:
                return False
            wanted = self.scopes_of(request.method)
            if isinstance(request.auth, ApiToken) and wanted and not set(wanted) & set(request.auth.scopes):
                words = _("This token may not do that: it lacks the scope %(scope)s. Make one that has it.")
                raise MissingScopeError(words % {"scope": " / ".join(wanted)})
            return True

        @staticmethod
        def scopes_of(method: str) -> tuple[TokenScope, ...]:
            return by_method.get(method, scopes)

    return Needs
