"""Thin tasks: each finds its work in the database and is safe to run twice."""

from celery import shared_task
from django.utils import timezone

from push import actions, delivering


@shared_task
def deliver() -> int:
    return delivering.deliver()


@shared_task
def tidy() -> int:
    return actions.tidy(now=timezone.now())
