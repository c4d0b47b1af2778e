"""The API's own description: OpenAPI, and the page to read and try it."""

from csp.constants import SELF, UNSAFE_INLINE
from csp.decorators import csp_update
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe
from drf_spectacular.views import SpectacularAPIView
from rest_framework.negotiation import DefaultContentNegotiation

from accounts.token_login import needs

schema = SpectacularAPIView.as_view(
    permission_classes=[needs()], content_negotiation_class=DefaultContentNegotiation
)
"""YAML, or JSON by ``?format=json``."""


@csp_update({"style-src": [SELF, UNSAFE_INLINE], "font-src": [SELF, "data:"]})  # Swagger UI writes styles.
@require_safe
def docs(request: HttpRequest) -> HttpResponse:
    """Swagger UI with the own session; everything it loads is served here."""
    return render(request, "desks/api_docs.html")
