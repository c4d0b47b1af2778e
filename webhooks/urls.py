from django.urls import path

from webhooks import views

app_name = "webhooks"

urlpatterns = [
    path("", views.webhooks, name="webhooks"),
    path("new/", views.new_webhook, name="new_webhook"),
    path("<int:endpoint_id>/", views.webhook, name="webhook"),
    path("<int:endpoint_id>/change/", views.change_webhook, name="change_webhook"),
    path("<int:endpoint_id>/<slug:act>/", views.act, name="act"),
    path("<int:endpoint_id>/log/<int:delivery_id>/", views.delivery, name="delivery"),
    path("<int:endpoint_id>/log/<int:delivery_id>/resend/", views.resend, name="resend"),
]
