"""Who was told of which step, and who has read it.

A notice goes to an organisation's people by their work there (``kind``, see ``inbox.recipients``), one row
however many they are, or to one person: the reporter. Reading is each person's own. A notice of an event that
a person may no longer see is not there for them, and nobody is told of their own acts. What an organisation was
told counts as read once the event is in another state, for somebody has seen to it; a comment does not.
"""

from datetime import datetime

from django.conf import settings
from django.db import models
from django.db.models import Exists, F, OuterRef, Q
from django.utils.translation import gettext as _

from accounts.models import Organization, User
from accounts.scope import scope_of
from dispatch.models import ClockKind
from dispatch.recipients import Recipient
from dispatch.workflow import VERBS
from events.models import Event, Step
from inbox.recipients import UNMANNED, kinds_for


class NoticeQuerySet(models.QuerySet["Notice"]):
    def visible_to(self, user: User, *, now: datetime):
        scope = scope_of(user)
        told = Q(user=user.pk)
        for unit in sorted(scope.own_organizations):
            told |= Q(organization=unit, kind__in=kinds_for(scope, unit))
        return self.filter(
            told,
            tenant=user.district_id,
            visible_from__lte=now,
            event__in=Event.objects.visible_to(user),
        ).exclude(~Q(kind=UNMANNED), step__actor=user.pk)

    def unread_by(self, user: User):
        return self.filter(~_read_by(user))

    def with_reading(self, user: User):
        """``is_read`` by this person, or settled meanwhile."""
        return self.annotate(is_read=models.ExpressionWrapper(_read_by(user), models.BooleanField()))


SETTLED = Q(user=None) & ~Q(event__state=F("step__to_state")) & ~Q(step__verb="comment")


def _read_by(user: User) -> Q:
    return Q(Exists(ReadMark.objects.filter(notice=OuterRef("pk"), user=user.pk))) | SETTLED


class Notice(models.Model):
    """A step, told to an organisation's people or to one person, from ``visible_from`` on."""

    id = models.BigAutoField(primary_key=True)
    tenant = models.CharField(max_length=6, db_collation="C")
    step = models.ForeignKey(Step, models.PROTECT, related_name="+", db_index=False)
    event = models.ForeignKey(
        Event,
        models.PROTECT,
        related_name="+",
        help_text="The receiver's own: a merged one under a leading one.",
    )
    kind = models.CharField(max_length=20, choices=[*Recipient.choices, (UNMANNED, UNMANNED)])
    organization = models.ForeignKey(
        Organization, models.PROTECT, null=True, related_name="+", db_index=False
    )
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", db_index=False
    )
    created_at = models.DateTimeField(auto_now_add=True)
    visible_from = models.DateTimeField(help_text="The step's time, or the end of the quiet hours.")

    objects = NoticeQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(organization=None, user__isnull=False) | Q(organization__isnull=False, user=None),
                name="notice_to_one",
            ),
            models.UniqueConstraint(
                fields=["tenant", "step", "organization", "kind"],
                name="notice_once_unit",
                condition=Q(user=None),
            ),
            models.UniqueConstraint(
                fields=["tenant", "step", "event", "user"],
                name="notice_once_person",
                condition=Q(organization=None),
            ),
        ]
        indexes = [
            models.Index(
                fields=["organization", "-visible_from", "-id"],
                name="notice_of_unit",
                condition=Q(user=None),
            ),
            models.Index(
                fields=["user", "-visible_from", "-id"],
                name="notice_of_person",
                condition=Q(organization=None),
            ),
            models.Index(fields=["visible_from"], name="notice_age"),
        ]

    @property
    def words(self) -> str:
        """What happened, in the reader's language."""
        if self.kind == UNMANNED:
            unit = self.event.holder
            return _("nobody is in post at %(unit)s, which has it in hand") % {
                "unit": unit.name if unit else "—"
            }
        return str(VERBS[self.step.verb].done)

    @property
    def clock(self) -> str:
        """Of a rung: which clock, and how far it is."""
        if "percent" not in self.step.params:
            return ""
        return _("%(clock)s clock: %(percent)s %% of the limit") % {
            "clock": ClockKind(self.step.params["clock"]).label,
            "percent": self.step.params["percent"],
        }

    @property
    def by(self) -> str:
        """Who acted: an organisation, never a person."""
        actor = self.step.actor_id
        if actor and actor == self.event.reporter_id:
            return _("Reporter")
        return self.step.organization.name if self.step.organization else _("System")


class ReadMark(models.Model):
    """This person has read this notice."""

    id = models.BigAutoField(primary_key=True)
    notice = models.ForeignKey(Notice, models.CASCADE, related_name="+", db_index=False)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", db_index=False)
    read_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["notice", "user"], name="read_once")]
