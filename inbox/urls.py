from django.urls import path

from inbox import views

app_name = "inbox"

urlpatterns = [
    path("", views.inbox, name="inbox"),
    path("unread/", views.unread, name="unread"),
    path("read/", views.read, name="read"),
    path("ladder/", views.ladder, name="ladder"),
    path("<int:notice_id>/", views.notice, name="notice"),
]
