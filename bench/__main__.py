"""One command: everything of docs/bench.md, measured; about a quarter of an hour on two quiet cores."""

import argparse
import os
import platform
import statistics
import time
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from bench import place, written

RUNS = 5
REQUESTS = 160
"""Of each kind, in each run."""
ONE_BY_ONE = 200
REPORTS = 60
"""Whose way to the room's queue is timed."""
FIRST = 240
"""Events told by the real actions before they are copied."""
SIZES = (10_000, 200_000)
ROWS, CLOCKS = 10_000, 10_000


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument(
        "--write", action="store_true", help="also write docs/bench.md, .json, .svg and the README's table"
    )
    parser.add_argument("--runs", type=int, default=RUNS)
    parser.add_argument(
        "--part", type=float, default=1, help="a part of all sizes and counts, to try the bench itself"
    )
    options = parser.parse_args()
    began = time.monotonic()
    with place.database():
        import django

        django.setup()
        found = measured(options.runs, options.part)
    found |= {
        "date": f"{datetime.now(UTC):%Y-%m-%d}",
        "machine": f"{os.cpu_count()} processors ({platform.machine()}), Python {platform.python_version()}",
        "load": round(os.getloadavg()[0], 1),
        "minutes": round((time.monotonic() - began) / 60, 1),
    }
    print(f"\n{written.tables(found)}")
    if options.write:
        written.write(found)


def measured(runs: int, part: float) -> dict[str, Any]:
    """Throughput beside the yardsticks, then at each size the latencies, then the jobs at the largest."""
    from bench import bulk, jobs
    from bench.latency import one_by_one, report_to_queue

    def share(number: int, least: int) -> int:
        return max(least, round(number * part))

    sizes = [share(size, 800 * (n + 1)) for n, size in enumerate(SIZES)]
    found: dict[str, Any] = {"runs": runs, "sizes": sizes, "latency": {}, "export": {}, "load": 0}
    say(f"telling {share(FIRST, 40)} events by the real actions")
    bulk.tell_first(share(FIRST, 40))
    for size in sizes:
        say(f"copying them until there are {size:,}")
        bulk.load_until(size)
        if size == sizes[0]:
            rates = throughput(runs, share(REQUESTS, 16))
            found["throughput"] = {
                name: {way: round(statistics.median(each), 1) for way, each in kinds.items()}
                for name, kinds in rates.items()
            }
        say("one request after the other")
        with place.web("product"):
            times = one_by_one(share(ONE_BY_ONE, 16))
        found["latency"][str(size)] = {name: each.as_json() for name, each in times.items()}
        rows, seconds = jobs.export()
        found["export"][str(size)] = {"rows": rows, "seconds": round(seconds, 1)}
    say("from the report to the room's queue")
    jobs.stand_still()
    with place.web("product"), place.jobs():
        found["report to queue"] = report_to_queue(share(REPORTS, 5)).as_json()
    say("the outbox, the ladder")
    found["outbox rows a second"] = round(jobs.drain(share(ROWS, 400)))
    clocks, seconds = jobs.sweep(share(CLOCKS, 40))
    found["sweep"] = {"clocks": clocks, "seconds": round(seconds, 1)}
    return found


def throughput(runs: int, number: int) -> dict[str, dict[str, list[float]]]:
    """Kind of request: measured thing: requests per second of each run."""
    from bench import raw, requests
    from bench.client import log_in

    rates: dict = {name: {"product": [], "bare": [], "pgbench": []} for name in requests.NAMES}
    with TemporaryDirectory() as folder, place.web("product", "bare"):
        session = log_in(requests.REPORTER)
        raw.write_scripts(Path(folder))
        ways = {
            "product": lambda count: requests.measure("product", session, count),
            "bare": lambda count: requests.measure("bare", session, count),
            "pgbench": lambda count: raw.measure(Path(folder), 4 * count),
        }
        for way in ways.values():
            way(max(number // 3, 8))
        for run in range(runs):
            for way, measure in ways.items():
                for name, rate in measure(number).items():
                    rates[name][way].append(rate)
            say(
                f"run {run + 1} of {runs}, product / bare / pgbench: "
                + ", ".join(
                    f"{name} {' / '.join(f'{found[-1]:.0f}' for found in kinds.values())}"
                    for name, kinds in rates.items()
                )
            )
    return rates


def say(words: str) -> None:
    print(words, flush=True)


if __name__ == "__main__":
    main()
