"""Databases and servers for the tests; tests/servers.py says how they come about.

- ``db`` or ``@pytest.mark.django_db``: one transaction in this process's clone, rolled back. The usual case.
- ``fresh_database``: a clone of the test's own, for real commits, other processes and threads, and browsers.
- ``site``: the product served over HTTP from that clone, in a thread; ``shared_site`` for all tests of a module.
- ``chromium``: a real browser, one for the whole process.
- ``valkey``: a Valkey of the test's own, which may be killed and paused.

``transaction=True`` and ``live_server`` are refused: they flush, and the steps cannot be truncated.
"""

import gc
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests import servers  # isort: skip  (first: it sets what Django's settings are read from)

import django
import pytest
from django.conf import settings
from django.db import connections
from django.utils import translation
from pytest_django.live_server_helper import LiveServer
from whitenoise.middleware import WhiteNoiseMiddleware

from tests.browser.chromium import chromium

__all__ = ["chromium"]  # One for all tests: Playwright starts but once in a process.

django.setup()
# A password is hashed hundreds of times here; the service's own way stays readable.
settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher", *settings.PASSWORD_HASHERS]

_static_files: dict = {}
_look_for_static_files = WhiteNoiseMiddleware.add_files_from_finders


def _static_files_found_once(self: WhiteNoiseMiddleware) -> None:
    """Every ``Client()`` builds the middleware anew, and WhiteNoise would go through the folders each time."""
    if not _static_files:
        _look_for_static_files(self)
        _static_files.update(self.files)
    self.files.update(_static_files)


WhiteNoiseMiddleware.add_files_from_finders = _static_files_found_once


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        marker = item.get_closest_marker("django_db")
        flushing = {"transactional_db", "live_server"} & set(getattr(item, "fixturenames", ()))
        if flushing or (marker and marker.kwargs.get("transaction")):
            raise pytest.UsageError(f"{item.nodeid} would flush the database: use fresh_database or site")


def pytest_collection_finish() -> None:
    """What is loaded by now stays: the collector need not look through all of it again and again."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(10_000, 20, 20)


def pytest_runtest_setup() -> None:
    """The test client leaves the language of its last request behind."""
    translation.deactivate()


@pytest.fixture(scope="session")
def django_db_setup(django_db_blocker) -> Iterator[None]:
    """This process's clone, instead of pytest-django's own test database."""
    with servers.clone() as name:
        with django_db_blocker.unblock():
            _enter(name)
        yield
        with django_db_blocker.unblock():
            connections.close_all()


@pytest.fixture
def fresh_database(request, django_db_setup, django_db_blocker) -> Iterator[dict[str, str]]:
    """A database of this test's own, and the environment variables that lead other processes to it.

    They are set in ``os.environ`` too, so a process started without ``env`` finds it.
    """
    if "db" in request.fixturenames or request.node.get_closest_marker("django_db"):
        raise pytest.UsageError("db and fresh_database exclude each other: take fresh_database alone")
    with _own_database(django_db_blocker) as urls:
        yield urls


@pytest.fixture(scope="module")
def shared_site(django_db_setup, django_db_blocker) -> Iterator[str]:
    """As ``site``, one for all tests of a module: each looks at its own events only."""
    with _own_database(django_db_blocker):
        server = LiveServer("127.0.0.1")
        yield server.url
        server.stop()


@pytest.fixture
def site(fresh_database) -> Iterator[str]:
    """The address of the product, served by a thread of this process, without a slash at its end."""
    server = LiveServer("127.0.0.1")
    yield server.url
    server.stop()


@pytest.fixture
def valkey(tmp_path: Path, monkeypatch) -> Iterator[servers.Valkey]:
    """A Valkey of this test's own; Celery in this process and REDIS_URL lead to it."""
    from grid_platform.celery import app

    shared = app.conf.broker_url
    server = servers.Valkey(tmp_path / "valkey")
    monkeypatch.setenv("REDIS_URL", server.url)
    _publish_to(app, server.url)
    yield server
    _publish_to(app, shared)
    server.stop()


@contextmanager
def _own_database(django_db_blocker) -> Iterator[dict[str, str]]:
    shared = connections.settings["default"]["NAME"]
    with servers.clone() as name, django_db_blocker.unblock(), pytest.MonkeyPatch.context() as patch:
        urls = servers.urls_of(name)
        for variable, url in urls.items():
            patch.setenv(variable, url)
        _enter(name)
        yield urls
        _enter(shared)


def _enter(database: str) -> None:
    connections.close_all()
    connections.settings["default"]["NAME"] = database


def _publish_to(app, url: str) -> None:
    """Celery keeps its connections; it must forget them to follow a new address."""
    app.conf.broker_url = url
    app.set_current()
    app._after_fork()
