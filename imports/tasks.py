"""Thin task: finds its own work and is safe to run twice."""

from celery import shared_task
from django.utils import timezone

from imports import actions


@shared_task
def forget_old_uploads() -> int:
    return actions.forget_old_uploads(now=timezone.now())
