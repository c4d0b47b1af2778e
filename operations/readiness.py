"""What the service stands on, each with its state: 'ok', 'degraded' (people can work on) or 'failed'.

Without the database or with tables of another release nothing can be served: failed. Without Redis, beat or a
worker reports are still taken and moves still made; what follows from them waits: degraded. Every question has
an end: two seconds in the database, half a second in Redis.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta

import redis
from django.conf import settings
from django.core.cache import cache
from django.db import DatabaseError, OperationalError, connection, transaction
from django.db.migrations.executor import MigrationExecutor
from django.db.models import Count, Min, Q

from dispatch.models import Outbox
from operations.models import Heartbeat

OK, DEGRADED, FAILED = "ok", "degraded", "failed"
LATE_BEAT = timedelta(seconds=60)
OLD_OUTBOX = timedelta(seconds=60)
"""The sweep comes every two seconds: a row older than this stands still."""
QUERY_SECONDS = 2
REDIS_SECONDS = 0.5


@contextmanager
def bounded() -> Iterator[None]:
    """Statements in here end after QUERY_SECONDS: whoever watches must not be a load."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f"SET LOCAL statement_timeout = '{QUERY_SECONDS * 1000:.0f}ms'")
        yield


def readiness(*, now: datetime) -> dict[str, str]:
    """The state of each part by its name; without the database nothing else is asked of it."""
    states = {"redis": OK if queue_length() is not None else DEGRADED}
    try:
        with bounded():
            if not _is_migrated():
                return states | {"database": OK, "migrations": FAILED}
            oldest, parked = Outbox.objects.aggregate(
                oldest=Min("step__at", filter=Q(parked_at=None)),
                parked=Count("pk", filter=~Q(parked_at=None)),
            ).values()
            beat = Heartbeat.objects.filter(name=Heartbeat.BEAT).first()
    except (OperationalError, DatabaseError):
        return states | {"database": FAILED}
    outbox_stands = parked or (oldest and now - oldest > OLD_OUTBOX)
    beat_stands = beat is None or now - beat.at > LATE_BEAT
    return states | {
        "database": OK,
        "migrations": OK,
        "outbox": DEGRADED if outbox_stands else OK,
        "beat": DEGRADED if beat_stands else OK,
    }


def queue_length() -> int | None:
    """How many messages wait for a worker; None when Redis does not answer."""
    client = redis_client()
    try:
        return int(client.llen("celery"))
    except redis.RedisError:
        return None
    finally:
        client.close()


def redis_client() -> redis.Redis:
    """A connection of its own with short limits; kombu writes a socket's address in its own way."""
    url = settings.REDIS_URL.replace("redis+socket://", "unix://").replace("virtual_host=", "db=")
    return redis.Redis.from_url(
        url, socket_timeout=REDIS_SECONDS, socket_connect_timeout=REDIS_SECONDS, retry=None
    )


def _is_migrated() -> bool:
    """Asked of the database until it is so; from then on this process knows."""
    if not cache.get("operations.migrated"):
        executor = MigrationExecutor(connection)
        if executor.migration_plan(executor.loader.graph.leaf_nodes()):
            return False
        cache.set("operations.migrated", True, None)
    return True
