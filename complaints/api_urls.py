from django.urls import path

from complaints import api

app_name = "complaints_api"

urlpatterns = [
    path("complaints/", api.complaints, name="complaints"),
    path("complaints/<uuid:complaint_id>/close/", api.close, name="close"),
]
