"""Thin tasks: each finds its work in the database and is safe to run twice."""

from celery import shared_task
from django.utils import timezone

from dispatch import escalation, outbox


@shared_task
def drain_outbox() -> int:
    return outbox.drain()


@shared_task
def tick_clocks() -> int:
    return escalation.tick(now=timezone.now())
