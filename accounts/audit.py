"""The audit log: log-ins, log-outs, changes of permission, unmasking and exports.

Rows are appended by ``record`` in the transaction of the act they tell of. Triggers refuse update, delete and
truncate, the application's role has no right to them either (``accounts.apps``), and nothing in the product
removes a row: they outlast the six months the law asks for (Cybersecurity Law, article 21). Only the audit
administrator reads them. Codes and parameters, worded in the reader's language; no names, no free text but the
reason of an unmasking, and of an unknown user name nothing, because people type passwords there.
"""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import models
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.device import address_of, device_of
from grids.models import District

KINDS = {
    "login": _("Logged in"),
    "login_failed": _("Log-in failed"),
    "login_locked": _("Log-in locked"),
    "logout": _("Logged out"),
    "factor_passed": _("Second step passed"),
    "factor_failed": _("Second step failed"),
    "factor_added": _("Second step added"),
    "factor_removed": _("Second step removed"),
    "recovery_codes": _("New recovery codes"),
    "password_changed": _("Password changed"),
    "password_given": _("New password given"),
    "session_ended": _("Log-in ended by hand"),
    "token_made": _("API token made"),
    "token_revoked": _("API token revoked"),
    "unlocked": _("Log-in unlocked"),
    "account_created": _("Account created"),
    "account_closed": _("Account closed"),
    "account_opened": _("Account opened again"),
    "post_begun": _("Post begun"),
    "post_ended": _("Post ended"),
    "post_end_moved": _("End of a post moved"),
    "account_changed": _("Account changed"),
    "import": _("List of the district changed"),
    "webhook_created": _("Webhook set up"),
    "webhook_changed": _("Webhook changed"),
    "webhook_paused": _("Webhook paused"),
    "webhook_resumed": _("Webhook resumed"),
    "webhook_rotated": _("Webhook's secret rotated"),
    "webhook_removed": _("Webhook removed"),
    "webhook_tested": _("Webhook tested"),
    "webhook_resent": _("Webhook messages sent again"),
    "webhook_disabled": _("Webhook switched off by failures"),
    "unmask": _("Personal data unmasked"),
    "number_search": _("Searched by a person's number"),
    "audit_read": _("Event read for the audit"),
    "case_file_printed": _("Case file printed"),
    "export": _("Exported"),
    "export_approved": _("Export approved"),
    "export_refused": _("Export refused"),
    "export_cancelled": _("Export cancelled"),
    "export_fetched": _("Export downloaded"),
    "areas_imported": _("Areas imported"),
    "areas_discarded": _("Import of areas discarded"),
}
"""The words of the kinds this list knows; another kind is shown by its code."""


class AuditQuerySet(models.QuerySet["AuditEntry"]):
    def of_district(self, district: District):
        """A failed log-in under an unknown name belongs to nobody, so to everybody's auditor."""
        return self.filter(models.Q(district=district) | models.Q(district=None))

    def about(self, username: str):
        """What this person did, and what was done about the person."""
        return self.filter(models.Q(subject=username) | models.Q(actor__username=username))


class AuditEntry(models.Model):
    """One act: who, what, about whom or what, when, from where. ``subject`` is a user name or a number."""

    district = models.ForeignKey(District, models.PROTECT, null=True, related_name="+")
    at = models.DateTimeField()
    kind = models.CharField(max_length=40)
    actor = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    subject = models.CharField(max_length=120, blank=True)
    detail = models.JSONField(default=dict)
    address = models.GenericIPAddressField(null=True)
    device = models.CharField(max_length=80, blank=True)

    objects = AuditQuerySet.as_manager()

    class Meta:
        default_permissions = ()
        indexes = [
            models.Index(fields=["district", "-id"], name="audit_of_district"),
            models.Index(fields=["district", "kind", "-id"], name="audit_of_kind"),
            models.Index(fields=["actor", "-id"], name="audit_of_actor"),
        ]

    @property
    def words(self) -> str:
        return str(KINDS.get(self.kind, self.kind))


def record(
    *,
    kind: str,
    actor: Any,
    subject: str = "",
    detail: dict | None = None,
    request: HttpRequest | None = None,
    district: District | None = None,
    at: datetime | None = None,
) -> AuditEntry:
    """Append one row; one query. Call it inside the transaction of the act, so that neither is without the other.

    ``kind``: a code of ``KINDS``. ``actor``: the person, or None for the system and for strangers. ``subject``:
    whom or what it is about (a user name, an event's number). ``detail``: codes and parameters as JSON.
    """
    district_id = district.pk if district else actor.district_id if actor else None
    entry = entry_of(kind, actor, subject, detail or {}, request, district_id, at)
    entry.save(force_insert=True)
    return entry


def record_many(entries: Iterable[AuditEntry]) -> None:
    AuditEntry.objects.bulk_create(entries, batch_size=1000)


def entry_of(
    kind: str,
    actor: Any,
    subject: str,
    detail: dict,
    request: HttpRequest | None = None,
    district_id: str | None = None,
    at: datetime | None = None,
) -> AuditEntry:
    """A row that is not saved yet, for ``record_many``."""
    return AuditEntry(
        kind=kind,
        actor=actor,
        subject=subject,
        detail=detail,
        district_id=district_id,
        at=at or timezone.now(),
        address=address_of(request) if request else None,
        device=device_of(request) if request else "",
    )


def between(first_day, last_day, field: str = "at") -> models.Q:
    """Rows of the local days ``first_day`` to ``last_day``, both included, each may be None."""
    within = models.Q()
    if first_day:
        within &= models.Q((f"{field}__gte", _midnight(first_day)))
    if last_day:
        within &= models.Q((f"{field}__lt", _midnight(last_day + timedelta(days=1))))
    return within


def _midnight(day) -> datetime:
    return timezone.make_aware(datetime(day.year, day.month, day.day))
