from django.urls import path

from desks.views import calendar, phrases, routing, settings

app_name = "rules"

urlpatterns = [
    path("calendar/", calendar.calendar, name="calendar"),
    path("calendar/change/", calendar.calendar_change, name="calendar_change"),
    path("settings/", settings.settings, name="settings"),
    path("phrases/", phrases.phrases, name="phrases"),
    path("routing/", routing.routing, name="routing"),
    path("routing/rule/", routing.rule, name="rule"),
    path("routing/period/", routing.period, name="period"),
    path("routing/try/", routing.dry_run, name="try"),
]
