"""Where it is measured: PostgreSQL and Valkey of its own under var/bench, a fresh clone for every run.

Importing this module starts the servers and sets what Django's settings are read from; ``database`` must be
entered before Django is set up.
"""

import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from urllib.parse import urlsplit

import psycopg2
import yaml

from grid_platform import embedded

VAR_DIR = embedded.PROJECT / "var" / "bench"
os.environ |= {
    "DJANGO_SETTINGS_MODULE": "grid_platform.settings",
    "DEMO_MODE": "1",
    "VAR_DIR": str(VAR_DIR),
    "API_PER_MINUTE": "0",
}

from grid_platform import serve  # noqa: E402  it reads VAR_DIR

CLONE = "bench"
FIRST_STEP = 1_000_000_000
"""Steps are numbered from here, so that a captured statement's step can be told from other numbers."""
PORTS = {"product": 8971, "bare": 8972}
APPLICATIONS = {"product": "grid_platform.wsgi", "bare": "bench.bare.wsgi"}


@contextmanager
def database() -> Iterator[None]:
    """A clone of the loaded district, for as long as it is measured."""
    try:
        shutil.rmtree(VAR_DIR / "media", ignore_errors=True)
        os.environ |= embedded.start(VAR_DIR, settings=_settings())
        _manage("migrate", "--verbosity", "0", AS_OWNER="1")
        _manage("load_district")
        owner(
            f"DROP DATABASE IF EXISTS {CLONE} WITH (FORCE)", f"CREATE DATABASE {CLONE} TEMPLATE grid_platform"
        )
        for name in ("DATABASE_URL", "DATABASE_OWNER_URL"):
            os.environ[name] = urlsplit(os.environ[name])._replace(path=f"/{CLONE}").geturl()
        owner(f"SELECT setval(pg_get_serial_sequence('events_step', 'id'), {FIRST_STEP})")
        yield
    finally:
        embedded.stop(VAR_DIR)


def _settings() -> dict[str, str]:
    """What docker-compose.yml gives PostgreSQL in service, not the little a demo gets."""
    compose = yaml.safe_load((embedded.PROJECT / "docker-compose.yml").read_text())
    command = compose["services"]["postgres"]["command"]
    return dict(word.split("=", 1) for word in command if "=" in word)


@contextmanager
def web(*names: str) -> Iterator[None]:
    """gunicorn as the demo runs it, for each of the named applications."""
    with ExitStack() as stack:
        for name in names:
            command = [
                "gunicorn", APPLICATIONS[name], "--bind", f"127.0.0.1:{PORTS[name]}", *serve.WEB[4:],
                "--log-level", "warning",
            ]  # fmt: skip
            stack.enter_context(serve.running(command))
        for name in names:
            _wait_for(PORTS[name])
        yield


@contextmanager
def jobs() -> Iterator[None]:
    """Celery worker and beat as the demo runs them."""
    with serve.running(serve.COMMANDS["worker"]), serve.running(serve.COMMANDS["beat"]):
        time.sleep(5)
        yield


def _wait_for(port: int) -> None:
    for _attempt in range(100):
        try:
            socket.create_connection(("127.0.0.1", port), timeout=5).close()
            return
        except ConnectionError:
            time.sleep(0.2)
    sys.exit(f"No server answers on port {port}.")


def _manage(*command: str, **more: str) -> None:
    program = [sys.executable, "-W", "ignore", str(embedded.PROJECT / "manage.py"), *command]
    subprocess.run(program, env=os.environ | more, stdout=subprocess.DEVNULL, check=True)


def owner(*statements: str, user: str | None = None) -> None:
    """As the tables' owner or another ``user``, outside of any transaction."""
    more = {"user": user} if user else {}
    connection = psycopg2.connect(os.environ["DATABASE_OWNER_URL"], **more)
    connection.autocommit = True
    try:
        with connection.cursor() as cursor:
            for statement in statements:
                cursor.execute(statement)
    finally:
        connection.close()
