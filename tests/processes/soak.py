"""The whole product under random kills for some minutes; then every report is there, once, and every count is right.

    python -m tests.processes.soak [minutes] [seed]

Web, workers and beats are killed and replaced; Redis is killed and stopped. A report whose answer did not
come is sent again with the same key, as a phone does. Ends with exit code 1 when anything is lost or doubled.
"""

from tests import servers  # isort: skip  (first: it sets what Django's settings are read from)

import os
import random
import sys
import tempfile
import time
import uuid
from collections import Counter
from contextlib import ExitStack
from http.client import HTTPException
from pathlib import Path
from threading import Timer

import django
from django.db import connections

django.setup()

from events.models import Event  # noqa: E402
from events.steps import verify_chains  # noqa: E402
from tests.processes.product import (  # noqa: E402
    Product,
    all_routed,
    counted,
    recounted,
    story,
    wait_for,
)

BEATS = ("first", "second")
LONGEST_SILENCE = 12.0
"""Seconds Redis stays away at most: longer than every timeout of a publisher."""


class Soak:
    """The running product, the keys of all reports, and what may go wrong."""

    def __init__(self, product: Product, valkey: servers.Valkey, dice: random.Random) -> None:
        self.product, self.valkey, self.dice = product, valkey, dice
        self.web = self.product.web()
        self.workers = [self.product.worker() for _ in range(2)]
        self.beats = [self.product.beat(name) for name in BEATS]
        self.keys: list[uuid.UUID] = []
        self.done: Counter[str] = Counter()

    def run(self, minutes: float) -> None:
        end = time.monotonic() + minutes * 60
        troubles = [
            self.kill_web,
            self.kill_worker,
            self.kill_beat,
            self.kill_redis,
            self.stop_redis,
            self.stop_redis,
        ]
        while time.monotonic() < end:
            self.report(self.dice.randint(1, 20))
            trouble = self.dice.choice(troubles)
            self.done[trouble.__name__] += 1
            trouble()

    def report(self, number: int) -> None:
        worker = self.web.enter("worker")
        for _ in range(number):
            key, seconds = worker.report()
            assert seconds < 1, f"a report took {seconds:.2f} s"
            self.keys.append(key)

    def kill_web(self) -> None:
        """In the middle of a report: nobody knows whether it was stored, so the phone sends it again."""
        victim, key = self.web, uuid.uuid4()
        person = victim.enter("worker")
        self.web = self.product.web()
        killing = Timer(self.dice.random() * 0.05, victim.kill)
        killing.start()
        try:
            person.report(key)
        except (OSError, HTTPException):
            self.done["answers lost"] += 1
        killing.join()
        self.web.enter("worker").report(key)
        self.keys.append(key)

    def kill_worker(self) -> None:
        self.workers.pop(self.dice.randrange(2)).kill()
        self.workers.append(self.product.worker())

    def kill_beat(self) -> None:
        number = self.dice.randrange(2)
        self.beats[number].kill()
        self.beats[number] = self.product.beat(BEATS[number])

    def kill_redis(self) -> None:
        self.valkey.kill()
        self._without_redis()
        self.valkey.start()

    def stop_redis(self) -> None:
        self.valkey.pause()
        self._without_redis()
        self.valkey.resume()

    def _without_redis(self) -> None:
        self.report(self.dice.randint(1, 5))
        time.sleep(self.dice.random() * LONGEST_SILENCE)

    def check(self) -> None:
        """Nothing lost, nothing doubled, all counted, every chain whole, every process alive."""
        wait_for(all_routed, "the last desks", seconds=120)
        for process in [self.web, *self.workers, *self.beats]:
            process.says("")
        assert set(Event.objects.values_list("pk", flat=True)) == set(self.keys)
        wrong = [
            steps for steps in story(self.keys) if [verb for _n, verb, *_ in steps] != ["report", "route"]
        ]
        assert not wrong, wrong
        assert counted() == recounted()
        assert not list(verify_chains(Event.objects.all()[0].tenant))


def main(minutes: float, seed: int) -> None:
    print(f"{minutes:g} minutes of trouble, seed {seed}", flush=True)
    with tempfile.TemporaryDirectory() as folder, servers.clone() as name, ExitStack() as stack:
        valkey = servers.Valkey(Path(folder) / "valkey")
        stack.callback(valkey.stop)
        os.environ |= servers.urls_of(name) | {"REDIS_URL": valkey.url}
        connections.settings["default"]["NAME"] = name
        stack.callback(connections.close_all)
        product = Product(Path(folder))
        stack.callback(product.stop)
        soak = Soak(product, valkey, random.Random(seed))
        soak.run(minutes)
        soak.check()
        print(f"{len(soak.keys)} reports, each there once: {dict(soak.done)}")


if __name__ == "__main__":
    main(
        float(sys.argv[1]) if len(sys.argv) > 1 else 10,
        int(sys.argv[2]) if len(sys.argv) > 2 else os.getpid(),
    )
