"""``python -m bench.exports``: seconds, file and peak memory of exports of 10,000 and 200,000 events.

Every export is written in a process of its own, as by a worker's child; its peak is that of the resident set,
the interpreter and Django's some 90 MB included. ``--write``: also to docs/bench-exports.json.
"""

import argparse
import json
import os
import resource
import subprocess
import sys
import time
from datetime import UTC, datetime

from bench import place

SIZES = (10_000, 200_000)
FORMATS = ("csv", "xlsx")
WHO = "centre"
"""The district's duty officer sees every event."""
PAGE = place.embedded.PROJECT / "docs" / "bench-exports.json"


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench.exports", description=__doc__)
    parser.add_argument("--write", action="store_true")
    parser.add_argument("--sizes", type=int, nargs="+", default=SIZES)
    parser.add_argument("--formats", nargs="+", choices=FORMATS, default=FORMATS)
    parser.add_argument("--fill", type=int, help=argparse.SUPPRESS)
    parser.add_argument("--format", choices=FORMATS, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.fill:
        fill(options.fill)
    elif options.format:
        print(json.dumps(written(options.format)))
    else:
        found = measured(options.sizes, options.formats)
        if options.write:
            told = {"at": f"{datetime.now(UTC):%Y-%m-%d}", "processors": os.cpu_count(), "exports": found}
            PAGE.write_text(json.dumps(told, indent=1) + "\n")


def measured(sizes: list[int], formats: list[str]) -> list[dict]:
    """One entry an export, the smaller first; the database has so many events while it is written."""
    found = []
    with place.database():
        for size in sorted(sizes):
            _of_a_process("--fill", str(size))
            for kind in formats:
                found.append(json.loads(_of_a_process("--format", kind)))
                print(json.dumps(found[-1]), flush=True)
    return found


def fill(number: int) -> None:
    """Copies of one report until there are so many events."""
    _set_up()
    import uuid

    from django.utils import timezone

    from accounts.models import User
    from accounts.scope import Actor
    from bench.copies import copy_event
    from bench.requests import REPORTER, a_report
    from dispatch import outbox
    from dispatch.report import report
    from events.models import Event

    actor, key = Actor.of(User.objects.get(username=REPORTER)), uuid.uuid4()
    data = {name: value for name, value in a_report(key).items() if name != "id"}
    report(actor=actor, event_id=key, data=data, now=timezone.now())
    outbox.drain()
    copy_event(Event.objects.get(pk=key), number - Event.objects.count())


def written(kind: str) -> dict:
    """Ask for all events and write them, here."""
    _set_up()
    from django.utils import timezone

    from accounts.models import User
    from exports.actions import ask
    from exports.writing import write_waiting

    user = User.objects.select_related("district").get(username=WHO)
    export = ask(user=user, kind="events", format=kind, query="", now=timezone.now())
    begun, used = time.perf_counter(), time.process_time()
    write_waiting()
    seconds, used = time.perf_counter() - begun, time.process_time() - used
    export.refresh_from_db()
    if export.status != "done":
        sys.exit(f"the export is {export.status} {export.failure}")
    return {
        "format": kind,
        "rows": export.rows_written,
        "seconds": round(seconds, 1),
        "processor_seconds": round(used, 1),
        "rows_a_second": round(export.rows_written / seconds),
        "file_mb": round(export.size / 1e6, 1),
        "peak_mb": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024),
    }


def _set_up() -> None:
    import django

    django.setup()


def _of_a_process(*options: str) -> str:
    program = [sys.executable, "-W", "ignore", "-m", "bench.exports", *options]
    return subprocess.run(program, check=True, stdout=subprocess.PIPE, text=True).stdout


if __name__ == "__main__":
    main()
