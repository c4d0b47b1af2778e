"""The Celery application and its whole schedule.

PostgreSQL decides, Redis only hints: each scheduled task finds its own work in the database, so a
lost message costs at most one period.
"""

import os

from celery import Celery

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "grid_platform.settings")

app = Celery("grid_platform")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()

app.conf.broker_transport_options = {
    "socket_timeout": 5,  # a Redis that does not answer ends a command; above the worker's BRPOP of one second
    "socket_connect_timeout": 5,
    "health_check_interval": 10,  # a worker waiting on a dead connection takes a new one after about 20 s
    "max_retries": 0,  # a publisher tries to connect once; worker and beat go on trying by their own rules
}

app.conf.beat_schedule = {
    "drain the outbox": {"task": "dispatch.tasks.drain_outbox", "schedule": 2.0, "options": {"expires": 10}},
    "tick the clocks": {"task": "dispatch.tasks.tick_clocks", "schedule": 10.0, "options": {"expires": 30}},
    "make missing thumbnails": {
        "task": "events.tasks.make_missing_thumbnails",
        "schedule": 30.0,
        "options": {"expires": 60},
    },
}
