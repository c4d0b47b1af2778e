"""The checklist, the event, its steps and its evidence.

``dispatch`` alone moves an event; this module says what an event is and who may see it.
Times are UTC instants, coordinates WGS84 degrees.
"""

import uuid
from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta
from functools import reduce
from operator import or_

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import Organization
from accounts.scope import Scope, scope_of
from grids.models import Bilingual, District, Level, after_prefix

NEVER = datetime(9999, 1, 1, tzinfo=UTC)
"""The due time of a stopped clock: sorts last."""
TRAINING_SHOWN_FOR = timedelta(days=30)
"""Steps are never deleted, so what was practised longer ago is only out of sight."""


class Platform(models.TextChoices):
    PUBLIC_ORDER = "综治工作", _("Public order and safety")
    MARKET = "市场监管", _("Market supervision")
    ENFORCEMENT = "综合执法", _("Integrated enforcement")
    SERVICE = "便民服务", _("Public services")


class Urgency(models.TextChoices):
    NORMAL = "normal", _("normal")
    URGENT = "urgent", _("urgent")
    CRITICAL = "critical", _("critical")


class State(models.TextChoices):
    REPORTED = "reported", _("to accept")
    ACCEPTED = "accepted", _("to dispatch")
    DISPATCHED = "dispatched", _("to sign")
    HANDLING = "handling", _("in hand")
    FED_BACK = "fed_back", _("to verify")
    CLOSED = "closed", _("closed")
    ON_HOLD = "on_hold", _("on hold")
    REJECTED = "rejected", _("not accepted")
    MERGED = "merged", _("merged")
    VOID = "void", _("void")


OPEN_STATES = (
    State.REPORTED,
    State.ACCEPTED,
    State.DISPATCHED,
    State.HANDLING,
    State.FED_BACK,
    State.ON_HOLD,
)


class Source(models.TextChoices):
    GRID = "grid", _("grid worker")
    DESK = "desk", _("desk")
    RESIDENT = "resident", _("resident")
    HOTLINE = "hotline", _("hotline 12345")
    SENSOR = "sensor", _("sensor")
    IMPORT = "import", _("import")


class Category(Bilingual):
    """First three digits of the items' codes."""

    district = models.ForeignKey(District, models.PROTECT)
    code = models.CharField(max_length=10, db_collation="C")
    platform = models.CharField(max_length=20, choices=Platform)

    class Meta:
        ordering = ["code"]
        constraints = [models.UniqueConstraint(fields=["district", "code"], name="category_code")]


class ItemQuerySet(models.QuerySet["Item"]):
    def valid_on(self, day: date):
        return self.filter(Q(valid_to=None) | Q(valid_to__gt=day), valid_from__lte=day)


class Item(Bilingual):
    """A checklist item in one version, valid [valid_from, valid_to). Limits are the item's own."""

    class LimitUnit(models.TextChoices):
        CALENDAR_HOURS = "calendar_hours", _("hours, day and night")
        WORKING_HOURS = "working_hours", _("working hours")
        WORKING_DAYS = "working_days", _("working days")

    district = models.ForeignKey(District, models.PROTECT)
    code = models.CharField(max_length=10, db_collation="C")
    category = models.ForeignKey(Category, models.PROTECT, related_name="items")
    urgency = models.CharField(max_length=10, choices=Urgency)
    level = models.CharField(
        max_length=10, choices=Level, help_text="The lowest level that normally closes it."
    )
    self_handle = models.BooleanField()
    accept_minutes = models.PositiveSmallIntegerField()
    dispatch_minutes = models.PositiveSmallIntegerField()
    handle_limit = models.PositiveSmallIntegerField()
    limit_unit = models.CharField(max_length=20, choices=LimitUnit)
    lead_department = models.CharField(max_length=20)
    assist_departments = ArrayField(models.CharField(max_length=20), default=list, blank=True)
    evidence = ArrayField(models.CharField(max_length=20), default=list, blank=True)
    keywords = ArrayField(models.CharField(max_length=20), default=list, blank=True)
    is_safety_list = models.BooleanField(default=False)
    circle = models.CharField(max_length=20, blank=True)
    sensitive = models.BooleanField(default=False)
    desk_checked = models.BooleanField(
        default=False, help_text="Verified by the desk, never on the doorstep."
    )
    source_list = models.CharField(max_length=30, blank=True)
    valid_from = models.DateField(default=date(2018, 1, 1))
    valid_to = models.DateField(null=True, blank=True)

    objects = ItemQuerySet.as_manager()

    class Meta:
        ordering = ["code"]
        constraints = [
            models.UniqueConstraint(fields=["district", "code", "valid_from"], name="item_version"),
            models.CheckConstraint(
                condition=~Q(urgency=Urgency.CRITICAL, self_handle=True), name="critical_never_self_closed"
            ),
        ]


class ItemChange(models.Model):
    """What was done to an item or a category: who, when, what, from which day. Rows are only added."""

    class What(models.TextChoices):
        ADD = "add", _("added")
        CHANGE = "change", _("changed")
        RETIRE = "retire", _("retired")

    district = models.ForeignKey(District, models.PROTECT, related_name="item_changes")
    code = models.CharField(max_length=10, db_collation="C")
    what = models.CharField(max_length=10, choices=What)
    params = models.JSONField(
        default=dict, help_text="changed: {name: [old, new]}; until: the last day's next."
    )
    from_day = models.DateField()
    changed_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    changed_at = models.DateTimeField()

    class Meta:
        ordering = ["-id"]
        indexes = [models.Index(fields=["district", "code", "-id"], name="item_change_of_code")]


class EventQuerySet(models.QuerySet["Event"]):
    def open(self):
        return self.filter(state__in=OPEN_STATES)

    def overdue(self, *, at: datetime):
        return self.open().filter(due__lt=at)

    def held_by(self, *organizations: int):
        return self.filter(holder__in=organizations)

    def within(self, code: str):
        """In this area, by the code's prefix."""
        return self.filter(_prefix(code))

    def visible_to(self, user):
        """The one scope rule (design, section 3.2): everything that shows an event passes here.

        The reporter, the desk that decides now, who is asked to take it or to check the sample, and the
        organisations at work see it. Who watches an area sees what happened there, but no sensitive event;
        the auditor of the area sees that too. The district's duty officers decide beside the desk on
        a critical report nobody has accepted, and on a hold that is asked for.

        Who is in training sees the events of training and no other; everybody else sees none of them.
        """
        return self.visible_in(
            scope_of(user), tenant=user.district_id, reporter=user.pk, training=user.in_training
        )

    def visible_in(self, scope: Scope, *, tenant: str, reporter: int | None = None, training: bool = False):
        """``visible_to``, for a scope that belongs to no person: nobody's own reports then.

        ``events.sight.sees`` says the same in memory and changes with it.
        """
        units = list(scope.units("view_org_events"))
        rule = Q(reporter_id=reporter) if reporter else Q(pk__in=[])
        if units:
            rule |= Q(desk_id__in=units) | Q(transfer_to_id__in=units) | Q(participants__overlap=units)
            rule |= Q(sampler_id__in=units, sample_state="pending")
        if scope.units("rule_district"):
            rule |= Q(sensitive=True, urgency=Urgency.CRITICAL, state=State.REPORTED)
            rule |= Q(sensitive=True, asks__contains=["hold"])
        if watched := _within_any(scope.codes("view_area_events")):
            rule |= watched & Q(sensitive=False)
        found = self.of_mode(training).filter(tenant=tenant)
        return found.filter(rule | _within_any(scope.codes("audit_events")))

    def of_mode(self, training: bool):
        """Real events, or those of training that still show."""
        if training:
            return self.filter(training=True, recorded_at__gte=timezone.now() - TRAINING_SHOWN_FOR)
        return self.filter(training=False)


class EventManager(models.Manager.from_queryset(EventQuerySet)):  # type: ignore[misc]
    """Real events, wherever nothing else is said: no figure, queue, message or export can forget it.

    The events of training are reached by ``visible_to`` a person in training, by ``of_mode``, and through
    ``Event.with_training``, for what is true of every event: keys, locks, files, chains.
    """

    def get_queryset(self) -> EventQuerySet:
        return super().get_queryset().filter(training=False)

    def visible_in(
        self, scope: Scope, *, tenant: str, reporter: int | None = None, training: bool = False
    ) -> EventQuerySet:
        return self._every().visible_in(scope, tenant=tenant, reporter=reporter, training=training)

    def visible_to(self, user) -> EventQuerySet:
        return self._every().visible_to(user)

    def of_mode(self, training: bool) -> EventQuerySet:
        return self._every().of_mode(training)

    def _every(self) -> EventQuerySet:
        """Of a related manager (``item.events``) still its own rows only."""
        every = super().get_queryset()
        narrow = getattr(self, "_apply_rel_filters", None)
        return narrow(every) if narrow else every


def _prefix(code: str) -> Q:
    return Q(area_code__gte=code, area_code__lt=after_prefix(code))


def _within_any(codes: Iterable[str]) -> Q:
    """Nothing to add where there is no code."""
    return reduce(or_, map(_prefix, sorted(codes)), Q())


class Event(models.Model):
    """One matter on its way round the loop. Written only by ``dispatch.advance``."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    tenant = models.CharField(max_length=6, db_collation="C")
    number = models.CharField(max_length=19, db_collation="C")

    item = models.ForeignKey(Item, models.PROTECT, related_name="events")
    urgency = models.CharField(max_length=10, choices=Urgency)
    level = models.CharField(max_length=10, choices=Level)
    sensitive = models.BooleanField(default=False)
    source = models.CharField(max_length=10, choices=Source)
    training = models.BooleanField(
        default=False,
        db_default=False,
        editable=False,
        help_text="Reported by a person in training: it counts nowhere. Never changes.",
    )
    description = models.TextField(blank=True)
    address = models.CharField(max_length=200, blank=True)

    area_code = models.CharField(
        max_length=20, db_collation="C", help_text="Any level: the grid may be unknown."
    )
    place_level = models.CharField(max_length=10, choices=Level, help_text="How exactly the place is known.")
    reported_area_code = models.CharField(max_length=20, db_collation="C")
    longitude = models.FloatField(null=True, blank=True)
    latitude = models.FloatField(null=True, blank=True)
    raw_point = models.JSONField(null=True, blank=True, help_text="As sent: [longitude, latitude, datum].")
    flags = ArrayField(models.CharField(max_length=30), default=list, blank=True)

    reporter = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="reported_events"
    )
    reporter_confidential = models.BooleanField(default=False)
    occurred_at = models.DateTimeField()
    recorded_at = models.DateTimeField()
    content_hash = models.CharField(max_length=64, editable=False)

    state = models.CharField(max_length=12, choices=State)
    desk = models.ForeignKey(Organization, models.PROTECT, null=True, blank=True, related_name="+")
    holder = models.ForeignKey(Organization, models.PROTECT, null=True, blank=True, related_name="+")
    lead = models.ForeignKey(Organization, models.PROTECT, null=True, blank=True, related_name="+")
    sampler = models.ForeignKey(Organization, models.PROTECT, null=True, blank=True, related_name="+")
    participants = ArrayField(
        models.BigIntegerField(),
        default=list,
        blank=True,
        help_text="Lead and assistants; who returned or was recalled is out.",
    )
    asks = ArrayField(
        models.CharField(max_length=12),
        default=list,
        blank=True,
        help_text="Kinds of what is asked and unanswered.",
    )
    transfer_to = models.ForeignKey(
        Organization,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        help_text="Who is asked to take it.",
    )
    origin = models.ForeignKey(
        "self",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="descendants",
        help_text="Split or followed from.",
    )
    leading = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="merged", help_text="Merged into."
    )
    routing = models.JSONField(default=list, blank=True, help_text="Why this desk: codes with parameters.")

    due = models.DateTimeField(default=NEVER, help_text="Of the holder's running clock.")
    whole_due = models.DateTimeField(default=NEVER)
    first_act_at = models.DateTimeField(
        null=True, blank=True, help_text="The desk's first act or a self-close (受理)."
    )
    filed_at = models.DateTimeField(null=True, blank=True, help_text="Accept or self-close (立案).")
    closed_at = models.DateTimeField(null=True, blank=True)
    forced = models.BooleanField(default=False, help_text="Closed by force: never on time.")
    hold_review_on = models.DateField(null=True, blank=True)
    held_until = models.DateTimeField(null=True, blank=True, help_text="Resumes by itself then.")
    answered_at = models.DateTimeField(null=True, blank=True, help_text="The reporter got the answer.")
    rating = models.CharField(
        max_length=12,
        blank=True,
        choices=[
            ("very_good", _("very satisfied")),
            ("good", _("satisfied")),
            ("fair", _("fair")),
            ("bad", _("unsatisfied")),
        ],
    )
    self_closed = models.BooleanField(default=False)
    self_close_pending = models.BooleanField(
        default=False, help_text="Takes effect when the photos are complete."
    )
    sample_state = models.CharField(
        max_length=10,
        blank=True,
        choices=[("pending", _("to check")), ("confirmed", _("confirmed")), ("refused", _("refused"))],
    )
    return_count = models.PositiveSmallIntegerField(default=0)
    rework_count = models.PositiveSmallIntegerField(default=0)
    escalation_count = models.PositiveSmallIntegerField(default=0)
    hand_down_count = models.PositiveSmallIntegerField(default=0)
    urge_count = models.PositiveSmallIntegerField(default=0)
    extension_count = models.PositiveSmallIntegerField(default=0)
    reopen_count = models.PositiveSmallIntegerField(default=0)
    photos_missing = models.PositiveSmallIntegerField(
        default=0, help_text="Promised by the manifest, not yet here."
    )

    version = models.PositiveIntegerField(
        default=0, help_text="Counts the moves; reminders and comments are none."
    )
    sequence = models.PositiveIntegerField(default=0, help_text="Number of the last step.")
    head_hash = models.CharField(max_length=64, blank=True)

    objects = EventManager()
    with_training = EventQuerySet.as_manager()

    class Meta:
        base_manager_name = "with_training"
        constraints = [models.UniqueConstraint(fields=["tenant", "number"], name="event_number")]
        indexes = [
            models.Index(fields=["tenant", "recorded_at"], name="event_training", condition=Q(training=True)),
            models.Index(
                fields=["tenant", "holder", "state", "due", "id"],
                name="event_queue",
                condition=Q(state__in=OPEN_STATES),
            ),
            models.Index(
                fields=["tenant", "desk", "state", "due", "id"],
                name="event_desk",
                condition=Q(state__in=OPEN_STATES),
            ),
            models.Index(
                fields=["tenant", "area_code", "due", "id"],
                name="event_area_open",
                condition=Q(state__in=OPEN_STATES),
            ),
            models.Index(
                fields=["tenant", "due", "id"], name="event_due_open", condition=Q(state__in=OPEN_STATES)
            ),
            models.Index(fields=["tenant", "area_code", "recorded_at"], name="event_area"),
            models.Index(fields=["tenant", "reporter", "recorded_at"], name="event_reporter"),
            models.Index(fields=["tenant", "latitude", "longitude"], name="event_point"),
            models.Index(fields=["tenant", "closed_at"], name="event_closed"),
            models.Index(fields=["tenant", "recorded_at", "id"], name="event_recorded"),
            models.Index(fields=["tenant", "whole_due"], name="event_whole_due"),
            GinIndex(fields=["participants"], name="event_participants"),
            GinIndex(
                fields=["participants"], name="event_participants_open", condition=Q(state__in=OPEN_STATES)
            ),
            models.Index(fields=["sampler", "id"], name="event_sample", condition=Q(sample_state="pending")),
            models.Index(fields=["held_until"], name="event_held", condition=Q(state=State.ON_HOLD)),
        ]

    def __str__(self) -> str:
        return self.number

    @property
    def is_open(self) -> bool:
        return self.state in OPEN_STATES


class StepQuerySet(models.QuerySet["Step"]):
    def visible_to(self, user):
        """Steps of visible events, and an organisation's own steps of an event that left it; a sensitive one
        leaves nothing behind."""
        return self.visible_in(
            scope_of(user), tenant=user.district_id, reporter=user.pk, training=user.in_training
        )

    def visible_in(self, scope: Scope, *, tenant: str, reporter: int | None = None, training: bool = False):
        events = Event.objects.visible_in(scope, tenant=tenant, reporter=reporter, training=training)
        own = Q(
            organization__in=scope.units("view_org_events"), event__sensitive=False, event__training=training
        )
        return self.filter(Q(event__in=events) | own, tenant=tenant)


class ReporterContact(models.Model):
    """Who told it to the desk: a resident or a caller. Stands beside the event and its steps, and can be erased."""

    event = models.OneToOneField(Event, models.PROTECT, primary_key=True, related_name="contact")
    tenant = models.CharField(max_length=6, db_collation="C")
    name = models.CharField(max_length=60, blank=True)
    phone = models.CharField(max_length=30, blank=True)


class Step(models.Model):
    """What happened: appended, never changed. Each carries the hash of the one before it."""

    id = models.BigAutoField(primary_key=True)
    tenant = models.CharField(max_length=6, db_collation="C")
    event = models.ForeignKey(Event, models.PROTECT, related_name="steps")
    sequence = models.PositiveIntegerField()
    verb = models.CharField(max_length=30)
    from_state = models.CharField(max_length=12, blank=True)
    to_state = models.CharField(max_length=12)
    at = models.DateTimeField()
    actor = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    post = models.ForeignKey("accounts.Post", models.PROTECT, null=True, related_name="+")
    organization = models.ForeignKey(Organization, models.PROTECT, null=True, related_name="+")
    request_id = models.UUIDField(
        null=True, help_text="The client's key of the move: a repeat gets the same answer."
    )
    params = models.JSONField(default=dict)
    text_digest = models.CharField(max_length=64, blank=True)
    previous_hash = models.CharField(max_length=64, blank=True)
    hash = models.CharField(max_length=64)

    objects = StepQuerySet.as_manager()

    class Meta:
        ordering = ["event", "sequence"]
        constraints = [
            models.UniqueConstraint(fields=["tenant", "event", "sequence"], name="step_sequence"),
            models.UniqueConstraint(
                fields=["tenant", "event", "request_id"], name="step_request", condition=~Q(request_id=None)
            ),
        ]
        indexes = [
            models.Index(fields=["tenant", "organization", "at"], name="step_organization"),
            models.Index(fields=["tenant", "verb", "at"], name="step_verb"),
        ]


class StepText(models.Model):
    """Free text and personal data of a step; can be erased, the step's hash covers the salted digest."""

    step = models.OneToOneField(Step, models.PROTECT, primary_key=True, related_name="text")
    tenant = models.CharField(max_length=6, db_collation="C")
    salt = models.CharField(max_length=32)
    content = models.JSONField(help_text="Free text by field name.")


class Evidence(models.Model):
    """A photo, paper or recording, promised by name (sha256 of the bytes sent) and then uploaded."""

    class Kind(models.TextChoices):
        BEFORE = "before_photo", _("photo before")
        AFTER = "after_photo", _("photo after")
        DOCUMENT = "document", _("document")
        SIGNATURE = "signature", _("signature")
        VOICE = "voice", _("voice message")
        VIDEO = "video", _("video")

    RECORDED = (Kind.VOICE, Kind.VIDEO)
    """Kinds that are played. No item asks for them, and they stand for nothing an item asks for."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    tenant = models.CharField(max_length=6, db_collation="C")
    event = models.ForeignKey(Event, models.PROTECT, related_name="evidence")
    step = models.ForeignKey(Step, models.PROTECT, null=True, blank=True, related_name="evidence")
    kind = models.CharField(max_length=12, choices=Kind)
    sha256 = models.CharField(max_length=64, db_collation="C")
    uploaded_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    organization = models.ForeignKey(Organization, models.PROTECT, null=True, related_name="+")
    promised_at = models.DateTimeField()
    received_at = models.DateTimeField(null=True, blank=True)
    file = models.CharField(max_length=200, blank=True, help_text="Path below MEDIA_ROOT.")
    thumbnail = models.CharField(max_length=200, blank=True)
    content_type = models.CharField(max_length=40, blank=True)
    size = models.PositiveIntegerField(default=0, help_text="Bytes stored.")
    width = models.PositiveIntegerField(default=0)
    height = models.PositiveIntegerField(default=0)
    taken_at = models.DateTimeField(null=True, blank=True, help_text="From EXIF, before it was stripped.")
    longitude = models.FloatField(null=True, blank=True)
    latitude = models.FloatField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["tenant", "event", "kind", "sha256"], name="evidence_once")
        ]
        indexes = [
            models.Index(
                fields=["received_at"],
                name="evidence_no_thumbnail",
                condition=Q(thumbnail="", content_type__startswith="image/"),
            )
        ]

    @property
    def is_image(self) -> bool:
        return self.content_type.startswith("image/")

    @property
    def is_recorded(self) -> bool:
        return self.kind in self.RECORDED

    @property
    def came_with_report(self) -> bool:
        """Promised by the report itself, in whose transaction its row was made."""
        return self.promised_at <= self.event.recorded_at
