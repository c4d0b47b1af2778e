from django.urls import path

from exports import views

app_name = "exports"

urlpatterns = [
    path("", views.mine, name="mine"),
    path("new/", views.new, name="new"),
    path("approvals/", views.approvals, name="approvals"),
    path("<int:export_id>/file/", views.file, name="file"),
    path("<int:export_id>/cancel/", views.cancel, name="cancel"),
    path("<int:export_id>/decide/", views.decide, name="decide"),
]
