"""Keeps a demo moving while it runs: now and then a report, and people who go on with it after some minutes.

Reports come quicker while somebody is logged in, and slower at night; they end at a number of events, and
while the disk is nearly full. What visitors report and do is left to them: a story whose event somebody else moved
goes on from there. Worker and beat do their own part.
"""

import logging
import shutil
import time
from collections.abc import Callable
from datetime import datetime, timedelta
from random import Random

from django.conf import settings
from django.db import DatabaseError, connections
from django.utils import timezone

from accounts.sessions import Session
from demo.arrivals import Writer
from demo.cast import Cast
from demo.deeds import key_of
from demo.habits import Habits, Live
from demo.history import around_the_log_ins
from demo.simulation import present
from demo.stage import Stage
from demo.telling import Story
from grids.models import District

log = logging.getLogger(__name__)
RUN = "live"
LOOK_EVERY = 2.0
"""Seconds."""
NIGHT = (22, 7)
"""From and until, o'clock."""


class LiveDemo:
    """The district while it runs; ``step`` does what is due."""

    def __init__(
        self, district: District, habits: Habits, *, now: datetime, dice: Random | None = None
    ) -> None:
        self.habits, self.cast, self.stage = habits, Cast(district), Stage()
        self.dice = dice or Random()
        grids = around_the_log_ins(self.cast, Random(RUN))
        self.writer = Writer(self.cast, habits, run=RUN, grids=grids, lively=True)
        self.number = self._take_up(now)

    def step(self, now: datetime, seconds: float) -> None:
        """What is due now, and perhaps a new report: ``seconds`` have passed since the last look."""
        while (at := self.stage.next_at) and at <= now:
            self._turn()
        if self.dice.random() < seconds / mean_pause(now, self.habits.live) and self._may_report():
            plot = self.writer.at(self.number, now)
            self.number += 1
            self.stage.enter(Story(plot, self.cast, self.habits).told())

    def _turn(self) -> None:
        """One story that fails is told no further; the others are."""
        try:
            self.stage.turn()
        except DatabaseError:
            raise
        except Exception:
            log.exception("a story of the demo cannot be told further")

    def _take_up(self, now: datetime) -> int:
        """Go on with what an earlier start left open; returns the first free number."""
        numbers = {key_of(number, RUN): number for number in range(self.habits.live.most_events)}
        known = present(list(numbers))
        for key, event in known.items():
            if event.is_open:
                plot = self.writer.at(numbers[key], event.recorded_at)
                self.stage.enter(Story(plot, self.cast, self.habits).resumed(now=now))
        return max((numbers[key] + 1 for key in known), default=0)

    def _may_report(self) -> bool:
        live = self.habits.live
        free = shutil.disk_usage(settings.VAR_DIR).free
        return self.number < live.most_events and free > live.least_free_megabytes * 1_000_000


def mean_pause(now: datetime, live: Live) -> float:
    """Seconds between two reports, on the average."""
    somebody = Session.objects.filter(seen_at__gt=now - timedelta(minutes=live.visitor_minutes)).exists()
    seconds = live.seconds_with_visitor if somebody else live.seconds_without_visitor
    hour, (begins, ends) = timezone.localtime(now).hour, NIGHT
    return seconds * live.night_factor if hour >= begins or hour < ends else seconds


def keep_moving(
    *,
    district: District,
    habits: Habits,
    clock: Callable[[], datetime] = timezone.now,
    sleep: Callable[[float], object] = time.sleep,
) -> None:
    """Runs until it is stopped; without its database it waits and begins anew."""
    while True:
        try:
            demo = LiveDemo(district, habits, now=clock())
            while True:
                sleep(LOOK_EVERY)
                demo.step(clock(), LOOK_EVERY)
        except DatabaseError as error:
            log.warning("the demo waits for its database: %s", error)
            connections.close_all()
            sleep(10 * LOOK_EVERY)
