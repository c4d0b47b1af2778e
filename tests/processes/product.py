"""The product as real processes, which may be killed and paused, and what the database says of their work."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
import uuid
from collections import Counter
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import psutil
from django.test import Client
from django.utils import timezone

from accounts.models import User
from accounts.scope import Actor
from dispatch.models import DayCount, Outbox
from dispatch.report import report
from events.models import Event, Step
from grid_platform.embedded import PROJECT
from grid_platform.serve import CELERY

ITEM = "10103"
"""Telecom fraud lead: of the street's level, and no photo is asked for."""
OWN_GRID = "330104005001001"
"""Of the log-in 'worker'."""
BACKEND = "accounts.backends.PostBackend"


class Process:
    """One of the product's processes with all it started; its messages are in ``log``."""

    def __init__(self, log: Path, *command: str, pass_fds: Iterable[int] = (), **environment: str) -> None:
        self.log = log
        with log.open("a") as output:
            self._popen = subprocess.Popen(
                [sys.executable, "-m", *command],
                cwd=PROJECT,
                env=os.environ | environment,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                pass_fds=tuple(pass_fds),
            )

    @property
    def pid(self) -> int:
        return self._popen.pid

    def pause(self) -> None:
        os.killpg(self.pid, signal.SIGSTOP)

    def kill(self) -> None:
        """SIGKILL for the whole group: no handler runs, nothing is told to anybody."""
        try:
            os.killpg(self.pid, signal.SIGKILL)
        except ProcessLookupError:
            pass
        self._popen.wait()

    def threads(self) -> int:
        process = psutil.Process(self.pid)
        return sum(each.num_threads() for each in [process, *process.children(recursive=True)])

    def says(self, words: str) -> bool:
        assert self._popen.poll() is None, f"ended with {self._popen.returncode}:\n{self.log.read_text()}"
        return words in self.log.read_text()


class Product:
    """Starts web, worker and beat on the database and the Valkey of the environment; ``stop`` kills them all."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._processes: list[Process] = []

    def web(self) -> "Web":
        """Answers when this returns."""
        web = self._keep(Web(self._log("web")))
        assert Person(web.address).get("/healthz")[0] == 200
        return web

    def worker(self, *, concurrency: int = 2) -> Process:
        """Takes tasks when this returns."""
        options = [
            "--concurrency",
            str(concurrency),
            "--without-gossip",
            "--without-mingle",
            "--loglevel",
            "INFO",
        ]
        worker = self._keep(Process(self._log("worker"), *CELERY, "worker", *options))
        wait_for(lambda: worker.says(" ready."), "the worker")
        return worker

    def beat(self, name: str = "beat") -> Process:
        """The same name finds the same schedule file."""
        options = ["--schedule", str(self._folder / name), "--pidfile", "", "--loglevel", "INFO"]
        return self._keep(Process(self._log(name), *CELERY, "beat", *options))

    def stop(self) -> None:
        for process in self._processes:
            process.kill()

    def _log(self, name: str) -> Path:
        return self._folder / f"{name}-{len(self._processes)}.log"

    def _keep(self, process: Any) -> Any:
        self._processes.append(process)
        return process


class Web(Process):
    """gunicorn with one worker of four threads, on a port nobody else can take meanwhile."""

    def __init__(self, log: Path) -> None:
        with socket.socket() as listener:
            listener.bind(("127.0.0.1", 0))
            listener.listen()
            self.address = f"http://127.0.0.1:{listener.getsockname()[1]}"
            command = [
                "gunicorn",
                "grid_platform.wsgi",
                "--bind",
                f"fd://{listener.fileno()}",
                "--threads",
                "4",
            ]
            super().__init__(log, *command, pass_fds=[listener.fileno()], LOG_LEVEL="INFO")

    def enter(self, username: str) -> "Person":
        """Somebody who is logged in already."""
        browser = Client()
        browser.force_login(User.objects.get(username=username), backend=BACKEND)
        return Person(self.address, {"sessionid": browser.cookies["sessionid"].value})


class Person:
    """A browser: its cookies, and the address it talks to."""

    def __init__(self, address: str, cookies: dict[str, str] | None = None) -> None:
        self._address = address
        self.cookies = {"csrftoken": "a" * 32} | (cookies or {})
        self.headers = {"Accept-Language": "en"}

    def get(self, path: str) -> tuple[int, bytes]:
        return self._send(path)

    def post(self, path: str, content: bytes, kind: str) -> tuple[int, bytes]:
        return self._send(path, content, {"Content-Type": kind, "X-CSRFToken": self.cookies["csrftoken"]})

    def report(self, key: uuid.UUID | None = None) -> tuple[uuid.UUID, float]:
        """One report by the API, the same again with its key; the key, and the seconds until the answer."""
        event_id = key or uuid.uuid4()
        data = {"id": str(event_id), "item": ITEM, "area_code": OWN_GRID, "description": "短信诈骗"}
        started = time.monotonic()
        status, body = self.post("/api/v1/events/", json.dumps(data).encode(), "application/json")
        assert status in (200, 201), body
        return event_id, time.monotonic() - started

    def _send(
        self, path: str, content: bytes | None = None, headers: dict | None = None
    ) -> tuple[int, bytes]:
        cookies = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        request = urllib.request.Request(
            self._address + path, content, {"Cookie": cookies} | self.headers | (headers or {})
        )
        try:
            with _without_redirects.open(request, timeout=30) as response:
                return self._received(response)
        except urllib.error.HTTPError as refusal:
            return self._received(refusal)

    def _received(self, response: Any) -> tuple[int, bytes]:
        for line in response.headers.get_all("Set-Cookie") or []:
            name, value = line.split(";")[0].split("=", 1)
            self.cookies[name] = value
        return response.status, response.read()


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_: Any) -> None:
        return None


_without_redirects = urllib.request.build_opener(_NoRedirect)


def wait_for(condition: Callable[[], Any], what: str, *, seconds: float = 60) -> Any:
    """The condition's first true answer; asked every 20 ms."""
    end = time.monotonic() + seconds
    while not (answer := condition()):
        assert time.monotonic() < end, f"waited {seconds} s in vain for {what}"
        time.sleep(0.02)
    return answer


def report_from(places: Iterable[str]) -> list[uuid.UUID]:
    """One report a place by the action itself; the keys ascend as the places do."""
    actor, now = Actor.of(User.objects.get(username="worker")), timezone.now()
    keys = []
    for place in places:
        keys.append(uuid.UUID(int=(time.time_ns() << 48) + len(keys)))
        report(actor=actor, event_id=keys[-1], data={"item": ITEM, "area_code": place}, now=now)
    return keys


def all_routed() -> bool:
    """Every event has its desk, and every step is counted."""
    return not Event.objects.filter(desk=None).exists() and not Outbox.objects.exists()


def story(keys: Iterable[uuid.UUID]) -> list[list[tuple]]:
    """What happened to each event, without times and ids."""
    return [
        list(
            Step.objects.filter(event=key).values_list("sequence", "verb", "from_state", "to_state", "params")
        )
        for key in keys
    ]


def counted() -> Counter[tuple[str, str]]:
    """(place, verb) by the projection."""
    counts: Counter[tuple[str, str]] = Counter()
    for place, verb, number in DayCount.objects.values_list("area_code", "verb", "number"):
        counts[place, verb] += number
    return counts


def recounted() -> Counter[tuple[str, str]]:
    """(place, verb) by the steps themselves."""
    steps = Step.objects.filter(event__sensitive=False).order_by()
    return Counter(steps.values_list("event__reported_area_code", "verb"))
