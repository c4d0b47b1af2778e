from django.urls import path
from django.views.generic import RedirectView

from supervision import views

app_name = "supervision"

urlpatterns = [
    path("rates/", views.show_rates, name="rates"),
    path("rates/daily/", views.show_daily, name="daily"),
    path("rates/events/", views.show_events, name="events"),
    path(
        "closure/", RedirectView.as_view(pattern_name="supervision:rates", query_string=True), name="closure"
    ),
]
