"""The numbers of the loop that a district may choose (field rules, sections 3, 5 and 6).

``of(district, at=...)`` gives them as they stand at an instant. A change is a row of ``Setting``; the newest
one that has begun counts, and none is ever edited. Other constants of the loop are not the district's to choose.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from dispatch.models import Setting
from dispatch.working_time import Limit, Unit
from grids.actions import advance_version
from grids.memory import kept_under
from grids.models import District

CLOCK_TOLERANCE = timedelta(minutes=2)
"""A corrected occurred_at this far ahead of the server is clamped; more is flagged."""
OCCURRED_AT_MOST_BEFORE = timedelta(days=30)
TEXT_LIMIT = 2000
ADDRESS_LIMIT = 200

Words = str | Promise
ByUrgency = Mapping[str, int]


@dataclass(frozen=True)
class Policy:
    """A district's numbers; the defaults are the product's."""

    desk_minutes: ByUrgency = field(default_factory=lambda: {"critical": 5, "urgent": 15})
    sign_minutes: ByUrgency = field(default_factory=lambda: {"critical": 5, "urgent": 30, "normal": 120})
    check_on_the_spot_hours: ByUrgency = field(default_factory=lambda: {"urgent": 1, "normal": 24})
    check_limit_minutes: int = 120
    return_window_minutes: ByUrgency = field(
        default_factory=lambda: {"critical": 10, "urgent": 30, "normal": 120}
    )
    refuse_return_minutes: ByUrgency = field(
        default_factory=lambda: {"critical": 5, "urgent": 15, "normal": 15}
    )
    returns_to_district: int = 2
    rework_percent: int = 50
    reworks_to_next_level: int = 3
    sample_percent: int = 10
    sample_days: int = 3
    extension_before_percent: int = 75
    extension_most_percent: int = 100
    hold_review_days: int = 30
    hold_most_days: int = 180
    reopen_within_days: int = 30
    supervision_days: int = 1
    call_back_tries: int = 3
    likely_metres: int = 50
    likely_hours: int = 24
    nearby_metres: int = 300
    timely_days: int = 180
    quiet_from_hour: int = 22
    quiet_until_hour: int = 7

    @property
    def sample_limit(self) -> Limit:
        return Limit(self.sample_days, Unit.WORKING_DAYS)

    @property
    def supervision_limit(self) -> Limit:
        return Limit(self.supervision_days, Unit.WORKING_DAYS)


@dataclass(frozen=True)
class Number:
    """What a page says of a number, and between which bounds it may lie."""

    label: Words
    unit: Words
    least: int
    most: int
    help: Words = ""


MINUTES, HOURS, DAYS, WORKING_DAYS = _("minutes"), _("hours"), _("days"), _("working days")
PER_CENT, TIMES, O_CLOCK, METRES = _("per cent"), _("times"), _("o'clock"), _("metres")
GROUPS: dict[str, tuple[Words, dict[str, Number]]] = {
    "desk": (
        _("Desk, signing, checks"),
        {
            "desk_minutes": Number(
                _("To accept, and to dispatch, at most"),
                MINUTES,
                1,
                480,
                _("Whatever the item says; for normal events the item decides."),
            ),
            "sign_minutes": Number(
                _("Time to sign"), MINUTES, 1, 960, _("For limits in hours at most a quarter of the limit.")
            ),
            "check_on_the_spot_hours": Number(_("To answer a check on the spot"), HOURS, 1, 240),
            "check_limit_minutes": Number(
                _("To check a result"), MINUTES, 10, 2880, _("It is part of every whole deadline.")
            ),
            "sample_percent": Number(_("Sample of what is closed on the spot"), PER_CENT, 0, 100),
            "sample_days": Number(_("To check a sample"), WORKING_DAYS, 1, 30),
        },
    ),
    "returns": (
        _("Returns and rework"),
        {
            "return_window_minutes": Number(
                _("Return after signing, within"),
                MINUTES,
                1,
                960,
                _("For limits in hours at most half of the limit."),
            ),
            "refuse_return_minutes": Number(_("To refuse a return, within"), MINUTES, 1, 480),
            "returns_to_district": Number(_("Return that goes to the district centre"), TIMES, 1, 10),
            "rework_percent": Number(
                _("Limit of a rework or a reopened event"), PER_CENT, 10, 100, _("Of the item's limit.")
            ),
            "reworks_to_next_level": Number(_("Failed check that goes one level up"), TIMES, 1, 10),
        },
    ),
    "later": (
        _("More time, hold, reopening"),
        {
            "extension_before_percent": Number(
                _("Ask for more time before"), PER_CENT, 10, 100, _("Of the limit used up.")
            ),
            "extension_most_percent": Number(
                _("More time at most"), PER_CENT, 10, 200, _("Of the item's limit.")
            ),
            "hold_review_days": Number(_("Review a hold within"), DAYS, 1, 180),
            "hold_most_days": Number(_("A hold lasts at most"), DAYS, 1, 730),
            "reopen_within_days": Number(_("Reopen within"), DAYS, 1, 365),
        },
    ),
    "answers": (
        _("Supervision and answers"),
        {
            "supervision_days": Number(_("To answer a supervision"), WORKING_DAYS, 1, 30),
            "call_back_tries": Number(_("Tries to call the reporter back"), TIMES, 1, 10),
        },
    ),
    "proposals": (
        _("Likely duplicates and ranked leads"),
        {
            "likely_metres": Number(
                _("Likely the same within"),
                METRES,
                5,
                1000,
                _("Of the same item; and within the hours below."),
            ),
            "likely_hours": Number(_("Likely the same, apart at most"), HOURS, 1, 720),
            "nearby_metres": Number(
                _("Also look at what is near, within"),
                METRES,
                50,
                2000,
                _("Ranked by place, time and words."),
            ),
            "timely_days": Number(
                _("A lead's past counts for the last"),
                DAYS,
                30,
                730,
                _("What it fed back, and how much in time."),
            ),
        },
    ),
    "quiet": (
        _("Quiet hours"),
        {
            "quiet_from_hour": Number(_("Quiet from"), O_CLOCK, 0, 23),
            "quiet_until_hour": Number(
                _("Quiet until"),
                O_CLOCK,
                0,
                23,
                _("What a clock says then is read afterwards; of a critical event it never waits."),
            ),
        },
    ),
}
NUMBERS: dict[str, Number] = {
    name: number for _title, numbers in GROUPS.values() for name, number in numbers.items()
}


def of(district: District, *, at: datetime) -> Policy:
    """The numbers that hold at an instant; kept in memory with the calendar."""
    return next((policy for begins, policy in _history(district) if begins <= at), Policy())


def planned(district: District, *, at: datetime) -> list[Setting]:
    """Changes that have not begun yet, the first to come first."""
    return list(Setting.objects.filter(district=district, valid_from__gt=at).order_by("valid_from", "id"))


@kept_under("calendar_version")
def _history(district: District) -> list[tuple[datetime, Policy]]:
    """The numbers from each instant a change began at, the newest first."""
    known = {field.name for field in fields(Policy)}
    policy, found = Policy(), []
    for row in Setting.objects.filter(district=district, name__in=known).order_by("valid_from", "id"):
        policy = replace(policy, **{row.name: row.value})
        found.insert(0, (row.valid_from, policy))
    return found


@transaction.atomic
def change_settings(
    *, district: District, values: Mapping[str, Any], by: User | None, valid_from: datetime, now: datetime
) -> list[Setting]:
    """Set numbers from an instant on; returns the new rows, of those only that differ from what holds then.

    ``values`` by the names of ``Policy``: a whole number, or one for each urgency. Raises ValueError for
    a number that is unknown or out of its bounds.
    """
    District.objects.select_for_update().get(pk=district.pk)
    for name, value in values.items():
        number = NUMBERS[name]
        for one in value.values() if isinstance(value, Mapping) else [value]:
            if not number.least <= one <= number.most:
                raise ValueError(f"{name}: {one} is not between {number.least} and {number.most}")
    held = of(district, at=valid_from)
    rows = [
        Setting(
            district=district, name=name, value=value, valid_from=valid_from, changed_by=by, changed_at=now
        )
        for name, value in values.items()
        if getattr(held, name) != value
    ]
    Setting.objects.bulk_create(rows)
    if rows:
        advance_version(district=district, of="calendar_version")
    return rows
