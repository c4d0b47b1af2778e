"""docker-compose.yml holds what a service must: health, limits, no root, no secret with a default.

The file is read here by itself; where docker-compose is installed (Debian: apt-get install docker-compose), it is
asked too. No container is run: the same processes are run by hand in ``tests.processes.rehearsal``.
"""

import os
import re
import secrets
import shutil
import subprocess
import sys
import time
from pathlib import Path

import pytest
import yaml

from grid_platform.embedded import PROJECT

TEXT = (PROJECT / "docker-compose.yml").read_text()
SERVICES = yaml.safe_load(TEXT)["services"]
LASTING = sorted(SERVICES.keys() - {"migrate"})
VARIABLES = re.compile(r"(?<!\$)\$\{(\w+)(:[?-])?([^}]*)\}")
SECRETS = {"SECRET_KEY", "POSTGRES_PASSWORD", "GRID_OWNER_PASSWORD", "GRID_APP_PASSWORD", "REDIS_PASSWORD"}


def example() -> dict[str, str]:
    lines = (PROJECT / ".env.example").read_text().splitlines()
    return dict(line.split("=", 1) for line in lines if line and not line.startswith("#"))


def test_the_processes_of_the_service_are_there():
    assert LASTING == ["beat", "live", "postgres", "redis", "web", "worker"]
    assert SERVICES["postgres"]["image"] == "postgres:18"
    for name in ("web", "worker", "beat"):
        assert SERVICES[name]["depends_on"]["migrate"] == {"condition": "service_completed_successfully"}
        assert SERVICES[name]["volumes"] == ["files:/var/lib/grid-platform"]
        assert "AS_OWNER" not in SERVICES[name]["environment"]


@pytest.mark.parametrize("name", sorted(SERVICES))
def test_every_process_is_contained(name):
    service = SERVICES[name]
    assert service["read_only"] is True and service["cap_drop"] == ["ALL"]
    assert service["security_opt"] == ["no-new-privileges:true"]
    assert service["mem_limit"] and service["cpus"] and service["pids_limit"]
    assert "privileged" not in service and "inside" in service["networks"]
    if "build" not in service:
        assert re.fullmatch(r"[\w/]+:\d+", service["image"]), "a version, never 'latest'"


@pytest.mark.parametrize("name", LASTING)
def test_every_process_that_lasts_starts_again_and_tells_its_health(name):
    assert SERVICES[name]["restart"] == "unless-stopped"
    assert SERVICES[name]["healthcheck"]["test"]


def test_only_web_and_live_listen_and_to_this_machine_only():
    assert {name: service["ports"] for name, service in SERVICES.items() if "ports" in service} == {
        "web": ["127.0.0.1:8000:8000"],
        "live": ["127.0.0.1:8001:8001"],
    }
    assert yaml.safe_load(TEXT)["networks"]["inside"] == {"internal": True}
    assert SERVICES["postgres"]["networks"] == SERVICES["redis"]["networks"] == ["inside"]


def test_no_secret_has_a_default_and_the_example_names_every_variable():
    told = {name: (kind, default) for name, kind, default in VARIABLES.findall(TEXT)}
    assert {name for name, (kind, _) in told.items() if kind == ":?"} == SECRETS | {
        "ALLOWED_HOSTS",
        "CSRF_TRUSTED_ORIGINS",
    }
    assert set(told) == set(example())
    assert not any(example().values()), "an example secret becomes somebody's secret"


def test_every_setting_is_handed_on_with_its_own_default_or_stands_for_the_service():
    """Fixed for the service: HTTPS, a second step, JSON logs, no debugging, no demo, its own folders."""
    fixed = {"HTTPS", "REQUIRE_SECOND_FACTOR", "LOG_JSON", "LOG_REQUESTS", "DEBUG", "DEMO_MODE", "WEBHOOK_LOOPBACK",
             "AS_OWNER", "MEDIA_ROOT", "VAR_DIR", "DATABASE_OWNER_URL"}  # fmt: skip
    source = (PROJECT / "grid_platform/settings.py").read_text()
    read = dict(re.findall(r'environment\.\w+\(\s*"([A-Z_]+)"(?:, ([^,)]+))?', source))
    handed = SERVICES["web"]["environment"]
    assert set(read) - fixed == set(handed) - {"WEB_CONCURRENCY"}
    for name, (kind, default) in {name: rest for name, *rest in VARIABLES.findall(TEXT)}.items():
        if kind == ":-" and re.fullmatch(r"(?:0 if DEMO_MODE else )?\d+", read.get(name) or ""):
            assert read[name].split()[-1] == default, name


def test_the_image_works_as_nobody_special():
    lines = (PROJECT / "Dockerfile").read_text().splitlines()
    after = lines[lines.index("USER grid") + 1 :]
    assert not [line for line in after if line.startswith(("USER", "RUN", "COPY"))]
    ignored = (PROJECT / ".dockerignore").read_text().split()
    assert {".env", ".git", "var", "tests"} <= set(ignored)


@pytest.mark.skipif(
    not shutil.which("docker-compose"), reason="no docker-compose: apt-get install docker-compose"
)
def test_docker_compose_reads_it_and_asks_for_each_secret(tmp_path):
    filled = {name: secrets.token_hex(8) for name in example()}

    def config(values: dict[str, str]) -> subprocess.CompletedProcess:
        file = tmp_path / "filled.env"
        file.write_text("".join(f"{name}={value}\n" for name, value in values.items()))
        command = ["docker-compose", "--env-file", str(file), "--file", "docker-compose.yml", "config"]
        environ = {"PATH": os.environ["PATH"], "HOME": str(tmp_path)}
        return subprocess.run(command, cwd=PROJECT, env=environ, capture_output=True, text=True, check=False)

    done = config(filled)
    assert done.returncode == 0, done.stderr
    resolved = yaml.safe_load(done.stdout)["services"]
    assert filled["GRID_OWNER_PASSWORD"] in resolved["migrate"]["environment"]["DATABASE_OWNER_URL"]
    for name in ("web", "worker", "beat", "redis"):
        assert filled["GRID_OWNER_PASSWORD"] not in str(resolved[name]), (
            "the owner's password is migrate's alone"
        )
    done = config(filled | {"GRID_APP_PASSWORD": ""})
    assert done.returncode and "see .env.example" in done.stderr


def test_beats_health_is_the_age_of_its_schedule(tmp_path):
    def healthy() -> bool:
        command = [sys.executable, "deploy/healthcheck.py", "beat", str(tmp_path / "beat")]
        return subprocess.run(command, cwd=PROJECT, check=False).returncode == 0

    assert not healthy()
    schedule = Path(tmp_path / "beat.db")
    schedule.touch()
    assert healthy()
    os.utime(schedule, (time.time() - 3600,) * 2)
    assert not healthy()
