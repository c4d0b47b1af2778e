from django.core.management.base import BaseCommand

from grid_platform import translations


class Command(BaseCommand):
    help = "Brings the Chinese catalogue to the sources' strings and lists what is left to translate."
    requires_system_checks = []

    def handle(self, **options):
        left = translations.faults(translations.update())
        for fault in left:
            self.stdout.write(fault)
        self.stdout.write(f"{len(left)} left to translate in {translations.CATALOGUE}")
