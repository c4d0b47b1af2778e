from django.urls import path

from push import api

app_name = "push_api"

urlpatterns = [path("push/", api.push, name="push")]
