"""What the loop keeps beside the event: clocks, assignments, reasons, rungs, calendar days, the outbox."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.models import Organization
from dispatch.working_time import Limit, Unit
from events.models import Event, Step
from grids.models import Bilingual, District


class ClockKind(models.TextChoices):
    ACCEPT = "accept", _("accept")
    DISPATCH = "dispatch", _("dispatch")
    SIGN = "sign", _("sign")
    HANDLE = "handle", _("handle")
    CHECK = "check", _("check")
    WHOLE = "whole", _("whole")


class ClockQuerySet(models.QuerySet["Clock"]):
    def running(self):
        return self.filter(ended_at=None)

    def at_a_rung(self, *, now):
        """Running clocks whose next rung has come; reads the index on the next rung."""
        return self.running().filter(next_rung_at__lte=now)


class Clock(models.Model):
    """One limit of one event: ``amount`` of ``unit`` from ``start``, due at ``due`` (in time at the deadline)."""

    id = models.BigAutoField(primary_key=True)
    tenant = models.CharField(max_length=6, db_collation="C")
    event = models.ForeignKey(Event, models.PROTECT, related_name="clocks")
    kind = models.CharField(max_length=10, choices=ClockKind)
    start = models.DateTimeField()
    amount = models.PositiveIntegerField()
    unit = models.CharField(max_length=20, choices=[(unit.value, unit.value) for unit in Unit])
    due = models.DateTimeField()
    calendar_version = models.PositiveIntegerField()
    provisional = models.BooleanField(default=False, help_text="Beyond the last year of the calendar.")
    version = models.PositiveSmallIntegerField(
        default=1, help_text="Changes when the deadline is counted again."
    )
    rung = models.PositiveSmallIntegerField(default=0, help_text="Per cent of the last rung that fired.")
    next_rung_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)

    objects = ClockQuerySet.as_manager()

    class Meta:
        ordering = ["start", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["tenant", "event", "kind"], name="one_running_clock", condition=Q(ended_at=None)
            )
        ]
        indexes = [
            models.Index(
                fields=["next_rung_at"],
                name="clock_next_rung",
                condition=Q(ended_at=None, next_rung_at__isnull=False),
            )
        ]

    @property
    def limit(self) -> Limit:
        return Limit(self.amount, Unit(self.unit))


class Rung(models.Model):
    """What the clock does at a percentage of a limit; the ladder is data."""

    district = models.ForeignKey(District, models.PROTECT)
    percent = models.PositiveSmallIntegerField()
    verb = models.CharField(max_length=30)

    class Meta:
        ordering = ["percent"]
        constraints = [models.UniqueConstraint(fields=["district", "percent"], name="rung_percent")]


class Assignment(models.Model):
    """An organisation is asked to handle an event, as lead or as assistant."""

    class Part(models.TextChoices):
        LEAD = "lead", _("lead")
        ASSISTANT = "assistant", _("assistant")

    class Status(models.TextChoices):
        SENT = "sent", _("to sign")
        SIGNED = "signed", _("in hand")
        DONE = "done", _("fed back")
        RETURNED = "returned", _("returned")
        RECALLED = "recalled", _("recalled")

    id = models.BigAutoField(primary_key=True)
    tenant = models.CharField(max_length=6, db_collation="C")
    event = models.ForeignKey(Event, models.PROTECT, related_name="assignments")
    organization = models.ForeignKey(Organization, models.PROTECT, related_name="assignments")
    part = models.CharField(max_length=10, choices=Part)
    status = models.CharField(max_length=10, choices=Status, default=Status.SENT)
    by_district = models.BooleanField(default=False, help_text="The district's dispatch cannot be returned.")
    dispatched_at = models.DateTimeField()
    signed_at = models.DateTimeField(null=True)
    signed_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    fed_back_at = models.DateTimeField(null=True)
    fed_back_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    ended_at = models.DateTimeField(null=True, help_text="Returned, recalled, or the event closed.")

    class Meta:
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(
                fields=["tenant", "event"], name="one_lead", condition=Q(part="lead", ended_at=None)
            ),
            models.UniqueConstraint(
                fields=["tenant", "event", "organization"], name="one_part", condition=Q(ended_at=None)
            ),
        ]
        indexes = [
            models.Index(
                fields=["organization", "status"], name="assignment_open", condition=Q(ended_at=None)
            )
        ]


class Reason(Bilingual):
    """Why a report is rejected or an order returned: growing vocabularies are tables."""

    class Kind(models.TextChoices):
        REJECT = "reject", _("not accepted")
        RETURN = "return", _("return")
        RECALL = "recall", _("recall")

    district = models.ForeignKey(District, models.PROTECT)
    kind = models.CharField(max_length=10, choices=Kind)
    code = models.SlugField(max_length=30)
    position = models.PositiveSmallIntegerField(default=0)
    is_active = models.BooleanField(default=True)

    class Meta:
        ordering = ["kind", "position"]
        constraints = [models.UniqueConstraint(fields=["district", "kind", "code"], name="reason_code")]


class CalendarDay(models.Model):
    """A day that is not what its weekday says; the State Council's table or the district's own."""

    district = models.ForeignKey(District, models.PROTECT, related_name="calendar_days")
    date = models.DateField()
    working = models.BooleanField()
    name = models.CharField(max_length=60, blank=True)
    source = models.CharField(max_length=40)

    class Meta:
        ordering = ["date"]
        constraints = [models.UniqueConstraint(fields=["district", "date"], name="calendar_date")]


class Outbox(models.Model):
    """'Event X advanced to step n': written by the move's transaction, deleted by the worker's."""

    id = models.BigAutoField(primary_key=True)
    tenant = models.CharField(max_length=6, db_collation="C")
    step = models.ForeignKey(Step, models.PROTECT, related_name="+", db_index=False)
    created_at = models.DateTimeField(auto_now_add=True)
    tries = models.PositiveSmallIntegerField(default=0)
    parked_at = models.DateTimeField(null=True)
    error = models.TextField(blank=True)

    class Meta:
        indexes = [models.Index(fields=["id"], name="outbox_waiting", condition=Q(parked_at=None))]


class DayCount(models.Model):
    """Projection: how many steps of a verb a place saw on a day (Asia/Shanghai).

    The place is the one reported under, which never changes, so a recount from the steps gives the same.
    """

    id = models.BigAutoField(primary_key=True)
    tenant = models.CharField(max_length=6, db_collation="C")
    day = models.DateField()
    area_code = models.CharField(max_length=20, db_collation="C")
    verb = models.CharField(max_length=30)
    number = models.PositiveIntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["tenant", "day", "area_code", "verb"], name="day_count_key")
        ]
