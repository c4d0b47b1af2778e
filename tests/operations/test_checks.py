"""What must not be so in service is refused: by 'check --deploy', and by web, worker and beat at their start."""

import os
import subprocess
import sys

import pytest
from django.core import checks as django_checks
from django.core.management import call_command
from django.core.management.base import SystemCheckError
from django.db import connection

from accounts.models import User
from grid_platform import start
from grid_platform.embedded import PROJECT
from grid_platform.serve import CELERY
from operations import checks

KEY = "W8n2Tq0vXz5LrYb7Hc4Kd1Mf9Pj6Sg3AuEwRiOoNmQkVtBxUyJh"
GOOD = {
    "DEMO_MODE": False,
    "DEBUG": False,
    "SECRET_KEY": KEY,
    "HTTPS": True,
    "ALLOWED_HOSTS": ["grid.example.gov.cn"],
    "CSRF_TRUSTED_ORIGINS": ["https://grid.example.gov.cn"],
    "AS_OWNER": False,
    "REQUIRE_SECOND_FACTOR": True,
    "DATABASE_URL": "postgresql://grid_app:c0ffee42@database/grid_platform",
    "REDIS_URL": "redis://:c0ffee42@redis:6379/0",
}


@pytest.fixture
def in_service(settings):
    for name, value in GOOD.items():
        setattr(settings, name, value)
    return settings


def found(check, **options) -> list[str]:
    return [message.id for message in check(None, **options)]


def test_a_proper_service_has_nothing_to_be_told(in_service):
    assert found(checks.modes) == found(checks.passwords) == found(checks.built) == []


def test_an_app_that_was_not_built_is_told(monkeypatch):
    monkeypatch.setattr(checks, "FILES", ("grid/m/app.js", "grid/m/gone.js"))
    (told,) = checks.built(None)
    assert told.id == "operations.E040" and told.msg.endswith(": grid/m/gone.js")


@pytest.mark.parametrize(
    ("name", "value", "told"),
    [
        ("DEMO_MODE", True, "operations.E001"),
        ("DEBUG", True, "operations.E002"),
        ("SECRET_KEY", "demo-only-secret-key-never-use-it-in-service-and-longer", "operations.E003"),
        ("SECRET_KEY", "short", "operations.E003"),
        ("SECRET_KEY", "ab" * 40, "operations.E003"),
        ("HTTPS", False, "operations.E004"),
        ("ALLOWED_HOSTS", ["*"], "operations.E005"),
        ("CSRF_TRUSTED_ORIGINS", ["http://grid.example.gov.cn"], "operations.E006"),
        ("AS_OWNER", True, "operations.E007"),
        ("REQUIRE_SECOND_FACTOR", False, "operations.E008"),
        ("DATABASE_URL", "postgresql://grid_app@database/grid_platform", "operations.E010"),
        ("DATABASE_URL", "postgresql://grid_app:Postgres@database/grid_platform", "operations.E010"),
        ("REDIS_URL", "redis://redis:6379/0", "operations.E011"),
    ],
)
def test_each_danger_is_told_by_its_code(in_service, name, value, told):
    setattr(in_service, name, value)
    assert found(checks.modes) + found(checks.passwords) == [told]


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("DATABASE_URL", "postgresql://grid_app@/grid_platform?host=/run/postgresql"),
        ("REDIS_URL", "redis+socket:///run/redis.sock?virtual_host=0"),
    ],
)
def test_a_socket_needs_no_password(in_service, name, value):
    setattr(in_service, name, value)
    assert found(checks.passwords) == []


def test_superusers_and_the_demos_people_are_told_while_they_can_log_in(db):
    User.objects.update(is_demo=False)
    assert found(checks.people, databases=["default"]) == []
    User.objects.filter(username="worker").update(is_superuser=True)
    User.objects.filter(username="director").update(is_demo=True)
    assert found(checks.people, databases=["default"]) == ["operations.E020", "operations.E021"]
    User.objects.update(is_active=False)
    assert found(checks.people, databases=["default"]) == []
    assert found(checks.people, databases=None) == [], "the database is not asked unless one says so"


def test_the_tables_owner_is_no_role_for_work(fresh_database):
    assert found(checks.database_role, databases=["default"]) == []
    settings = connection.settings_dict
    role = settings["USER"]
    connection.close()
    try:
        settings["USER"] = "grid_owner"
        assert found(checks.database_role, databases=["default"]) == ["operations.E030"]
    finally:
        connection.close()
        settings["USER"] = role


def test_the_deployment_check_of_the_command_line_has_them(db):
    with pytest.raises(SystemCheckError, match=r"operations\.E001"):
        call_command("check", deploy=True)


def test_the_start_is_refused_with_every_reason(in_service, monkeypatch):
    messages = [django_checks.Error("One"), django_checks.Warning("no reason"), django_checks.Error("Two")]
    monkeypatch.setattr(start.checks, "run_checks", lambda **_: messages)
    with pytest.raises(SystemExit, match=r"(?s)does not start in service.*One.*Two") as refusal:
        start.refuse_unsafe_start()
    assert "no reason" not in str(refusal.value)
    in_service.DEMO_MODE = True
    start.refuse_unsafe_start()


@pytest.mark.parametrize(
    "command",
    [
        [sys.executable, "-c", "import grid_platform.wsgi"],
        [sys.executable, "-m", "uvicorn", "live.asgi:application", "--port", "0"],
        [sys.executable, "-m", *CELERY, "worker", "--pool", "solo"],
        [sys.executable, "-m", *CELERY, "beat", "--schedule", "{folder}/beat"],
    ],
)
def test_no_process_starts_unsafe(command, tmp_path):
    command = [part.format(folder=tmp_path) for part in command]
    environ = os.environ | {"DEMO_MODE": "0", "SECRET_KEY": "short", "HTTPS": "0"}
    done = subprocess.run(command, cwd=PROJECT, env=environ, capture_output=True, text=True, timeout=60)
    assert done.returncode == 1
    assert "operations.E003" in done.stderr and "operations.E004" in done.stderr
