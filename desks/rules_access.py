"""Who sees the district's rules, and who keeps them: desks read, the system administrator changes."""

from collections.abc import Callable
from functools import wraps

from django.core.exceptions import PermissionDenied
from django.http import HttpResponse

from accounts.models import DESK_KINDS
from accounts.requests import PersonRequest
from accounts.scope import Scope, scope_of

View = Callable[..., HttpResponse]


def may_see(scope: Scope) -> bool:
    return may_change(scope) or any(post.organization_kind in DESK_KINDS for post in scope.posts)


def may_change(scope: Scope) -> bool:
    return bool(scope.units("manage_rules"))


def for_readers(view: View) -> View:
    """Reading is for desks too, a change for the keeper of the rules alone; others are refused."""

    @wraps(view)
    def guarded(request: PersonRequest, *args, **kwargs) -> HttpResponse:
        scope = scope_of(request.user)
        if not may_see(scope) or (request.method not in ("GET", "HEAD") and not may_change(scope)):
            raise PermissionDenied
        return view(request, *args, **kwargs)

    return guarded
