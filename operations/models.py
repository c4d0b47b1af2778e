"""What the service keeps about itself: the last sign of life of what runs beside the web."""

from datetime import datetime

from django.db import models


class Heartbeat(models.Model):
    """When a worker last did what beat asks for every BEAT_EVERY seconds: beat, Redis and a worker all live then."""

    BEAT = "beat"

    name = models.CharField(max_length=20, primary_key=True)
    at = models.DateTimeField()

    @classmethod
    def note(cls, name: str, *, now: datetime) -> None:
        cls.objects.update_or_create(name=name, defaults={"at": now})
