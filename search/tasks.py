"""Thin tasks: each finds its own work and is safe to run twice."""

from celery import shared_task
from django.utils import timezone

from grids.models import District
from search import indexing, learning

BATCHES = 20
"""Of one run; the next comes in half a minute."""


@shared_task
def index_stale() -> int:
    done = 0
    for _ in range(BATCHES):
        if not (batch := indexing.index_stale()):
            break
        done += batch
    return done


@shared_task
def learn_words() -> int:
    return sum(learning.learn(district=district, now=timezone.now()) for district in District.objects.all())
