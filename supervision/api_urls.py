from django.urls import path

from supervision import api

app_name = "rates_api"

urlpatterns = [path("rates/", api.rates, name="rates")]
