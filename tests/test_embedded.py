"""PostgreSQL and Valkey from PyPI: started twice, killed, refused, and the databases cut for the tests."""

import os
import shutil
import signal
import time
import urllib.parse
import urllib.request

import psutil
import psycopg2
import pytest
import redis
from celery import current_app
from django.db import connection, transaction
from django.db.utils import ProgrammingError
from kombu.exceptions import OperationalError

from grid_platform import embedded, environment, server_account


@pytest.fixture
def var_dir(tmp_path):
    """Its data lies under /var/lib when root's pytest keeps its folders private."""
    folder = tmp_path / "a folder with spaces"
    yield folder
    remove(folder)


def remove(folder):
    embedded.stop(folder)
    if (folder / "postgres").is_symlink():
        shutil.rmtree((folder / "postgres").resolve().parent)


def query(url: str, statement: str) -> list[tuple]:
    settings = environment.database("DATABASE_URL", url)
    connected = psycopg2.connect(host=settings["HOST"], user=settings["USER"], dbname=settings["NAME"])
    with connected, connected.cursor() as cursor:
        cursor.execute(statement)
        found = cursor.fetchall() if cursor.description else []
    connected.close()
    return found


def test_servers_start_once_keep_their_data_through_a_kill_and_stop(var_dir):
    first = embedded.start(var_dir)
    assert embedded.start(var_dir) == first == embedded.addresses(var_dir)
    query(first["DATABASE_OWNER_URL"], "CREATE TABLE kept (number int)")
    query(first["DATABASE_URL"], "INSERT INTO kept VALUES (42)")
    with pytest.raises(psycopg2.errors.InsufficientPrivilege):
        query(first["DATABASE_URL"], "TRUNCATE kept")
    assert query(first["DATABASE_URL"], "SHOW fsync") == [("on",)]
    assert query(first["DATABASE_URL"], "SHOW synchronous_commit") == [("on",)]

    for pid in embedded.status(var_dir).values():
        os.kill(pid, signal.SIGKILL)
    wait_until(lambda: not any(embedded.status(var_dir).values()))
    assert embedded.start(var_dir) == first
    assert query(first["DATABASE_URL"], "SELECT number FROM kept") == [(42,)]

    processes = [psutil.Process(pid) for pid in embedded.status(var_dir).values()]
    embedded.stop(var_dir)
    assert not any(alive(process) for process in processes)
    assert embedded.addresses(var_dir) == {}
    embedded.stop(var_dir)


def test_a_pid_file_whose_number_another_program_has_does_not_hinder_the_start(var_dir):
    embedded.start(var_dir, valkey=False)
    embedded.stop(var_dir)
    (var_dir / "postgres" / "postmaster.pid").write_text(f"{os.getpid()}\n{var_dir / 'postgres'}\n")
    assert embedded.status(var_dir)["postgres"] is None
    assert query(embedded.start(var_dir, valkey=False)["DATABASE_URL"], "SELECT 1") == [(1,)]


def test_data_of_another_major_version_is_refused_by_name(var_dir):
    embedded.start(var_dir, valkey=False)
    embedded.stop(var_dir)
    (var_dir / "postgres" / "PG_VERSION").write_text("16\n")
    with pytest.raises(
        server_account.EmbeddedServerError, match=r"made by PostgreSQL 16, and this is PostgreSQL 18"
    ):
        embedded.start(var_dir)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give a folder to somebody else")
def test_a_folder_of_another_user_is_refused_by_name(var_dir):
    embedded.start(var_dir, valkey=False)
    embedded.stop(var_dir)
    os.chown((var_dir / "postgres").resolve(), 1, 1)
    with pytest.raises(server_account.EmbeddedServerError, match=r"belongs to daemon.* run as nobody"):
        embedded.start(var_dir)
    os.chown(var_dir, 1, 1)
    with pytest.raises(server_account.EmbeddedServerError, match=r"belongs to daemon, and you are root"):
        embedded.start(var_dir)
    os.chown(var_dir, 0, 0)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root hands the servers to another account")
def test_root_starts_a_project_that_the_servers_account_cannot_reach(var_dir, monkeypatch):
    for module in (embedded, server_account):
        monkeypatch.setattr(module, "within_reach", lambda path: False)
    found = embedded.start(var_dir)
    assert query(found["DATABASE_URL"], "SELECT 1") == [(1,)]
    assert (var_dir / "postgres").is_symlink()
    for pid in embedded.status(var_dir).values():
        assert psutil.Process(pid).username() == "nobody"
        assert psutil.Process(pid).exe().startswith("/var/lib/grid-platform/")


def test_a_socket_folder_that_others_may_enter_is_refused(var_dir):
    embedded.start(var_dir, postgres=False)
    folder = embedded.addresses(var_dir)["REDIS_URL"].removeprefix("redis+socket://").rsplit("/", 1)[0]
    os.chmod(folder, 0o755)
    with pytest.raises(server_account.EmbeddedServerError, match=r"mode 0700, but it is drwxr-xr-x"):
        embedded.start(var_dir, postgres=False)
    os.chmod(folder, 0o700)


def test_a_fresh_database_takes_commits_and_refuses_the_applications_role_what_the_owner_may(fresh_database):
    settings = environment.database("DATABASE_URL", fresh_database["DATABASE_URL"])
    assert os.environ["DATABASE_URL"] == fresh_database["DATABASE_URL"]
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("INSERT INTO django_session VALUES ('key', 'data', now())")
        cursor.execute("SELECT current_database(), current_user")
        assert cursor.fetchone() == (settings["NAME"], settings["USER"])
    assert query(fresh_database["DATABASE_URL"], "SELECT session_key FROM django_session") == [("key",)]
    with connection.cursor() as cursor, pytest.raises(ProgrammingError, match="must be owner"):
        cursor.execute("DROP TABLE django_session")


def test_the_site_is_served_from_the_fresh_database_with_its_static_files(site, fresh_database):
    with urllib.request.urlopen(f"{site}/healthz", timeout=20) as answer:
        assert answer.status == 200
    with urllib.request.urlopen(f"{site}/static/django_htmx/htmx-2.js", timeout=20) as answer:
        assert answer.headers["Content-Type"].startswith("text/javascript")
    database = urllib.parse.urlsplit(fresh_database["DATABASE_URL"]).path[1:]
    rows = query(
        fresh_database["DATABASE_URL"], "SELECT datname FROM pg_stat_activity WHERE usename = 'grid_app'"
    )
    assert (database,) in rows


def test_celery_publishes_to_the_tests_valkey_again_after_a_kill_and_a_pause(valkey):
    publish = {"retry": False, "ignore_result": True, "queue": "nobody-listens"}
    current_app.send_task("nothing", **publish)
    valkey.kill()
    with pytest.raises(OperationalError):
        current_app.send_task("nothing", **publish)
    valkey.start()
    current_app.send_task("nothing", **publish)

    path = valkey.url.removeprefix("redis+socket://").partition("?")[0]
    impatient = redis.Redis(unix_socket_path=path, socket_timeout=0.2)
    valkey.pause()
    with pytest.raises(redis.TimeoutError):
        impatient.ping()
    valkey.resume()
    assert impatient.ping()
    with current_app.connection_for_write() as broker:
        assert broker.default_channel.queue_declare("nobody-listens", passive=True).message_count >= 1


def alive(process: psutil.Process) -> bool:
    return process.is_running() and process.status() != psutil.STATUS_ZOMBIE


def wait_until(condition, seconds=10):
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "it did not happen in time"
        time.sleep(0.05)
