"""Thin tasks: each finds its work in the database and is safe to run twice."""

from celery import shared_task

from incidents import closing, telling


@shared_task
def work_on_closings() -> int:
    return closing.work_on_closings()


@shared_task
def send_messages() -> int:
    return telling.send_waiting()
