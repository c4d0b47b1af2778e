from django.urls import path

from complaints import views

app_name = "complaints"

urlpatterns = [
    path("", views.mine, name="mine"),
    path("box/", views.box, name="box"),
    path("<uuid:complaint_id>/", views.complaint, name="complaint"),
    path("<uuid:complaint_id>/close/", views.close, name="close"),
]
