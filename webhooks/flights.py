"""Sends what a worker claims, in threads, until nothing is due: what webhooks and push have in common.

Claimed rows are leased for LEASE; killed after sending and before recording, the lease runs out and the row is sent
again. What failed is tried again at growing intervals (``pause``).
"""

import random
from collections.abc import Callable, Collection, Iterable
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from datetime import datetime, timedelta
from typing import TypeVar

from django.utils import timezone

from webhooks.wire import Answer

SLOTS = 16
"""Messages in the air at a time."""
RUN_FOR = timedelta(seconds=20)
"""A run takes on nothing new after that: the worker has other tasks; the next sweep goes on."""
LEASE = timedelta(seconds=60)
"""More than a send and the resolving of its host can take."""
MINUTE = 60
PAUSES = (5, 30, 2 * MINUTE, 10 * MINUTE, 30 * MINUTE, 60 * MINUTE, 120 * MINUTE, 240 * MINUTE, 360 * MINUTE)
"""Seconds after the first, second, … failure; the last one repeats."""
JITTER = 0.2
"""A pause is drawn from 0.8 to 1.2 of its length, so that what failed together does not return together."""
MOST_HELD = timedelta(minutes=10)
"""A receiver that fails is tried again this often at least, for it may come back any minute."""

Flight = TypeVar("Flight")


def run(
    *,
    claim: Callable[[int, Collection[Flight], datetime], list[Flight]],
    ready: Callable[[list[Flight], datetime], Iterable[tuple[Flight, Callable[[], Answer]]]],
    record: Callable[[Flight, Answer], None],
) -> int:
    """Send until nothing is due or RUN_FOR is over; returns how many sends were tried.

    ``claim(free, flying, now)`` leases up to ``free`` messages, ``ready`` drops those that may not leave and says
    how each of the others is sent (in a thread, which must not touch the database), ``record`` notes the answer.
    """
    began, tried = timezone.now(), 0
    flying: dict[Future[Answer], Flight] = {}
    with ThreadPoolExecutor(SLOTS) as threads:
        while True:
            now = timezone.now()
            in_time = now - began < RUN_FOR
            claimed = claim(SLOTS - len(flying), list(flying.values()), now) if in_time else []
            for flight, send in ready(claimed, now):
                flying[threads.submit(send)] = flight
            if not flying:
                if claimed:  # and all of it dropped: behind it there may be more
                    continue
                return tried
            done, _others = wait(flying, return_when=FIRST_COMPLETED)
            for future in done:
                record(flying.pop(future), future.result())
                tried += 1


def pause(failures: int) -> timedelta:
    """After so many failures in a row, with jitter."""
    seconds = PAUSES[min(failures, len(PAUSES)) - 1]
    return timedelta(seconds=seconds * random.uniform(1 - JITTER, 1 + JITTER))
