"""Thin tasks: each is safe to run twice."""

from celery import shared_task
from django.utils import timezone

from operations.models import Heartbeat


@shared_task
def note_beat() -> None:
    Heartbeat.note(Heartbeat.BEAT, now=timezone.now())
