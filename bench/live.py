"""Open connections in one live process: its memory, and how soon a hint reaches them all.

``python -m bench.live``: 2,000 connections, each with a session of its own, of people who all see the events that are
reported; so each hint goes to every connection, the worst case. Seconds count from before the report's transaction
to the browser's socket. Prints a line of JSON. Goals: under 300 MB, 95 of 100 hints within a second.
"""

import argparse
import asyncio
import json
import os
import statistics
import subprocess
import sys
import time
import uuid

from bench import place

PORT = 8973
CONNECTIONS = 2000
REPORTS = 20
PAUSE_SECONDS = 1.0
WATCHERS = ("director", "acceptor", "dispatcher", "verifier", "centre", "supervisor")
GOAL_BYTES, GOAL_SECONDS = 300e6, 1.0
CLIENT = "--client"


def main() -> None:
    if sys.argv[1:2] == [CLIENT]:
        return asyncio.run(_browsers(json.load(sys.stdin)))
    parser = argparse.ArgumentParser(prog="python -m bench.live", description=__doc__)
    parser.add_argument("--connections", type=int, default=CONNECTIONS)
    parser.add_argument("--reports", type=int, default=REPORTS)
    options = parser.parse_args()
    with place.database():
        import django

        django.setup()
        from grid_platform import serve

        command = ["uvicorn", "live.asgi:application", "--port", str(PORT), "--log-level", "warning"]
        with serve.running(command) as process:
            place._wait_for(PORT)
            found = _measured(process.pid, options.connections, options.reports)
    print(json.dumps(found))
    sys.exit(not (found["rss_mb"] * 1e6 < GOAL_BYTES and found["p95_ms"] < GOAL_SECONDS * 1000))


def _measured(pid: int, connections: int, reports: int) -> dict[str, float]:
    import psutil

    from bench.client import log_in

    process = psutil.Process(pid)
    empty = process.memory_info().rss
    sessions = [log_in(WATCHERS[number % len(WATCHERS)]) for number in range(connections)]
    client = subprocess.Popen(
        [sys.executable, "-m", "bench.live", CLIENT],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        cwd=place.embedded.PROJECT,
        env=dict(os.environ),
    )
    assert client.stdin and client.stdout
    began = time.monotonic()
    json.dump(sessions, client.stdin)
    client.stdin.close()
    assert client.stdout.readline() == "open\n"
    opened = time.monotonic() - began
    told = {}
    for _ in range(reports):
        key = uuid.uuid4()
        told[str(key)] = time.monotonic()
        _report(key)
        time.sleep(PAUSE_SECONDS)
    full = process.memory_info().rss
    client.terminate()
    heard = json.loads(client.stdout.read())
    waits = sorted(at - told[event] for event, ats in heard.items() if event in told for at in ats)
    return {
        "connections": connections,
        "opened_in_s": round(opened, 1),
        "rss_empty_mb": round(empty / 1e6, 1),
        "rss_mb": round(full / 1e6, 1),
        "hints": len(waits),
        "expected": connections * reports,
        "p50_ms": round(statistics.median(waits) * 1000, 1),
        "p95_ms": round(waits[int(len(waits) * 0.95)] * 1000, 1),
        "slowest_ms": round(waits[-1] * 1000, 1),
    }


def _report(key: uuid.UUID) -> None:
    """By the action itself, in this process, by the reporter of the bench."""
    from django.utils import timezone

    from accounts.models import User
    from accounts.scope import Actor
    from bench.requests import REPORTER, a_report
    from dispatch.report import report

    actor = Actor.of(User.objects.get(username=REPORTER))
    data = {name: value for name, value in a_report(key).items() if name != "id"}
    report(actor=actor, event_id=key, data=data, now=timezone.now())


# The browsers, in a process of their own ---------------------------------------------------------


async def _browsers(sessions: list[str]) -> None:
    import signal

    heard: dict[str, list[float]] = {}
    loop, ended = asyncio.get_running_loop(), asyncio.Event()
    loop.add_signal_handler(signal.SIGTERM, ended.set)
    gate = asyncio.Semaphore(50)
    streams = await asyncio.gather(*(_open(session, gate) for session in sessions))
    tasks = [asyncio.create_task(_read(reader, heard)) for reader, _writer in streams]
    print("open", flush=True)
    await ended.wait()
    for task in tasks:
        task.cancel()
    print(json.dumps(heard), flush=True)


async def _open(session: str, gate: asyncio.Semaphore) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    async with gate:
        reader, writer = await asyncio.open_connection("127.0.0.1", PORT, limit=1 << 14)
        head = f"GET /live/ HTTP/1.1\r\nHost: 127.0.0.1:{PORT}\r\nCookie: sessionid={session}\r\n\r\n"
        writer.write(head.encode())
        while b"event: state" not in (line := await reader.readline()):
            if not line:
                raise ConnectionError("the live process closed a connection")
        return reader, writer


async def _read(reader: asyncio.StreamReader, heard: dict[str, list[float]]) -> None:
    """The moments at which an event was first told on this connection."""
    known: set[str] = set()
    while line := await reader.readline():
        if line.startswith(b"data: {") and b'"events":[[' in line:
            at = time.monotonic()
            for event, *_kind in json.loads(line[6:])["events"]:
                if event not in known:
                    known.add(event)
                    heard.setdefault(event, []).append(at)


if __name__ == "__main__":
    main()
