"""What the loop keeps beside the event: clocks, assignments, reasons, rungs, the outbox; and the district's rules:
calendar, numbers, routing."""

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils.translation import get_language, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from accounts.models import Organization
from dispatch.recipients import Recipient
from dispatch.working_time import Limit, Unit
from events.models import Event, Level, Step, Urgency
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
    rung = models.PositiveSmallIntegerField(default=0, help_text="How many rungs of its ladder have fired.")
    next_rung_at = models.DateTimeField(null=True)
    stopped_at = models.DateTimeField(null=True, help_text="Stands still since; a check or a hold.")
    holds = models.JSONField(default=list, help_text="[from, to] ISO instants in which it stood still.")
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
    """What a clock does at a percentage of its limit; the ladder is data. Empty ``clock`` or ``urgency``: every."""

    district = models.ForeignKey(District, models.PROTECT)
    clock = models.CharField(max_length=10, choices=ClockKind, blank=True)
    urgency = models.CharField(max_length=10, choices=Urgency, blank=True)
    percent = models.PositiveSmallIntegerField()
    verb = models.CharField(max_length=30)
    recipients = ArrayField(
        models.CharField(max_length=20, choices=Recipient),
        default=list,
        blank=True,
        help_text="Who is told; empty: whoever is told of the verb anyway.",
    )

    class Meta:
        ordering = ["percent", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["district", "clock", "urgency", "percent", "verb"], name="rung_once"
            )
        ]


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
        DECLINED = "declined", _("declined")

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
    handler = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        related_name="+",
        help_text="The person inside who is to do it; everybody there may still act.",
    )
    fed_back_at = models.DateTimeField(null=True)
    fed_back_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    ended_at = models.DateTimeField(null=True, help_text="Returned, recalled, declined, or the event closed.")
    groundless = models.BooleanField(default=False, help_text="Its return was refused.")

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
            ),
            models.Index(
                fields=["organization", "fed_back_at"],
                include=["event"],
                name="assignment_past",
                condition=Q(part="lead"),
            ),
        ]


class Reason(Bilingual):
    """Why a report is rejected or an order returned: growing vocabularies are tables."""

    class Kind(models.TextChoices):
        REJECT = "reject", _("not accepted")
        RETURN = "return", _("return")
        HOLD = "request_hold", _("hold")

    district = models.ForeignKey(District, models.PROTECT)
    kind = models.CharField(max_length=20, choices=Kind)
    code = models.SlugField(max_length=30)
    position = models.PositiveSmallIntegerField(default=0)
    is_active = models.BooleanField(default=True)

    class Meta:
        ordering = ["kind", "position"]
        constraints = [models.UniqueConstraint(fields=["district", "kind", "code"], name="reason_code")]


class Phrase(models.Model):
    """Words ready for a move's text (话术), with placeholders; whose they are is said by ``organization`` or ``person``,
    the district's where both are empty. ``uses`` counts moves, never who made them."""

    district = models.ForeignKey(District, models.PROTECT, related_name="phrases")
    code = models.SlugField(max_length=40, blank=True, help_text="Of the product's own list.")
    verb = models.SlugField(max_length=30)
    item_prefix = models.CharField(
        max_length=10, blank=True, db_collation="C", help_text="Empty: every item."
    )
    text_zh = models.CharField(max_length=500)
    text_en = models.CharField(max_length=500, blank=True)
    organization = models.ForeignKey(Organization, models.PROTECT, null=True, blank=True, related_name="+")
    person = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+"
    )
    position = models.PositiveSmallIntegerField(default=0)
    is_active = models.BooleanField(default=True)
    uses = models.PositiveIntegerField(default=0)

    class Meta:
        ordering = ["verb", "position", "id"]
        constraints = [
            models.UniqueConstraint(fields=["district", "code"], name="phrase_code", condition=~Q(code="")),
            models.CheckConstraint(
                condition=Q(organization=None) | Q(person=None), name="phrase_of_one_owner"
            ),
        ]
        indexes = [
            models.Index(fields=["district", "verb"], name="phrase_of_verb", condition=Q(is_active=True))
        ]

    def __str__(self) -> str:
        return self.text

    @property
    def text(self) -> str:
        """In the active language; Chinese where the other is missing."""
        return (self.text_en if (get_language() or "").startswith("en") else "") or self.text_zh


class Ask(models.Model):
    """Something asked that another must answer; at most one of a kind is open for an event."""

    class Kind(models.TextChoices):
        CHECK = "check", _("check on the spot")
        RETURN = "return", _("return")
        TRANSFER = "transfer", _("transfer")
        EXTENSION = "extension", _("more time")
        HOLD = "hold", _("hold")
        SUPERVISION = "supervision", _("supervision")

    class Answer(models.TextChoices):
        GRANTED = "granted", _("granted")
        REFUSED = "refused", pgettext_lazy("decision", "refused")
        LAPSED = "lapsed", _("no answer in time")

    id = models.BigAutoField(primary_key=True)
    tenant = models.CharField(max_length=6, db_collation="C")
    event = models.ForeignKey(Event, models.PROTECT, related_name="asked")
    kind = models.CharField(max_length=12, choices=Kind)
    organization = models.ForeignKey(Organization, models.PROTECT, null=True, related_name="+")
    to = models.ForeignKey(Organization, models.PROTECT, null=True, related_name="asks")
    asked_at = models.DateTimeField()
    due = models.DateTimeField(null=True, help_text="When no answer counts as one.")
    params = models.JSONField(default=dict)
    answer = models.CharField(max_length=8, choices=Answer, blank=True)
    answered_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(
                fields=["tenant", "event", "kind"], name="one_open_ask", condition=Q(answer="")
            )
        ]
        indexes = [models.Index(fields=["due"], name="ask_due", condition=Q(answer="", due__isnull=False))]


class LetterCount(models.Model):
    """The last serial of a district's year; a row is only counted up, so a number is never given twice."""

    tenant = models.CharField(max_length=6, db_collation="C")
    year = models.PositiveSmallIntegerField()
    last = models.PositiveIntegerField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["tenant", "year"], name="letter_count_year")]


class Letter(models.Model):
    """The paper of a supervision (督办单): its number; what was asked and answered stands in the steps."""

    id = models.BigAutoField(primary_key=True)
    tenant = models.CharField(max_length=6, db_collation="C")
    ask = models.OneToOneField(Ask, models.PROTECT, related_name="letter")
    year = models.PositiveSmallIntegerField()
    serial = models.PositiveIntegerField()
    answer_by = models.DateTimeField()

    class Meta:
        ordering = ["-year", "-serial"]
        constraints = [
            models.UniqueConstraint(fields=["tenant", "year", "serial"], name="letter_number"),
        ]

    @property
    def number(self) -> str:
        return f"{self.year}-{self.serial:04d}"


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


class CalendarChange(models.Model):
    """Who changed which days of the calendar, and what became of the open deadlines. Rows are kept.

    ``before`` holds each changed day as it was: true, false, or null where the table said nothing.
    """

    class Kind(models.TextChoices):
        OFF = "off", _("day off")
        WORK = "work", _("working day")
        WEEKDAY = "weekday", _("as its weekday")
        EXTEND = "extend", _("calendar extended")

    district = models.ForeignKey(District, models.PROTECT, related_name="calendar_changes")
    kind = models.CharField(max_length=8, choices=Kind)
    first = models.DateField()
    last = models.DateField()
    name = models.CharField(max_length=60, blank=True)
    before = models.JSONField(default=dict)
    moves_open = models.BooleanField(help_text="Whether open deadlines are counted again.")
    version = models.PositiveIntegerField(help_text="The calendar's version since this change.")
    changed_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    changed_at = models.DateTimeField()
    moved = models.PositiveIntegerField(default=0, help_text="Events whose deadlines were counted again.")
    done_at = models.DateTimeField(null=True, help_text="When no deadline was left to count again.")

    class Meta:
        ordering = ["-id"]


class Setting(models.Model):
    """One number of a district from an instant on. Rows are only added: the history is the table."""

    district = models.ForeignKey(District, models.PROTECT, related_name="settings")
    name = models.SlugField(max_length=40)
    value = models.JSONField(help_text="A whole number, or one for each urgency.")
    valid_from = models.DateTimeField()
    changed_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    changed_at = models.DateTimeField()

    class Meta:
        ordering = ["-id"]
        indexes = [models.Index(fields=["district", "valid_from"], name="setting_by_time")]


class KeyPeriod(models.Model):
    """A time in which other rules of routing may hold: a congress, a marathon, the flood season. Both days belong to it."""

    district = models.ForeignKey(District, models.PROTECT, related_name="key_periods")
    name = models.CharField(max_length=60)
    first = models.DateField()
    last = models.DateField()

    class Meta:
        ordering = ["-first", "id"]
        constraints = [
            models.UniqueConstraint(fields=["district", "name"], name="key_period_name"),
            models.CheckConstraint(condition=Q(last__gte=models.F("first")), name="key_period_forwards"),
        ]

    def __str__(self) -> str:
        return self.name


class RoutingRule(models.Model):
    """One version of a rule: where events of an item, a place and a time go, before the default way.

    ``number`` names the rule through its versions, which hold one after the other, [valid_from, valid_to);
    ``position`` is its place in the order, the same in all of them. Empty conditions: every.
    """

    district = models.ForeignKey(District, models.PROTECT, related_name="routing_rules")
    number = models.PositiveIntegerField()
    position = models.PositiveIntegerField()
    name = models.CharField(max_length=60)
    item_prefix = models.CharField(max_length=10, blank=True, db_collation="C")
    area_prefix = models.CharField(max_length=20, blank=True, db_collation="C")
    urgency = models.CharField(max_length=10, choices=Urgency, blank=True)
    weekdays = models.JSONField(default=list, help_text="ISO numbers, Monday is 1.")
    time_from = models.TimeField(null=True)
    time_to = models.TimeField(null=True, help_text="Before time_from: past midnight.")
    period = models.ForeignKey(KeyPeriod, models.PROTECT, null=True)
    level = models.CharField(max_length=10, choices=Level, blank=True)
    desk = models.ForeignKey(Organization, models.PROTECT, null=True, related_name="+")
    lead = models.ForeignKey(Organization, models.PROTECT, null=True, related_name="+")
    limit_amount = models.PositiveIntegerField(null=True, help_text="In the item's own unit.")
    valid_from = models.DateTimeField()
    valid_to = models.DateTimeField(null=True)
    changed_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    changed_at = models.DateTimeField()

    class Meta:
        ordering = ["position", "valid_from"]
        constraints = [
            models.UniqueConstraint(
                fields=["district", "number"], condition=Q(valid_to=None), name="one_open_rule_version"
            ),
            models.CheckConstraint(
                condition=Q(valid_to__gte=models.F("valid_from")), name="routing_rule_forwards"
            ),
        ]


class RuleChange(models.Model):
    """What was done to a rule of routing or a key period: who, when, what. Rows are only added."""

    district = models.ForeignKey(District, models.PROTECT, related_name="rule_changes")
    what = models.SlugField(max_length=20)
    number = models.PositiveIntegerField(null=True, help_text="Of the rule.")
    params = models.JSONField(default=dict)
    takes_effect_at = models.DateTimeField()
    changed_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    changed_at = models.DateTimeField()

    class Meta:
        ordering = ["-id"]


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
    """Projection: how many steps of a verb a place saw on a day (Asia/Shanghai), sensitive events left out.

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
