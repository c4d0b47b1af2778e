"""Where steps are sent to, which were, and how each try went.

An endpoint sees what a post would: ``Endpoint.scope`` is a scope of ``accounts.scope``, either over an area or of
an organisation's own work, and steps pass the same rule as pages do. Sensitive events pass it never. Rows of the
log are kept for 30 days (``webhooks.actions.forget_old``).
"""

from datetime import datetime

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.utils.translation import gettext_lazy as _

from accounts.models import Organization
from accounts.scope import Scope
from events.models import Event, Step
from grids.models import Area, District
from grids.queries import with_predecessors
from webhooks import signing


class EndpointQuerySet(models.QuerySet["Endpoint"]):
    def there(self):
        """Not removed."""
        return self.exclude(state=Endpoint.State.REMOVED)

    def ready(self, *, at: datetime):
        """Active, not held back, and with something that waits."""
        waiting = Delivery.objects.waiting().filter(endpoint=OuterRef("pk"), next_try_at__lte=at)
        unheld = Q(held_until=None) | Q(held_until__lte=at)
        return self.filter(unheld, Exists(waiting), state=Endpoint.State.ACTIVE).order_by("pk")


class Endpoint(models.Model):
    """A receiver: its address, its secrets, and the scope and verbs of what it is sent."""

    class State(models.TextChoices):
        ACTIVE = "active", _("active")
        PAUSED = "paused", _("paused")
        DISABLED = "disabled", _("switched off")
        REMOVED = "removed", _("removed")

    district = models.ForeignKey(District, models.PROTECT, related_name="+")
    name = models.CharField(max_length=60)
    url = models.CharField(max_length=500)
    area = models.ForeignKey(Area, models.PROTECT, null=True, blank=True, related_name="+")
    organization = models.ForeignKey(Organization, models.PROTECT, null=True, blank=True, related_name="+")
    verbs = ArrayField(models.CharField(max_length=30))

    sealed_secret = models.TextField(blank=True)
    sealed_previous = models.TextField(blank=True, help_text="The secret before the last rotation.")
    previous_until = models.DateTimeField(null=True, blank=True)

    state = models.CharField(max_length=10, choices=State, default=State.ACTIVE)
    disabled_why = models.CharField(
        max_length=10,
        blank=True,
        choices=[("failing", _("a day of failures")), ("gone", _("the receiver said it is gone (410)"))],
    )
    failing_since = models.DateTimeField(null=True, blank=True, help_text="Nothing arrived since.")
    failures = models.PositiveIntegerField(default=0, help_text="Tries in a row that did not arrive.")
    held_until = models.DateTimeField(null=True, blank=True, help_text="No try before then.")
    missed = models.PositiveIntegerField(
        default=0, help_text="Steps not queued: too many were waiting already."
    )
    created_at = models.DateTimeField()
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")

    objects = EndpointQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(area=None, organization__isnull=False) | Q(area__isnull=False, organization=None),
                name="endpoint_one_scope",
            ),
            models.CheckConstraint(
                condition=Q(state="disabled") ^ Q(disabled_why=""), name="endpoint_disabled_why"
            ),
        ]
        indexes = [models.Index(fields=["district", "state"], name="endpoint_of_district")]

    def __str__(self) -> str:
        return self.name

    @property
    def scope(self) -> Scope:
        """As a post would have that watches the area, or does the organisation's work. Costs queries."""
        if self.area is not None:
            return Scope(areas={"view_area_events": frozenset(with_predecessors([self.area.code]))})
        return Scope(organizations={"view_org_events": frozenset([self.organization_id or 0])})

    @property
    def scope_code(self) -> str:
        """The area's or the organisation's code."""
        return self.area.code if self.area else self.organization.code

    def steps(self) -> "models.QuerySet[Step]":
        """The steps that may leave for it: in its scope, of its verbs, and of no sensitive event."""
        seen = Step.objects.visible_in(self.scope, tenant=self.district_id)
        return seen.filter(verb__in=self.verbs, event__sensitive=False)

    def secrets(self, *, at: datetime) -> list[str]:
        """Those that sign now, the newest first: two while a rotation is under way."""
        sealed = [self.sealed_secret]
        if self.previous_until and at < self.previous_until:
            sealed.append(self.sealed_previous)
        return [signing.unseal(secret) for secret in sealed]


class DeliveryQuerySet(models.QuerySet["Delivery"]):
    def waiting(self):
        return self.filter(state=Delivery.State.WAITING)

    def failed(self):
        return self.filter(state=Delivery.State.FAILED)

    def due(self, *, at: datetime):
        """May be sent now: its time has come, nobody sends it, and nothing earlier of the same event waits for
        the same endpoint."""
        earlier = Delivery.objects.waiting().filter(
            endpoint=OuterRef("endpoint"), event=OuterRef("event"), sequence__lt=OuterRef("sequence")
        )
        free = Q(leased_until=None) | Q(leased_until__lte=at)
        return self.waiting().filter(~Exists(earlier), free, next_try_at__lte=at, expires_at__gt=at)


class Delivery(models.Model):
    """One message for one endpoint: a step, or a test (``event`` empty). The body never changes."""

    class State(models.TextChoices):
        WAITING = "waiting", _("waiting")
        DELIVERED = "delivered", _("delivered")
        FAILED = "failed", _("failed")
        DROPPED = "dropped", _("not sent")

    id = models.BigAutoField(primary_key=True)
    tenant = models.CharField(max_length=6, db_collation="C")
    endpoint = models.ForeignKey(Endpoint, models.PROTECT, related_name="deliveries", db_index=False)
    message_id = models.CharField(max_length=60, db_collation="C", help_text="The header webhook-id.")
    event = models.ForeignKey(Event, models.PROTECT, null=True, related_name="+")
    sequence = models.PositiveIntegerField(default=0, help_text="Of the step in its event.")
    verb = models.CharField(max_length=30, blank=True)
    body = models.TextField()

    state = models.CharField(max_length=10, choices=State, default=State.WAITING)
    why = models.CharField(max_length=20, blank=True, help_text="Code of the last failure, or why not sent.")
    tries = models.PositiveSmallIntegerField(default=0)
    created_at = models.DateTimeField()
    next_try_at = models.DateTimeField()
    expires_at = models.DateTimeField(help_text="Given up then.")
    leased_until = models.DateTimeField(null=True, help_text="A worker has it in hand until then.")
    delivered_at = models.DateTimeField(null=True)

    objects = DeliveryQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["tenant", "endpoint", "message_id"], name="delivery_once"),
            models.UniqueConstraint(
                fields=["tenant", "endpoint", "event", "sequence"], name="delivery_step_once"
            ),
        ]
        indexes = [
            models.Index(
                fields=["endpoint", "next_try_at", "id"], name="delivery_due", condition=Q(state="waiting")
            ),
            models.Index(
                fields=["endpoint", "event", "sequence"],
                name="delivery_order",
                condition=Q(state="waiting"),
            ),
            models.Index(fields=["endpoint", "-id"], name="delivery_log"),
            models.Index(fields=["endpoint", "state", "-id"], name="delivery_log_state"),
            models.Index(fields=["created_at"], name="delivery_age"),
        ]


class Attempt(models.Model):
    """One try to deliver, as it went over the wire."""

    id = models.BigAutoField(primary_key=True)
    delivery = models.ForeignKey(Delivery, models.CASCADE, related_name="attempts", db_index=False)
    number = models.PositiveSmallIntegerField()
    at = models.DateTimeField()
    milliseconds = models.PositiveIntegerField()
    address = models.GenericIPAddressField(null=True, help_text="Connected to.")
    status = models.PositiveSmallIntegerField(null=True, help_text="HTTP status; empty: no answer.")
    why = models.CharField(max_length=20, blank=True, help_text="Code of the failure; empty: delivered.")
    request_headers = models.JSONField(default=dict)
    answer_headers = models.JSONField(default=dict)
    answer = models.TextField(blank=True, help_text="The beginning of the receiver's answer.")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["delivery", "number"], name="attempt_number")]
