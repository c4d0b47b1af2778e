from django.urls import path

from desks.views import checklist, checklist_change

app_name = "checklist"

urlpatterns = [
    path("", checklist.checklist, name="items"),
    path("new/", checklist_change.change, {"code": ""}, name="new_item"),
    path("sets/<slug:name>/", checklist_change.switch, name="switch"),
    path("<slug:code>/", checklist.item, name="item"),
    path("<slug:code>/change/", checklist_change.change, name="change_item"),
    path("<slug:code>/retire/", checklist_change.retire, name="retire_item"),
]
