from pathlib import Path

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from operations.archive import BackupError
from operations.backup import backup


class Command(BaseCommand):
    help = (
        "Writes database and media into a new folder, with a manifest and SHA256SUMS, while the service runs. "
        "The folder holds personal data: keep it encrypted, and SECRET_KEY and the passwords apart from it."
    )

    def add_arguments(self, parser):
        parser.add_argument("folder", type=Path, help="not there yet")
        parser.add_argument("--without-media", action="store_true", help="they are backed up in another way")

    def handle(self, *, folder, without_media, **options):
        try:
            manifest = backup(folder, now=timezone.now(), with_media=not without_media)
        except (BackupError, OSError) as error:
            raise CommandError(str(error)) from error
        self.stdout.write(f"{folder}: {sum(manifest.tables.values())} rows of {len(manifest.tables)} tables")
