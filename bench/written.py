"""What was measured, as tables, JSON and a picture: docs/bench.md, docs/bench.json, docs/bench.svg, the README's table."""

import json
import re
from typing import Any

import leather
from leather import theme

from grid_platform.embedded import PROJECT

DOCS = PROJECT / "docs"
README = PROJECT / "README.md"
BEGIN, END = "<!-- bench: begin -->", "<!-- bench: end -->"
Found = dict[str, Any]
LIGHT, DARK = "#93c5fd", "#1d4ed8"
SLOW = ("list of 50, 8 clients", "rates page")


def write(found: Found) -> None:
    (DOCS / "bench.md").write_text(page(found))
    (DOCS / "bench.json").write_text(json.dumps(found, indent=2, ensure_ascii=False) + "\n")
    picture(found)
    text = README.read_text()
    marked = re.compile(f"{re.escape(BEGIN)}.*?{re.escape(END)}", re.DOTALL)
    README.write_text(marked.sub(lambda _: f"{BEGIN}\n{goals(found)}\n{END}", text))


def goals(found: Found) -> str:
    """Each goal beside what was measured."""
    small, large = (found["latency"][str(size)] for size in found["sizes"])
    report, growth = (
        _ratio(found, "report", "bare"),
        large["list of 50"]["p50_ms"] / small["list of 50"]["p50_ms"],
    )
    queue, sweep = found["report to queue"], found["sweep"]
    per_clock = sweep["seconds"] / sweep["clocks"]
    rows = [
        ("report, 8 clients, beside a bare Django view", f"{report:.2f}", "0.60 or more", report >= 0.6),
        ("list of 50, one client, p50", _ms(large["list of 50"]["p50_ms"]), "25 ms", large["list of 50"]["p50_ms"] <= 25),
        ("list of 50, one client, p95", _ms(large["list of 50"]["p95_ms"]), "60 ms", large["list of 50"]["p95_ms"] <= 60),
        (f"list of 50, growth from {_sizes(found)} events", f"{growth:.2f} x", "1.2 x", growth <= 1.2),
        ("a move, one client, p50", _ms(large["move"]["p50_ms"]), "15 ms", large["move"]["p50_ms"] <= 15),
        ("outbox, rows a second", f"{found['outbox rows a second']:,}", "2,000 or more", found["outbox rows a second"] >= 2000),
        (
            f"{sweep['clocks']:,} clocks due at once",
            f"{sweep['seconds']:.0f} s",
            "60 s for 10,000",
            per_clock * 10_000 <= 60,
        ),
    ]  # fmt: skip
    lines = [f"| measured with {found['sizes'][-1]:,} events | | goal | |", "|---|---:|---:|---|"]
    lines += [
        f"| {what} | {value} | {goal} | {'reached' if ok else 'not reached'} |"
        for what, value, goal, ok in rows
    ]
    lines.append(f"| report to visible in the room's queue, p50 | {_ms(queue['p50_ms'])} | | |")
    return "\n".join(lines)


def tables(found: Found) -> str:
    return "\n\n".join(
        [goals(found), _throughput(found), _latency(found), *([_export(found)] if found["export"] else [])]
    )


def _throughput(found: Found) -> str:
    lines = [
        f"| requests a second, 8 clients, medians of {found['runs']} | product | bare Django + DRF | pgbench "
        "| product : bare | product : pgbench |",
        "|---|---:|---:|---:|---:|---:|",
    ]
    for name, ways in found["throughput"].items():
        numbers = " | ".join(f"{ways[way]:.0f}" for way in ("product", "bare", "pgbench"))
        lines.append(
            f"| {name} | {numbers} | {_ratio(found, name, 'bare'):.2f} | {_ratio(found, name, 'pgbench'):.2f} |"
        )
    return "\n".join(lines)


def _latency(found: Found) -> str:
    """Each request at each size, and the growth of its p50."""
    sizes = [str(size) for size in found["sizes"]]
    titles = " | ".join(f"{size:,} events: p50 | p95" for size in found["sizes"])
    lines = [f"| milliseconds of one request | {titles} | growth |", "|---|" + "---:|" * (2 * len(sizes) + 1)]
    for name in found["latency"][sizes[0]]:
        times = [found["latency"][size][name] for size in sizes]
        cells = " | ".join(f"{each['p50_ms']:.1f} | {each['p95_ms']:.1f}" for each in times)
        lines.append(f"| {name} | {cells} | {times[-1]['p50_ms'] / times[0]['p50_ms']:.2f} |")
    return "\n".join(lines)


def _export(found: Found) -> str:
    lines = ["| export to CSV | rows | seconds | rows a second |", "|---|---:|---:|---:|"]
    for size, export in found["export"].items():
        speed = export["rows"] / export["seconds"]
        lines.append(
            f"| of {int(size):,} events | {export['rows']:,} | {export['seconds']:.1f} | {speed:,.0f} |"
        )
    return "\n".join(lines)


def picture(found: Found) -> None:
    """The ratios to the bare views, and the p50 of one request at both sizes, the quick ones and the slow ones apart."""
    theme.background_color, theme.tick_color, theme.zero_color = "#ffffff", "#e5e7eb", "#9ca3af"
    theme.title_color, theme.label_color, theme.legend_color = "#111827", "#374151", "#374151"
    theme.title_font_family = theme.tick_font_family = theme.legend_font_family = "sans-serif"
    grid, latency = leather.Grid(), found["latency"]
    ratios = leather.Chart("Requests a second: the product as % of a bare Django view")
    ratios.add_bars(
        [(round(100 * _ratio(found, name, "bare")), name) for name in found["throughput"]], fill_color=DARK
    )
    ratios.add_x_scale(0, 100)
    grid.add_one(ratios)
    names = sorted(latency[str(found["sizes"][-1])], key=lambda name: name in SLOW)
    for title, shown in (
        ("Milliseconds of a request, p50", names[: -len(SLOW)]),
        ("Milliseconds of the slower ones, p50", names[-len(SLOW) :]),
    ):
        chart = leather.Chart(title)
        rows = [
            (latency[str(size)][name]["p50_ms"], f"{name}, {size:,} events")
            for name in shown
            for size in found["sizes"]
        ]
        largest = f"{found['sizes'][-1]:,} events"
        chart.add_bars(
            rows, fill_color=lambda row, largest=largest: DARK if row.y.endswith(largest) else LIGHT
        )
        chart.add_x_scale(0, max(row[0] for row in rows) * 1.1)
        grid.add_one(chart)
    grid.to_svg(str(DOCS / "bench.svg"), width=1500, height=620)


def _ratio(found: Found, name: str, to: str) -> float:
    ways = found["throughput"][name]
    return ways["product"] / ways[to]


def _ms(milliseconds: float) -> str:
    return f"{milliseconds:.1f} ms"


def _sizes(found: Found) -> str:
    return " to ".join(f"{size:,}" for size in found["sizes"])


def page(found: Found) -> str:
    queue, sweep = found["report to queue"], found["sweep"]
    return f"""# How fast it is

Written by `python -m bench --write` on {found["date"]}: {found["machine"]}, load {found["load"]} at the end,
{found["minutes"]} minutes. `make bench` measures again. The numbers as JSON: [bench.json](bench.json).

{goals(found)}

![Ratios to a bare Django view, and milliseconds at two sizes](bench.svg)

{_throughput(found)}

{_latency(found)}

{_export(found)}

From the sending of a report to its place in the room's queue, {queue["requests"]} reports: p50 {queue["p50_ms"]:.0f} ms,
p95 {queue["p95_ms"]:.0f} ms, longest {queue["longest_ms"]:.0f} ms. Two worker processes drain
{found["outbox rows a second"]:,} outbox rows a second, and fire the rungs of {sweep["clocks"]:,} clocks due at once in
{sweep["seconds"]:.1f} s.

- The product and the bare views (`bench/bare/`: the same tables, columns and inserts, no rules) run on the same gunicorn with
  two workers of four threads, the same middleware and the same session. Eight clients on kept connections, the things
  measured taking turns; pgbench runs the statements captured from the bare views, prepared, with as many clients.
- *report* is a report by the command room without photos, *list* the 50 open events nearest to their deadline, *move* an
  accept, *rates page* the supervisor's.
- The events are some hundred told by the real actions and copied in bulk with steps, clocks and orders; their chains verify.
  Of all events 4 % are open, half of them in the street that is measured.
- Client, servers and PostgreSQL share the machine. PostgreSQL and Valkey are the embedded ones, durable, in `var/bench`.
- The way to the queue is measured with the demo's Celery worker and beat, one report after another, asking the list every 10 ms.
"""
