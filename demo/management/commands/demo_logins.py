from django.conf import settings
from django.core.management.base import BaseCommand

from demo.people import LOGINS, PASSWORD, logins


class Command(BaseCommand):
    help = "Prints the demo log-ins."

    def handle(self, **options):
        if not settings.DEMO_MODE:
            self.stdout.write("Demo log-ins exist with DEMO_MODE=1 only.")
            return
        present = set(logins().values_list("username", flat=True))
        self.stdout.write(f"Demo log-ins (password {PASSWORD}):")
        for name, (_role, _unit, words) in LOGINS.items():
            if name in present:
                self.stdout.write(f"  {name:<11} {words}")
