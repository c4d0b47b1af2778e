"""The service as docker-compose.yml runs it, by hand: on Debian's PostgreSQL and Redis, with two database roles.

    python -m tests.processes.rehearsal        (make rehearsal; Debian: apt-get install postgresql redis-server)

1. A PostgreSQL cluster and a Redis of this run's own, both with passwords, listen on loopback. ``deploy/roles.sql``
   and ``deploy/passwords.sh`` make the roles as they do in the container.
2. Tables, district and first people come by the runbook's commands; 'check --deploy' has nothing to say.
3. web, live, worker and beat run by docker-compose.yml's own commands, in service's settings; people come through a
   proxy's headers, change their first password, set up their second step and take one report round the loop; the
   desk's browser hears of it.
4. Redis goes and comes back; the figures and the log are looked at.
5. The backup is restored into a second database, and everything is verified there too.

Ends with exit status 1 at the first thing that is not as it should be.
"""

import base64
import contextlib
import http.client
import json
import os
import re
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
import urllib.parse
import uuid
from contextlib import ExitStack
from http.cookies import SimpleCookie
from pathlib import Path
from typing import Any

import yaml
from django_otp.oath import TOTP

from grid_platform.embedded import PROJECT

HOST = "grid.example.test"
GRID, STREET = "330104005001001", "330104005"
PEOPLE = {
    "wang.worker": ("grid_worker", f"TEAM@{GRID}"),
    "li.worker": ("grid_worker", f"TEAM@{GRID}"),
    "zhao.acceptor": ("room_acceptor", f"ZHZX@{STREET}"),
    "qian.dispatcher": ("room_dispatcher", f"ZHZX@{STREET}"),
    "sun.police": ("agency_handler", f"GAFJ@{STREET}"),
    "zhou.system": ("system_admin", "ZHZX"),
    "wu.security": ("security_admin", "ZHZX"),
    "zheng.audit": ("audit_admin", "ZHZX"),
}
ITEM, MARK = "10103", "不应出现在日志里的内容"
COMPOSE = yaml.safe_load((PROJECT / "docker-compose.yml").read_text())["services"]


def say(words: str) -> None:
    print(f"{time.strftime('%H:%M:%S')}  {words}", flush=True)


def wait_for(condition, what: str, seconds: float = 60) -> None:
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, f"waited {seconds:g} s in vain for {what}"
        time.sleep(0.2)


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as server:
        return server.getsockname()[1]


def run(*command: Any, **environ: str) -> str:
    done = subprocess.run(
        [str(word) for word in command],
        cwd=PROJECT, env=os.environ | environ, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, f"{' '.join(map(str, command))}:\n{done.stdout}{done.stderr}"
    return done.stdout


class Servers:
    """Debian's PostgreSQL and Redis, on loopback, with passwords; ``stop`` ends what ``start`` started."""

    def __init__(self, folder: Path) -> None:
        programs = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda path: int(path.parent.name))
        if not programs or not shutil.which("redis-server"):
            sys.exit("PostgreSQL or Redis is missing. Debian: apt-get install postgresql redis-server")
        self.programs, self.folder = programs[-1], folder
        self.port, self.redis_port = free_port(), free_port()
        self.superuser, self.owner, self.app, self.redis_password = (secrets.token_hex(24) for _ in range(4))
        self._redis: subprocess.Popen | None = None

    def start(self) -> None:
        data = self.folder / "postgres"
        data.mkdir(mode=0o700)
        (self.folder / "password").write_text(self.superuser)
        if os.geteuid() == 0:
            for path in (data, self.folder / "password"):
                shutil.chown(path, "postgres", "postgres")
        self._postgres(
            "initdb", "--pgdata", data, "--auth", "scram-sha-256", "--pwfile", self.folder / "password",
            "--encoding", "UTF8", "--locale", "C.UTF-8", "--username", "postgres",
        )  # fmt: skip
        options = f"-c listen_addresses=127.0.0.1 -c port={self.port} -c unix_socket_directories={data}"
        self._postgres("pg_ctl", "start", "-w", "-D", data, "-o", options, "-l", data / "server.log")
        say(run(self.programs / "postgres", "--version").strip() + " runs")
        self.start_redis()

    def start_redis(self) -> None:
        options = [
            "--bind",
            "127.0.0.1",
            "--port",
            str(self.redis_port),
            "--save",
            "",
            "--dir",
            str(self.folder),
        ]
        self._redis = subprocess.Popen(
            ["redis-server", *options, "--requirepass", self.redis_password], stdout=subprocess.DEVNULL
        )

    def stop_redis(self) -> None:
        if self._redis:
            self._redis.kill()
            self._redis.wait()

    def stop(self) -> None:
        self.stop_redis()
        self._postgres("pg_ctl", "stop", "-D", self.folder / "postgres", "-m", "fast")

    def database(self, name: str) -> dict[str, str]:
        """A new database with the roles, as the container makes it; the addresses by which the service knows it."""
        superuser = {
            "PGHOST": "127.0.0.1", "PGPORT": str(self.port), "PGPASSWORD": self.superuser,
            "POSTGRES_USER": "postgres", "POSTGRES_DB": name,
            "GRID_OWNER_PASSWORD": self.owner, "GRID_APP_PASSWORD": self.app,
        }  # fmt: skip
        run("psql", "--username", "postgres", "--command", f"CREATE DATABASE {name}", **superuser)
        psql = ("psql", "--set", "ON_ERROR_STOP=1", "--username", "postgres", "--dbname", name)
        run(*psql, "--file", "deploy/roles.sql", **superuser)
        run("sh", "deploy/passwords.sh", **superuser)
        where = f"127.0.0.1:{self.port}/{name}"
        return {
            "DATABASE_URL": f"postgresql://grid_app:{self.app}@{where}",
            "DATABASE_OWNER_URL": f"postgresql://grid_owner:{self.owner}@{where}",
        }

    @property
    def redis_url(self) -> str:
        return f"redis://:{self.redis_password}@127.0.0.1:{self.redis_port}/0"

    def _postgres(self, program: str, *arguments: Any) -> None:
        as_user = ["runuser", "-u", "postgres", "--"] if os.geteuid() == 0 else []
        subprocess.run(
            [*as_user, str(self.programs / program), *map(str, arguments)],
            cwd="/", stdout=subprocess.DEVNULL, stderr=subprocess.STDOUT, check=True,
        )  # fmt: skip


class Process:
    """One of docker-compose.yml's processes, by its own command; the log is its output."""

    def __init__(self, name: str, folder: Path, live_port: int) -> None:
        command = (
            COMPOSE[name].get("command") or "gunicorn grid_platform.wsgi --config deploy/gunicorn.conf.py"
        )
        command = command.replace("0.0.0.0 --port 8001", f"127.0.0.1 --port {live_port}")
        self.name, self.log = name, folder / f"{name}.log"
        words = [word.strip('"') for word in command.replace("/tmp/beat", str(folder / "beat")).split()]
        with self.log.open("w") as log:
            self._popen = subprocess.Popen(
                [sys.executable, "-m", *words], cwd=PROJECT, stdout=log, stderr=log, start_new_session=True
            )

    def stop(self) -> None:
        assert self._popen.poll() is None, f"{self.name} ended:\n{self.log.read_text()[-3000:]}"
        self._popen.terminate()
        try:
            self._popen.wait(70)
        finally:
            if self._popen.poll() is None:
                os.killpg(self._popen.pid, signal.SIGKILL)


class Heard(threading.Thread):
    """The lines of a live stream, as they come."""

    def __init__(self, stream: http.client.HTTPResponse) -> None:
        super().__init__(daemon=True)
        self._stream, self.lines = stream, []
        self.start()

    def run(self) -> None:
        with contextlib.suppress(OSError, http.client.HTTPException):
            while line := self._stream.readline().decode():
                self.lines.append(line)


class Person:
    """A browser behind the proxy: HTTPS to the outside, the proxy's headers inside."""

    def __init__(self, port: int, headers: dict[str, str] | None = None) -> None:
        self._port, self._cookies = port, SimpleCookie()
        self._headers = {"Host": HOST, "X-Forwarded-Proto": "https", "X-Forwarded-For": "203.0.113.7"} | (
            headers or {}
        )

    def send(self, path: str, body: bytes | None = None, kind: str = "") -> tuple[int, dict[str, str], str]:
        headers = self._headers | {"Referer": f"https://{HOST}/", "Accept-Language": "en"}
        if self._cookies:
            headers["Cookie"] = "; ".join(f"{name}={cookie.value}" for name, cookie in self._cookies.items())
        if body is not None:
            headers |= {"Content-Type": kind, "X-CSRFToken": self._cookies["csrftoken"].value}
        connection = http.client.HTTPConnection("127.0.0.1", self._port, timeout=30)
        connection.request("GET" if body is None else "POST", path, body, headers)
        answer = connection.getresponse()
        text = answer.read().decode(errors="replace")
        for name, value in answer.getheaders():
            if name.lower() == "set-cookie":
                assert "Secure" in value or "Max-Age=0" in value, value
                self._cookies.load(value)
        return answer.status, dict(answer.getheaders()), text

    def listen(self, port: int) -> "Heard":
        """This person's live messages, from now on."""
        headers = self._headers | {"Cookie": "; ".join(f"{n}={c.value}" for n, c in self._cookies.items())}
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=120)
        connection.request("GET", "/live/", headers=headers)
        answer = connection.getresponse()
        assert answer.status == 200, answer.read()
        return Heard(answer)

    def form(self, path: str, **fields: str) -> tuple[int, dict[str, str], str]:
        self.send(path)
        return self.send(path, urllib.parse.urlencode(fields).encode(), "application/x-www-form-urlencoded")

    def call(self, path: str, body: dict | None = None) -> dict:
        data = json.dumps(body).encode() if body is not None else None
        status, _, text = self.send(f"/api/v1/{path}", data, "application/json")
        assert status in (200, 201), (path, status, text)
        return json.loads(text)

    def upload(self, event: str, kind: str) -> str:
        line = "rehearsal-part"
        parts = f'--{line}\r\nContent-Disposition: form-data; name="kind"\r\n\r\n{kind}\r\n--{line}\r\n'
        parts += 'Content-Disposition: form-data; name="file"; filename="a.pdf"\r\nContent-Type: application/pdf\r\n\r\n'
        body = parts.encode() + b"%PDF-1.4 rehearsed" + f"\r\n--{line}--\r\n".encode()
        status, _, text = self.send(
            f"/api/v1/events/{event}/evidence/", body, f"multipart/form-data; boundary={line}"
        )
        assert status == 201, text
        return json.loads(text)["id"]

    def move(self, event: str, verb: str, **data: Any) -> dict:
        return self.call(f"events/{event}/moves/", {"verb": verb, "data": data})

    def arrive(self, username: str, first_password: str) -> None:
        """Log in, choose a password, and at a desk set up an authenticator."""
        assert self.form("/accounts/login/", username=username, password=first_password)[0] == 302
        status, headers, page = self.send("/")
        if "authenticator" in headers.get("Location", ""):
            self._set_up_authenticator()
            status, headers, page = self.send("/")
        assert (status, headers["Location"].split("?")[0]) == (302, "/accounts/password/"), (status, headers)
        new = f"Rehearsed-{secrets.token_hex(6)}"
        fields = {"old_password": first_password, "new_password1": new, "new_password2": new}
        status, headers, page = self.form("/accounts/password/", **fields)
        assert status == 302, page
        status, headers, page = self.send("/")
        if "authenticator" in headers.get("Location", ""):
            self._set_up_authenticator()
            status, headers, page = self.send("/")
        assert status == 200, (username, status, headers)

    def _set_up_authenticator(self) -> None:
        page = self.send("/accounts/authenticator/")[2]
        words = re.search(r'class="access-secret">([A-Z2-7 ]+)<', page)
        assert words, page
        secret = words[1].replace(" ", "")
        totp = TOTP(base64.b32decode(secret + "=" * (-len(secret) % 8)))
        totp.time = time.time()
        status, _, page = self.form("/accounts/authenticator/", code=f"{totp.token():06}")
        assert status in (200, 302), page


def service_settings(servers: Servers, folder: Path, port: int) -> dict[str, str]:
    kept = {
        name: value for name, value in os.environ.items() if name in ("PATH", "PYTHONPATH", "HOME", "LANG")
    }
    return kept | servers.database("grid_platform") | {
        "REDIS_URL": servers.redis_url,
        "SECRET_KEY": secrets.token_hex(50),
        "ALLOWED_HOSTS": HOST,
        "CSRF_TRUSTED_ORIGINS": f"https://{HOST}",
        "BEHIND_PROXY": "1",
        "METRICS_TOKEN": secrets.token_hex(24),
        "VAR_DIR": str(folder / "var"),
        "TMPDIR": str(folder),
        "BIND": f"127.0.0.1:{port}",
        "WEB_CONCURRENCY": "2",
    }  # fmt: skip


def manage(*command: str, **environ: str) -> str:
    return run(sys.executable, "manage.py", *command, **environ)


def install(folder: Path) -> dict[str, str]:
    """Tables, district and people by the runbook's commands; each person's first password."""
    manage("migrate", "--verbosity", "0", AS_OWNER="1")
    manage("collectstatic", "--no-input", "--verbosity", "0")
    areas = "import json, demo.partition; print(json.dumps(demo.partition.features()))"
    (folder / "areas.geojson").write_text(run(sys.executable, "-c", areas))
    manage("import_areas", "--district", "330104", "--file", str(folder / "areas.geojson"))
    for command in ("establish", "load_catalogue", "load_rules", "load_plans"):
        manage(command, "--district", "330104")
    passwords = {}
    for username, (role, unit) in PEOPLE.items():
        told = manage(
            "create_account", username, "--name", username.title(), "--district", "330104",
            "--role", role, "--organization", unit,
        )  # fmt: skip
        passwords[username] = told.split(" logs in with ")[1].split(" ")[0]
    say(manage("check", "--deploy", "--database", "default", "--fail-level", "WARNING").strip())
    return passwords


def once_round(port: int, live_port: int, passwords: dict[str, str]) -> str:
    people = {
        name: Person(port)
        for name in ("wang.worker", "li.worker", "zhao.acceptor", "qian.dispatcher", "sun.police")
    }
    for name, person in people.items():
        person.arrive(name, passwords[name])
    say(f"{len(people)} people chose their passwords, and the desks their second step")
    heard, stranger = people["zhao.acceptor"].listen(live_port), people["sun.police"].listen(live_port)
    event = str(uuid.uuid4())
    worker = people["wang.worker"]
    worker.call("events/", {"id": event, "item": ITEM, "area_code": GRID, "description": MARK})
    wait_for(lambda: worker.call(f"events/{event}/")["desk"], "the worker to route the report")
    wait_for(lambda: any(event in line for line in heard.lines), "the desk to hear of the report")
    assert not any(event in line for line in stranger.lines), "the police station heard of it too soon"
    people["zhao.acceptor"].move(event, "accept")
    police = lead_of(people["qian.dispatcher"], event)
    people["qian.dispatcher"].move(event, "dispatch", lead=police)
    people["sun.police"].move(event, "sign")
    file = people["sun.police"].upload(event, "document")
    people["sun.police"].move(event, "feed_back", result="Done", evidence=[file])
    assert people["li.worker"].move(event, "verify", note="Seen")["state"] == "closed"
    wait_for(lambda: any(event in line for line in stranger.lines), "the police station to hear of its order")
    say("one report went round the loop, and each desk heard of it when it was its own")
    return event


def lead_of(dispatcher: Person, event: str) -> int:
    """The police station as the form offers it."""
    page = dispatcher.send(f"/events/{event}/moves/dispatch/")[2]
    found = re.search(r'value="(\d+)"[^>]* data-name="[^"]*(?:派出所|Police Station|Public Security)', page)
    assert found, page
    return int(found[1])


def readiness(port: int) -> dict[str, str]:
    return json.loads(Person(port).send("/readyz")[2])["parts"]


def look_at_figures(port: int, token: str) -> None:
    outside = Person(port)
    assert outside.send("/metrics")[0] == 404
    plain = Person(port, {"X-Forwarded-Proto": "http"})
    status, headers, _ = plain.send("/accounts/login/")
    assert (status, headers["Location"]) == (301, f"https://{HOST}/accounts/login/")
    text = Person(port, {"Authorization": f"Bearer {token}"}).send("/metrics")[2]
    counted = sum(
        float(number) for number in re.findall(r"^grid_request_seconds_count\{.*\} (\S+)$", text, re.M)
    )
    assert counted > 30, text
    assert "grid_outbox_parked 0.0" in text and "grid_redis_up 1.0" in text
    assert len(re.findall(r"^grid_source_up\{.*\} 1\.0$", text, re.M)) >= 7
    say(f"the figures of all web processes: {counted:.0f} requests; without the token there are none")


def lose_redis(servers: Servers, port: int, token: str) -> None:
    servers.stop_redis()
    assert readiness(port)["database"] == "ok"
    wait_for(lambda: readiness(port)["redis"] == "degraded", "Redis to be missed")
    person = Person(port)
    assert person.send("/accounts/login/")[0] == 200
    servers.start_redis()
    back = time.monotonic()

    def has_ticked_since() -> bool:
        text = Person(port, {"Authorization": f"Bearer {token}"}).send("/metrics")[2]
        age = re.search(r"^grid_beat_last_tick_seconds (\S+)$", text, re.M)
        return bool(age) and float(age[1]) < time.monotonic() - back

    wait_for(has_ticked_since, "worker and beat to come back", 120)
    assert set(readiness(port).values()) == {"ok"}
    say("Redis went and came back; people could work meanwhile")


def look_at_logs(processes: list[Process], event: str) -> None:
    for process in processes:
        text = process.log.read_text()
        assert MARK not in text and "Traceback" not in text.replace("redis.exceptions", ""), text[-3000:]
        said = [line for line in text.splitlines() if line.startswith("{")]
        assert said or process.name == "beat", text
        for line in said:
            json.loads(line)
    web = next(process for process in processes if process.name == "web")
    assert f'"event": "{event}"' in web.log.read_text()
    say("every line of the log is JSON, and tells nothing of the report")


def restore_elsewhere(servers: Servers, folder: Path) -> None:
    manage("backup", str(folder / "backup"))
    elsewhere = servers.database("restored") | {"VAR_DIR": str(folder / "elsewhere")}
    for line in manage("restore", str(folder / "backup"), AS_OWNER="1", **elsewhere).splitlines():
        say(f"restored: {line}")
    say(manage("verify_steps", **elsewhere).strip())


def main() -> None:
    with tempfile.TemporaryDirectory(prefix="grid-rehearsal-") as name, ExitStack() as stack:
        folder, port, live_port = Path(name), free_port(), free_port()
        folder.chmod(0o755)
        servers = Servers(folder)
        stack.callback(servers.stop)
        servers.start()
        settings = service_settings(servers, folder, port)
        os.environ.clear()
        os.environ.update(settings)
        passwords = install(folder)
        processes = [Process(name, folder, live_port) for name in ("web", "live", "worker", "beat")]
        for process in processes:
            stack.callback(process.stop)
        say(f"web, live, worker and beat run on {settings['BIND']}")
        wait_for(
            lambda: is_up(port) and set(readiness(port).values()) == {"ok"}, "the service to be ready", 90
        )
        wait_for(lambda: is_up(live_port, "/live/healthz"), "the live process to answer", 60)
        health(folder)
        event = once_round(port, live_port, passwords)
        look_at_figures(port, settings["METRICS_TOKEN"])
        lose_redis(servers, port, settings["METRICS_TOKEN"])
        say(manage("verify_steps").strip())
        restore_elsewhere(servers, folder)
        look_at_logs(processes, event)
    say("rehearsed")


def is_up(port: int, path: str = "/healthz") -> bool:
    try:
        return Person(port).send(path)[0] == 200
    except OSError:
        return False


def health(folder: Path) -> None:
    """What the containers' health checks ask."""
    wait_for(lambda: list(folder.glob("beat*")), "beat to write its schedule")
    run(sys.executable, "deploy/healthcheck.py", "beat", folder / "beat")
    run(sys.executable, "-m", "celery", "--app", "grid_platform", "inspect", "ping", "--timeout", "8")


if __name__ == "__main__":
    main()
