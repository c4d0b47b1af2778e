"""PostgreSQL's own programs for a backup: which ones, and how they reach Django's database.

Taken are those of the server's major version, else the next newer ones: an older pg_dump refuses a newer server.
Looked at in this order: Debian's folders, the PATH, the embedded server's package.
"""

import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

from django.db import connection

from grid_platform import embedded
from operations.archive import BackupError


def run(name: str, *arguments: str | Path) -> None:
    """Run a program on Django's database; the password goes by the environment, never by the command line.

    Raises BackupError with what the program said.
    """
    command = [str(_program(name)), *map(str, arguments)]
    done = subprocess.run(command, env=_environment(), capture_output=True, text=True, check=False)
    if done.returncode:
        raise BackupError(
            "program_failed", f"{name} failed with code {done.returncode}:\n{done.stderr.strip()}"
        )


def _program(name: str) -> Path:
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_setting('server_version_num')::int / 10000")
        wanted = cursor.fetchone()[0]
    found = {_major(path): path for path in reversed(list(_candidates(name)))}
    if fitting := [major for major in sorted(found) if major >= wanted]:
        return found[fitting[0]]
    raise BackupError(
        "no_program",
        f"No {name} of PostgreSQL {wanted} or newer is here (found: {sorted(found) or 'none'}). "
        f"Debian: apt-get install postgresql-client-{wanted}",
    )


def _candidates(name: str) -> Iterator[Path]:
    yield from sorted(Path("/usr/lib/postgresql").glob(f"*/bin/{name}"))
    if path := shutil.which(name):
        yield Path(path)
    if (path_of_wheel := embedded.postgres_program(name)).exists():
        yield path_of_wheel


def _major(program: Path) -> int:
    said = subprocess.run([program, "--version"], capture_output=True, text=True, check=True).stdout
    match = re.search(r"\) (\d+)", said)
    return int(match[1]) if match else 0


def _environment() -> dict[str, str]:
    settings = connection.settings_dict
    names = {
        "PGDATABASE": "NAME",
        "PGUSER": "USER",
        "PGPASSWORD": "PASSWORD",
        "PGHOST": "HOST",
        "PGPORT": "PORT",
    }
    values = {name: str(settings[key]) for name, key in names.items() if settings[key]}
    options = {
        f"PG{key.upper()}": str(value) for key, value in settings["OPTIONS"].items() if key.startswith("ssl")
    }
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("PG")}
    return inherited | values | options
