"""What the people of a story do, by the real actions: who it is, what they write, which files they send."""

import uuid
from dataclasses import dataclass
from datetime import datetime, timedelta
from io import BytesIO
from random import Random

from django.db import transaction

from accounts.models import Organization
from accounts.scope import Actor
from demo import stories
from demo.cast import CHECKERS, HANDLERS, Cast, Roles, file_of
from demo.habits import Habits
from demo.stories import Tale
from dispatch.advance import advance
from dispatch.clocks import calendar_of
from dispatch.evidence import attach
from dispatch.policy import Policy
from dispatch.report import report
from dispatch.routing import propose
from events.models import Event, Evidence, Level, Source

NAMESPACE = uuid.UUID("3f1c6a0e-5b0e-4d57-9a5c-330104330104")
BUREAUS = ("ZJJ", "CGJ", "SCJG", "GAFJ")
"""Whose agencies get what is not theirs."""
NUMBERS = Policy()
ON_ITS_WAY = timedelta(seconds=2)
"""From the report to its desk."""


def key_of(number: int, run: str = "") -> uuid.UUID:
    """The key of the event of a story; ``run`` names the simulation, empty: the demo's month."""
    return uuid.uuid5(NAMESPACE, f"{run} {number}" if run else str(number))


@dataclass(frozen=True)
class Plot:
    """What a story will be: what is reported, and what goes wrong with it.

    reporter   role of who reports: grid staff, or a desk that writes down what it was told
    stop       the state in which it stays, because nobody goes on; empty: until it is over
    small      pictures of some kilobytes
    lively     delays of minutes, whatever the limits are
    step       a fixed delay between steps, instead of habits
    lead       code of the organisation the desk chooses, instead of the proposed one
    mistaken   code of the item named by mistake
    duplicate_of   key of the event that reports the same
    returns    how many leads say 'not ours' first; the desk refuses the first of them if ``groundless``
    reworks    how often the result does not pass
    hold_days  calendar days on hold; 0: never asked for
    """

    number: int
    tale: Tale
    at: datetime
    grid: str
    reporter: str
    run: str = ""
    source: str = ""
    small: bool = False
    lively: bool = False
    stop: str = ""
    step: timedelta | None = None
    lead: str = ""
    mistaken: str = ""
    duplicate_of: uuid.UUID | None = None
    returns: int = 0
    groundless: bool = False
    recalled: bool = False
    reworks: int = 0
    comments: int = 0
    assisted: bool = False
    rejected: bool = False
    checked: bool = False
    escalated: bool = False
    extended: str = ""
    hold_days: int = 0
    hold_granted: bool = True
    urged: bool = False
    reopened: bool = False
    self_closed: bool = False
    sampled: bool = True
    rating: str = ""

    @property
    def key(self) -> uuid.UUID:
        return key_of(self.number, self.run)


class Deeds:
    """The deeds of one plot; ``now`` is the instant they are done at."""

    def __init__(self, plot: Plot, cast: Cast, habits: Habits) -> None:
        self.plot, self.cast, self.habits = plot, cast, habits
        self.key = plot.key
        self.dice = Random(f"{plot.run} {plot.number}")
        self.item = cast.items[plot.tale.item]
        self.calendar = calendar_of(cast.district)
        self.now = plot.at
        self.event: Event

    def do(self, verb: str, person: Actor, **data: object) -> None:
        self.event = advance(verb, actor=person, event_id=self.key, now=self.now, data=data)

    def said(self, *verbs: str) -> int:
        """How many steps of these verbs the event has."""
        return self.event.steps.filter(verb__in=verbs).count()

    # The report --------------------------------------------------------------------------------

    @transaction.atomic
    def report(self) -> None:
        """Report, and bring it to its desk: no worker finds it in between."""
        plot, tale, item = self.plot, self.plot.tale, self.cast.items[self.plot.mistaken or self.item.code]
        at_desk = not plot.reporter.startswith("grid")
        longitude, latitude = self.cast.point_in(plot.grid, self.dice)
        kinds = list(item.evidence) if plot.self_closed else []
        if not at_desk and tale.before and Evidence.Kind.BEFORE in item.evidence:
            kinds = kinds or [Evidence.Kind.BEFORE]
        data = {
            "item": item.code,
            "description": self.dice.choice(tale.texts),
            "address": self._address(),
            "longitude": longitude,
            "latitude": latitude,
            "occurred_at": (self.now - timedelta(minutes=self.dice.randint(1, 25))).isoformat(),
            "source": plot.source or (self.dice.choice(["resident", "hotline"]) if at_desk else "grid"),
            "photos": [{"kind": kind, "sha256": self._file(kind, 0)[1]} for kind in kinds],
        }
        if plot.self_closed:
            data |= {"self_close": True, "result": self.dice.choice(tale.results)}
        if data["source"] in (Source.RESIDENT, Source.HOTLINE):
            data |= self._caller()
        self.event = report(actor=self.reporter(), event_id=self.key, data=data, now=self.now).event
        if kinds and not plot.self_closed:
            self.attach(self.reporter(), Evidence.Kind.BEFORE)
        self.now += ON_ITS_WAY
        self.do("route", self.cast.system)

    def reporter(self) -> Actor:
        """Always the same person, whenever asked."""
        grid, role = self.plot.grid, self.plot.reporter
        unit = {"community_acceptor": f"COMMUNITY@{grid[:12]}", "room_acceptor": f"ZHZX@{grid[:9]}"}.get(role)
        unit_id = self.cast.by_code[unit or f"TEAM@{grid}"].pk
        return self.cast.someone(unit_id, [role], Random(f"reporter {self.plot.run} {self.plot.number}"))

    def _caller(self) -> dict[str, str]:
        """Who told it to the desk; numbers of a range that is not given out."""
        name = self.dice.choice(stories.CALLERS)
        return {"reporter_name": name, "reporter_phone": f"100{self.dice.randint(0, 99_999_999):08d}"}

    def _address(self) -> str:
        dice, roads = self.dice, stories.ROADS[self.plot.grid[:9]]
        return stories.ADDRESSES[self.plot.tale.where].format(
            road=(road := dice.choice(roads)),
            other=dice.choice([other for other in roads if other != road]),
            number=dice.randint(3, 380),
            block=dice.randint(1, 28),
            unit=dice.randint(1, 4),
            estate=dice.choice(stories.ESTATES),
            shop=dice.choice(stories.SHOPS),
            firm=dice.choice(stories.FIRMS),
        )

    # Files -------------------------------------------------------------------------------------

    def attach(self, person: Actor, kind: str, take: int = 0) -> str:
        data, sha256 = self._file(kind, take)
        _event, row = attach(
            actor=person, event_id=self.key, kind=kind, upload=BytesIO(data), sha256=sha256, now=self.now
        )
        return str(row.pk)

    def evidence(self, person: Actor) -> list[str]:
        """What the item asks of a feedback; each round sends other files."""
        take = self.event.rework_count + self.event.reopen_count * 4
        kinds = [kind for kind in self.event.item.evidence if kind != Evidence.Kind.BEFORE]
        return [self.attach(person, kind, take) for kind in kinds]

    def _file(self, kind: str, take: int) -> tuple[bytes, str]:
        tale = self.plot.tale
        place = (tale.before or "bins") if kind == Evidence.Kind.BEFORE else tale.after or "fire_lane"
        return file_of(kind, place, take, small=self.plot.small)

    # Who ---------------------------------------------------------------------------------------

    def of_desk(self, roles: Roles) -> Actor:
        return self.of(self.event.desk_id, roles)

    def of(self, unit_id: int | None, roles: Roles) -> Actor:
        return self.cast.of(unit_id, roles, self.dice)

    def handler(self) -> Actor:
        """Who signed the order goes on with it."""
        order = self.event.assignments.get(part="lead", ended_at=None)
        signed_by = self.cast.user(order.signed_by_id)
        return Actor.of(signed_by) if signed_by else self.of(order.organization_id, HANDLERS)

    def checker(self) -> Actor:
        """The grid's own staff, none of whom handled it; for what is not checked on the doorstep the desk."""
        event = self.event
        at_desk = event.sensitive or event.item.desk_checked or event.place_level != Level.GRID
        at_desk |= event.rework_count >= NUMBERS.reworks_to_next_level
        unit_id = event.desk_id if at_desk else self.cast.by_code[f"TEAM@{event.area_code}"].pk
        order = event.assignments.get(part="lead", ended_at=None)
        rounds = event.steps.filter(verb="feed_back", at__gte=order.dispatched_at)
        handlers = {order.signed_by_id, order.fed_back_by_id, *rounds.values_list("actor_id", flat=True)}
        return self.cast.of(unit_id, CHECKERS, self.dice, but_not=handlers)

    def lead(self) -> Organization:
        if self.plot.lead:
            return self.cast.by_code[self.plot.lead]
        proposed = propose(self.event, district=self.cast.district, at=self.now).lead
        return proposed or self.cast.units[self.event.desk_id]

    def wrong_lead(self) -> Organization:
        """An agency of the street whose matter it is not."""
        bureaus = [bureau for bureau in BUREAUS if bureau != self.event.item.lead_department]
        return self.cast.by_code[f"{bureaus[self.event.return_count % len(bureaus)]}@{self.plot.grid[:9]}"]

    def assistants(self, lead: Organization) -> list[Organization]:
        if not self.plot.assisted:
            return []
        street = self.plot.grid[:9]
        units = [self.cast.by_code.get(f"{bureau}@{street}") for bureau in self.plot.tale.assistants]
        return [unit for unit in units if unit and unit != lead]
