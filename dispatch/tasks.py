"""Thin tasks: each finds its work in the database and is safe to run twice."""

from celery import shared_task
from django.utils import timezone

from dispatch import calendar, escalation, outbox, recoding

TICK_SECONDS = 2.0
"""How long the ladder may keep a worker from routing new reports."""


@shared_task
def drain_outbox() -> int:
    return outbox.drain()


@shared_task
def tick_clocks() -> int:
    return escalation.tick(now=timezone.now(), seconds=TICK_SECONDS)


@shared_task
def recount_deadlines() -> int:
    return calendar.recount_deadlines(now=timezone.now())


@shared_task
def recode_events() -> int:
    return recoding.recode_events(now=timezone.now())
