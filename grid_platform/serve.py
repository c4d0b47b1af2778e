"""The whole demo under one supervisor: PostgreSQL and Valkey, web, live, Celery worker and beat.

1. Starts the embedded servers that no DATABASE_URL or REDIS_URL replaces.
2. Migrates as the tables' owner, then loads the demo's district as the application.
3. Starts web, live, worker and beat, and the demo's people unless DEMO_LIVE is 0, each in a session of its own: Ctrl-C in the terminal is heard here only.
4. Once /healthz answers, prints the address and the demo's log-ins.
5. Ctrl-C, SIGTERM, SIGHUP, the end of the calling make, or of one process, stops everything: the processes
   first, then the servers they talk to. Nothing is left, whatever step was under way.
"""

import fcntl
import os
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from grid_platform import embedded
from grid_platform.server_account import EmbeddedServerError

VAR_DIR = Path(os.environ.get("VAR_DIR") or embedded.PROJECT / "var")
HOST = os.environ.get("HOST", "127.0.0.1")
PORT = os.environ.get("PORT", "8000")
ADDRESS = f"http://{'127.0.0.1' if HOST == '0.0.0.0' else HOST}:{PORT}/"
GRACE_SECONDS = 8.0

WEB = ["gunicorn", "grid_platform.wsgi", "--bind", f"{HOST}:{PORT}", "--workers", "2", "--threads", "4"]
UNIMPORTANT = (
    "You're running the worker with superuser privileges",
    "No directory at:",  # static files are served where they lie
)
CELERY = ["celery", "--quiet", "--app", "grid_platform"]
QUIET = ["--loglevel", "WARNING"]
LIVE_PORT = str(int(PORT) + 1)
os.environ.setdefault("LIVE_URL", f":{LIVE_PORT}/live/")
LIVE = ["uvicorn", "live.asgi:application", "--host", HOST, "--port", LIVE_PORT]
COMMANDS = {
    "web": [*WEB, "--graceful-timeout", "5", "--log-level", "warning"],
    "live": [*LIVE, "--timeout-graceful-shutdown", "3", "--log-level", "warning"],
    "worker": [*CELERY, "worker", "--concurrency", "2", "--without-gossip", "--without-mingle", *QUIET],
    "beat": [*CELERY, "beat", "--schedule", str(VAR_DIR / "beat"), "--pidfile", "", *QUIET],
}
if os.environ.get("DEMO_LIVE", "1") != "0":
    COMMANDS["people"] = ["manage", "simulate", "--live"]


def main() -> None:
    """Runs until stopped; the exit code is 0 after Ctrl-C, 1 after a failure."""
    parent = os.getppid()
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, _leave)
    try:
        with _only_one(), ExitStack() as stack:
            servers = _start_servers(stack)
            _manage("migrate", "--verbosity", "0", AS_OWNER="1")
            _manage("load_demo")
            processes = {name: stack.enter_context(running(command)) for name, command in COMMANDS.items()}
            logins = _manage("demo_logins", capture=True)
            _wait_for_health(processes)
            print(f"\n{logins}\nGrid Platform is ready: {ADDRESS}   (Ctrl-C stops it)\n", flush=True)
            while os.getppid() == parent:
                check(processes)
                _check_servers(servers)
                time.sleep(0.5)
    except EmbeddedServerError as error:
        sys.exit(str(error))
    except subprocess.CalledProcessError as error:
        sys.exit(f"'manage.py {error.cmd[2]}' failed with code {error.returncode}; its message is above.")


def _leave(*_: object) -> None:
    """A signal's end: a second Ctrl-C must not interrupt the cleaning up."""
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)
    print("\nStopping ...", flush=True)
    sys.exit(0)


@contextmanager
def _only_one() -> Iterator[None]:
    """Two demos of one folder would stop each other's servers."""
    with (embedded.own_folder(VAR_DIR) / "serve.lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            sys.exit("The demo of this folder runs already; stop it first, or use another clone.")
        yield


def _start_servers(stack: ExitStack) -> dict[str, bool]:
    """Puts the embedded servers' addresses into the environment; tells which of the two are embedded."""
    servers = {
        "postgres": not os.environ.get("DATABASE_URL"),
        "valkey": not os.environ.get("REDIS_URL"),
    }
    if any(servers.values()):
        stack.callback(embedded.stop, VAR_DIR)
        found = embedded.start(VAR_DIR, postgres=servers["postgres"], valkey=servers["valkey"])
        os.environ.update(found)
    return servers


def _manage(*command: str, capture: bool = False, **environment: str) -> str:
    done = subprocess.run(
        [sys.executable, str(embedded.PROJECT / "manage.py"), *command],
        env=os.environ | environment,
        stdout=subprocess.PIPE if capture else None,
        start_new_session=True,
        text=True,
        check=True,
    )
    return done.stdout or ""


@contextmanager
def running(command: list[str]) -> Iterator[subprocess.Popen]:
    """A process that is asked to end, and after the grace period is killed with all it started."""
    process = subprocess.Popen(
        [sys.executable, *(f"-Wignore:{warning}" for warning in UNIMPORTANT), "-m", *command],
        cwd=embedded.PROJECT,
        stdin=subprocess.DEVNULL,
        start_new_session=True,
    )
    try:
        yield process
    finally:
        process.terminate()
        try:
            process.wait(GRACE_SECONDS)
        except subprocess.TimeoutExpired:
            pass
        try:
            os.killpg(process.pid, signal.SIGKILL)
        except ProcessLookupError:
            pass
        process.wait()


def _wait_for_health(processes: dict[str, subprocess.Popen]) -> None:
    while True:
        check(processes)
        try:
            with urllib.request.urlopen(f"{ADDRESS}healthz", timeout=5):
                return
        except (urllib.error.URLError, ConnectionError, TimeoutError):
            time.sleep(0.2)


def check(processes: dict[str, subprocess.Popen]) -> None:
    for name, process in processes.items():
        if process.poll() is not None:
            sys.exit(f"{name} ended with code {process.returncode}; its last messages are above.")


def _check_servers(servers: dict[str, bool]) -> None:
    running_now = embedded.status(VAR_DIR)
    for name, is_ours in servers.items():
        if is_ours and not running_now[name]:
            sys.exit(f"{name} ended, from outside: start again, nothing is lost.")


if __name__ == "__main__":
    main()
