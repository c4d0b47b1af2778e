from pathlib import Path

from django.core.management.base import BaseCommand, CommandError

from operations.archive import BackupError
from operations.restore import restore


class Command(BaseCommand):
    help = (
        "Brings a backup into an empty database and media folder and proves that it is whole: rows, files, chains "
        "of steps, rights. Run as the tables' owner (AS_OWNER=1) while web, worker and beat are stopped."
    )
    requires_system_checks = []

    def add_arguments(self, parser):
        parser.add_argument("folder", type=Path, help="what 'backup' wrote")
        parser.add_argument(
            "--replace", action="store_true", help="whatever is in the database and the media goes"
        )

    def handle(self, *, folder, replace, **options):
        try:
            for proved in restore(folder, replace=replace):
                self.stdout.write(proved)
        except (BackupError, OSError) as error:
            raise CommandError(str(error)) from error
