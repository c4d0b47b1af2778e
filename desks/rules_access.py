"""Who sees the district's rules, and who keeps them: desks read, the system administrator changes.

Plans of major incidents are read by all who may meet one: whoever works on events, supervises or audits an area.
"""

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


def may_see_plans(scope: Scope) -> bool:
    watches = scope.codes("supervise_area") or scope.codes("audit_events")
    return may_change(scope) or bool(watches or scope.units("view_org_events"))


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


def for_keepers(view: View) -> View:
    """For the keeper of the rules alone; others are refused."""

    @wraps(view)
    def guarded(request: PersonRequest, *args, **kwargs) -> HttpResponse:
        if not may_change(scope_of(request.user)):
            raise PermissionDenied
        return view(request, *args, **kwargs)

    return guarded
