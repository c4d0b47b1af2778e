"""A list that was read from a file and waits for somebody to confirm what it would change."""

import uuid
from datetime import datetime, timedelta

from django.conf import settings
from django.db import models

from grids.models import District

KEPT = timedelta(days=1)
"""Rows hold names and phones: whoever has not confirmed by then loads the file again."""


class UploadQuerySet(models.QuerySet["Upload"]):
    def waiting(self, *, at: datetime):
        return self.filter(applied_at=None, at__gt=at - KEPT).exclude(rows=[])


class Upload(models.Model):
    """``rows``: [number, values] of each row, emptied when they are applied or too old."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    district = models.ForeignKey(District, models.PROTECT, related_name="+")
    kind = models.CharField(max_length=20)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    at = models.DateTimeField()
    file_name = models.CharField(max_length=120)
    from_day = models.DateField()
    complete = models.BooleanField(default=False)
    rows = models.JSONField(default=list)
    applied_at = models.DateTimeField(null=True)

    objects = UploadQuerySet.as_manager()

    class Meta:
        default_permissions = ()
        ordering = ["-at"]
