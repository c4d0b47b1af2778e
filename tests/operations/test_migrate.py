"""Migrations at work: two at once take turns, and a table in use is waited for without stopping everybody."""

import os
import subprocess
import sys
import threading
from contextlib import closing

import psycopg2
import pytest
from django.core.management import CommandError, call_command
from django.db import connection

from grid_platform.embedded import PROJECT
from operations.management.commands import migrate
from tests import servers


def start_migrate(urls: dict[str, str]) -> subprocess.Popen:
    command = [sys.executable, str(PROJECT / "manage.py"), "migrate", "--skip-checks"]
    environ = os.environ | urls | {"AS_OWNER": "1"}
    return subprocess.Popen(command, env=environ, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)


def test_two_at_once_and_once_more_are_one():
    with servers.empty() as name:
        both = [start_migrate(servers.urls_of(name)) for _ in range(2)]
        told = [process.communicate(timeout=120)[0] for process in both]
        assert [process.returncode for process in both] == [0, 0], told
        assert sorted("No migrations to apply." in text for text in told) == [False, True]


@pytest.fixture
def in_use(fresh_database, monkeypatch):
    """Somebody reads a table which a migration would change; the last migration is not applied yet."""
    monkeypatch.setattr(migrate, "LOCK_SECONDS", 0.2)
    monkeypatch.setattr(migrate, "PAUSE_SECONDS", 0.1)
    settings = connection.settings_dict
    role = settings["USER"]
    connection.close()
    settings["USER"] = "grid_owner"
    with closing(psycopg2.connect(fresh_database["DATABASE_OWNER_URL"])) as other:
        other.cursor().execute("SELECT * FROM operations_heartbeat")
        yield other
    connection.close()
    settings["USER"] = role


def test_a_table_in_use_is_waited_for(in_use):
    threading.Timer(0.5, in_use.rollback).start()
    call_command("migrate", "operations", "zero", verbosity=0, skip_checks=True)
    assert "operations_heartbeat" not in connection.introspection.table_names()


def test_a_table_that_stays_in_use_is_told_and_nothing_is_half_done(in_use, monkeypatch):
    monkeypatch.setattr(migrate, "TRIES", 2)
    with pytest.raises(CommandError, match="stayed locked through 2 tries"):
        call_command("migrate", "operations", "zero", verbosity=0, skip_checks=True)
    assert "operations_heartbeat" in connection.introspection.table_names()
    with connection.cursor() as cursor:
        cursor.execute("SHOW lock_timeout")
        assert cursor.fetchone() == ("0",)
