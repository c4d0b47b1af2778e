from django.urls import path

from desks.views import event, home, lists, report, unmask

app_name = "desks"

urlpatterns = [
    path("", home.home, name="home"),
    path("report/", report.report, name="report"),
    path("events/", lists.events, name="events"),
    path("events/<uuid:event_id>/", event.event, name="event"),
    path("events/<uuid:event_id>/unmask/", unmask.unmask, name="unmask"),
    path("events/<uuid:event_id>/moves/<slug:verb>/", event.move, name="move"),
    path("evidence/<uuid:evidence_id>/", event.evidence, {"size": "full"}, name="evidence"),
    path("evidence/<uuid:evidence_id>/thumbnail/", event.evidence, {"size": "thumbnail"}, name="thumbnail"),
]
