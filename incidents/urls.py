from django.urls import path

from incidents.views import acts, incidents, plan_change, plans

app_name = "incidents"

urlpatterns = [
    path("", incidents.incidents, name="incidents"),
    path("new/", incidents.new, name="new"),
    path("plans/", plans.plans, name="plans"),
    path("new-plan/", plan_change.change, {"code": ""}, name="new_plan"),
    path("plans/<slug:code>/", plans.plan, name="plan"),
    path("plans/<slug:code>/change/", plan_change.change, name="change_plan"),
    path("plans/<slug:code>/retire/", plan_change.retire, name="retire_plan"),
    path("<int:incident_id>/", incidents.incident, name="incident"),
    path("<int:incident_id>/map/", incidents.points_of, name="map"),
    path("<int:incident_id>/report/", incidents.report, name="report"),
    path("<int:incident_id>/tasks/<int:task_id>/", acts.task, name="task"),
    path("<int:incident_id>/note/", acts.note, name="note"),
    path("<int:incident_id>/response/", acts.response, name="response"),
    path("<int:incident_id>/gather/", acts.gather, name="gather"),
    path("<int:incident_id>/message/", acts.message, name="message"),
    path("<int:incident_id>/close/", acts.close, name="close"),
]
