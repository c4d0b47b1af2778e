from django.urls import path
from drf_spectacular.views import SpectacularAPIView

from desks import api

app_name = "api"

urlpatterns = [
    path("me/", api.me, name="me"),
    path("items/", api.items, name="items"),
    path("areas/", api.areas, name="areas"),
    path("boundaries/", api.area_boundaries, name="boundaries"),
    path("locate/", api.locate, name="locate"),
    path("events/", api.events, name="events"),
    path("events/<uuid:event_id>/", api.event, name="event"),
    path("events/<uuid:event_id>/steps/", api.steps, name="steps"),
    path("events/<uuid:event_id>/moves/", api.moves, name="moves"),
    path("events/<uuid:event_id>/evidence/", api.evidence, name="evidence"),
    path("events/<uuid:event_id>/organizations/", api.organizations, name="organizations"),
    path("schema/", SpectacularAPIView.as_view(), name="schema"),
]
