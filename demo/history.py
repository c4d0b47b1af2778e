"""A month of the demo district: about 800 events, made by the real actions in the order of time.

``plots`` decides what happens, ``demo.telling`` how, this module when: the stories take turns by the
instant of their next step, and the clocks' rungs fire between them. What lies after ``now`` is not told,
so the month ends as a working day does: with something in every queue. Delays are drawn, rates follow.

All of it is one transaction: an interrupted load leaves nothing, and a loaded district is left alone.
"""

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from heapq import heapify, heappop, heapreplace
from itertools import count
from random import Random

from django.db import transaction
from django.db.models import Min
from django.utils import timezone

from demo.cast import Cast
from demo.people import COMMUNITY, GRID, STREET
from demo.stories import HOURS, TALES, Tale
from demo.telling import Plot, Story, key_of
from dispatch import escalation, outbox
from dispatch.clocks import calendar_of, handle_limit
from dispatch.models import Clock
from events.models import Event, Evidence, Item, State, Urgency
from grids.models import District

SEED = 330104
DAYS = 30
EVENTS = 770
"""Without the few that are added until a sample is drawn for everybody who checks samples."""
MOST_CLOSED_FOR_SAMPLES = 200
SWEEP = timedelta(minutes=2)
"""How often the clocks are looked at."""
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

tales = {tale.item: tale for tale in TALES}


def is_told() -> bool:
    return Event.objects.filter(pk=key_of(0)).exists()


def load_history(
    *, district: District, now: datetime, events: int = EVENTS, say: Callable[[str], object] = lambda _: None
) -> int:
    """Tell the month before ``now``; returns the number of events made, 0 when it was told before."""
    if is_told():
        return 0
    with transaction.atomic():
        cast = Cast(district)
        made = _tell(list(plots(cast, now, events)), cast, now, say)
        made += _draw_samples(cast, now, first=made)
    say("bringing the day's counts up to date")
    outbox.drain()
    return made


def _tell(plan: list[Plot], cast: Cast, now: datetime, say: Callable[[str], object]) -> int:
    """Let the stories take turns until ``now``."""
    turns = []
    for plot in plan:
        steps = Story(plot, cast).told()
        turns.append((next(steps), plot.number, steps))
    heapify(turns)
    told, tenth, swept = 0, max(1, len(plan) // 10), turns[0][0]
    while turns and turns[0][0] <= now:
        at, number, steps = turns[0]
        if at - swept >= SWEEP:
            _ring_clocks(swept, at)
            swept = at
        following = next(steps, None)
        if following is None:
            heappop(turns)
            told += 1
            if told % tenth == 0:
                say(f"  {timezone.localtime(at):%d.%m. %H:%M}   {told} of {len(plan)}")
        else:
            heapreplace(turns, (following, number, steps))
    _ring_clocks(swept, now)
    return len(plan)


def _ring_clocks(since: datetime, until: datetime) -> None:
    """Fire the rungs that came since the last sweep, each at its own instant, never before a step already told."""
    while at := Clock.objects.at_a_rung(now=until).aggregate(at=Min("next_rung_at"))["at"]:
        if not escalation.tick(now=min(until, max(at, since + SWEEP))):
            return


def _draw_samples(cast: Cast, now: datetime, *, first: int) -> int:
    """Close small matters on the spot until the product's own dice have drawn one for each who checks."""
    made = 0
    for item, closer, sampler in SAMPLED:
        waiting = Event.objects.filter(sampler=cast.by_code[sampler], sample_state="pending")
        while not waiting.exists() and made < MOST_CLOSED_FOR_SAMPLES:
            at = now - timedelta(minutes=3 + 7 * made % 180)
            plot = Plot(first + made, tales[item], at, GRID, closer, self_closed=True, sampled=False)
            for _instant in Story(plot, cast).told():
                pass
            made += 1
    return made


# What happens -----------------------------------------------------------------------------------


def plots(cast: Cast, now: datetime, events: int) -> Iterator[Plot]:
    """First what the log-ins find waiting, then the month of the whole district, by its own dice."""
    dice = Random(SEED)
    numbers = count()
    for plot in _waiting(cast, now, dice):
        yield replace(plot, number=next(numbers))
    grids = _grids(cast, dice)
    while (number := next(numbers)) < events:
        yield _any(number, cast, dice.choice(grids), now, dice)


def _waiting(cast: Cast, now: datetime, dice: Random) -> Iterator[Plot]:
    """For each of QUEUES and each stage one of the last hours, and one that nobody went on with in time."""
    for code, area, lead in QUEUES:
        tale, item = tales[code], cast.items[code]
        for position, stage in enumerate(STAGES):
            grid = dice.choice([grid for grid in cast.boundaries if grid.startswith(area)])
            plot = Plot(0, tale, now, grid, _reporter(tale, item, dice), stop=stage, lead=lead)
            fresh = timedelta(minutes=dice.randint(6, 25) + 40 * position)
            yield _paced(plot, now - fresh, fresh / 12)
            if position % 2 == len(code + lead) % 2:
                yield _paced(plot, _long_enough_ago(item, cast, now, dice), timedelta(minutes=6))
    for code in ASSISTED:
        plot = Plot(
            0, tales[code], now, GRID, "room_acceptor", stop=State.HANDLING, comments=2, assisted=True
        )
        ago = timedelta(hours=dice.randint(3, 6), minutes=dice.randint(0, 59))
        yield _paced(plot, now - ago / 2, ago / 40)
        yield _paced(replace(plot, reworks=1), now - ago, ago / 20)
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


def _grids(cast: Cast, dice: Random) -> list[str]:
    """Where it happens: half of it in the log-ins' street, most of that around their grid."""
    everywhere = list(cast.boundaries)
    street = [code for code in everywhere if code.startswith(STREET)]
    community = [code for code in everywhere if code.startswith(COMMUNITY)]
    shares = ((everywhere, 48), (street, 22), (community, 16), ([GRID], 14))
    return [dice.choice(codes) for codes, share in shares for _ in range(share * 3)]


def _any(number: int, cast: Cast, grid: str, now: datetime, dice: Random) -> Plot:
    """One event of the month, as such things go."""
    tale = dice.choices(TALES, [tale.weight for tale in TALES])[0]
    item = cast.items[tale.item]
    reporter = _reporter(tale, item, dice)
    self_closed = item.self_handle and _can_show_all(tale, item) and dice.random() < 0.45
    if self_closed and item.level != "grid" and reporter.startswith("grid"):
        reporter = "community_acceptor"
    at_street = item.level == "street"
    return Plot(
        number=number,
        tale=tale,
        at=_moment(tale, now, dice),
        grid=grid,
        reporter=reporter,
        self_closed=self_closed,
        sampled=dice.random() < 0.5,
        lead="ZJJ" if item.lead_department == "ZJJ" and at_street and dice.random() < 0.4 else "",
        rejected=item.urgency == Urgency.NORMAL and dice.random() < 0.07,
        returns=int(at_street and item.urgency != Urgency.CRITICAL and dice.random() < 0.07),
        reworks=int(dice.random() < 0.08),
        comments=dice.choice((0, 0, 0, 0, 1, 2)),
        assisted=dice.random() < 0.7,
        escalated=item.level == "community" and dice.random() < 0.06,
    )


def _reporter(tale: Tale, item: Item, dice: Random) -> str:
    """Grid staff report what they can show; the desks write down what residents and the hotline say."""
    can_show = tale.before or Evidence.Kind.BEFORE not in item.evidence or item.urgency == Urgency.CRITICAL
    if can_show and dice.random() < 0.8:
        return dice.choice(("grid_worker", "grid_worker", "grid_leader"))
    return "room_acceptor" if item.level in {"street", "district"} else "community_acceptor"


def _can_show_all(tale: Tale, item: Item) -> bool:
    return bool(tale.before) or Evidence.Kind.BEFORE not in item.evidence


def _moment(tale: Tale, now: datetime, dice: Random) -> datetime:
    """Some time of the month, at the tale's hours, on Sundays half as often."""
    while True:
        day = timezone.localtime(now) - timedelta(days=dice.randint(0, DAYS - 1))
        hour, minute, second = dice.choice(HOURS[tale.hours]), dice.randint(0, 59), dice.randint(0, 59)
        at = day.replace(hour=hour, minute=minute, second=second, microsecond=0)
        if at < now and (day.weekday() != 6 or dice.random() < 0.5):
            return at
