from django.core.management.base import BaseCommand
from django.utils import timezone

from dispatch.actions import load_calendar, load_ladder, load_reasons
from dispatch.phrases import load_phrases
from grids.models import District


class Command(BaseCommand):
    help = "Loads a district's reasons, phrases, ladder and calendar up to the end of next year. Safe to run again."

    def add_arguments(self, parser):
        parser.add_argument("--district", required=True, help="the district's code")
        parser.add_argument("--from-year", type=int, default=2018)

    def handle(self, *, district, from_year, **options):
        found = District.objects.get(pk=district)
        years = range(from_year, timezone.localdate().year + 2)
        reasons, rungs = load_reasons(district=found), load_ladder(district=found)
        phrases = load_phrases(district=found)
        days = load_calendar(district=found, years=years, now=timezone.now())
        self.stdout.write(f"{reasons} reasons, {phrases} phrases, {rungs} rungs, {days} new calendar days")
