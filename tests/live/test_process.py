"""The live process itself: who is let in, how soon a hint comes, and what becomes of it without Valkey."""

import json
import os
import queue
import socket
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Iterator

import pytest
from django.conf import settings
from prometheus_client.parser import text_string_to_metric_families

from dispatch import outbox
from tests.cast import Cast, Story
from tests.test_leaks import client_of

TOKEN = "a-token-of-the-monitoring-0123456789"


@pytest.fixture
def address(fresh_database, valkey) -> Iterator[str]:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = str(free.getsockname()[1])
    command = [
        sys.executable,
        "-m",
        "uvicorn",
        "live.asgi:application",
        "--port",
        port,
        "--log-level",
        "warning",
    ]
    process = subprocess.Popen(
        [*command, "--timeout-graceful-shutdown", "1"], env=dict(os.environ) | {"METRICS_TOKEN": TOKEN}
    )
    try:
        wait_for(lambda: told_by(f"http://127.0.0.1:{port}/live/healthz").get("hears"))
        yield f"http://127.0.0.1:{port}"
    finally:
        process.terminate()
        process.wait()


def told_by(address: str) -> dict:
    try:
        with urllib.request.urlopen(address, timeout=2) as answer:
            return json.load(answer)
    except OSError:
        return {}


def figures_of(address: str) -> dict[str, float]:
    token = {"Authorization": f"Bearer {TOKEN}"}
    with urllib.request.urlopen(urllib.request.Request(f"{address}/live/metrics", headers=token)) as answer:
        families = text_string_to_metric_families(answer.read().decode())
    return {sample.name: sample.value for family in families for sample in family.samples}


def wait_for(is_so, seconds: float = 20.0) -> None:
    end = time.monotonic() + seconds
    while not is_so():
        assert time.monotonic() < end
        time.sleep(0.05)


class Browser:
    """Reads the connection of one person in a thread."""

    def __init__(self, address: str, person) -> None:
        key = client_of(person).session.session_key
        cookie = {"Cookie": f"{settings.SESSION_COOKIE_NAME}={key}"}
        self.answer = urllib.request.urlopen(
            urllib.request.Request(f"{address}/live/", headers=cookie), timeout=30
        )
        self.told: queue.Queue = queue.Queue()
        threading.Thread(target=self._read, daemon=True).start()

    def _read(self) -> None:
        name = ""
        for line in self.answer:
            if line.startswith(b"event: "):
                name = line[7:].strip().decode()
            elif line.startswith(b"data: "):
                self.told.put((name, json.loads(line[6:])))

    def next(self, name: str, seconds: float = 1.0) -> dict:
        end = time.monotonic() + seconds
        while True:
            found, data = self.told.get(timeout=max(0.01, end - time.monotonic()))
            if found == name:
                return data


def test_hints_arrive_within_a_second_and_come_again_after_valkey_was_away(address, valkey):
    with pytest.raises(urllib.error.HTTPError, match="401"):
        urllib.request.urlopen(f"{address}/live/")
    with pytest.raises(urllib.error.HTTPError, match="403"):
        urllib.request.urlopen(
            urllib.request.Request(f"{address}/live/", headers={"Origin": "http://127.0.0.1:1"})
        )
    cast = Cast()
    acceptor, neighbour = Browser(address, cast.acceptor), Browser(address, cast.neighbour)
    assert acceptor.next("state") == {"hears": True}
    ready = {"redis": "ok", "database": "ok", "room": "ok"}
    assert told_by(f"{address}/live/readyz") == {"status": "ok", "parts": ready}
    with pytest.raises(urllib.error.HTTPError, match="404"):
        urllib.request.urlopen(f"{address}/live/metrics")

    story = Story(cast).report()
    outbox.drain()
    events = acceptor.next("hint")["events"] + acceptor.next("hint")["events"]
    assert [str(story.id), "arrived", False, False] in events

    for trouble, back in (("kill", "start"), ("pause", "resume")):
        getattr(valkey, trouble)()
        started = time.monotonic()
        Story(cast).report()
        assert time.monotonic() - started < 1
        assert acceptor.next("state", 20) == {"hears": False}
        wait_for(lambda: told_by(f"{address}/live/readyz").get("status") == "degraded")
        getattr(valkey, back)()
        assert acceptor.next("state", 20) == {"hears": True}
        assert acceptor.next("hint", 5)["all"]

    figures = figures_of(address)
    assert (figures["grid_live_connections"], figures["grid_live_hears"]) == (2, 1)
    assert figures["grid_live_reconnects_total"] == 2
    assert figures["grid_live_hint_seconds_count"] >= 2 <= figures["grid_live_hints_total"]
    assert figures["grid_live_hint_seconds_sum"] < 1 * figures["grid_live_hint_seconds_count"]
    heard = [name for name, data in list(neighbour.told.queue) if name == "hint" and data["events"]]
    assert not heard
