"""The addresses: health and figures, pages, API."""

from django.urls import include, path

urlpatterns = [
    path("", include("operations.urls")),
    path("", include("desks.urls")),
    path("accounts/", include("accounts.urls")),
    path("areas/", include("desks.areas_urls")),
    path("inbox/", include("inbox.urls")),
    path("incidents/", include("incidents.urls")),
    path("m/", include("phone.urls")),
    path("webhooks/", include("webhooks.urls")),
    path("complaints/", include("complaints.urls")),
    path("rules/", include("desks.rules_urls")),
    path("checklist/", include("desks.checklist_urls")),
    path("imports/", include("imports.urls")),
    path("supervision/", include("supervision.urls")),
    path("exports/", include("exports.urls")),
    path("api/v1/", include("desks.api.urls")),
    path("api/v1/", include("incidents.api_urls")),
    path("api/v1/", include("complaints.api_urls")),
    path("api/v1/", include("push.api_urls")),
    path("api/v1/", include("supervision.api_urls")),
]

handler404 = "desks.errors.not_found"
handler403 = "desks.errors.forbidden"
handler500 = "desks.errors.server_error"
