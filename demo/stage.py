"""Lets stories take turns by the instants of their next deeds.

In the past the stage stands in for worker and beat: the clocks' rungs fire between the deeds, and the outbox is
drained. In a demo that runs, beat and worker do that themselves.
"""

from collections.abc import Callable, Iterable, Iterator
from datetime import datetime, timedelta
from heapq import heappop, heappush

from django.db.models import Min

from dispatch import escalation, outbox
from dispatch.models import Clock
from events.models import EventQuerySet

SWEEP = timedelta(minutes=2)
"""How often the clocks' rungs are looked at."""
SETTLE = timedelta(minutes=15)
"""How often what was asked and not answered is."""
DRAIN_EVERY = 200
"""Deeds between two visits to the outbox."""
Told = Iterator[datetime]


class Stage:
    """The stories that are going on, and the instant they have come to."""

    def __init__(self) -> None:
        self.deeds = 0
        self._turns: list[tuple[datetime, int, Told]] = []
        self._entered = 0

    def enter(self, story: Told) -> None:
        """Put a story on."""
        if (first := next(story, None)) is not None:
            heappush(self._turns, (first, self._entered, story))
            self._entered += 1

    @property
    def next_at(self) -> datetime | None:
        return self._turns[0][0] if self._turns else None

    def turn(self) -> None:
        """The next deed."""
        _at, number, story = heappop(self._turns)
        if (following := next(story, None)) is not None:
            heappush(self._turns, (following, number, story))
        self.deeds += 1


class Beat:
    """What worker and beat do meanwhile, for ``events`` only."""

    def __init__(self, events: EventQuerySet, since: datetime) -> None:
        self.events, self.swept, self.settled = events, since, since

    def until(self, at: datetime) -> None:
        """Sweep when it is time."""
        if at - self.swept >= SWEEP:
            self.sweep(at)

    def sweep(self, until: datetime) -> None:
        """Fire the rungs that came since the last sweep, each at its own instant, never before a deed already done."""
        clocks = Clock.objects.filter(event__in=self.events)
        while at := clocks.at_a_rung(now=until).aggregate(at=Min("next_rung_at"))["at"]:
            self.settled = min(until, max(at, self.swept + SWEEP))
            if not escalation.tick(now=self.settled, events=self.events):
                break
        if until - self.settled >= SETTLE:
            escalation.tick(now=until, events=self.events)
            self.settled = until
        self.swept = until


def play_past(
    stories: Iterable[tuple[datetime, Told]],
    *,
    events: EventQuerySet,
    since: datetime,
    until: datetime,
    before: Callable[[datetime], object] = lambda instant: None,
) -> Stage:
    """Tell what happens in [since, until]; ``stories`` come in the order of their beginnings.

    ``events`` are those whose clocks ring; ``before`` is called with the instant of each deed, before it.
    """
    stage, beat, coming = Stage(), Beat(events, since), iter(stories)
    following = next(coming, None)
    while True:
        while following and (stage.next_at is None or following[0] <= stage.next_at):
            stage.enter(following[1])
            following = next(coming, None)
        at = stage.next_at
        if at is None or at > until:
            break
        before(at)
        beat.until(at)
        stage.turn()
        if stage.deeds % DRAIN_EVERY == 0:
            outbox.drain()
    beat.sweep(until)
    outbox.drain()
    return stage
