from django.urls import path

from imports import views

app_name = "imports"

urlpatterns = [
    path("", views.kinds, name="kinds"),
    path("waiting/<uuid:upload_id>/", views.waiting, name="waiting"),
    path("<slug:kind>/", views.kind, name="kind"),
    path("<slug:kind>/template/", views.template, name="template"),
    path("<slug:kind>/list/", views.standing, name="standing"),
]
