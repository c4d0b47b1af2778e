"""What 'make demo' says when it cannot start, that nothing outlives it, and that its packages are pinned."""

import fcntl
import json
import os
import re
import socket
import subprocess
import sys
import time

import psutil
import pytest

from grid_platform import embedded, serve, server_account


def make(*arguments):
    environ = {name: value for name, value in os.environ.items() if not name.startswith("MAKE")}
    return subprocess.run(
        ["make", *arguments], cwd=embedded.PROJECT, env=environ, capture_output=True, text=True, timeout=60
    )


def serve_in(var_dir):
    environ = {name: value for name, value in os.environ.items() if not name.endswith("_URL")}
    return subprocess.run(
        [sys.executable, "-m", "grid_platform.serve"],
        cwd=embedded.PROJECT,
        env=environ | {"VAR_DIR": str(var_dir)},
        capture_output=True,
        text=True,
        timeout=60,
    )


def test_a_taken_port_is_named_before_anything_is_done():
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        done = make("demo", f"PORT={port}")
    assert done.returncode == 2
    assert f"cannot listen on 127.0.0.1:{port} (Address already in use)" in done.stderr
    assert f"make demo PORT={port + 1}" in done.stderr
    assert done.stdout == ""


def test_a_port_that_is_no_number_is_refused():
    done = make("demo", "PORT=http")
    assert done.returncode == 2
    assert "PORT=http is not a port number" in done.stderr


def test_without_a_recent_python_the_message_says_what_to_install():
    done = make("demo", "PYTHON=")
    assert done.returncode == 2
    assert "Python 3.11 or newer is needed" in done.stderr
    assert "apt-get install python3" in done.stderr


def test_a_second_demo_of_the_same_folder_is_refused(tmp_path):
    with (tmp_path / "serve.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        done = serve_in(tmp_path)
    assert done.returncode == 1
    assert "The demo of this folder runs already" in done.stderr


def test_data_of_another_version_ends_the_demo_with_one_line(tmp_path):
    (tmp_path / "postgres").mkdir()
    (tmp_path / "postgres" / "PG_VERSION").write_text("15\n")
    os.chown(tmp_path / "postgres", *server_account.account())
    done = serve_in(tmp_path)
    assert done.returncode == 1
    assert "made by PostgreSQL 15, and this is PostgreSQL 18" in done.stderr
    assert "Traceback" not in done.stderr


STUBBORN = """
import signal, subprocess, sys, time
signal.signal(signal.SIGTERM, signal.SIG_IGN)
child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])
print(child.pid, flush=True)
time.sleep(600)
"""


def test_a_process_that_ignores_the_request_is_killed_with_its_children(tmp_path, monkeypatch):
    monkeypatch.setattr(serve, "GRACE_SECONDS", 0.5)
    (tmp_path / "stubborn.py").write_text(STUBBORN)
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    with serve.running(["stubborn"]) as process:
        while not psutil.Process(process.pid).children():
            assert process.poll() is None
            time.sleep(0.05)
        family = [psutil.Process(process.pid), *psutil.Process(process.pid).children()]
    end = time.monotonic() + 5
    while any(member.is_running() and member.status() != psutil.STATUS_ZOMBIE for member in family):
        assert time.monotonic() < end, "a process is left"
        time.sleep(0.05)


def test_the_end_of_one_process_is_named(tmp_path, monkeypatch):
    (tmp_path / "brief.py").write_text("raise SystemExit(3)")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    with serve.running(["brief"]) as process:
        process.wait(10)
        with pytest.raises(SystemExit, match="worker ended with code 3"):
            serve.check({"worker": process})


@pytest.mark.parametrize("name", ["requirements.txt", "requirements-dev.txt"])
def test_every_requirement_is_pinned_with_a_reason_and_agrees_with_the_constraints(name):
    def pins(file):
        lines = (embedded.PROJECT / file).read_text().splitlines()
        return {
            re.sub(r"\[.*\]", "", package).lower().replace("_", "-"): version
            for package, version in (
                line.split("#")[0].strip().split("==") for line in lines if re.match(r"\w", line)
            )
        }

    assert pins(name).items() <= pins("constraints.txt").items()
    lines = (embedded.PROJECT / name).read_text().splitlines()
    assert all("  # " in line for line in lines if re.match(r"\w", line))


def test_the_lock_file_names_no_registry():
    lock = json.loads((embedded.PROJECT / "package-lock.json").read_text())
    packages = [package for path, package in lock["packages"].items() if path]
    assert len(packages) > 4
    assert all("resolved" not in package and "integrity" in package for package in packages)
