"""Import areas with what it does to the loop: open events of areas that end are recoded afterwards.

The tree is changed in one transaction, the events one by one behind it (``dispatch.recoding``): a worker
that dies between them leaves the rest to the next sweep.
"""

from datetime import datetime

from django.db import transaction
from django.utils import timezone

from dispatch.recoding import open_events_in
from grid_platform.hints import nudge
from grids import actions
from grids.area_files import AreaFile
from grids.area_plan import Plan, plan_file
from grids.area_rows import Reading
from grids.models import District


def check_areas(*, district_code: str, file: AreaFile, reading: Reading, at: datetime) -> tuple[Plan, int]:
    """What an import would do, and how many open events it would recode. Writes nothing."""
    plan = plan_file(district_code=district_code, file=file, reading=reading, at=at)
    today = timezone.localdate(at)
    ended = [
        change.code
        for change in plan.of_kind("ended")
        if change.row.valid_to and change.row.valid_to <= today
    ]
    return plan, open_events_in(ended).filter(tenant=district_code).count() if ended else 0


@transaction.atomic
def import_areas(
    *, district_code: str, file: AreaFile, reading: Reading, at: datetime, version: int | None = None
) -> tuple[District, Plan]:
    """See ``grids.actions.import_table``; wakes the workers to recode."""
    done = actions.import_file(
        district_code=district_code, file=file, reading=reading, at=at, version=version
    )
    transaction.on_commit(lambda: nudge("dispatch.tasks.recode_events"))
    return done
