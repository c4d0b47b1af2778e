"""A small load generator: persons with a session, connections kept alive, a bounded number of requests."""

import json
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from http.client import HTTPConnection
from importlib import import_module
from queue import Empty, SimpleQueue
from typing import Any

from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY

from accounts.models import User

CLIENTS = 8
"""As many as the server has threads."""
CSRF = "b" * 32


class Person:
    """A logged-in user on one connection."""

    def __init__(self, port: int, session: str) -> None:
        self._connection = HTTPConnection("127.0.0.1", port, timeout=30)
        self._headers = {
            "Content-Type": "application/json",
            "Cookie": f"sessionid={session}; csrftoken={CSRF}",
            "X-CSRFToken": CSRF,
        }

    def ask(self, method: str, path: str, body: dict | None = None) -> dict[str, Any]:
        return json.loads(self._send(method, path, body))

    def read(self, path: str) -> bytes:
        """A page."""
        return self._send("GET", path, None)

    def _send(self, method: str, path: str, body: dict | None) -> bytes:
        self._connection.request(method, path, json.dumps(body) if body else None, self._headers)
        response = self._connection.getresponse()
        data = response.read()
        if response.status not in (200, 201):
            raise RuntimeError(f"{method} {path} answered {response.status}: {data[:300]!r}")
        return data


def log_in(username: str) -> str:
    """The key of a new session."""
    user = User.objects.get(username=username)
    session = import_module(settings.SESSION_ENGINE).SessionStore()
    session[SESSION_KEY] = str(user.pk)
    session[BACKEND_SESSION_KEY] = "accounts.backends.PostBackend"
    session[HASH_SESSION_KEY] = user.get_session_auth_hash()
    session.create()
    return session.session_key


def per_second(
    port: int, session: str, work: Iterable[Any], request: Callable[[Person, Any], object]
) -> float:
    """How many requests a second CLIENTS persons get answered."""
    pieces = list(work)
    start = time.perf_counter()
    together(port, session, pieces, request)
    return len(pieces) / (time.perf_counter() - start)


def together(
    port: int, session: str, work: Iterable[Any], request: Callable[[Person, Any], object]
) -> list[float]:
    """CLIENTS persons share the work; returns the seconds of each request. The first failure ends it."""
    waiting: SimpleQueue = SimpleQueue()
    for piece in work:
        waiting.put(piece)
    seconds: list[float] = []
    failures: list[Exception] = []

    def pieces() -> Iterator[Any]:
        while not failures:
            try:
                yield waiting.get_nowait()
            except Empty:
                return

    def busy() -> None:
        try:
            seconds.extend(seconds_of(Person(port, session), pieces(), request))
        except Exception as error:
            failures.append(error)

    threads = [threading.Thread(target=busy) for _ in range(CLIENTS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if failures:
        raise failures[0]
    return seconds


def seconds_of(person: Person, work: Iterable[Any], request: Callable[[Person, Any], object]) -> list[float]:
    """One after the other."""
    seconds = []
    for piece in work:
        start = time.perf_counter()
        request(person, piece)
        seconds.append(time.perf_counter() - start)
    return seconds
