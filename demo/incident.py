"""The demo's major incident: a flooded street of the last hour and a half, its reports gathered as they came.

A dozen reports by different grid workers go their ways in the loop; the room's director opens the incident with the
first, gathers the others, ticks the plan's tasks off, notes what the telephone brought and tells all reporters once.
"""

import uuid
from collections.abc import Iterator
from datetime import datetime, timedelta
from random import Random
from typing import Any

from accounts.models import User
from accounts.scope import Actor
from demo.cast import Cast
from demo.deeds import Plot
from demo.habits import Habits
from demo.people import STREET
from demo.stage import play_past
from demo.stories import Tale
from demo.telling import Story
from events.models import Event, State
from incidents.actions import add_note, gather, open_incident, set_task
from incidents.models import Incident, Plan
from incidents.telling import send_message

ITEM = "30605"
STOPS = (
    (96, State.HANDLING), (92, State.HANDLING), (86, State.FED_BACK), (79, State.HANDLING), (73, State.DISPATCHED),
    (66, State.HANDLING), (55, State.FED_BACK), (47, State.HANDLING), (39, State.DISPATCHED), (28, State.ACCEPTED),
    (9, State.REPORTED), (5, State.REPORTED),
)  # fmt: skip
"""Minutes before now at which a report came, and where it stands; the last two are only proposed."""
GATHERED = 10
BEGUN = 80
"""Minutes before now at which the incident was opened."""
REASON = "同一场暴雨，同一片积水"
NOTES = (
    (58, "水务值班电话：凯旋路泵站两台泵已全开，第三台正在检修，预计半小时后投入。"),
    (33, "交警已到下穿通道口，南北双向封闭，绕行秋涛北路。"),
)
TICKED = ((71, 1), (60, 2), (44, 3))
TOLD = (30, "您反映的道路积水已列入专项处置，泵车和抢险队已到场，请暂时绕行。退水情况会再告知。")


def tell_incident(cast: Cast, habits: Habits, tale: Tale, now: datetime, *, first: int) -> int:
    """Tell it up to ``now``; returns how many events were made, whose stories are numbered from ``first``."""
    dice = Random(f"incident {ITEM}")
    grids = sorted(grid for grid in cast.boundaries if grid.startswith(STREET))
    plots = [
        Plot(
            first + number,
            tale,
            now - timedelta(minutes=minutes),
            grids[(number * 7) % min(len(grids), 30)],
            "grid_worker",
            small=True,
            stop=stop,
            step=timedelta(minutes=dice.choice((2, 3, 4))),
        )
        for number, (minutes, stop) in enumerate(STOPS)
    ]
    director = Actor.of(User.objects.select_related("district").get(username="director"))
    keys = [plot.key for plot in plots]
    stories = [(plot.at, Story(plot, cast, habits).told()) for plot in plots]
    begun = now - timedelta(minutes=BEGUN)
    stories.append((begun, _commands(director, keys[:GATHERED], now)))
    stories.sort(key=lambda told: told[0])
    play_past(stories, events=Event.objects.filter(pk__in=keys), since=plots[0].at, until=now)
    return len(plots)


def _commands(director: Actor, keys: list[uuid.UUID], now: datetime) -> Iterator[datetime]:
    """What the director does: yields the instant of each deed, which is done when resumed."""
    at = now - timedelta(minutes=BEGUN)
    yield at
    incident = open_incident(
        actor=director,
        name="凯旋路一带暴雨内涝",
        plan=Plan.objects.in_force(at=at).get(district=director.district, code="flooding"),
        response=3,
        summary="短时强降雨，凯旋路下穿通道及周边路口积水，多个网格同时反映。",
        now=at,
        first=keys[0],
    )
    deeds: list[tuple[int, str, Any]] = [(minutes, "tick", position) for minutes, position in TICKED]
    deeds += [(minutes, "note", text) for minutes, text in NOTES]
    deeds += [(minutes, "gather", "") for minutes in (76, 53, 32, 12)]
    deeds.append((TOLD[0], "tell", TOLD[1]))
    for minutes, deed, given in sorted(deeds, key=lambda deed: -deed[0]):
        at = now - timedelta(minutes=minutes)
        yield at
        _do(deed, given, director, incident, keys, at)


def _do(
    deed: str, given: Any, director: Actor, incident: Incident, keys: list[uuid.UUID], at: datetime
) -> None:
    common: dict[str, Any] = {"actor": director, "incident_id": incident.pk, "now": at}
    match deed:
        case "tick":
            task = incident.tasks.get(position=given)
            set_task(task_id=task.pk, to="done", **common)
        case "note":
            add_note(text=given, **common)
        case "gather":
            here = Event.objects.open().filter(pk__in=keys, recorded_at__lte=at).exclude(desk=None)
            gather(event_ids=here.values_list("pk", flat=True), reason=REASON, **common)
        case "tell":
            send_message(key=uuid.uuid5(keys[0], "told"), text=given, **common)
