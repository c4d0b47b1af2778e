"""The Celery application and its whole schedule.

PostgreSQL decides, Redis only hints: each scheduled task finds its own work in the database, so a
lost message costs at most one period.
"""

import os

from celery import Celery
from celery.signals import setup_logging
from kombu.transport.redis import Channel

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "grid_platform.settings")

app = Celery("grid_platform")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()

setup_logging.connect(lambda **_: None, weak=False)
"""Django's settings alone say what a log line holds."""

app.conf.broker_transport_options = {
    "socket_timeout": 5,  # a Redis that does not answer ends a command; above the worker's BRPOP of one second
    "socket_connect_timeout": 5,
    "health_check_interval": 10,  # a worker waiting on a dead connection takes a new one after about 20 s
    "max_retries": 0,  # a publisher tries to connect once; worker and beat go on trying by their own rules
    "ack_emulation": False,
}
Channel.do_restore = False
"""Redis keeps no list of the messages in hand: the database has the work, and the next sweep finds it.
With that list a worker of kombu 5.7 ends for good when Redis goes while it works, because it would
acknowledge or give back the message over the lost connection."""

app.conf.beat_schedule = {
    "drain the outbox": {"task": "dispatch.tasks.drain_outbox", "schedule": 2.0, "options": {"expires": 10}},
    "tick the clocks": {"task": "dispatch.tasks.tick_clocks", "schedule": 10.0, "options": {"expires": 30}},
    "count deadlines again": {
        "task": "dispatch.tasks.recount_deadlines",
        "schedule": 60.0,
        "options": {"expires": 90},
    },
    "make missing thumbnails": {
        "task": "events.tasks.make_missing_thumbnails",
        "schedule": 30.0,
        "options": {"expires": 60},
    },
    "alarm unmanned organisations": {
        "task": "inbox.tasks.alarm_unmanned",
        "schedule": 600.0,
        "options": {"expires": 600},
    },
    "forget old notices": {
        "task": "inbox.tasks.forget_old_notices",
        "schedule": 600.0,
        "options": {"expires": 600},
    },
    "leave posts that ended": {
        "task": "accounts.tasks.leave_ended_posts",
        "schedule": 600.0,
        "options": {"expires": 600},
    },
    "forget old uploads": {
        "task": "imports.tasks.forget_old_uploads",
        "schedule": 3600.0,
        "options": {"expires": 1800},
    },
    "forget ended sessions": {
        "task": "accounts.tasks.forget_ended_sessions",
        "schedule": 3600.0,
        "options": {"expires": 1800},
    },
}
