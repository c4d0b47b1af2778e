"""The live process: ``uvicorn live.asgi:application`` serves ``/live/`` as server-sent events.

A small application of its own, without Django's views: one coroutine and no thread for a connection. It answers
GET /live/ to whoever's session cookie lets them in, /live/healthz and /live/readyz to anybody, /live/metrics to the
monitoring with its token.
"""

import asyncio
import contextlib
import json
import os
from concurrent.futures import ThreadPoolExecutor
from http.cookies import CookieError, SimpleCookie
from typing import Any

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "grid_platform.settings")
django.setup()

from django.conf import settings  # noqa: E402  after django.setup
from django.utils.crypto import constant_time_compare  # noqa: E402

from grid_platform.start import refuse_unsafe_start  # noqa: E402
from live import figures  # noqa: E402
from live.hub import Connection, Hub  # noqa: E402
from live.readiness import FAILED, Readiness  # noqa: E402
from live.session import listener_of  # noqa: E402

with ThreadPoolExecutor(
    1
) as aside:  # The server imports this in its event loop, where Django asks no database.
    aside.submit(refuse_unsafe_start).result()
MOST_CONNECTIONS = 5000
PLAIN = (b"content-type", b"text/plain; charset=utf-8")
JSON = (b"content-type", b"application/json")
hub = Hub()
ready = Readiness()


async def application(scope: dict[str, Any], receive: Any, send: Any) -> None:
    if scope["type"] == "lifespan":
        await _lifespan(receive, send)
    elif scope["type"] == "http":
        headers = dict(scope["headers"])
        match scope["method"], scope["path"]:
            case "GET", "/live/":
                await _stream(headers, receive, send)
            case "GET", "/live/healthz":
                told = {"status": "ok", "hears": hub.hears}
                await _answer(send, 200, json.dumps(told).encode(), [JSON])
            case "GET", "/live/readyz":
                told = await ready.told(hub, full=len(hub.connections) >= MOST_CONNECTIONS)
                status = 503 if told["status"] == FAILED else 200
                await _answer(send, status, json.dumps(told).encode(), [JSON])
            case "GET", "/live/metrics" if _may_scrape(headers):
                figures.CONNECTIONS.set(len(hub.connections))
                await _answer(send, 200, figures.text(), [PLAIN])
            case _:
                await _answer(send, 404, b"not found\n", [PLAIN])


async def _lifespan(receive: Any, send: Any) -> None:
    while True:
        message = await receive()
        if message["type"] == "lifespan.startup":
            hub.start()
            await send({"type": "lifespan.startup.complete"})
        else:
            await hub.stop()
            await send({"type": "lifespan.shutdown.complete"})
            return


async def _stream(headers: dict[bytes, bytes], receive: Any, send: Any) -> None:
    origin = headers.get(b"origin", b"").decode("latin-1")
    if origin and not _may_listen_from(origin, headers.get(b"host", b"").decode("latin-1")):
        return await _answer(send, 403, b"another origin\n", [PLAIN])
    if len(hub.connections) >= MOST_CONNECTIONS:
        return await _answer(send, 503, b"too many\n", [PLAIN])
    key = _session_key(headers.get(b"cookie", b"").decode("latin-1"))
    listener = await hub.in_thread(listener_of, key) if key else None
    cors = _cors(origin)
    if listener is None:
        return await _answer(send, 401, b"not logged in\n", [PLAIN, *cors])
    task = asyncio.current_task()
    assert task is not None
    connection = Connection(listener, send, task)
    start = [
        (b"content-type", b"text/event-stream"),
        (b"cache-control", b"no-store"),
        (b"x-accel-buffering", b"no"),
        *cors,
    ]
    await send({"type": "http.response.start", "status": 200, "headers": start})
    await connection.tell("state", {"hears": hub.hears})
    hub.connections.add(connection)
    try:
        while (await receive())["type"] != "http.disconnect":
            pass
    except asyncio.CancelledError:
        with contextlib.suppress(OSError):
            await send({"type": "http.response.body", "body": b"", "more_body": False})
    finally:
        hub.connections.discard(connection)
        if connection.flushing:
            connection.flushing.cancel()


def _may_listen_from(origin: str, host: str) -> bool:
    """A page of this very host and port, one of ``LIVE_ORIGINS``, or of another port of this host when LIVE_URL
    names but a port."""
    name = origin.partition("://")[2]
    if name == host or origin in settings.LIVE_ORIGINS:
        return True
    return settings.LIVE_URL.startswith(":") and _without_port(name) == _without_port(host)


def _without_port(host: str) -> str:
    return host.rpartition(":")[0] or host


def _cors(origin: str) -> list[tuple[bytes, bytes]]:
    if not origin:
        return []
    return [
        (b"access-control-allow-origin", origin.encode("latin-1")),
        (b"access-control-allow-credentials", b"true"),
        (b"vary", b"Origin"),
    ]


def _session_key(cookies: str) -> str:
    try:
        found = SimpleCookie(cookies).get(settings.SESSION_COOKIE_NAME)
    except CookieError:
        return ""
    return found.value if found else ""


def _may_scrape(headers: dict[bytes, bytes]) -> bool:
    told = headers.get(b"authorization", b"").decode("latin-1")
    return bool(settings.METRICS_TOKEN) and constant_time_compare(told, f"Bearer {settings.METRICS_TOKEN}")


async def _answer(send: Any, status: int, body: bytes, headers: list[tuple[bytes, bytes]]) -> None:
    length = (b"content-length", str(len(body)).encode())
    await send({"type": "http.response.start", "status": status, "headers": [*headers, length]})
    await send({"type": "http.response.body", "body": body})
