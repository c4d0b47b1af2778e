"""An export: what somebody asked to take out of the product as a file, and what became of it.

The row is the log and stays; the file goes after ``EXPORT_KEPT_DAYS``. States: waiting_approval -> waiting ->
running -> done -> expired; aside cancelled, refused and failed. Every change of state is one conditional
UPDATE, so that worker, asker and administrator never undo each other's.
"""

from datetime import datetime, timedelta

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q, Sum
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from accounts.models import Organization, User
from grids.models import District


class Kind(models.TextChoices):
    EVENTS = "events", _("Events")
    STEPS = "steps", _("Steps")
    RATES = "rates", _("Table of rates")


class Format(models.TextChoices):
    XLSX = "xlsx", _("Excel")
    CSV = "csv", _("CSV")


class Status(models.TextChoices):
    WAITING_APPROVAL = "waiting_approval", _("waiting for approval")
    WAITING = "waiting", _("waiting its turn")
    RUNNING = "running", _("being written")
    DONE = "done", _("ready")
    CANCELLED = "cancelled", _("cancelled")
    EXPIRED = "expired", _("expired")
    FAILED = "failed", _("failed")
    REFUSED = "refused", pgettext_lazy("decision", "refused")


UNDER_WAY = (Status.WAITING_APPROVAL, Status.WAITING, Status.RUNNING)
COUNTED = (Status.WAITING, Status.RUNNING, Status.DONE, Status.EXPIRED)
"""Whose rows of personal data count as taken."""

FAILURES: dict[str, Promise] = {
    "scope_lost": _("Your posts changed after you asked. Ask again for what you may see now."),
    "filters_refused": _("The filters no longer fit. Go back to the list, set them anew and export again."),
    "interrupted": _(
        "It was interrupted again and again. Ask for fewer rows, or tell the system administrator."
    ),
    "error": _("Something went wrong on our side; no file was made. Ask again, or for fewer rows."),
}


class ExportQuerySet(models.QuerySet["Export"]):
    def of(self, user: User):
        return self.filter(user=user, tenant=user.district_id)

    def under_way(self):
        return self.filter(status__in=UNDER_WAY)

    def to_approve(self, district: District):
        return self.filter(tenant=district.pk, status=Status.WAITING_APPROVAL)

    def ready(self, *, at: datetime):
        return self.filter(status=Status.DONE, expires_at__gt=at)

    def personal_rows_taken(self, user: User, *, since: datetime) -> int:
        """Rows of personal data this person took without anybody's approval; one query."""
        taken = self.filter(user=user, whole=True, decided_by=None, asked_at__gt=since, status__in=COUNTED)
        return taken.aggregate(rows=Sum("personal_rows"))["rows"] or 0


class Export(models.Model):
    """One file asked for. ``query`` is the query string of the page it was asked on; times are UTC instants."""

    id = models.BigAutoField(primary_key=True)
    tenant = models.CharField(max_length=6, db_collation="C")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="exports")
    organization = models.ForeignKey(Organization, models.PROTECT, null=True, related_name="+")
    posts = ArrayField(models.BigIntegerField(), default=list, help_text="Posts held when it was asked.")
    kind = models.CharField(max_length=10, choices=Kind)
    format = models.CharField(max_length=4, choices=Format)
    query = models.TextField(blank=True)
    language = models.CharField(max_length=10)
    whole = models.BooleanField(default=False, help_text="Personal data unmasked where the asker may.")
    reason = models.CharField(max_length=200, blank=True)
    asked_at = models.DateTimeField()

    status = models.CharField(max_length=20, choices=Status)
    failure = models.CharField(max_length=20, blank=True, help_text="A code of FAILURES.")
    rows_total = models.PositiveIntegerField(default=0)
    rows_written = models.PositiveIntegerField(default=0)
    personal_rows = models.PositiveIntegerField(default=0, help_text="Rows that show personal data whole.")

    decided_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    decided_at = models.DateTimeField(null=True)
    decision = models.CharField(max_length=200, blank=True, help_text="Why it was refused.")

    run = models.UUIDField(null=True, help_text="Of the worker that writes it; another one's ends the first.")
    tries = models.PositiveSmallIntegerField(default=0)
    beat_at = models.DateTimeField(null=True, help_text="The worker's last sign of life.")
    finished_at = models.DateTimeField(null=True)
    expires_at = models.DateTimeField(null=True)

    file = models.CharField(max_length=200, blank=True, help_text="Path below MEDIA_ROOT.")
    file_name = models.CharField(max_length=200, blank=True)
    size = models.PositiveBigIntegerField(default=0)
    sha256 = models.CharField(max_length=64, blank=True, db_collation="C")
    downloads = models.PositiveIntegerField(default=0)

    objects = ExportQuerySet.as_manager()

    class Meta:
        default_permissions = ()
        constraints = [
            models.CheckConstraint(condition=~Q(decided_by=F("user")), name="export_not_approved_by_asker"),
            models.CheckConstraint(condition=Q(whole=False) | ~Q(reason=""), name="export_whole_has_reason"),
            models.CheckConstraint(
                condition=Q(file="") | Q(status=Status.DONE), name="export_file_when_done"
            ),
        ]
        indexes = [
            models.Index(fields=["user", "-id"], name="export_of_person"),
            models.Index(fields=["status", "id"], name="export_under_way", condition=Q(status__in=UNDER_WAY)),
            models.Index(fields=["expires_at"], name="export_expiry", condition=Q(status=Status.DONE)),
        ]

    @property
    def number(self) -> str:
        return f"{self.pk:06d}"

    @property
    def is_under_way(self) -> bool:
        return self.status in UNDER_WAY

    @property
    def percent(self) -> int:
        return min(99, self.rows_written * 100 // self.rows_total) if self.rows_total else 0

    @property
    def failure_words(self) -> str | Promise:
        return FAILURES.get(self.failure, self.failure)


APPROVED_ABOVE = 100
"""Rows of personal data one person takes within PERSONAL_PERIOD without approval (field rules, section 10)."""
PERSONAL_PERIOD = timedelta(days=1)
