from django.core.management.base import BaseCommand

from dispatch.diagram import LOOP, draw


class Command(BaseCommand):
    help = "Draws the loop's diagram and the table of its verbs, docs/loop.md, from the workflow table."
    requires_system_checks = []

    def handle(self, **options):
        LOOP.write_text(draw(), encoding="utf-8")
        self.stdout.write(f"{LOOP} is drawn")
