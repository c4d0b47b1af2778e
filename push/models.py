"""The browsers that are told of notices while their app is closed, and what waits to be told to each.

A subscription belongs to a person on a device: whoever subscribes there last has it, and it ends with the log-in it
was made in, when that is ended on purpose. A push service that does not answer is left alone for a while, for all of
its browsers. Rows of hints are kept for days only (``push.actions.tidy``).
"""

from datetime import datetime

from django.conf import settings
from django.db import models
from django.db.models import Q

from inbox.models import Notice


class Service(models.Model):
    """A browser vendor's push service, by its host."""

    host = models.CharField(max_length=253, primary_key=True, db_collation="C")
    failures = models.PositiveIntegerField(default=0, help_text="Tries in a row without any answer.")
    held_until = models.DateTimeField(null=True, help_text="No try before then.")

    class Meta:
        default_permissions = ()


class Subscription(models.Model):
    """``p256dh`` and ``auth``: the browser's keys, base64url; ``log_in``: the number of the session it was made in."""

    id = models.BigAutoField(primary_key=True)
    tenant = models.CharField(max_length=6, db_collation="C")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="push_subscriptions")
    service = models.ForeignKey(Service, models.PROTECT, related_name="+")
    endpoint = models.CharField(max_length=1000)
    digest = models.CharField(max_length=64, db_collation="C", help_text="SHA-256 of the endpoint, hex.")
    p256dh = models.CharField(max_length=90)
    auth = models.CharField(max_length=30)
    log_in = models.UUIDField()
    created_at = models.DateTimeField()
    ok_at = models.DateTimeField(null=True, help_text="The push service took a hint last.")
    failed_at = models.DateTimeField(null=True, help_text="It refused one last, or did not answer.")

    class Meta:
        default_permissions = ()
        constraints = [models.UniqueConstraint(fields=["tenant", "digest"], name="subscription_once")]
        indexes = [models.Index(fields=["digest"], name="subscription_digest")]


class HintQuerySet(models.QuerySet["Hint"]):
    def waiting(self):
        return self.filter(state=Hint.State.WAITING)

    def due(self, *, at: datetime):
        """Its time has come, nobody sends it, and its push service is not left alone just now."""
        free = Q(leased_until=None) | Q(leased_until__lte=at)
        unheld = Q(subscription__service__held_until=None) | Q(subscription__service__held_until__lte=at)
        return self.waiting().filter(free, unheld, next_try_at__lte=at, expires_at__gt=at)


class Hint(models.Model):
    """A notice, to be hinted at on one device. ``topic``: a code of ``push.words``."""

    class State(models.TextChoices):
        WAITING = "waiting"
        SENT = "sent"
        DROPPED = "dropped"
        FAILED = "failed"

    id = models.BigAutoField(primary_key=True)
    tenant = models.CharField(max_length=6, db_collation="C")
    subscription = models.ForeignKey(Subscription, models.CASCADE, related_name="hints", db_index=False)
    notice = models.ForeignKey(Notice, models.CASCADE, related_name="+")
    topic = models.CharField(max_length=10)
    state = models.CharField(max_length=10, choices=State, default=State.WAITING)
    why = models.CharField(max_length=30, blank=True, help_text="Code of the last failure.")
    tries = models.PositiveSmallIntegerField(default=0)
    created_at = models.DateTimeField()
    next_try_at = models.DateTimeField()
    expires_at = models.DateTimeField(help_text="Nobody wants to hear of it any more.")
    leased_until = models.DateTimeField(null=True, help_text="A worker has it in hand until then.")

    objects = HintQuerySet.as_manager()

    class Meta:
        default_permissions = ()
        constraints = [
            models.UniqueConstraint(fields=["tenant", "subscription", "notice"], name="hint_once"),
        ]
        indexes = [
            models.Index(fields=["next_try_at", "id"], name="hint_due", condition=Q(state="waiting")),
            models.Index(fields=["subscription"], name="hint_of_subscription"),
            models.Index(fields=["created_at"], name="hint_age"),
        ]
