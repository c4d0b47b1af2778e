"""The open connections of this process, and what is told to each.

A hint waits at most ``PAUSE_SECONDS`` for others and goes out with them in one message, so a browser gets at most five
a second. Every ``BEAT_SECONDS`` a connection gets a beat, by which the browser knows that it stands; every
``RECHECK_SECONDS`` all sessions and scopes are read anew, and a connection whose session has ended is closed. While
Valkey is silent the browsers are told so, and ask for their lists by themselves.
"""

import asyncio
import contextlib
import json
import logging
import time
from collections.abc import Awaitable, Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import redis.asyncio
from django.db import close_old_connections
from django.utils import timezone

from grid_platform.live_messages import CHANNEL, address
from live import figures
from live.matching import Moved, kind_for
from live.session import Listener, still_listening

log = logging.getLogger(__name__)

PAUSE_SECONDS = 0.2
BEAT_SECONDS = 15
RECHECK_SECONDS = 15
SILENCE_SECONDS = 5
MOST_WAITING = 200
"""More than so many events at once are told as 'everything'."""
RANK = {"presence": 0, "changed": 1, "arrived": 2, "left": 3}
"""Of several kinds of one event in one message the highest is told."""
Send = Callable[[dict[str, Any]], Awaitable[None]]


class Connection:
    """One browser. ``task`` runs for as long as it stands; cancelling it closes the connection."""

    __slots__ = ("flushing", "listener", "send", "since", "task", "waiting")

    def __init__(self, listener: Listener, send: Send, task: asyncio.Task) -> None:
        self.listener, self.send, self.task = listener, send, task
        self.waiting: dict[str, tuple[str, bool, bool]] = {}
        """By event: the kind, whether it is critical, whether the listener moved it."""
        self.flushing: asyncio.Task | None = None
        self.since: float | None = None
        """When the move of the oldest waiting hint ended, in seconds of the clock on the wall."""

    def hint(
        self, event: str, kind: str, critical: bool = False, mine: bool = False, at: float | None = None
    ) -> None:
        if RANK[kind] >= RANK[self.waiting.get(event, ("presence",))[0]]:
            self.waiting[event] = (kind, critical, mine)
            self.since = at if self.since is None else self.since
        self._flush_soon()

    def hint_all(self) -> None:
        self.waiting["all"] = ("changed", False, False)
        self._flush_soon()

    def _flush_soon(self) -> None:
        if self.flushing is None:
            self.flushing = asyncio.create_task(self._flush())

    async def _flush(self) -> None:
        try:
            while self.waiting:
                told, self.waiting = self.waiting, {}
                since, self.since = self.since, None
                everything = "all" in told or len(told) > MOST_WAITING
                events = [] if everything else [[event, *what] for event, what in told.items()]
                await self.tell("hint", {"all": everything, "events": events})
                if since is not None:
                    figures.HINT_SECONDS.observe(max(0.0, time.time() - since))
                await asyncio.sleep(PAUSE_SECONDS)
        finally:
            self.flushing = None

    async def tell(self, name: str, data: Any) -> None:
        """One server-sent event; a browser that is gone is noticed elsewhere."""
        body = f"event: {name}\ndata: {json.dumps(data, separators=(',', ':'))}\n\n".encode()
        with contextlib.suppress(OSError):
            await self.send({"type": "http.response.body", "body": body, "more_body": True})


class Hub:
    def __init__(self) -> None:
        self.connections: set[Connection] = set()
        self.hears = False
        """Whether Valkey's messages arrive."""
        self._heard_before = False
        self._threads = ThreadPoolExecutor(4, thread_name_prefix="live")
        self._tasks: list[asyncio.Task] = []

    def start(self) -> None:
        self._tasks = [asyncio.create_task(run()) for run in (self._listen, self._beat, self._recheck)]

    async def stop(self) -> None:
        for task in [*self._tasks, *(connection.task for connection in self.connections)]:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        self._threads.shutdown(wait=False, cancel_futures=True)

    async def in_thread(self, function: Callable, *arguments: Any, **named: Any) -> Any:
        """For what asks the database."""

        def run() -> Any:
            close_old_connections()
            try:
                return function(*arguments, **named)
            finally:
                close_old_connections()

        return await asyncio.get_running_loop().run_in_executor(self._threads, run)

    # Valkey -------------------------------------------------------------------------------------

    async def _listen(self) -> None:
        pause = 0.2
        while True:
            try:
                valkey = redis.asyncio.Redis.from_url(address(), socket_connect_timeout=2)
                async with valkey, valkey.pubsub() as pubsub:
                    await asyncio.wait_for(pubsub.subscribe(CHANNEL), 2)
                    pause = 0.2
                    await self._hear(pubsub)
            except (redis.RedisError, OSError, TimeoutError) as error:
                log.warning("no live messages: %s", error)
            await self._tell_hearing(False)
            await asyncio.sleep(pause)
            pause = min(2 * pause, 5)

    async def _hear(self, pubsub: Any) -> None:
        """Until the connection fails or a ping stays unanswered."""
        asked = False
        while True:
            message = await pubsub.get_message(timeout=SILENCE_SECONDS)
            if message is None:
                if asked:
                    raise TimeoutError("Valkey does not answer")
                await asyncio.wait_for(pubsub.ping(), 2)
                asked = True
                continue
            asked = False
            if message["type"] == "subscribe":
                await self._tell_hearing(True)
            elif message["type"] == "message":
                self.told(json.loads(message["data"]))

    async def _tell_hearing(self, hears: bool) -> None:
        if self.hears == hears:
            return
        self.hears = hears
        figures.HEARS.set(hears)
        if hears and self._heard_before:
            figures.RECONNECTS.inc()
        self._heard_before = self._heard_before or hears
        for connection in list(self.connections):
            await connection.tell("state", {"hears": hears})
            if hears:
                connection.hint_all()

    def told(self, message: dict[str, Any]) -> None:
        moved, at = Moved.read(message), message.get("at")
        for connection in self.connections:
            if kind := kind_for(connection.listener, moved):
                mine = moved.by == connection.listener.user_id
                connection.hint(moved.event, kind, moved.is_critical, mine, at)
                figures.HINTS.inc()

    # The connections ----------------------------------------------------------------------------

    async def _beat(self) -> None:
        while True:
            await asyncio.sleep(BEAT_SECONDS)
            for connection in list(self.connections):
                if connection.flushing is None:
                    connection.flushing = asyncio.create_task(self._beat_one(connection))

    @staticmethod
    async def _beat_one(connection: Connection) -> None:
        try:
            await connection.tell("beat", {})
        finally:
            connection.flushing = None
        if connection.waiting:
            connection._flush_soon()

    async def _recheck(self) -> None:
        while True:
            await asyncio.sleep(RECHECK_SECONDS)
            try:
                await self.recheck(list(self.connections))
            except Exception:
                log.warning("the sessions of live connections could not be read", exc_info=True)

    async def recheck(self, connections: Iterable[Connection]) -> None:
        listeners = [connection.listener for connection in connections]
        found = await self.in_thread(still_listening, listeners, now=timezone.now()) if listeners else {}
        for connection in connections:
            fresh = found.get(connection.listener.session_key)
            if fresh is None:
                connection.task.cancel()
            else:
                connection.listener = fresh
