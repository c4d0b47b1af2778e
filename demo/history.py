"""Two months of the demo district: about 1,000 events, made by the real actions in the order of time.

First what the log-ins are to find waiting, then the district's days as ``demo.arrivals`` writes them: so many that a
month so far can be compared with the one before. What lies after ``now`` is not told, so they end as a working day
does: with something in every queue.

All of it is one transaction: an interrupted load leaves nothing, and a loaded district is left alone.
"""

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import takewhile
from operator import attrgetter
from random import Random

from django.db import transaction
from django.utils import timezone

from demo import incident
from demo.arrivals import Writer, staff_or_desk
from demo.cast import Cast
from demo.deeds import Plot, key_of
from demo.habits import Habits
from demo.incident import tell_incident
from demo.people import COMMUNITY, GRID, STREET
from demo.stage import play_past
from demo.stories import TALES
from demo.telling import Story
from dispatch import outbox
from dispatch.clocks import calendar_of, handle_limit
from events.models import Event, Item, State
from grids.models import District

SEED = 330104
DAYS = 61
EVENTS = 1000
"""Without the few that are added until a sample is drawn for everybody who checks samples."""
MOST_CLOSED_FOR_SAMPLES = 200
NEIGHBOUR = "330104006001001"
STAGES = (State.REPORTED, State.ACCEPTED, State.DISPATCHED, State.HANDLING, State.FED_BACK)
QUEUES = (
    ("30101", GRID, ""),
    ("30103", GRID, f"TEAM@{GRID}"),
    ("10511", GRID, ""),
    ("10201", COMMUNITY, ""),
    ("30206", COMMUNITY, ""),
    ("30202", COMMUNITY, f"COMMUNITY@{COMMUNITY}"),
    ("30603", STREET, ""),
    ("30201", STREET, ""),
    ("10107", STREET, ""),
    ("30403", STREET, "ZJJ"),
    ("30502", STREET, "ZJJ"),
    ("10108", STREET, ""),
    ("10802", STREET, ""),
    ("20107", STREET, f"ZHZX@{STREET}"),
    ("30604", NEIGHBOUR, ""),
    ("20102", NEIGHBOUR, ""),
)
"""Item, area and lead of what the log-ins find waiting at every stage, some of it overdue."""
ASSISTED = ("10511", "30603", "30201", "10107", "30103", "20402")
"""Items of what comes back to them: reworked, returned, with assistants and comments."""
SAMPLED = (
    ("30101", "grid_worker", f"TEAM@{GRID}"),
    ("30104", "grid_leader", f"COMMUNITY@{COMMUNITY}"),
    ("40602", "community_acceptor", f"ZHZX@{STREET}"),
    ("30202", "room_acceptor", "ZHZX"),
)
"""Item, who closes it and who then checks a sample."""

BEFORE_THE_CLOCK = timedelta(minutes=3)
"""Nobody's order to assist is lost by an accept clock that dispatches a critical event itself."""

tales = {tale.item: tale for tale in TALES}


def is_told() -> bool:
    return Event.objects.filter(pk=key_of(0)).exists()


def load_history(
    *, district: District, now: datetime, events: int = EVENTS, say: Callable[[str], object] = lambda _: None
) -> int:
    """Tell the two months before ``now``; returns the number of events made, 0 when it was told before."""
    if is_told():
        return 0
    with transaction.atomic():
        cast, habits = Cast(district), Habits.read()
        plan = sorted(plots(cast, habits, now, events), key=attrgetter("at"))
        stories = (
            (plot.at, Story(plot, cast, habits).told()) for plot in _saying(plan, say) if plot.at <= now
        )
        play_past(stories, events=Event.objects.all(), since=plan[0].at, until=now)
        made = len(plan) + _draw_samples(cast, habits, now, first=len(plan))
        made += tell_incident(cast, habits, tales[incident.ITEM], now, first=made)
        say("bringing the day's counts up to date")
        outbox.drain()
    return made


def _saying(plan: list[Plot], say: Callable[[str], object]) -> Iterator[Plot]:
    tenth = max(1, len(plan) // 10)
    for number, plot in enumerate(plan):
        if number and number % tenth == 0:
            say(f"  {timezone.localtime(plot.at):%d.%m. %H:%M}   {number} of {len(plan)}")
        yield plot


def _draw_samples(cast: Cast, habits: Habits, now: datetime, *, first: int) -> int:
    """Close small matters on the spot until the product's own dice have drawn one for each who checks."""
    made = 0
    for item, closer, sampler in SAMPLED:
        waiting = Event.objects.filter(sampler=cast.by_code[sampler], sample_state="pending")
        while not waiting.exists() and made < MOST_CLOSED_FOR_SAMPLES:
            at = now - timedelta(minutes=3 + 7 * made % 180)
            plot = Plot(first + made, tales[item], at, GRID, closer, self_closed=True, sampled=False)
            for _instant in takewhile(lambda at: at <= now, Story(plot, cast, habits).told()):
                pass
            made += 1
    return made


# What happens -----------------------------------------------------------------------------------


def plots(cast: Cast, habits: Habits, now: datetime, events: int) -> Iterator[Plot]:
    """First what the log-ins find waiting, then the days of the whole district, by their own dice."""
    dice = Random(SEED)
    waiting = [replace(plot, number=number) for number, plot in enumerate(_waiting(cast, habits, now, dice))]
    yield from waiting
    days = Writer(cast, habits, run="", grids=around_the_log_ins(cast, dice))
    yield from days.between(now - timedelta(days=DAYS), now, range(len(waiting), events))


def _waiting(cast: Cast, habits: Habits, now: datetime, dice: Random) -> Iterator[Plot]:
    """For each of QUEUES and each stage one of the last hours, and one that nobody went on with in time."""
    for code, area, lead in QUEUES:
        tale, item = tales[code], cast.items[code]
        for position, stage in enumerate(STAGES):
            grid = dice.choice([grid for grid in cast.boundaries if grid.startswith(area)])
            plot = Plot(0, tale, now, grid, staff_or_desk(tale, item, habits, dice), stop=stage, lead=lead)
            fresh = timedelta(minutes=dice.randint(6, 25) + 40 * position)
            yield _paced(plot, now - fresh, fresh / 12)
            if position % 2 == len(code + lead) % 2:
                yield _paced(plot, _long_enough_ago(item, cast, now, dice), timedelta(minutes=6))
    for code in ASSISTED:
        plot = Plot(
            0, tales[code], now, GRID, "room_acceptor", stop=State.HANDLING, comments=2, assisted=True
        )
        ago = timedelta(hours=dice.randint(3, 6), minutes=dice.randint(0, 59))
        yield _paced(plot, now - ago / 2, min(ago / 40, BEFORE_THE_CLOCK))
        yield _paced(replace(plot, reworks=1), now - ago, min(ago / 20, BEFORE_THE_CLOCK))
        if cast.items[code].level == "street":
            yield _paced(replace(plot, returns=1, stop=State.ACCEPTED), now - ago, ago / 20)
    twice = Plot(0, tales["30601"], now, GRID, "room_acceptor", returns=2, stop=State.ACCEPTED)
    yield _paced(twice, now - timedelta(hours=4), timedelta(minutes=12))
    for hours in (2, 26, 50):
        at = now - timedelta(hours=hours)
        rejected = Plot(0, tales["30206"], at, GRID, "community_acceptor", rejected=True)
        yield _paced(rejected, at, timedelta(minutes=9))
        yield _paced(
            replace(rejected, tale=tales["10210"], reporter="room_acceptor"), at, timedelta(minutes=9)
        )


def _paced(plot: Plot, at: datetime, step: timedelta) -> Plot:
    return replace(plot, at=at, step=step)


def _long_enough_ago(item: Item, cast: Cast, now: datetime, dice: Random) -> datetime:
    """So long ago that each stage's limit is over by now."""
    handle = handle_limit(item)
    calendar, limits = calendar_of(cast.district), [handle.stage(item.accept_minutes), handle]
    at = now
    while calendar.chain(at + timedelta(hours=2), limits) >= now:
        at -= timedelta(hours=3, minutes=dice.randint(0, 59))
    return at


def around_the_log_ins(cast: Cast, dice: Random) -> list[str]:
    """Where it happens: half of it in the log-ins' street, most of that around their grid."""
    everywhere = list(cast.boundaries)
    street = [code for code in everywhere if code.startswith(STREET)]
    community = [code for code in everywhere if code.startswith(COMMUNITY)]
    shares = ((everywhere, 48), (street, 22), (community, 16), ([GRID], 14))
    return [dice.choice(codes) for codes, share in shares for _ in range(share * 3)]
