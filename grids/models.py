"""Districts, the area tree and its boundaries.

The code is the tree: a scope is a code prefix (GB/T 31000 style: district 6, street 9, community 12,
grid 15 digits, though no length is enforced). Codes are compared byte by byte (collation C) and never
reused. Validity is half-open, [valid_from, valid_to), and an empty end is open. Knows no users.
"""

from __future__ import annotations

from datetime import date
from typing import Self

from django.db import models
from django.db.models import F, Q
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _


def default_working_hours() -> list[list[str]]:
    return [["08:30", "12:00"], ["13:30", "17:30"]]


class Bilingual(models.Model):
    """A name in Chinese and, where there is one, in English."""

    name_zh = models.CharField(max_length=100)
    name_en = models.CharField(max_length=100, blank=True)

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return self.name

    @property
    def name(self) -> str:
        """The name in the active language; Chinese where the other is missing."""
        return (self.name_en if (get_language() or "").startswith("en") else "") or self.name_zh


class District(Bilingual):
    """The tenant. Its versions key every in-memory cache: the user's row is loaded with its district,
    so a process learns that its copy is stale without asking the database again."""

    code = models.CharField(primary_key=True, max_length=6, db_collation="C")
    catalogue_version = models.PositiveIntegerField(default=1)
    boundary_version = models.PositiveIntegerField(default=1)
    calendar_version = models.PositiveIntegerField(default=1)
    place_version = models.PositiveIntegerField(default=1)
    working_hours = models.JSONField(default=default_working_hours)
    west = models.FloatField(null=True, blank=True)
    south = models.FloatField(null=True, blank=True)
    east = models.FloatField(null=True, blank=True)
    north = models.FloatField(null=True, blank=True)

    class Meta:
        verbose_name = _("district")
        ordering = ["code"]
        constraints = [
            models.CheckConstraint(condition=Q(code__regex=r"^[0-9]{6}$"), name="district_code_six_digits")
        ]

    @property
    def box(self) -> tuple[float | None, ...] | None:
        """West, south, east, north in WGS84 degrees."""
        return None if self.west is None else (self.west, self.south, self.east, self.north)


class Level(models.TextChoices):
    DISTRICT = "district", _("District")
    STREET = "street", _("Street")
    COMMUNITY = "community", _("Community")
    GRID = "grid", _("Grid")


class Valid(models.QuerySet):
    def valid_on(self, day: date) -> Self:
        return self.filter(
            Q(valid_from=None) | Q(valid_from__lte=day),
            Q(valid_to=None) | Q(valid_to__gt=day),
        )


class AreaQuerySet(Valid):
    def within(self, code: str) -> Self:
        """The area with this code and everything below it, as one index range."""
        return self.filter(code__gte=code, code__lt=after_prefix(code))

    def of_level(self, level: str) -> Self:
        return self.filter(level=level)


def after_prefix(code: str) -> str:
    """The first string, in collation C, behind all that begin with ``code``."""
    return code[:-1] + chr(ord(code[-1]) + 1)


class Area(Bilingual):
    Level = Level

    code = models.CharField(max_length=20, db_collation="C")
    level = models.CharField(max_length=9, choices=Level.choices)
    parent = models.ForeignKey(
        "self", null=True, blank=True, on_delete=models.PROTECT, related_name="children"
    )
    district = models.ForeignKey(District, on_delete=models.PROTECT, related_name="areas")
    valid_from = models.DateField(null=True, blank=True)
    valid_to = models.DateField(null=True, blank=True)
    predecessors = models.ManyToManyField("self", symmetrical=False, blank=True, related_name="successors")
    longitude = models.FloatField(
        null=True, blank=True, help_text="Where it stands without a boundary; WGS84."
    )
    latitude = models.FloatField(null=True, blank=True)
    raw_point = models.JSONField(null=True, blank=True, help_text="As given: [longitude, latitude, datum].")

    objects = AreaQuerySet.as_manager()

    class Meta:
        verbose_name = _("area")
        ordering = ["code"]
        constraints = [
            # Not unique=True: that would add a LIKE index, which collation C makes needless. This one
            # also serves the prefix ranges.
            models.UniqueConstraint(fields=["code"], name="area_code_never_reused"),
            models.CheckConstraint(condition=Q(code__regex=r"^[0-9]+$"), name="area_code_digits"),
            models.CheckConstraint(
                condition=Q(level=Level.DISTRICT, parent=None)
                | Q(~Q(level=Level.DISTRICT), parent__isnull=False),
                name="area_parent_unless_district",
            ),
            models.CheckConstraint(condition=Q(valid_to__gte=F("valid_from")), name="area_valid_forwards"),
        ]
        permissions = [
            ("view_area_events", "Can see the events of the area"),
            ("report_in_area", "Can report in the area"),
            ("verify_in_area", "Can verify results in the area"),
            ("self_close_in_area", "Can close simple matters in the area on the spot"),
            ("supervise_area", "Can supervise the area"),
            ("audit_events", "Can read every event of the area for the audit"),
        ]


class BoundaryQuerySet(Valid):
    def valid_on(self, day: date) -> Self:
        """In force that day, and so is the area."""
        return super().valid_on(day).filter(area__in=Area.objects.valid_on(day))


class Boundary(models.Model):
    """One version of an area's outline: GeoJSON Polygon or MultiPolygon, WGS84, (lon, lat) degrees."""

    area = models.ForeignKey(Area, on_delete=models.PROTECT, related_name="boundaries")
    geometry = models.JSONField()
    valid_from = models.DateField(null=True, blank=True)
    valid_to = models.DateField(null=True, blank=True)
    source = models.CharField(max_length=200, blank=True)
    synthetic = models.BooleanField(default=False)
    datum = models.CharField(max_length=10, default="wgs84", help_text="In which it was given.")
    raw_geometry = models.JSONField(null=True, blank=True, help_text="As given, where that was not WGS84.")

    objects = BoundaryQuerySet.as_manager()

    class Meta:
        verbose_name = _("boundary")
        verbose_name_plural = _("boundaries")
        constraints = [
            models.UniqueConstraint(
                fields=["area"], condition=Q(valid_to=None), name="boundary_one_open_per_area"
            ),
            models.CheckConstraint(
                condition=Q(valid_to__gte=F("valid_from")), name="boundary_valid_forwards"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.area_id} {self.valid_from or ''}-{self.valid_to or ''}"


class PlaceKind(Bilingual):
    """What a named place is: estate, building, school ... A vocabulary that grows; the same in every district."""

    code = models.CharField(primary_key=True, max_length=20, db_collation="C")
    icon = models.CharField(max_length=40, default="map-pin")
    position = models.PositiveSmallIntegerField(default=100)

    class Meta:
        verbose_name = _("kind of place")
        ordering = ["position", "code"]


class NamedPlaceQuerySet(Valid):
    def within(self, code: str) -> Self:
        """In the area with this code or below it."""
        return self.filter(area_code__gte=code, area_code__lt=after_prefix(code))


class NamedPlace(models.Model):
    """An entry of the district's address book: an estate, a building in it, a school, a bus stop.

    It says where something is, never whose it is: no owners, no phones, no identity numbers. ``words`` is what it
    is found by, one term a line (``grids.place_words``).
    """

    district = models.ForeignKey(District, models.PROTECT, related_name="named_places")
    code = models.CharField(max_length=40, db_collation="C")
    kind = models.ForeignKey(PlaceKind, models.PROTECT, related_name="+")
    name = models.CharField(max_length=100)
    aliases = models.JSONField(default=list)
    initials = models.CharField(max_length=100, blank=True)
    words = models.TextField(blank=True)
    parent = models.ForeignKey("self", models.PROTECT, null=True, blank=True, related_name="parts")
    address = models.CharField(max_length=200, blank=True)
    longitude = models.FloatField(null=True, blank=True, help_text="WGS84.")
    latitude = models.FloatField(null=True, blank=True)
    raw_point = models.JSONField(null=True, blank=True, help_text="As given: [longitude, latitude, datum].")
    area_code = models.CharField(max_length=20, db_collation="C")
    valid_from = models.DateField(null=True, blank=True)
    valid_to = models.DateField(null=True, blank=True)
    synthetic = models.BooleanField(default=False)

    objects = NamedPlaceQuerySet.as_manager()

    class Meta:
        verbose_name = _("named place")
        ordering = ["code"]
        constraints = [
            models.UniqueConstraint(fields=["district", "code"], name="named_place_code_in_district"),
            models.CheckConstraint(
                condition=Q(valid_to__gte=F("valid_from")), name="named_place_valid_forwards"
            ),
            models.CheckConstraint(
                condition=Q(longitude=None, latitude=None)
                | Q(longitude__isnull=False, latitude__isnull=False),
                name="named_place_whole_point",
            ),
        ]
        indexes = [models.Index(fields=["district", "area_code", "code"], name="named_place_of_area")]

    def __str__(self) -> str:
        return self.name

    @property
    def full_name(self) -> str:
        """With the name of what it stands in, where its own does not begin with that."""
        return joined(self.parent.name if self.parent else "", self.name)

    def is_in_force(self, day: date) -> bool:
        return (self.valid_from or day) <= day and (self.valid_to is None or self.valid_to > day)


def joined(parent: str, name: str) -> str:
    """A building's name behind that of its estate, said once."""
    return name if name.startswith(parent) else parent + name
