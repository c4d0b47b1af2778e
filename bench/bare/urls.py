from django.urls import path

from bench.bare import views

urlpatterns = [
    path("api/v1/events/", views.Events.as_view()),
    path("api/v1/events/<uuid:pk>/moves/", views.Accept.as_view()),
]
