"""The Celery application and its whole schedule.

PostgreSQL decides, Redis only hints: each scheduled task finds its own work in the database, so a
lost message costs at most one period.
"""

import os

import django
from celery import Celery, Task
from celery.schedules import crontab
from celery.signals import (
    beat_init,
    before_task_publish,
    setup_logging,
    task_postrun,
    task_prerun,
    worker_init,
)
from kombu.transport.redis import Channel

from grid_platform import log_context
from grid_platform.start import refuse_unsafe_start

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "grid_platform.settings")

app = Celery("grid_platform")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()

setup_logging.connect(lambda **_: None, weak=False)
"""Django's settings alone say what a log line holds."""


@worker_init.connect(weak=False)
@beat_init.connect(weak=False)
def refuse_unsafe_work(**_: object) -> None:
    django.setup()
    refuse_unsafe_start()


@before_task_publish.connect(weak=False)
def carry_the_request_id(headers: dict, **_: object) -> None:
    """From the request, or the task, that asks for this task; a hint brings its own along."""
    if number := log_context.request_id():
        headers.setdefault("request_id", number)


@task_prerun.connect(weak=False)
def begin_the_tasks_lines(task_id: str, task: Task, **_: object) -> None:
    number = getattr(task.request, "request_id", None)
    log_context.begin(task=task.name, task_id=task_id, request_id=number)


@task_postrun.connect(weak=False)
def end_the_tasks_lines(**_: object) -> None:
    log_context.begin()


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
    "show that beat and a worker live": {
        "task": "operations.tasks.note_beat",
        "schedule": 10.0,
        "options": {"expires": 30},
    },
    "drain the outbox": {"task": "dispatch.tasks.drain_outbox", "schedule": 2.0, "options": {"expires": 10}},
    "tick the clocks": {"task": "dispatch.tasks.tick_clocks", "schedule": 10.0, "options": {"expires": 30}},
    "count deadlines again": {
        "task": "dispatch.tasks.recount_deadlines",
        "schedule": 60.0,
        "options": {"expires": 90},
    },
    "recode events of ended areas": {
        "task": "dispatch.tasks.recode_events",
        "schedule": 300.0,
        "options": {"expires": 300},
    },
    "work on area imports": {
        "task": "desks.tasks.work_on_area_imports",
        "schedule": 15.0,
        "options": {"expires": 30},
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
    "write waiting exports": {
        "task": "exports.tasks.write_waiting",
        "schedule": 10.0,
        "options": {"expires": 20},
    },
    "clear away old exports": {
        "task": "exports.tasks.clear_away",
        "schedule": 600.0,
        "options": {"expires": 600},
    },
    "go on with closings of incidents": {
        "task": "incidents.tasks.work_on_closings",
        "schedule": 10.0,
        "options": {"expires": 20},
    },
    "go on with messages of incidents": {
        "task": "incidents.tasks.send_messages",
        "schedule": 10.0,
        "options": {"expires": 20},
    },
    "deliver webhooks": {"task": "webhooks.tasks.deliver", "schedule": 5.0, "options": {"expires": 10}},
    "tidy webhooks": {"task": "webhooks.tasks.tidy", "schedule": 600.0, "options": {"expires": 600}},
    "push hints to phones": {"task": "push.tasks.deliver", "schedule": 5.0, "options": {"expires": 10}},
    "tidy hints to phones": {"task": "push.tasks.tidy", "schedule": 600.0, "options": {"expires": 600}},
    "leave posts that ended": {
        "task": "accounts.tasks.leave_ended_posts",
        "schedule": 600.0,
        "options": {"expires": 600},
    },
    "index what was erased or changed": {
        "task": "search.tasks.index_stale",
        "schedule": 30.0,
        "options": {"expires": 30},
    },
    "learn the words of the items": {
        "task": "search.tasks.learn_words",
        "schedule": crontab(hour=18, minute=40),  # UTC: at night in Shanghai
        "options": {"expires": 3600},
    },
    "forget old uploads": {
        "task": "imports.tasks.forget_old_uploads",
        "schedule": 3600.0,
        "options": {"expires": 1800},
    },
    "sweep files nobody needs": {
        "task": "events.tasks.sweep_files",
        "schedule": 3600.0,
        "options": {"expires": 1800},
    },
    "forget ended sessions": {
        "task": "accounts.tasks.forget_ended_sessions",
        "schedule": 3600.0,
        "options": {"expires": 1800},
    },
    "forget old tallies": {
        "task": "accounts.tasks.forget_old_tallies",
        "schedule": 3600.0,
        "options": {"expires": 1800},
    },
}
