"""What the monitoring reads of this live process: connections, hints, how late they are, and how Valkey is heard.

The figures are this process's own, in a registry of their own: the web's are another address.
"""

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest

REGISTRY = CollectorRegistry()
CONNECTIONS = Gauge("grid_live_connections", "Open connections of browsers.", registry=REGISTRY)
HEARS = Gauge("grid_live_hears", "1 while Valkey's messages arrive.", registry=REGISTRY)
HINTS = Counter("grid_live_hints", "Hints to a browser about one event.", registry=REGISTRY)
RECONNECTS = Counter("grid_live_reconnects", "Valkey was heard again after it was away.", registry=REGISTRY)
HINT_SECONDS = Histogram(
    "grid_live_hint_seconds",
    "From the end of a move to the hint written to a browser; of several hints in one message the oldest.",
    buckets=(0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10),
    registry=REGISTRY,
)


def text() -> bytes:
    return generate_latest(REGISTRY)
