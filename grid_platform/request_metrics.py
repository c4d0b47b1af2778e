"""How many requests and how long they take, by view and status; counted over all web processes.

With PROMETHEUS_MULTIPROC_DIR (``deploy/gunicorn.conf.py`` sets it) every process keeps its figures in a file
there; without it they are this process's own.
"""

from prometheus_client import Histogram

REQUEST_SECONDS = Histogram(
    "grid_request_seconds",
    "Requests by the name of their view and their status.",
    ["view", "status"],
    buckets=(0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10),
)


def observe(view: str, status: int, seconds: float) -> None:
    REQUEST_SECONDS.labels(view, str(status)).observe(seconds)
