"""Thin task: finds its own work and is safe to run twice."""

from celery import shared_task

from search import indexing

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
