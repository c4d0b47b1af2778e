import os
import sys
import time
from argparse import ArgumentTypeError
from datetime import date, datetime
from datetime import time as clock
from pathlib import Path

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone
from tqdm import tqdm

from demo.cast import Cast
from demo.habits import HABITS, Habits
from demo.live import keep_moving
from demo.models import ToldRun
from demo.outcome import outcome_of
from demo.partition import DISTRICT
from demo.people import logins
from demo.simulation import Run, Stopped, present, simulate
from grid_platform.celery import app
from grids.models import District

CODE = DISTRICT[0]


class Command(BaseCommand):
    help = (
        "Lets the demo district's people report, decide and handle by the real actions, with the delays and mistakes "
        "of a file of habits; then prints the rates that came out. Safe to stop and to run again. "
        "The sources' summer of 2018: --from 2018-07-01 --to 2018-09-01 --events 19095"
    )

    def add_arguments(self, parser):
        parser.add_argument("--from", dest="start", type=_day, help="first day of the reports, as 2018-07-01")
        parser.add_argument("--to", dest="end", type=_day, help="the day after the last")
        parser.add_argument("--until", type=_day, help="until when the people go on working; else --to")
        parser.add_argument("--events", type=int, default=1000, help="how many reports (1000)")
        parser.add_argument("--seed", type=int, default=1, help="another number is another history (1)")
        parser.add_argument(
            "--habits", type=Path, default=HABITS, help="delays and chances, a TOML file as the default one"
        )
        parser.add_argument(
            "--speed", type=float, default=0, help="simulated seconds in a second; 0, as fast as it goes (0)"
        )
        parser.add_argument(
            "--processes", type=int, default=min(os.cpu_count() or 1, 8), help="each tells some streets"
        )
        parser.add_argument(
            "--live", action="store_true", help="now and gently, until stopped, as the demo does"
        )

    def handle(self, *, start, end, live: bool, habits: Path, **options):
        district = District.objects.filter(pk=CODE).first()
        if district is None or not logins().exists():
            raise CommandError("There is no demo district here. Load it first: manage.py load_district")
        try:
            inputs = Habits.read(habits)
        except (OSError, KeyError, TypeError, ValueError) as error:
            raise CommandError(f"{habits} cannot be read as habits: {error!r}") from error
        if live:
            keep_moving(district=district, habits=inputs)
        elif start is None or end is None:
            raise CommandError("Say --from and --to, or --live.")
        else:
            self._tell_past(district, inputs, start, end, **options)

    def _tell_past(
        self, district, habits, start, end, *, until, events: int, seed: int, speed, processes, **_
    ):
        until = min(until or end, timezone.now())
        if not start < end <= timezone.now() or until < end:
            raise CommandError(
                "--from must come before --to, neither may lie ahead, and --until not before --to."
            )
        if app.control.ping(timeout=0.5):
            raise CommandError(
                "A worker runs here: it would ring the past's clocks at today's time. Stop the demo first."
            )
        run = Run(start, end, events, seed, until)
        plots = run.plots(Cast(district), habits)
        known = present([plot.key for plot in plots])
        if known:
            still_open = sum(event.is_open for event in known.values())
            self.stdout.write(f"{len(known):,} of {events:,} events exist, {still_open:,} of them open.")
        if ToldRun.objects.filter(pk=run.name, until__gte=until).exists():
            self.stdout.write("It has been told; there is nothing left to do.")
            self._print(plots, start, until)
            return
        began, done = time.monotonic(), True
        with tqdm(total=events, unit=" reports", file=sys.stderr, dynamic_ncols=True) as bar:

            def tell(told: int, at: datetime) -> None:
                bar.set_postfix_str(f"{timezone.localtime(at):%Y-%m-%d %H:%M}", refresh=False)
                bar.update(told - bar.n)

            try:
                simulate(run, district=district, habits=habits, processes=processes, speed=speed, tell=tell)
            except (KeyboardInterrupt, Stopped):
                done = False
        seconds = time.monotonic() - began
        self.stdout.write("" if done else "Stopped; the same command goes on from here.")
        self._print(plots, start, until)
        self.stdout.write(f"{seconds:.0f} seconds, {processes} processes")

    def _print(self, plots, start, until) -> None:
        for line in outcome_of(plots, start=start, until=until).lines():
            self.stdout.write(line)


def _day(text: str) -> datetime:
    try:
        return timezone.make_aware(datetime.combine(date.fromisoformat(text), clock()))
    except ValueError:
        raise ArgumentTypeError(f"{text!r} is no day; write it as 2018-07-01") from None
