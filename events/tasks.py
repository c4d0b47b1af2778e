"""Jobs about evidence and its files."""

from celery import shared_task
from django.utils import timezone

from events.evidence import make_thumbnail
from events.models import Evidence
from events.sweep import sweep_parts, sweep_strays

BATCH = 200


@shared_task
def make_missing_thumbnails() -> int:
    """Thumbnails for the oldest pictures without one, each in its own transaction; returns how many.

    Any number of workers may run it at once: each takes the rows no other has locked.
    """
    missing = Evidence.objects.filter(thumbnail="", content_type__startswith="image/").order_by("received_at")
    return sum(make_thumbnail(evidence_id=pk) for pk in list(missing.values_list("pk", flat=True)[:BATCH]))


@shared_task
def sweep_files() -> int:
    """Parts and strays of evidence, a week old; returns how many."""
    now = timezone.now()
    return sweep_parts(now=now) + sweep_strays(now=now)
