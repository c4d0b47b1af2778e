from django.urls import path

from supervision import views

app_name = "supervision"

urlpatterns = [
    path("closure/", views.closure, name="closure"),
    path("closure/events/", views.closure_events, name="closure_events"),
]
