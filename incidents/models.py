"""A major incident (专项): many events under one command, with the checklist of a plan (预案).

Members come and go by steps of their own (``join_incident``, ``leave_incident``); the rows here follow those steps.
What was done, noted and told is kept for good: ``LogEntry`` rows are only added. Times are UTC instants; a task's
``minutes`` count from the opening, day and night.
"""

import uuid
from datetime import datetime, timedelta

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Exists, F, OuterRef, Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from accounts.models import Organization, Post, User
from accounts.scope import Scope, scope_of
from events.models import Event
from grids.models import Bilingual, District

COMMANDING = ("accept_events", "dispatch_events")
"""Either permission, held in the commanding organisation, gives a post the command of its incidents."""

BELONGS = Q(left_at=None) | Q(at_the_end=True)
"""A membership that lasts, or lasted until the closing; who was taken out before belongs to the story only."""


class PlanQuerySet(models.QuerySet["Plan"]):
    def in_force(self, *, at: datetime):
        """At most one version of each code."""
        begun, lasting = Q(valid_from=None) | Q(valid_from__lte=at), Q(valid_to=None) | Q(valid_to__gt=at)
        return self.filter(begun, lasting)


class Plan(Bilingual):
    """A plan in one version, [valid_from, valid_to): what is to be done, by whom, how soon after the opening.

    ``changed_by`` and ``ended_by`` are empty where a file did it.
    """

    district = models.ForeignKey(District, models.PROTECT, related_name="plans")
    code = models.SlugField(max_length=40)
    version = models.PositiveSmallIntegerField(default=1)
    items = ArrayField(
        models.CharField(max_length=10), default=list, blank=True, help_text="Codes of the items it concerns."
    )
    valid_from = models.DateTimeField(null=True, help_text="Empty: since ever.")
    valid_to = models.DateTimeField(null=True)
    changed_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    changed_at = models.DateTimeField(null=True)
    ended_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")

    objects = PlanQuerySet.as_manager()

    class Meta:
        ordering = ["code", "-version"]
        constraints = [
            models.UniqueConstraint(fields=["district", "code", "version"], name="plan_version"),
            models.UniqueConstraint(
                fields=["district", "code"], condition=Q(valid_to=None), name="plan_one_lasting"
            ),
            models.CheckConstraint(
                condition=Q(valid_from=None) | Q(valid_to=None) | Q(valid_to__gte=F("valid_from")),
                name="plan_ends_after_it_begins",
            ),
        ]

    def has_begun(self, at: datetime) -> bool:
        return self.valid_from is None or self.valid_from <= at

    def is_over(self, at: datetime) -> bool:
        return self.valid_to is not None and self.valid_to <= at

    @property
    def never_held(self) -> bool:
        """Another took its place before it began."""
        return self.valid_to is not None and self.valid_to == self.valid_from


class PlanTask(models.Model):
    """One line of a plan. ``responsible``: a kind of organisation, or a named one."""

    plan = models.ForeignKey(Plan, models.CASCADE, related_name="tasks")
    position = models.PositiveSmallIntegerField()
    text_zh = models.CharField(max_length=200)
    text_en = models.CharField(max_length=200, blank=True)
    responsible_kind = models.CharField(max_length=12, choices=Organization.Kind, blank=True)
    responsible = models.ForeignKey(Organization, models.PROTECT, null=True, blank=True, related_name="+")
    minutes = models.PositiveIntegerField()

    class Meta:
        ordering = ["position"]
        constraints = [models.UniqueConstraint(fields=["plan", "position"], name="plan_task_position")]


class IncidentQuerySet(models.QuerySet["Incident"]):
    def open(self):
        return self.exclude(state=Incident.State.CLOSED)

    def commanded_by(self, scope: Scope):
        units = [unit for permission in COMMANDING for unit in scope.units(permission)]
        return self.filter(command__in=units)

    def visible_to(self, user: User):
        """The command, the district centre, who supervises or audits the area; and the organisations that decide
        on or work at a member they may see. What they read of it is ``queries.members_of``."""
        scope = scope_of(user)
        units = list(scope.units("view_org_events"))
        rule = Q(command__in=units)
        if scope.units("rule_district"):
            rule |= Q(tenant=user.district_id)
        for code in scope.codes("supervise_area") | scope.codes("audit_events"):
            rule |= Q(command__area__code__startswith=code)
        if units:
            events = Event.objects.visible_to(user).filter(
                Q(desk__in=units) | Q(participants__overlap=units), pk=OuterRef("event")
            )
            members = Membership.objects.filter(BELONGS, Exists(events), incident=OuterRef("pk"))
            rule |= Q(Exists(members))
        return self.filter(rule, tenant=user.district_id)


class Incident(models.Model):
    class State(models.TextChoices):
        OPEN = "open", _("open")
        CLOSING = "closing", _("being closed")
        CLOSED = "closed", pgettext_lazy("incident", "closed")

    class Response(models.IntegerChoices):
        FIRST = 1, _("level I")
        SECOND = 2, _("level II")
        THIRD = 3, _("level III")
        FOURTH = 4, _("level IV")

    tenant = models.CharField(max_length=6, db_collation="C")
    number = models.CharField(max_length=20, db_collation="C")
    name = models.CharField(max_length=80)
    plan = models.ForeignKey(Plan, models.PROTECT, null=True, related_name="+")
    items = ArrayField(
        models.CharField(max_length=10), default=list, help_text="Items it gathers: the plan's."
    )
    command = models.ForeignKey(Organization, models.PROTECT, related_name="+")
    response = models.PositiveSmallIntegerField(choices=Response, default=Response.FOURTH)
    state = models.CharField(max_length=8, choices=State, default=State.OPEN)
    summary = models.TextField(blank=True)
    request_id = models.UUIDField(null=True, help_text="The key a program opened it under.")
    opened_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    opened_at = models.DateTimeField()
    closed_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    closing_at = models.DateTimeField(null=True)
    closed_at = models.DateTimeField(null=True)
    conclusion = models.TextField(blank=True)

    objects = IncidentQuerySet.as_manager()

    class Meta:
        ordering = ["-opened_at", "-id"]
        constraints = [
            models.UniqueConstraint(fields=["tenant", "number"], name="incident_number"),
            models.UniqueConstraint(fields=["tenant", "request_id"], name="incident_request"),
            models.CheckConstraint(
                condition=Q(state="closed", closed_at__isnull=False)
                | (~Q(state="closed") & Q(closed_at=None)),
                name="incident_closed_at",
            ),
        ]
        indexes = [
            models.Index(fields=["tenant", "-opened_at", "-id"], name="incident_newest"),
            models.Index(fields=["id"], name="incident_closing", condition=Q(state="closing")),
        ]

    def __str__(self) -> str:
        return f"{self.number} {self.name}"

    @property
    def is_open(self) -> bool:
        return self.state == self.State.OPEN

    def is_commanded_by(self, scope: Scope) -> bool:
        return any(self.command_id in scope.units(permission) for permission in COMMANDING)

    @property
    def lasted(self) -> timedelta | None:
        return self.closed_at - self.opened_at if self.closed_at else None


class Membership(models.Model):
    """An event in an incident from a step to a step. ``open_when_left``: it went on in the loop by itself."""

    tenant = models.CharField(max_length=6, db_collation="C")
    incident = models.ForeignKey(Incident, models.PROTECT, related_name="members")
    event = models.ForeignKey(Event, models.PROTECT, related_name="incident_memberships")
    joined_at = models.DateTimeField()
    joined_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    left_at = models.DateTimeField(null=True)
    left_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    open_when_left = models.BooleanField(default=False)
    at_the_end = models.BooleanField(default=False, help_text="Left because the incident was closed.")

    class Meta:
        ordering = ["joined_at", "id"]
        constraints = [
            models.UniqueConstraint(fields=["event"], condition=Q(left_at=None), name="event_in_one_incident")
        ]
        indexes = [models.Index(fields=["incident", "joined_at", "id"], name="incident_members")]


class Task(models.Model):
    """A line of an incident's checklist, copied from the plan: done, not applicable with a reason, or open."""

    incident = models.ForeignKey(Incident, models.PROTECT, related_name="tasks")
    position = models.PositiveSmallIntegerField()
    text_zh = models.CharField(max_length=200)
    text_en = models.CharField(max_length=200, blank=True)
    responsible_kind = models.CharField(max_length=12, choices=Organization.Kind, blank=True)
    responsible = models.ForeignKey(Organization, models.PROTECT, null=True, blank=True, related_name="+")
    due = models.DateTimeField()
    done_at = models.DateTimeField(null=True)
    done_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    is_applicable = models.BooleanField(default=True)
    note = models.CharField(max_length=300, blank=True)

    class Meta:
        ordering = ["position"]
        constraints = [
            models.UniqueConstraint(fields=["incident", "position"], name="incident_task_position"),
            models.CheckConstraint(
                condition=Q(is_applicable=True) | ~Q(note=""), name="incident_task_not_applicable_has_reason"
            ),
        ]

    @property
    def is_settled(self) -> bool:
        return self.done_at is not None or not self.is_applicable

    def tone(self, now: datetime) -> str:
        """As the clocks of the loop: yellow in the last fifth of the way to the deadline."""
        if now > self.due:
            return "red"
        length = self.due - self.incident.opened_at
        return "yellow" if self.due - now < length / 5 else "green"


class Message(models.Model):
    """One message to all reporters; ``id`` is the client's key, so sending again is the same message."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    incident = models.ForeignKey(Incident, models.PROTECT, related_name="messages")
    text = models.CharField(max_length=500)
    sent_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    sent_at = models.DateTimeField()


class Recipient(models.Model):
    """One reporter of a message, told by a step of one of their events; ``key`` says who, without the name."""

    class Status(models.TextChoices):
        WAITING = "waiting", _("waiting")
        TOLD = "told", _("told")
        REFUSED = "refused", pgettext_lazy("decision", "refused")
        TO_CALL = "to_call", _("to call")

    message = models.ForeignKey(Message, models.PROTECT, related_name="recipients")
    key = models.CharField(max_length=80)
    event = models.ForeignKey(Event, models.PROTECT, related_name="+")
    status = models.CharField(max_length=8, choices=Status)
    code = models.CharField(max_length=40, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["message", "key"], name="message_once")]
        indexes = [
            models.Index(fields=["message", "event"], name="message_event", condition=Q(status="waiting"))
        ]


class Choice(models.Model):
    """What is to become of a member when its incident is closed, and what became of it."""

    class What(models.TextChoices):
        VERIFY = "verify", _("verify and close")
        FORCE_CLOSE = "force_close", _("close by force")
        MERGE = "merge", _("merge into the leading event")
        HAND_ON = "hand_on", _("hand on")
        ENDED = "ended", _("is over already")

    class Status(models.TextChoices):
        WAITING = "waiting", _("waiting")
        DONE = "done", _("done")
        REFUSED = "refused", pgettext_lazy("decision", "refused")

    incident = models.ForeignKey(Incident, models.PROTECT, related_name="choices")
    event = models.ForeignKey(Event, models.PROTECT, related_name="+")
    what = models.CharField(max_length=12, choices=What)
    status = models.CharField(max_length=8, choices=Status, default=Status.WAITING)
    code = models.CharField(max_length=40, blank=True)
    position = models.PositiveSmallIntegerField(
        default=0, help_text="Merges go before the leading event ends."
    )

    class Meta:
        ordering = ["position", "id"]
        constraints = [models.UniqueConstraint(fields=["incident", "event"], name="closing_choice")]


class LogEntry(models.Model):
    """What the command did or noted, in codes and parameters; a note's own words. Rows are only added."""

    class Kind(models.TextChoices):
        OPENED = "opened", _("opened the incident")
        NOTE = "note", _("noted")
        DONE = "done", _("ticked off")
        UNDONE = "undone", _("took the tick away")
        NOT_APPLICABLE = "not_applicable", _("set as not applicable")
        MESSAGE = "message", _("told the reporters")
        CHANGED = "changed", _("changed the level of response")
        CLOSING = "closing", _("began to close the incident")
        RETURNED = "returned", _("kept the incident open: not every member could be closed")
        CLOSED = "closed", _("closed the incident")

    incident = models.ForeignKey(Incident, models.PROTECT, related_name="log")
    kind = models.CharField(max_length=14, choices=Kind)
    at = models.DateTimeField()
    actor = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    post = models.ForeignKey(Post, models.PROTECT, null=True, related_name="+")
    task = models.ForeignKey(Task, models.PROTECT, null=True, related_name="+")
    text = models.TextField(blank=True)
    params = models.JSONField(default=dict)

    class Meta:
        indexes = [models.Index(fields=["incident", "-at", "-id"], name="incident_log")]
