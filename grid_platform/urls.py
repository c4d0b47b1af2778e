"""The addresses: pages, API, health."""

from django.urls import include, path

urlpatterns = [
    path("", include("desks.urls")),
    path("accounts/", include("accounts.urls")),
    path("inbox/", include("inbox.urls")),
    path("webhooks/", include("webhooks.urls")),
    path("rules/", include("desks.rules_urls")),
    path("supervision/", include("supervision.urls")),
    path("api/v1/", include("desks.api_urls")),
]

handler404 = "desks.errors.not_found"
handler403 = "desks.errors.forbidden"
handler500 = "desks.errors.server_error"
