import time
from datetime import UTC, datetime

from django.core.management.base import BaseCommand
from django.utils import timezone

from demo.desk_views import save_views
from demo.district import load_district
from demo.history import EVENTS, is_told, load_history
from demo.places import load_places
from demo.proposals import load_proposals


class Command(BaseCommand):
    help = (
        "Loads the demo district with two months of history. Safe to run again: what is loaded is left alone."
    )

    def add_arguments(self, parser):
        parser.add_argument("--events", type=int, default=EVENTS, help="how many events, at least")

    def handle(self, *, events: int, **options):
        if is_told():
            self.stdout.write("The demo is loaded.")
            return
        start = time.monotonic()
        self._say("Loading the district: areas, organisations, people, the lists ...")
        district = load_district(at=datetime(2018, 1, 1, tzinfo=UTC))
        load_places(district=district)
        self._say(f"Telling its last two months in {events} events (one or two minutes, this once) ...")
        made = load_history(district=district, now=timezone.now(), events=events, say=self._say)
        save_views(district=district, now=timezone.now())
        load_proposals(district=district, now=timezone.now())
        self._say(f"{made} events in {time.monotonic() - start:.0f} seconds.")

    def _say(self, words: str) -> None:
        self.stdout.write(words)
        self.stdout.flush()
