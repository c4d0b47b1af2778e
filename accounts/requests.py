"""The request as a view behind the log-in sees it: somebody is there, and htmx may have asked."""

from django.http import HttpRequest
from django.utils.http import url_has_allowed_host_and_scheme
from django_htmx.middleware import HtmxDetails

from accounts.models import User


class PersonRequest(HttpRequest):
    """For type checking: LoginRequiredMiddleware lets nobody else through, HtmxMiddleware adds ``htmx``."""

    user: User
    htmx: HtmxDetails


def next_of(request: HttpRequest) -> str:
    """Where the person wanted to go, never to another site; home without a wish."""
    wish = request.POST.get("next") or request.GET.get("next", "")
    safe = url_has_allowed_host_and_scheme(wish, {request.get_host()}, require_https=request.is_secure())
    return wish if safe else "/"
