from django.urls import path

from desks.api import account, description, events, files, inbox, moves, places, proposals, reference, uploads

app_name = "api"

urlpatterns = [
    path("me/", account.me, name="me"),
    path("items/", reference.items, name="items"),
    path("items/<str:code>/", reference.item, name="item"),
    path("areas/", reference.areas, name="areas"),
    path("areas/<str:code>/", reference.area, name="area"),
    path("boundaries/", reference.area_boundaries, name="boundaries"),
    path("locate/", reference.locate, name="locate"),
    path("places/", places.places, name="places"),
    path("places/<str:code>/", places.place, name="place"),
    path("organizations/", reference.organizations, name="district_organizations"),
    path("organizations/<str:code>/", reference.organization, name="organization"),
    path("events/", events.events, name="events"),
    path("events/<uuid:event_id>/", events.event, name="event"),
    path("events/<uuid:event_id>/steps/", events.steps, name="steps"),
    path("events/<uuid:event_id>/moves/", moves.moves, name="moves"),
    path("events/<uuid:event_id>/evidence/", files.evidence, name="evidence"),
    path("events/<uuid:event_id>/evidence/<str:kind>/<str:sha256>/", uploads.upload, name="upload"),
    path("events/<uuid:event_id>/organizations/", events.organizations, name="organizations"),
    path("events/<uuid:event_id>/leads/", proposals.ranked_leads, name="leads"),
    path("events/<uuid:event_id>/likely/", proposals.likely, name="likely"),
    path("events/<uuid:event_id>/unmask/", events.unmask, name="unmask"),
    path("moves/", moves.bulk, name="bulk_moves"),
    path("evidence/<uuid:evidence_id>/", files.file, name="file"),
    path("evidence/<uuid:evidence_id>/thumbnail/", files.thumbnail, name="thumbnail"),
    path("inbox/", inbox.inbox, name="inbox"),
    path("inbox/unread/", inbox.unread, name="unread"),
    path("inbox/read/", inbox.read, name="read"),
    path("schema/", description.schema, name="schema"),
    path("docs/", description.docs, name="docs"),
]
