"""Thin tasks: each finds its work in the database and is safe to run twice."""

from celery import shared_task
from django.utils import timezone

from exports import writing


@shared_task
def write_waiting() -> int:
    return writing.write_waiting()


@shared_task
def clear_away() -> int:
    return writing.clear_away(now=timezone.now())
