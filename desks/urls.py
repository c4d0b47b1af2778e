from django.urls import path

from desks.views import (
    bulk,
    centre,
    compare,
    desk,
    event,
    help,
    home,
    lists,
    number_search,
    papers,
    report,
    saved_views,
    suggestions,
    together,
    unmask,
)

app_name = "desks"

urlpatterns = [
    path("", home.home, name="home"),
    path("help/", help.help, name="help"),
    path("map/", desk.desk_map, name="desk_map"),
    path("views/", saved_views.save, name="save_view"),
    path("views/<int:view_id>/<slug:act>/", saved_views.act, name="view_act"),
    path("centre/", centre.centre, name="centre"),
    path("letters/", papers.letters, name="letters"),
    path("report/", report.report, name="report"),
    path("events/", lists.events, name="events"),
    path("events/bulk/", bulk.bulk, name="bulk"),
    path("events/by-number/", number_search.by_number, name="by_number"),
    path("events/suggestions/", suggestions.suggestions, name="suggestions"),
    path("events/<uuid:event_id>/", event.event, name="event"),
    path("events/<uuid:event_id>/proposed/", bulk.proposed, name="proposed"),
    path("events/<uuid:event_id>/unmask/", unmask.unmask, name="unmask"),
    path("events/<uuid:event_id>/presence/", together.presence, name="presence"),
    path("events/<uuid:event_id>/compare/<uuid:other_id>/", compare.compare, name="compare"),
    path(
        "events/<uuid:event_id>/compare/<uuid:other_id>/not-same/", compare.say_not_same, name="say_not_same"
    ),
    path(
        "events/<uuid:event_id>/compare/<uuid:other_id>/take-back/",
        compare.take_back,
        name="take_back_not_same",
    ),
    path("events/<uuid:event_id>/moves/<slug:verb>/", event.move, name="move"),
    path("events/<uuid:event_id>/order/", papers.order, name="order"),
    path("events/<uuid:event_id>/file/", papers.case_file, name="case_file"),
    path("events/<uuid:event_id>/letter/", papers.letter, name="letter"),
    path("events/<uuid:event_id>/moves/<slug:verb>/since/", together.since, name="since"),
    path("evidence/<uuid:evidence_id>/", event.evidence, {"size": "full"}, name="evidence"),
    path("evidence/<uuid:evidence_id>/thumbnail/", event.evidence, {"size": "thumbnail"}, name="thumbnail"),
]
