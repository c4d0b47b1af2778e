"""What the pages themselves keep: views of the desk that somebody saved, pairs of events a desk found not to be the
same matter, and an import of areas from its upload to its end, with the file, the report of the dry run, and who did
it."""

from datetime import date
from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from accounts.models import Organization
from events.models import Event
from grids.area_files import AreaFile
from grids.area_rows import DATUMS, Reading
from grids.models import District
from grids.problems import Problem


class SavedView(models.Model):
    """A state of the desk's page under a name: of one person in one organisation, or shared with all in it.

    ``query`` is the address, as ``desks.desk_state`` writes it. A deleted one is kept for a day, to be taken back.
    """

    tenant = models.CharField(max_length=6, db_collation="C")
    organization = models.ForeignKey(Organization, models.PROTECT, related_name="saved_views")
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="saved_views")
    name = models.CharField(max_length=40)
    query = models.CharField(max_length=1500)
    shared = models.BooleanField(default=False)
    made_at = models.DateTimeField()
    deleted_at = models.DateTimeField(null=True, blank=True)
    starts_for = models.ManyToManyField(
        settings.AUTH_USER_MODEL, related_name="starting_views", help_text="Whose desk opens with it."
    )

    class Meta:
        default_permissions = ()
        ordering = ["shared", "name", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["tenant", "organization", "owner", "name"],
                condition=Q(deleted_at=None),
                name="saved_view_name",
            ),
            models.CheckConstraint(condition=~Q(name=""), name="saved_view_has_a_name"),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def is_deleted(self) -> bool:
        return self.deleted_at is not None


class NotSame(models.Model):
    """Two events one desk found not to be the same matter; the smaller key is ``first``. Another desk judges anew."""

    tenant = models.CharField(max_length=6, db_collation="C")
    organization = models.ForeignKey(Organization, models.PROTECT, related_name="+")
    first = models.ForeignKey(Event, models.PROTECT, related_name="+")
    second = models.ForeignKey(Event, models.PROTECT, related_name="+")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        default_permissions = ()
        constraints = [
            models.UniqueConstraint(
                fields=["tenant", "organization", "first", "second"], name="not_same_once_a_desk"
            ),
            models.CheckConstraint(condition=Q(first__lt=F("second")), name="not_same_in_order"),
        ]

    def __str__(self) -> str:
        return f"{self.first_id} / {self.second_id}"


class AreaImport(models.Model):
    """``report``: counts, changes and problems as codes (``desks.area_imports``). Workers find their rows here."""

    class State(models.TextChoices):
        UPLOADED = "uploaded", _("being checked")
        CHECKED = "checked", _("checked, waits for you")
        CONFIRMED = "confirmed", _("being loaded")
        LOADED = "loaded", _("loaded")
        DISCARDED = "discarded", _("discarded")
        FAILED = "failed", _("could not be checked")

    district = models.ForeignKey(District, models.PROTECT, related_name="area_imports")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    at = models.DateTimeField()
    file_name = models.CharField(max_length=200)
    content = models.BinaryField(help_text="The file as it came; empty when discarded.")
    options = models.JSONField(default=dict)
    state = models.CharField(max_length=10, choices=State, default=State.UPLOADED)
    tries = models.PositiveSmallIntegerField(default=0, help_text="How often a worker began to check it.")
    report = models.JSONField(default=dict)
    picture = models.JSONField(default=dict, help_text="GeoJSON of what changes, 5 decimals.")
    version = models.PositiveIntegerField(default=0, help_text="Of the tree it was checked against.")
    refusal = models.CharField(max_length=30, blank=True, help_text="Why the last loading was refused.")
    loaded_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    ended_at = models.DateTimeField(null=True)

    class Meta:
        default_permissions = ()
        ordering = ["-id"]
        indexes = [
            models.Index(
                fields=["id"], name="area_import_waiting", condition=Q(state__in=["uploaded", "confirmed"])
            ),
        ]

    @property
    def file(self) -> AreaFile:
        return AreaFile.uploaded(self.file_name, bytes(self.content))

    @property
    def reading(self) -> Reading:
        day = self.options.get("day")
        return Reading(**{**self.options, "day": date.fromisoformat(day) if day else None})

    @property
    def datum(self) -> str:
        return DATUMS[self.options["datum"]]

    @property
    def is_at_work(self) -> bool:
        return self.state in (self.State.UPLOADED, self.State.CONFIRMED)

    @property
    def problems(self) -> list[Problem]:
        return [Problem(**each) for each in self.report.get("problems", [])]

    @property
    def has_errors(self) -> bool:
        """Checked, and so wrong that it cannot be loaded."""
        return self.state == self.State.CHECKED and bool(self.report.get("counts", {}).get("errors"))

    @property
    def may_be_loaded(self) -> bool:
        counts: dict[str, Any] = self.report.get("counts", {})
        changes = sum(counts.get(kind, 0) for kind in ("new", "changed", "ended"))
        return self.state == self.State.CHECKED and not counts.get("errors") and changes > 0
