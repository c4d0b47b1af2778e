"""How gunicorn serves the web in service; docs/adr/0008 says why processes with threads.

WEB_CONCURRENCY, gunicorn's own variable, sets the number of processes.
"""

import os
import shutil
import tempfile

# Looked at when prometheus_client is imported, so it is set before; the figures begin anew with each start.
_figures = os.environ.setdefault(
    "PROMETHEUS_MULTIPROC_DIR", os.path.join(tempfile.gettempdir(), "grid-figures")
)

from prometheus_client import multiprocess  # noqa: E402

bind = os.environ.get("BIND", "127.0.0.1:8000")
workers = int(os.environ.get("WEB_CONCURRENCY", "4"))
threads = 4
graceful_timeout = 20
keepalive = 75
"""Seconds; longer than the proxy keeps an idle connection, so that the proxy always closes first."""
limit_request_line = 8190

if os.environ.get("LOG_JSON", "1") != "0":
    logconfig_dict = {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {"json": {"()": "grid_platform.log_lines.JsonLine"}},
        "handlers": {"json": {"class": "logging.StreamHandler", "formatter": "json"}},
        "root": {"handlers": ["json"], "level": "INFO"},
        "loggers": {"gunicorn.error": {"handlers": ["json"], "level": "INFO", "propagate": False}},
    }


def on_starting(server):
    shutil.rmtree(_figures, ignore_errors=True)
    os.makedirs(_figures, mode=0o700)


def child_exit(server, worker):
    multiprocess.mark_process_dead(worker.pid)
