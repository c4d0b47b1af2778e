"""Thin tasks: each finds its work in the database and is safe to run twice."""

from celery import shared_task
from django.utils import timezone

from desks import area_imports


@shared_task
def work_on_area_imports() -> int:
    return area_imports.work(now=timezone.now())
