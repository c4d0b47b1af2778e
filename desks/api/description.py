"""The API's own description: OpenAPI, and the page to read and try it."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe
from drf_spectacular.views import SpectacularAPIView
from rest_framework.negotiation import DefaultContentNegotiation

from accounts.token_login import needs

PAGE_POLICY = (
    "default-src 'self'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; "
    "font-src 'self' data:; object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
)
"""Nothing of the page comes from elsewhere; Swagger UI writes styles into its elements."""

schema = SpectacularAPIView.as_view(
    permission_classes=[needs()], content_negotiation_class=DefaultContentNegotiation
)
"""YAML, or JSON by ``?format=json``."""


@require_safe
def docs(request: HttpRequest) -> HttpResponse:
    """Swagger UI with the own session; everything it loads is served here."""
    response = render(request, "desks/api_docs.html")
    response.headers["Content-Security-Policy"] = PAGE_POLICY
    return response
