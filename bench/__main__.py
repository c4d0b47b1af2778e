"""One command: five alternating runs of product, bare views and pgbench; medians, ratios, latency."""

import argparse
import os
import platform
import statistics
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory

from bench import place

RUNS = 5
REQUESTS = 160
"""Of each kind, in each run."""
REPORTS = 60
"""Whose way to the room's queue is timed."""
PAGE = place.embedded.PROJECT / "docs" / "bench.md"


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("--write", action="store_true", help="also write docs/bench.md")
    parser.add_argument("--runs", type=int, default=RUNS)
    options = parser.parse_args()
    with place.database():
        import django

        django.setup()
        rates = throughput(options.runs)
        seconds = latency()
    tables = f"{rate_table(rates, options.runs)}\n\n{latency_table(seconds)}"
    print(f"\n{tables}")
    if options.write:
        PAGE.write_text(page(tables))


def throughput(runs: int) -> dict[str, dict[str, list[float]]]:
    """Kind of request: measured thing: requests per second of each run."""
    from bench import raw, requests
    from bench.client import log_in

    rates: dict = {name: {"product": [], "bare": [], "pgbench": []} for name in requests.NAMES}
    with TemporaryDirectory() as folder, place.web("product", "bare"):
        session = log_in(requests.REPORTER)
        raw.write_scripts(Path(folder))
        ways = {
            "product": lambda number: requests.measure("product", session, number),
            "bare": lambda number: requests.measure("bare", session, number),
            "pgbench": lambda number: raw.measure(Path(folder), 4 * number),
        }
        for way in ways.values():
            way(REQUESTS // 3)
        for run in range(runs):
            for way, measure in ways.items():
                for name, rate in measure(REQUESTS).items():
                    rates[name][way].append(rate)
            print(
                f"run {run + 1} of {runs}: "
                + ", ".join(
                    f"{name} {' / '.join(f'{found[-1]:.0f}' for found in kinds.values())}"
                    for name, kinds in rates.items()
                ),
                flush=True,
            )
    return rates


def latency() -> list[float]:
    from bench.latency import report_to_queue

    with place.web("product"), place.jobs():
        return report_to_queue(REPORTS)


def rate_table(rates: dict[str, dict[str, list[float]]], runs: int) -> str:
    lines = [
        f"| requests a second, medians of {runs} | product | bare Django + DRF | pgbench | product : bare | product : pgbench |",
        "|---|---:|---:|---:|---:|---:|",
    ]
    for name, kinds in rates.items():
        product, bare, pgbench = (statistics.median(kinds[way]) for way in ("product", "bare", "pgbench"))
        lines.append(
            f"| {name} | {product:.0f} | {bare:.0f} | {pgbench:.0f} | {product / bare:.2f} | {product / pgbench:.2f} |"
        )
    return "\n".join(lines)


def latency_table(seconds: list[float]) -> str:
    """p50, p95 and the longest; ``seconds`` in order."""
    p95 = seconds[round(0.95 * (len(seconds) - 1))]
    return (
        f"| report to visible in the room's queue, {len(seconds)} reports | seconds |\n|---|---:|\n"
        f"| p50 | {statistics.median(seconds):.3f} |\n| p95 | {p95:.3f} |\n| longest | {seconds[-1]:.3f} |"
    )


def page(tables: str) -> str:
    return f"""# How fast it is

Written by `python -m bench --write` on {datetime.now(UTC):%Y-%m-%d}: {os.cpu_count()} processors
({platform.machine()}), Python {platform.python_version()}, load {os.getloadavg()[0]:.1f} at the end. `make bench` measures again.

{tables}

- The product and the bare views (`bench/bare/`: the same tables, columns and inserts, no rules) run on the same gunicorn with
  two workers of four threads, the same middleware and the same session. Eight clients on kept connections; in each
  run {REQUESTS} requests of each kind, the things measured taking turns.
- *report* is a report by the command room without photos, *list* the 50 open events nearest to their deadline, *move* an
  accept. pgbench runs the statements captured from the bare views, prepared, with as many clients.
- Client, servers and PostgreSQL share the machine. PostgreSQL and Valkey are the embedded ones, durable, in `var/bench`.
- The last table is measured with the demo's Celery worker and beat, one report after another, asking the list every
  10 ms.
"""


if __name__ == "__main__":
    main()
