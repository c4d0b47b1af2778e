"""Thin tasks: each finds its work in the database and is safe to run twice."""

from celery import shared_task
from django.utils import timezone

from accounts import substitution, throttle
from accounts.sessions import SessionStore


@shared_task
def leave_ended_posts() -> int:
    return substitution.leave_ended_posts(now=timezone.now())


@shared_task
def forget_ended_sessions() -> None:
    SessionStore.clear_expired()


@shared_task
def forget_old_tallies() -> int:
    return throttle.forget_old(now=timezone.now())
