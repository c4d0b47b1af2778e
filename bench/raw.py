"""pgbench with the statements of the bare views: what PostgreSQL alone can do.

The statements are captured from the bare views, so they are the same by construction; the values that must
differ from one transaction to the next become variables.
"""

import re
import subprocess
import uuid
from pathlib import Path

from django.db import connection
from django.test.utils import CaptureQueriesContext
from rest_framework.test import APIRequestFactory, force_authenticate

from accounts.models import User
from bench.bare import views
from bench.client import CLIENTS
from bench.place import CLONE
from bench.requests import NAMES, REPORTER, a_report, put_away
from events.models import Event, Step
from grid_platform.embedded import postgres_program

REPORT_VALUES = "SELECT gen_random_uuid() AS id, nextval('event_serial')::text AS number \\gset\n"
MOVE_VALUES = (
    "SELECT id FROM events_event WHERE state = 'reported' AND tenant = '330104' AND desk_id IS NULL "
    "LIMIT 1 FOR UPDATE SKIP LOCKED \\gset\n"
)


def write_scripts(folder: Path) -> None:
    """report.sql, list.sql and move.sql from what the bare views say to the database."""
    key, factory, user = uuid.uuid4(), APIRequestFactory(), User.objects.get(username=REPORTER)

    def said(view, request, **kwargs) -> list[str]:
        force_authenticate(request, user)
        with CaptureQueriesContext(connection) as captured:
            response = view(request, **kwargs)
        if response.status_code not in (200, 201):
            raise RuntimeError(f"the bare view answered {response.status_code}: {response.data}")
        return [query["sql"] for query in captured]

    report = said(views.Events.as_view(), factory.post("/", a_report(key), format="json"))
    listing = said(views.Events.as_view(), factory.get("/", {"open": "true"}))
    move = said(views.Accept.as_view(), factory.post("/", {}, format="json"), pk=key)
    number = Event.objects.get(pk=key).number
    steps = "|".join(str(step) for step in Step.objects.filter(event=key).values_list("pk", flat=True))

    def script(statements: list[str]) -> str:
        lines = []
        for statement in statements:
            if not re.match("INSERT|UPDATE", statement):
                continue
            statement = re.sub(rf"\b({steps})\b", ":step_id", statement)
            statement = re.sub(r'"number" = \'[^\']*\'', '"number" = "number"', statement)
            statement = statement.replace(f"'{key}'", ":id").replace(f"'{number}'", ":number")
            is_step = statement.startswith('INSERT INTO "events_step" ')
            lines.append(statement + (" \\gset step_" if is_step else ";"))
        return "\n".join(lines)

    put_away()
    (folder / "report.sql").write_text(f"BEGIN;\n{REPORT_VALUES}{script(report)}\nCOMMIT;\n")
    (folder / "move.sql").write_text(f"BEGIN;\n{MOVE_VALUES}{script(move)}\nCOMMIT;\n")
    (folder / "list.sql").write_text(
        "".join(f"{statement};\n" for statement in listing if "events_event" in statement)
    )


def measure(folder: Path, number: int) -> dict[str, float]:
    """Transactions per second of each script."""
    rates = {name: _pgbench(folder / f"{name}.sql", number) for name in NAMES}
    put_away()
    return rates


def _pgbench(script: Path, number: int) -> float:
    database = connection.settings_dict
    program = [
        str(postgres_program("pgbench")), "--no-vacuum", "--protocol", "prepared", "--client", str(CLIENTS),
        "--transactions", str(number // CLIENTS), "--file", str(script), "--host", database["HOST"],
        "--username", database["USER"], CLONE,
    ]  # fmt: skip
    done = subprocess.run(program, capture_output=True, text=True, check=False)
    found = re.search(r"^tps = ([\d.]+)", done.stdout, re.MULTILINE)
    if done.returncode or not found:
        raise RuntimeError(f"pgbench failed on {script.name}: {done.stderr[-600:]}")
    return float(found.group(1))
