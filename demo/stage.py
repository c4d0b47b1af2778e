"""Lets stories take turns by the instants of their next deeds.

In the past the stage stands in for worker and beat: the clocks' rungs fire between the deeds, and the outbox is
drained. In a demo that runs, beat and worker do that themselves.
"""

from collections.abc import Callable, Iterable, Iterator
from datetime import datetime, timedelta
from heapq import heappop, heappush

from dispatch import escalation, outbox
from dispatch.models import Ask, Clock
from events.models import EventQuerySet, State

MINUTE = timedelta(minutes=1)
MOST_TRIES = 2
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
    """What worker and beat do meanwhile, for ``events`` only: every minute, on the minute, so that it does not
    depend on who else is looked after."""

    def __init__(self, events: EventQuerySet, since: datetime) -> None:
        self.events, self.swept = events, since

    def until(self, at: datetime) -> None:
        """Let the clocks do what came up to the last full minute, each thing at the minute after it."""
        last = _minute(at)
        if last > self.swept:
            self._sweep(last)

    def finish(self, at: datetime) -> None:
        """What came up to ``at``, when nothing follows."""
        self._sweep(at)

    def _sweep(self, last: datetime) -> None:
        seen, tries = None, 0
        while due := self._first_due(last):
            seen, tries = due, tries + 1 if due == seen else 0
            if tries > MOST_TRIES:  # It fails and is logged; the next sweep tries again, as the beat would.
                break
            after = _minute(due) if _minute(due) == due and not tries else _minute(due) + MINUTE
            # Counted again, a clock may find that a rung's instant has passed: that is now, not then.
            escalation.tick(now=min(max(after, self.swept + MINUTE), last), events=self.events)
        self.swept = last

    def _first_due(self, until: datetime) -> datetime | None:
        """A rung, an answer that did not come, or the end of a hold."""
        rungs = Clock.objects.at_a_rung(now=until).filter(event__in=self.events)
        asks = Ask.objects.filter(answer="", due__lt=until, event__in=self.events)
        holds = self.events.filter(state=State.ON_HOLD, held_until__lte=until)
        first = rungs.values_list("next_rung_at").union(
            asks.values_list("due"), holds.values_list("held_until"), all=True
        )
        return first.order_by("next_rung_at").values_list("next_rung_at", flat=True).first()


def _minute(instant: datetime) -> datetime:
    return instant.replace(second=0, microsecond=0)


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
    beat.finish(until)
    outbox.drain()
    return stage
