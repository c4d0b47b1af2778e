from django.core.management.base import BaseCommand

from push.keys import new_key


class Command(BaseCommand):
    help = "Prints a new key for pushing to phones, as a line for .env."
    requires_system_checks: list[str] = []

    def handle(self, *args, **options) -> None:
        self.stdout.write(f"VAPID_PRIVATE_KEY={new_key()}")
