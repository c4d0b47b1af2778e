"""Thin tasks: each finds its work in the database and is safe to run twice."""

from celery import shared_task
from django.utils import timezone

from webhooks import actions, delivering


@shared_task
def deliver() -> int:
    return delivering.deliver()


@shared_task
def tidy() -> int:
    now = timezone.now()
    return delivering.give_up(now=now) + actions.forget_old(now=now)
