from pathlib import Path

from django.core.management.base import BaseCommand

from accounts.actions import DATA, load_roles
from accounts.establish import establish
from grids.models import District


class Command(BaseCommand):
    help = "Makes a district's roles and organisations from its areas and its list of departments. Safe to run again."

    def add_arguments(self, parser):
        parser.add_argument("--district", required=True, help="the district's code")
        parser.add_argument("--departments", type=Path, default=DATA / "departments.csv")

    def handle(self, *, district, departments, **options):
        roles = load_roles()
        units = establish(district=District.objects.get(pk=district), departments=departments)
        self.stdout.write(f"{roles} roles, {len(units)} organisations")
