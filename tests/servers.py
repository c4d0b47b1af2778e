"""The tests' PostgreSQL and Valkey, and the databases cut from one template.

- Without DATABASE_URL or REDIS_URL the embedded servers run under ``var/test`` for as long as any test run of
  this folder needs them; fsync is off, their data may be thrown away.
- The template holds the migrated tables and the reference data. It is made once for each state of the source
  (its name ends in a digest of the applications' files) by the tables' owner; every database a test sees is a
  clone, entered as the application's role. Nothing is flushed: truncating would trip the steps' triggers.
- Importing this module starts the servers and sets the environment Django's settings are read from.
"""

import atexit
import fcntl
import hashlib
import itertools
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from urllib.parse import urlsplit

import psutil
import psycopg2
from django.core.management import get_commands
from django.db import connections
from psycopg2 import sql

from grid_platform import embedded, environment

VAR_DIR = embedded.PROJECT / "var" / "test"
SOURCES = ("grid_platform", *(path.parent.name for path in embedded.PROJECT.glob("*/apps.py")))
REFERENCE_DATA = "load_district"
KEPT_TEMPLATES = 3
_numbers = itertools.count(1)


class Valkey:
    """A Valkey of one test's own, which may be killed, stopped and started again at the same address."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self.start()

    def start(self) -> None:
        self.url = embedded.start(self._folder, postgres=False)["REDIS_URL"]

    def kill(self) -> None:
        """Nobody listens any more: connections are refused."""
        self._signal(signal.SIGKILL)
        while embedded.status(self._folder)["valkey"]:
            time.sleep(0.01)

    def pause(self) -> None:
        """Connections are taken but never answered, until resume()."""
        self._signal(signal.SIGSTOP)

    def resume(self) -> None:
        self._signal(signal.SIGCONT)

    def stop(self) -> None:
        embedded.stop(self._folder)

    def _signal(self, number: signal.Signals) -> None:
        pid = embedded.status(self._folder)["valkey"]
        assert pid, "this Valkey does not run"
        os.kill(pid, number)


def urls_of(database: str) -> dict[str, str]:
    """DATABASE_URL and DATABASE_OWNER_URL with the database's name put in."""
    return {
        name: urlsplit(os.environ[name])._replace(path=f"/{database}").geturl()
        for name in ("DATABASE_URL", "DATABASE_OWNER_URL")
    }


def clone() -> AbstractContextManager[str]:
    """The name of a new database, cut from the template and dropped at the end, whoever still uses it."""
    return _database(_template())


def empty() -> AbstractContextManager[str]:
    """The same without a table in it."""
    return _database("template1")


@contextmanager
def _database(template: str) -> Iterator[str]:
    name = f"test_{os.getpid()}_{next(_numbers)}"
    with _owner() as cursor:
        _create(cursor, name, template=template)
    try:
        yield name
    finally:
        with _owner() as cursor:
            _drop(cursor, name)


@contextmanager
def entered(database: str, user: str) -> Iterator[None]:
    """This process works in another database, as the role named."""
    settings = connections.settings["default"]
    before = {name: settings[name] for name in ("NAME", "USER")}
    connections.close_all()
    settings |= {"NAME": database, "USER": user}
    try:
        yield
    finally:
        connections.close_all()
        settings |= before


def _template() -> str:
    """The template's name; made first when this state of the source has none."""
    name = f"test_template_{_digest()}"
    with _locked("template.lock", fcntl.LOCK_EX), _owner() as cursor:
        if not _exists(cursor, name):
            _drop_leftovers(cursor)
            unfinished = f"{name}_unfinished"
            _drop(cursor, unfinished)
            _create(cursor, unfinished, template="template1")
            _fill(unfinished)
            cursor.execute(
                sql.SQL("ALTER DATABASE {} RENAME TO {}").format(
                    sql.Identifier(unfinished), sql.Identifier(name)
                )
            )
    return name


def _fill(database: str) -> None:
    """Tables by the owner's migrations, then the reference data by the application's role."""
    application = environment.database("DATABASE_URL", os.environ["DATABASE_URL"])["USER"]
    with _owner(database) as cursor:
        for privileges in ("SELECT, INSERT, UPDATE, DELETE ON TABLES", "USAGE, SELECT ON SEQUENCES"):
            cursor.execute(
                sql.SQL("ALTER DEFAULT PRIVILEGES GRANT {} TO {}").format(
                    sql.SQL(privileges), sql.Identifier(application)
                )
            )
    _manage(database, "migrate", "--verbosity", "0", AS_OWNER="1")
    if REFERENCE_DATA in get_commands():
        _manage(database, REFERENCE_DATA)


def _manage(database: str, *command: str, **more: str) -> None:
    environ = os.environ | urls_of(database) | more
    program = [sys.executable, str(embedded.PROJECT / "manage.py"), *command, "--skip-checks"]
    done = subprocess.run(program, env=environ, capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuntimeError(f"manage.py {' '.join(command)} failed:\n{done.stdout}{done.stderr}")


def _digest() -> str:
    """Of every file of the applications that could change tables or reference data."""
    digest = hashlib.sha256()
    for path in sorted(path for source in SOURCES for path in (embedded.PROJECT / source).rglob("*.*")):
        if path.is_file() and path.suffix != ".pyc":
            digest.update(str(path.relative_to(embedded.PROJECT)).encode() + b"\0" + path.read_bytes())
    return digest.hexdigest()[:12]


def _drop_leftovers(cursor: psycopg2.extensions.cursor) -> None:
    """Clones of dead runs, and all but the newest templates."""
    cursor.execute("SELECT datname FROM pg_database WHERE datname ~ '^test_[0-9]+_' ORDER BY oid")
    clones = [name for (name,) in cursor if not psutil.pid_exists(int(name.split("_")[1]))]
    cursor.execute("SELECT datname FROM pg_database WHERE datname ~ '^test_template_' ORDER BY oid DESC")
    for name in [*clones, *(name for (name,) in cursor.fetchall()[KEPT_TEMPLATES:])]:
        _drop(cursor, name)


def _create(cursor: psycopg2.extensions.cursor, name: str, *, template: str) -> None:
    statement = sql.SQL("CREATE DATABASE {} TEMPLATE {} STRATEGY file_copy")
    cursor.execute(statement.format(sql.Identifier(name), sql.Identifier(template)))


def _drop(cursor: psycopg2.extensions.cursor, name: str) -> None:
    """Waits for an autovacuum worker, which only a superuser may send away."""
    statement = sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name))
    for _ in range(100):
        try:
            return cursor.execute(statement)
        except psycopg2.errors.InsufficientPrivilege:
            time.sleep(0.1)
    cursor.execute(statement)


def _exists(cursor: psycopg2.extensions.cursor, name: str) -> bool:
    cursor.execute("SELECT 1 FROM pg_database WHERE datname = %s", [name])
    return cursor.fetchone() is not None


@contextmanager
def _owner(database: str = "") -> Iterator[psycopg2.extensions.cursor]:
    """A cursor of the tables' owner, outside of any transaction."""
    settings = environment.database("DATABASE_OWNER_URL", _OWNER_URL)
    names = {"user": "USER", "password": "PASSWORD", "host": "HOST", "port": "PORT"}
    connection = psycopg2.connect(
        dbname=database or settings["NAME"],
        **{name: settings[key] for name, key in names.items() if settings[key]},
        **settings["OPTIONS"],
    )
    connection.autocommit = True
    try:
        yield connection.cursor()
    finally:
        connection.close()


@contextmanager
def _locked(name: str, kind: int) -> Iterator[None]:
    with (VAR_DIR / name).open("w") as lock:
        fcntl.flock(lock, kind)
        yield


def _start() -> None:
    """Runs what no URL replaces. A shared lock counts this folder's test runs; the last one stops all."""
    VAR_DIR.mkdir(parents=True, exist_ok=True)
    missing = {
        server: not os.environ.get(name)
        for server, name in (("postgres", "DATABASE_URL"), ("valkey", "REDIS_URL"))
    }
    users = (VAR_DIR / "users.lock").open("w")
    fcntl.flock(users, fcntl.LOCK_SH)
    if any(missing.values()):
        os.environ.update(embedded.start(VAR_DIR, durable=False, **missing))
        atexit.register(_stop_after_the_last, users, os.getpid())
    os.environ.setdefault("DATABASE_OWNER_URL", os.environ["DATABASE_URL"])
    os.environ |= {
        "DJANGO_SETTINGS_MODULE": "grid_platform.settings",
        "DEMO_MODE": "1",
        "VAR_DIR": str(VAR_DIR),
        "LIVE_URL": "off",  # but for the tests of live pages
        "API_PER_MINUTE": "0",  # no limit: the tests are quicker than people
    }


def _stop_after_the_last(users, starter: int) -> None:
    if os.getpid() != starter:
        return
    try:
        fcntl.flock(users, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return
    embedded.stop(VAR_DIR)


_start()
_OWNER_URL = os.environ["DATABASE_OWNER_URL"]
"""As it was at the start: fresh_database changes the environment."""
