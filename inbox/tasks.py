"""Thin tasks: each finds its work in the database and is safe to run twice."""

from celery import shared_task
from django.utils import timezone

from inbox import actions, unmanned


@shared_task
def alarm_unmanned() -> int:
    return unmanned.alarm(now=timezone.now())


@shared_task
def forget_old_notices() -> int:
    return actions.forget_old(now=timezone.now())
