from pathlib import Path

from django.core.management.base import BaseCommand

from events.actions import DATA, load_catalogue
from grids.models import District


class Command(BaseCommand):
    help = "Loads a district's checklist: categories and items from CSV files. Safe to run again."

    def add_arguments(self, parser):
        parser.add_argument("--district", required=True, help="the district's code")
        parser.add_argument("--items", type=Path, default=DATA / "event_items.csv")
        parser.add_argument("--categories", type=Path, default=DATA / "event_categories.csv")

    def handle(self, *, district, items, categories, **options):
        count = load_catalogue(district=District.objects.get(pk=district), items=items, categories=categories)
        self.stdout.write(f"{count} items")
