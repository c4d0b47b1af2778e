"""The plans of a district, from a file: a changed plan becomes a new version, and open incidents keep theirs."""

import tomllib
from pathlib import Path

from django.db import transaction

from accounts.models import Organization
from grids.models import District
from incidents.models import Plan, PlanTask

DATA = Path(__file__).parent / "data"


@transaction.atomic
def load_plans(*, district: District, path: Path = DATA / "plans.toml") -> int:
    """Bring the plans to what the file says; returns how many are new or changed. Idempotent.

    Raises ValueError for an organisation nobody knows.
    """
    District.objects.select_for_update().get(pk=district.pk)
    with path.open("rb") as file:
        plans = tomllib.load(file)["plan"]
    return sum(_load(district, plan) for plan in plans)


def _load(district: District, plan: dict) -> bool:
    now = Plan.objects.filter(district=district, code=plan["code"], is_active=True).first()
    tasks = [_task(district, position, row) for position, row in enumerate(plan["tasks"], start=1)]
    if now and _content(now, list(now.tasks.all())) == _content(Plan(**_head(plan)), tasks):
        return False
    version = 1
    if now:
        version, now.is_active = now.version + 1, False
        now.save(update_fields=["is_active"])
    new = Plan.objects.create(district=district, version=version, **_head(plan))
    for task in tasks:
        task.plan = new
    PlanTask.objects.bulk_create(tasks)
    return True


def _head(plan: dict) -> dict:
    return {name: plan[name] for name in ("code", "name_zh", "name_en", "items")}


def _task(district: District, position: int, row: dict) -> PlanTask:
    task = PlanTask(position=position, text_zh=row["zh"], text_en=row["en"], minutes=row["minutes"])
    if "code" in row:
        task.responsible = Organization.objects.filter(district=district, code=row["code"]).first()
        if task.responsible is None:
            raise ValueError(f"{row['code']}: no organisation of the district has this code")
    else:
        task.responsible_kind = Organization.Kind(row["who"]).value
    return task


def _content(plan: Plan, tasks: list[PlanTask]) -> tuple:
    rows = [
        (task.position, task.text_zh, task.text_en, task.responsible_kind, task.responsible_id, task.minutes)
        for task in tasks
    ]
    return plan.name_zh, plan.name_en, list(plan.items), rows
