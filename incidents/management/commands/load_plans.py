from pathlib import Path

from django.core.management.base import BaseCommand

from grids.models import District
from incidents.plans import DATA, load_plans


class Command(BaseCommand):
    help = (
        "Loads the plans of major incidents (预案). A changed plan becomes a new version. Safe to run again."
    )

    def add_arguments(self, parser):
        parser.add_argument("--district", required=True, help="the district's code")
        parser.add_argument(
            "--file", type=Path, default=DATA / "plans.toml", help="a TOML file like the default"
        )

    def handle(self, *, district, file, **options):
        changed = load_plans(district=District.objects.get(pk=district), path=file)
        self.stdout.write(f"{changed} plans new or changed")
