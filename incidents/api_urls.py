from django.urls import path

from incidents import api

app_name = "incidents_api"

urlpatterns = [
    path("incidents/", api.incidents, name="incidents"),
    path("incidents/<int:incident_id>/", api.incident, name="incident"),
    path("incidents/<int:incident_id>/events/", api.members, name="events"),
    path("incidents/<int:incident_id>/tasks/", api.tasks, name="tasks"),
    path("incidents/<int:incident_id>/messages/", api.message, name="message"),
    path("incidents/<int:incident_id>/closing/", api.close, name="closing"),
]
