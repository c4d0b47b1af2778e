"""What a container's health check asks; exit status 0 when it is well.

    python deploy/healthcheck.py web            /healthz of this container's web answers
    python deploy/healthcheck.py live           the live process answers; whether Valkey does is in its answer
    python deploy/healthcheck.py beat FILE      beat wrote its schedule in the last ten minutes (it does every three)

The worker's is ``celery inspect ping``.
"""

import os
import sys
import time
import urllib.request
from collections.abc import Callable
from pathlib import Path

SCHEDULE_SECONDS = 600


def web() -> bool:
    host = os.environ.get("ALLOWED_HOSTS", "localhost").split(",")[0].strip()
    request = urllib.request.Request("http://127.0.0.1:8000/healthz", headers={"Host": host})
    with urllib.request.urlopen(request, timeout=5) as answer:
        return answer.status == 200


def live() -> bool:
    with urllib.request.urlopen("http://127.0.0.1:8001/live/healthz", timeout=5) as answer:
        return answer.status == 200


def beat(schedule: str) -> bool:
    """The database of the schedule is one file or several, by the library at hand."""
    path = Path(schedule)
    written = [file.stat().st_mtime for file in path.parent.glob(f"{path.name}*")]
    return bool(written) and time.time() - max(written) < SCHEDULE_SECONDS


if __name__ == "__main__":
    part, *arguments = sys.argv[1:]
    parts: dict[str, Callable[..., bool]] = {"web": web, "live": live, "beat": beat}
    sys.exit(0 if parts[part](*arguments) else 1)
