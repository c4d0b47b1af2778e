"""The page's import of areas: a file is kept, checked by a worker, looked at, confirmed, loaded by a worker.

PostgreSQL decides: a worker takes one row at a time that no other has, so a lost message costs one period of
the sweep, and a worker that dies leaves the row to the next. A file that a worker began three times without
an end fails.
"""

import logging
from dataclasses import asdict
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import F
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from accounts import audit
from accounts.models import User
from desks.models import AreaImport
from dispatch.area_import import check_areas, import_areas
from grid_platform.hints import nudge
from grids.actions import ImportRefusedError
from grids.area_files import AreaFile
from grids.area_plan import Change, Plan
from grids.area_rows import Reading
from grids.models import Boundary
from grids.problems import AreasRefusedError
from grids.queries import rounded

log = logging.getLogger(__name__)

MAX_BYTES = 10_000_000
"""Of a file on the page; larger ones go by the command."""
LINES, SHAPES, TRIES = 1000, 1500, 3
REFUSALS = {
    "import_running": _("Another import of this district is running. Load this one again when it is done."),
    "tree_changed": _("The areas have changed since this was checked. Check it again."),
    "areas_refused": _(
        "The areas have changed since this was checked and it no longer fits. Check it again."
    ),
}
State = AreaImport.State


def upload(*, by: User, file: AreaFile, reading: Reading, now: datetime) -> AreaImport:
    """Keep the file and have it checked."""
    options = asdict(reading) | {"day": reading.day.isoformat() if reading.day else None}
    with transaction.atomic():
        row = AreaImport.objects.create(
            district=by.district,
            by=by,
            at=now,
            file_name=file.name[:200],
            content=file.parts[""],
            options=options,
        )
        _wake()
    return row


@transaction.atomic
def act(
    *, row: AreaImport, verb: str, by: User, version: int, now: datetime, request: HttpRequest | None = None
) -> bool:
    """``load``, ``check`` again or ``discard``; False when it is no longer possible."""
    changes = {
        "load": {"state": State.CONFIRMED, "loaded_by": by, "refusal": ""},
        "check": {"state": State.UPLOADED, "tries": 0, "refusal": ""},
        "discard": {"state": State.DISCARDED, "content": b"", "picture": {}, "ended_at": now},
    }[verb]
    waiting = AreaImport.objects.select_for_update().filter(
        pk=row.pk, state__in=(State.CHECKED, State.FAILED), version=version
    )
    found = waiting.first()
    if found is None or (verb == "load" and not found.may_be_loaded):
        return False
    AreaImport.objects.filter(pk=row.pk).update(**changes)
    if verb == "discard":
        audit.record(kind="areas_discarded", actor=by, subject=row.file_name[:120], request=request, at=now)
    _wake()
    return True


def work(*, now: datetime) -> int:
    """Check what was uploaded and load what was confirmed; returns how many. One row, one transaction."""
    done = 0
    for key in AreaImport.objects.filter(state__in=(State.UPLOADED, State.CONFIRMED)).values_list(
        "pk", flat=True
    ):
        AreaImport.objects.filter(pk=key, state=State.UPLOADED).update(tries=F("tries") + 1)
        with transaction.atomic():
            locked = AreaImport.objects.select_for_update(skip_locked=True, of=("self",))
            row = locked.select_related("district", "loaded_by").filter(pk=key).first()
            if row and row.state == State.UPLOADED:
                _check(row, now)
            elif row and row.state == State.CONFIRMED:
                _load(row, now)
            done += row is not None
    return done


def _check(row: AreaImport, now: datetime) -> None:
    if row.tries > TRIES:
        row.state, row.ended_at = State.FAILED, now
    else:
        plan, recoded = check_areas(district_code=row.district_id, file=row.file, reading=row.reading, at=now)
        row.report, row.picture, row.version = _report(plan, recoded), _picture(plan), plan.version
        row.state = State.CHECKED
    row.save()


def _load(row: AreaImport, now: datetime) -> None:
    try:
        with transaction.atomic():
            import_areas(
                district_code=row.district_id, file=row.file, reading=row.reading, at=now, version=row.version
            )
    except (ImportRefusedError, AreasRefusedError) as refusal:
        log.info("area import %s refused: %s", row.pk, refusal.code)
        row.state, row.refusal = State.CHECKED, refusal.code
    else:
        row.state, row.ended_at = State.LOADED, now
        audit.record(
            kind="areas_imported",
            actor=row.loaded_by,
            subject=row.file_name[:120],
            detail=row.report["counts"],
            district=row.district,
            at=now,
        )
    row.save()


def _report(plan: Plan, recoded: int) -> dict[str, Any]:
    """Counts of everything; of changes and problems the first LINES, errors before warnings."""
    problems = sorted(plan.problems, key=lambda problem: not problem.is_error)
    errors = len(plan.errors)
    return {
        "counts": {
            **{kind: len(plan.of_kind(kind)) for kind in ("new", "changed", "ended")},
            "unchanged": plan.unchanged,
            "recoded": recoded,
            "errors": errors,
            "warnings": len(problems) - errors,
        },
        "changes": [_line(change) for change in plan.changes[:LINES]],
        "problems": [problem.as_json() for problem in problems[:LINES]],
    }


def _line(change: Change) -> dict[str, Any]:
    row = change.row
    fields = {name: list(values) for name, values in change.fields.items()}
    return {"kind": change.kind, "code": row.code, "name": row.name_zh, "level": row.level, "fields": fields}


def _picture(plan: Plan) -> dict[str, Any]:
    """What changes, drawn as it will be; what ends as it is."""
    shown = plan.changes[:SHAPES]
    lacking = [change.code for change in shown if not change.row.geometry]
    known = Boundary.objects.filter(area__code__in=lacking, area__district=plan.district, valid_to=None)
    drawn = dict(known.values_list("area__code", "geometry"))
    drawn |= {change.code: change.row.geometry for change in shown if change.row.geometry}
    return {
        "type": "FeatureCollection",
        "features": [
            {
                "type": "Feature",
                "properties": {"code": change.code, "name": change.row.name_zh, "kind": change.kind},
                "geometry": rounded(drawn[change.code], 5),
            }
            for change in sorted(shown, key=lambda change: len(change.code))
            if change.code in drawn
        ],
    }


def _wake() -> None:
    transaction.on_commit(lambda: nudge("desks.tasks.work_on_area_imports"))
