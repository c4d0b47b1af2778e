from datetime import UTC, datetime

from django.core.management.base import BaseCommand

from demo.district import load_district


class Command(BaseCommand):
    help = "Loads the demo district: synthetic areas, organisations, invented staff, the default lists. Safe to run again."

    def handle(self, **options):
        district = load_district(at=datetime(2018, 1, 1, tzinfo=UTC))
        self.stdout.write(f"{district.name} is loaded")
