"""The past of a district, told by the real actions: what is reported between two instants, and all that follows.

A run is named by its beginning, end, number of events and seed; the same run tells the same history. What an earlier,
interrupted run has told stays: what is missing is reported, what is open is gone on with from there.

Several processes may share it, each with streets of its own. They stay within a simulated day of each other, and each
rings the clocks of its own events, so that the order of deeds and clocks is the same however many there are.
"""

import multiprocessing
import signal
import time
import uuid
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import reduce
from operator import itemgetter, or_

from django.db import connection, connections
from django.db.models import Max, Q

from demo.arrivals import Writer
from demo.cast import Cast
from demo.deeds import Plot
from demo.habits import Habits
from demo.models import ToldRun
from demo.stage import Told, play_past
from demo.telling import Story
from dispatch import outbox
from events.models import OPEN_STATES, Event
from grids.models import District, after_prefix

CHUNK = 1000
LEAD = timedelta(days=1)
"""How far one process may be ahead of the others."""
STREET = 9
"""Digits of a street's code."""


class Stopped(Exception):
    """Asked to end: what has been told is kept, and the next start goes on from there."""


@dataclass(frozen=True)
class Run:
    """Reports in [start, end), and what follows from them until ``until``."""

    start: datetime
    end: datetime
    events: int
    seed: int
    until: datetime

    @property
    def name(self) -> str:
        return f"{self.start.isoformat()} {self.end.isoformat()} {self.events} {self.seed}"

    def plots(self, cast: Cast, habits: Habits) -> list[Plot]:
        """In the order of their beginnings."""
        writer = Writer(cast, habits, run=self.name, grids=list(cast.boundaries), small=True)
        return writer.between(self.start, self.end, range(self.events))


@dataclass(frozen=True)
class Known:
    """What exists of a plot."""

    is_open: bool
    recorded_at: datetime
    last: datetime
    """Its last step's instant."""


def present(keys: Sequence[uuid.UUID]) -> dict[uuid.UUID, Known]:
    """The events that exist, by key."""
    found = {}
    for start in range(0, len(keys), CHUNK):
        events = Event.objects.filter(pk__in=keys[start : start + CHUNK]).annotate(last=Max("steps__at"))
        for pk, state, recorded_at, last in events.values_list("pk", "state", "recorded_at", "last"):
            found[pk] = Known(state in OPEN_STATES, recorded_at, last)
    return found


def simulate(
    run: Run,
    *,
    district: District,
    habits: Habits,
    processes: int = 1,
    speed: float = 0,
    tell: Callable[[int, datetime], object] = lambda told, at: None,
) -> None:
    """Tell the run. ``speed``: simulated seconds in one real second, 0: as fast as it goes.

    ``tell`` is called now and then with the number of reports told so far and the instant reached. Raises Stopped.
    """
    before, _new = ToldRun.objects.get_or_create(name=run.name, defaults={"until": run.start})
    if before.until >= run.until:
        return
    streets = sorted({grid[:STREET] for grid in Cast(district).boundaries})
    parts = [part for part in (streets[n::processes] for n in range(processes)) if part]
    watch = _Watch(run, before.until, len(parts), speed)
    try:
        if len(parts) > 1:
            _in_processes(run, district, habits, parts, watch, tell)
        else:
            _part(run, district, habits, streets, watch, 0, tell)
    finally:
        ToldRun.objects.filter(pk=run.name).update(until=watch.at)
        outbox.drain()


class _Watch:
    """What the processes of a run see of each other: how far each is, how much it told, and whether to end.

    ``since``: what an earlier start had come to.
    """

    def __init__(self, run: Run, since: datetime, parts: int, speed: float) -> None:
        self.run, self.since, self.speed, self.began = run, since, speed, time.monotonic()
        self.reached = multiprocessing.RawArray("d", [since.timestamp()] * parts)
        self.told = multiprocessing.RawArray("i", parts)
        self.stop = multiprocessing.Event()

    def before(self, part: int, at: datetime) -> None:
        """Wait until the instant may come. Raises Stopped."""
        self.reached[part] = max(self.reached[part], at.timestamp())
        while not self.stop.is_set():
            ahead = at.timestamp() - min(self.reached) - LEAD.total_seconds()
            early = 0.0
            if self.speed:
                simulated = at.timestamp() - self.since.timestamp()
                early = simulated / self.speed - (time.monotonic() - self.began)
            if ahead <= 0 and early <= 0:
                return
            self.stop.wait(min(max(early, 0.02), 0.5))
        raise Stopped

    @property
    def at(self) -> datetime:
        slowest = min(min(self.reached), self.run.until.timestamp())
        return datetime.fromtimestamp(slowest, tz=self.run.start.tzinfo)


def _in_processes(run, district, habits, parts, watch: _Watch, tell) -> None:
    connections.close_all()
    context = multiprocessing.get_context("fork")
    workers = [
        context.Process(target=_process, args=(run, district, habits, streets, watch, number), daemon=True)
        for number, streets in enumerate(parts)
    ]
    for worker in workers:
        worker.start()
    try:
        while any(worker.is_alive() for worker in workers):
            time.sleep(0.2)
            tell(sum(watch.told), watch.at)
            if any(worker.exitcode for worker in workers):
                break
    except BaseException:
        watch.stop.set()
        raise
    finally:
        if any(worker.exitcode for worker in workers):
            watch.stop.set()
        for worker in workers:
            worker.join()
    tell(sum(watch.told), watch.at)
    if any(worker.exitcode for worker in workers):
        raise RuntimeError("a part of the simulation failed; its message is above")


def _process(run, district, habits, streets, watch: _Watch, number: int) -> None:
    """One part in a process of its own; Ctrl-C is heard by the first one, which then asks to end."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    connections.close_all()
    with suppress(Stopped):
        _part(run, district, habits, streets, watch, number, lambda told, at: None)
    connections.close_all()


def _part(run: Run, district, habits, streets: list[str], watch: _Watch, number: int, tell) -> None:
    """Tell what happens in some streets."""
    cast = Cast(district)
    plots = [plot for plot in run.plots(cast, habits) if plot.grid[:STREET] in streets]
    known = present([plot.key for plot in plots])
    since = max([watch.since, *(event.last for event in known.values())])
    beginnings: list[tuple[datetime, Told]] = []
    for plot in plots:
        story = Story(plot, cast, habits)
        if plot.key not in known:
            beginnings.append((plot.at, story.told()))
        elif known[plot.key].is_open:
            beginnings.append((since, story.resumed(now=since)))
    watch.told[number] = len(plots) - len(beginnings)

    def counted() -> Iterator[tuple[datetime, Told]]:
        for beginning in sorted(beginnings, key=itemgetter(0)):
            yield beginning
            watch.told[number] += 1
            tell(watch.told[number], beginning[0])

    here = reduce(or_, (Q(area_code__gte=code, area_code__lt=after_prefix(code)) for code in streets))
    events = Event.objects.filter(here, tenant=district.pk, recorded_at__gte=run.start)
    with quick_commits():
        play_past(
            counted(),
            events=events,
            since=since,
            until=run.until,
            before=lambda at: watch.before(number, at),
        )
    watch.reached[number] = float("inf")


@contextmanager
def quick_commits() -> Iterator[None]:
    """A commit does not wait for the disk: a crash of the server loses the last deeds, which are told again."""
    with connection.cursor() as cursor:
        cursor.execute("SET synchronous_commit TO off")
        yield
        cursor.execute("RESET synchronous_commit")
