"""What moved, told to the live processes over Valkey's pub/sub: sent beside the request and never in its way.

``publish`` notes the message and returns; one daemon thread a process sends what was noted, all of it in one
round trip. With Valkey gone or silent that thread waits ``PATIENCE_SECONDS`` and drops what it could not send: the
browsers ask for their lists themselves every so often. At most ``MOST_WAITING`` messages wait; older ones are dropped.
"""

import json
import logging
import os
import threading
import time
from collections import deque
from functools import cache
from typing import Any

import redis
from celery import current_app

log = logging.getLogger(__name__)

CHANNEL = "grid.live"
PATIENCE_SECONDS = 1.0
MOST_WAITING = 1000


def address() -> str:
    """Where Valkey is, as redis-py writes it; Celery writes the address of a socket in its own way."""
    url = str(current_app.conf.broker_url)
    if url.startswith("redis+socket://"):
        return url.replace("redis+socket://", "unix://").replace("virtual_host=", "db=")
    return url


def client() -> redis.Redis:
    """One that gives up after ``PATIENCE_SECONDS``; the same one each time, with its connections."""
    return _client(address(), os.getpid())


@cache
def _client(url: str, _process: int) -> redis.Redis:
    return redis.Redis.from_url(
        url,
        socket_timeout=PATIENCE_SECONDS,
        socket_connect_timeout=PATIENCE_SECONDS,
        retry=redis.retry.Retry(redis.backoff.NoBackoff(), 0),
    )


class _Sender(threading.Thread):
    def __init__(self) -> None:
        super().__init__(name="live-messages", daemon=True)
        self.waiting: deque[dict[str, Any]] = deque(maxlen=MOST_WAITING)
        self.any = threading.Event()

    def run(self) -> None:
        while self.any.wait():
            self.any.clear()
            messages = []
            while self.waiting:
                messages.append(self.waiting.popleft())
            try:
                self._send(messages)
            except Exception as error:
                log.info("%s live messages not sent: %s", len(messages), error)

    def _send(self, messages: list[dict[str, Any]]) -> None:
        with client().pipeline(transaction=False) as pipeline:
            for message in messages:
                pipeline.publish(CHANNEL, json.dumps(message, separators=(",", ":")))
            pipeline.execute()


def publish(message: dict[str, Any]) -> None:
    """Tell the live processes, with the time, by which they know how late they are. Never blocks, never raises."""
    global _sender
    try:
        with _lock:
            if _sender is None:
                sender = _Sender()
                sender.start()
                _sender = sender
        _sender.waiting.append(message | {"at": time.time()})
        _sender.any.set()
    except RuntimeError as error:  # no thread can be started
        log.warning("live message not sent: %s", error)


def _forget() -> None:
    """A forked child has neither the thread nor the holders of its locks."""
    global _sender, _lock
    _sender, _lock = None, threading.Lock()


_sender: _Sender | None = None
_lock = threading.Lock()
os.register_at_fork(after_in_child=_forget)
