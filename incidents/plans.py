"""The plans of a district: a changed plan is a new version from an instant on, and open incidents keep theirs.

A plan comes from a file or from who keeps the rules; what a person changed or ended, no file changes back.
"""

import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from django.db import transaction
from django.db.models import Max, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import Organization, User
from grids.models import District
from incidents.models import Plan, PlanTask

DATA = Path(__file__).parent / "data"
TASK = ("text_zh", "text_en", "responsible_kind", "responsible_id", "minutes")


class PlanCodeTakenError(ValueError):
    code = "plan_code_taken"
    message = _("A plan of the district has this code, or had it. Choose another.")


@dataclass(frozen=True)
class Content:
    """What a version says; the tasks in their order, not saved."""

    name_zh: str
    name_en: str
    items: list[str]
    tasks: Sequence[PlanTask]

    def is_said_by(self, plan: Plan) -> bool:
        said = (plan.name_zh, plan.name_en, plan.items, [_told(task) for task in plan.tasks.all()])
        return said == (self.name_zh, self.name_en, self.items, [_told(task) for task in self.tasks])


def _told(task: PlanTask) -> tuple[Any, ...]:
    return tuple(getattr(task, name) for name in TASK)


@transaction.atomic
def save_plan(
    *,
    district: District,
    code: str,
    content: Content,
    by: User | None,
    valid_from: datetime | None,
    now: datetime,
    is_new: bool = False,
) -> Plan | None:
    """Another version of a plan from an instant on; None when the last one says the same from then on.

    What would have begun later never does. ``is_new``: the first of its code; raises PlanCodeTakenError. Without
    ``valid_from`` a first version holds since ever.
    """
    versions = _locked(district, code)
    if is_new and versions.exists():
        raise PlanCodeTakenError
    last = versions.filter(valid_to=None).first()
    if last and last.has_begun(valid_from or now) and content.is_said_by(last):
        return None
    if valid_from:
        _end(versions, valid_from)
    number = (versions.aggregate(last=Max("version"))["last"] or 0) + 1
    plan = Plan.objects.create(
        district=district,
        code=code,
        version=number,
        name_zh=content.name_zh,
        name_en=content.name_en,
        items=content.items,
        valid_from=valid_from,
        changed_by=by,
        changed_at=now,
    )
    for position, task in enumerate(content.tasks, start=1):
        task.plan, task.position = plan, position
    PlanTask.objects.bulk_create(content.tasks)
    return plan


@transaction.atomic
def retire_plan(*, district: District, code: str, by: User, now: datetime) -> bool:
    """No incident is opened under it from now on; whether there was one to end."""
    versions = _locked(district, code)
    lasting = versions.filter(valid_to=None).first()
    if lasting is None:
        return False
    Plan.objects.filter(pk=lasting.pk).update(ended_by=by)
    _end(versions, now)
    return True


def _locked(district: District, code: str):
    """The versions of a code; changes of plans come one after the other."""
    District.objects.select_for_update().get(pk=district.pk)
    return Plan.objects.filter(district=district, code=code)


def _end(versions, at: datetime) -> None:
    for version in versions.filter(Q(valid_to=None) | Q(valid_to__gt=at)):
        version.valid_to = max(at, version.valid_from or at)
        version.save(update_fields=["valid_to"])


# From a file -------------------------------------------------------------------------------------


@transaction.atomic
def load_plans(*, district: District, path: Path = DATA / "plans.toml") -> int:
    """Bring the plans to what the file says; returns how many are new or changed. Idempotent.

    What a person changed or ended stays. Raises ValueError for an organisation nobody knows.
    """
    with path.open("rb") as file:
        plans = tomllib.load(file)["plan"]
    return sum(_load(district, plan) for plan in plans)


def _load(district: District, plan: dict) -> bool:
    now = timezone.now()
    last = _locked(district, plan["code"]).order_by("version").last()
    if last and (last.changed_by_id or last.ended_by_id):
        return False
    tasks = [_task(district, row) for row in plan["tasks"]]
    content = Content(plan["name_zh"], plan["name_en"], plan["items"], tasks)
    begin = now if last else None
    saved = save_plan(
        district=district, code=plan["code"], content=content, by=None, valid_from=begin, now=now
    )
    return saved is not None


def _task(district: District, row: dict) -> PlanTask:
    task = PlanTask(text_zh=row["zh"], text_en=row["en"], minutes=row["minutes"])
    if "code" in row:
        task.responsible = Organization.objects.filter(district=district, code=row["code"]).first()
        if task.responsible is None:
            raise ValueError(f"{row['code']}: no organisation of the district has this code")
    else:
        task.responsible_kind = Organization.Kind(row["who"]).value
    return task
