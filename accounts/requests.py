"""The request as a view behind the log-in sees it: somebody is there, and htmx may have asked."""

from django.http import HttpRequest
from django_htmx.middleware import HtmxDetails

from accounts.models import User


class PersonRequest(HttpRequest):
    """For type checking: LoginRequiredMiddleware lets nobody else through, HtmxMiddleware adds ``htmx``."""

    user: User
    htmx: HtmxDetails
