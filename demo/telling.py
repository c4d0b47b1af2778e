"""How one event of the demo's history goes round the loop, step by step, by the real actions.

A story is a generator: it yields the instant of its next step and is resumed at it. Between steps pass
delays drawn from ``HABITS`` as a share of the step's own limit, so who is late and how often is what the
clocks say, not what somebody wrote.
"""

import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from io import BytesIO
from math import log
from random import Random

from accounts.models import Organization
from accounts.scope import Actor
from demo import stories
from demo.cast import ACCEPTORS, CHECKERS, DISPATCHERS, HANDLERS, SAMPLERS, Cast, Roles, file_of
from demo.stories import Tale
from dispatch.advance import advance
from dispatch.clocks import (
    accept_limit,
    calendar_of,
    check_limit,
    dispatch_limit,
    handle_limit,
    sign_limit,
)
from dispatch.evidence import attach
from dispatch.policy import Policy
from dispatch.report import report
from dispatch.routing import propose
from dispatch.working_time import Limit
from events.models import Event, Evidence, Level, State

NAMESPACE = uuid.UUID("3f1c6a0e-5b0e-4d57-9a5c-330104330104")
HABITS = {
    "accept": (35, 0.5),
    "dispatch": (40, 0.5),
    "sign": (35, 0.6),
    "handle": (50, 0.5),
    "check": (45, 0.6),
}
"""Stage: the usual share of its limit in per cent, and how much people differ (log-normal sigma)."""
NUMBERS = Policy()


def key_of(number: int) -> uuid.UUID:
    """The key of the event of a story."""
    return uuid.uuid5(NAMESPACE, str(number))


@dataclass(frozen=True)
class Plot:
    """What a story will be.

    reporter   role of who reports: grid staff, or a desk that writes down what a resident said
    stop       the state in which it stays, because nobody goes on; empty: until it is over
    step       a fixed delay between steps, instead of habits
    lead       code of the organisation the desk chooses, instead of the proposed one
    returns    how many leads say 'not ours' first
    reworks    how often the result does not pass
    """

    number: int
    tale: Tale
    at: datetime
    grid: str
    reporter: str
    stop: str = ""
    step: timedelta | None = None
    lead: str = ""
    returns: int = 0
    reworks: int = 0
    comments: int = 0
    assisted: bool = False
    rejected: bool = False
    escalated: bool = False
    self_closed: bool = False
    sampled: bool = True


class Story:
    """A plot, told: ``for instant in story.told()`` with the step taken when the next instant is asked for."""

    def __init__(self, plot: Plot, cast: Cast) -> None:
        self.plot, self.cast = plot, cast
        self.key = key_of(plot.number)
        self.dice = Random(f"330104 {plot.number}")
        self.item = cast.items[plot.tale.item]
        self.calendar = calendar_of(cast.district)
        self.now = plot.at
        self.takes = 0
        self.event: Event

    def told(self) -> Iterator[datetime]:
        """Between two steps the clocks may have moved the event: each step looks at it anew."""
        yield self.now
        reporter = self._report()
        for instant in self._moved(reporter):
            yield instant
            self.event.refresh_from_db()

    def _moved(self, reporter: Actor) -> Iterator[datetime]:
        yield self._after(timedelta(seconds=2))
        self._do("route", self.cast.system)
        if self.plot.self_closed:
            yield from self._closed_on_the_spot(reporter)
        elif self.plot.stop != State.REPORTED:
            yield from self._decided()

    # The parts of a story ----------------------------------------------------------------------

    def _closed_on_the_spot(self, reporter: Actor) -> Iterator[datetime]:
        yield self._after(timedelta(seconds=self.dice.randint(15, 90)))
        for kind in self.item.evidence:
            self._attach(reporter, kind)
        self.event.refresh_from_db()
        if self.event.sample_state == "pending" and self.plot.sampled:
            yield self._later("check", NUMBERS.sample_limit)
            sampler = self.cast.of(self.event.sampler_id, SAMPLERS, self.dice, but_not=reporter)
            self._do("confirm_sample", sampler, note=self.dice.choice(stories.SAMPLED))

    def _decided(self) -> Iterator[datetime]:
        yield self._later("accept", accept_limit(self.event, NUMBERS))
        if self.event.state != State.REPORTED:  # A critical event that nobody accepted in time.
            yield from self._worked_at([])
            return
        if self.plot.rejected:
            reason, answer = self.dice.choice(stories.REJECTIONS)
            self._do("reject", self._of_desk(ACCEPTORS), reason=reason, answer=answer)
            return
        self._do("accept", self._of_desk(ACCEPTORS))
        if self.plot.escalated:
            yield self._later("dispatch", dispatch_limit(self.event, NUMBERS))
            self._do("escalate", self._of_desk(ACCEPTORS), reason=self.dice.choice(stories.ESCALATIONS))
        for _wrong in range(self.plot.returns):
            yield from self._returned()
        if self.plot.stop != State.ACCEPTED:
            yield from self._handled()

    def _returned(self) -> Iterator[datetime]:
        """To an agency that says it is not theirs."""
        yield self._later("dispatch", dispatch_limit(self.event, NUMBERS))
        if self.event.level == Level.DISTRICT:  # Its order cannot be returned.
            return
        lead = self._another_agency()
        self._do("dispatch", self._of_desk(DISPATCHERS), lead=lead.pk)
        yield self._later("sign", sign_limit(self.event, handle_limit(self.item), NUMBERS))
        reason, explanation = self.dice.choice(stories.RETURNS)
        self._do("return", self._of(lead, HANDLERS), reason=reason, explanation=explanation)

    def _handled(self) -> Iterator[datetime]:
        yield self._later("dispatch", dispatch_limit(self.event, NUMBERS))
        lead = self._lead()
        assistants = self._assistants(lead)
        self._do(
            "dispatch", self._of_desk(DISPATCHERS), lead=lead.pk, assistants=[unit.pk for unit in assistants]
        )
        yield from self._worked_at(assistants)

    def _worked_at(self, assistants: list[Organization]) -> Iterator[datetime]:
        if self.plot.stop == State.DISPATCHED:
            return
        handler = self._of(self.cast.units[self.event.lead_id], HANDLERS)
        if self.event.state == State.DISPATCHED:
            yield self._later("sign", sign_limit(self.event, handle_limit(self.item), NUMBERS))
            self._do("sign", handler)
        for unit in assistants if not self.plot.stop else assistants[1:]:
            yield from self._assisted(unit)
        for text in self.dice.sample(stories.COMMENTS, self.plot.comments):
            yield self._after(timedelta(minutes=self.dice.randint(1, 4)))
            self._do("comment", self.dice.choice([handler, self._of_desk(DISPATCHERS)]), text=text)
        yield from self._fed_back(handler)

    def _assisted(self, unit: Organization) -> Iterator[datetime]:
        person = self._of(unit, HANDLERS)
        yield self._after(timedelta(minutes=2))
        self._do("assist_sign", person)
        yield self._after(timedelta(minutes=3))
        self._do("assist_feed_back", person, result=self.dice.choice(stories.ASSISTED))

    def _fed_back(self, handler: Actor) -> Iterator[datetime]:
        """Feedback and check, again for each result that does not pass."""
        limit = handle_limit(self.item)
        for failing in [*[True] * self.plot.reworks, False]:
            if self.plot.stop == State.HANDLING and not failing:
                return
            yield self._later("handle", limit)
            kinds = [kind for kind in self.item.evidence if kind != Evidence.Kind.BEFORE]
            files = [self._attach(handler, kind) for kind in kinds]
            self.takes += 1
            self._do("feed_back", handler, result=self.dice.choice(self.plot.tale.results), evidence=files)
            if self.plot.stop == State.FED_BACK and not failing:
                return
            yield self._later("check", check_limit(self.event, NUMBERS))
            checker = self._checker(handler)
            if failing:
                self._do("rework", checker, missing=self.dice.choice(stories.MISSING))
                limit = handle_limit(self.item).half()
            else:
                self._do("verify", checker, note=self.dice.choice(stories.SEEN))

    # Who ---------------------------------------------------------------------------------------

    def _of_desk(self, roles: Roles) -> Actor:
        return self.cast.of(self.event.desk_id, roles, self.dice)

    def _of(self, unit: Organization, roles: Roles) -> Actor:
        return self.cast.of(unit.pk, roles, self.dice)

    def _checker(self, handler: Actor) -> Actor:
        """The grid's own staff; for what is not checked on the doorstep a verifier of the desk."""
        at_desk = self.item.sensitive or self.item.desk_checked or self.event.place_level != Level.GRID
        unit_id = self.event.desk_id if at_desk else self.cast.by_code[f"TEAM@{self.event.area_code}"].pk
        return self.cast.of(unit_id, CHECKERS, self.dice, but_not=handler)

    def _lead(self) -> Organization:
        if self.plot.lead:
            return self.cast.by_code[self.plot.lead]
        proposed = propose(self.event, district=self.cast.district, at=self.now).lead
        return proposed or self.cast.units[self.event.desk_id]

    def _assistants(self, lead: Organization) -> list[Organization]:
        if not self.plot.assisted:
            return []
        street = self.plot.grid[:9]
        units = [self.cast.by_code.get(f"{bureau}@{street}") for bureau in self.plot.tale.assistants]
        return [unit for unit in units if unit and unit != lead]

    def _another_agency(self) -> Organization:
        street = self.plot.grid[:9]
        wrong = [bureau for bureau in ("ZJJ", "CGJ", "SCJG", "GAFJ") if bureau != self.item.lead_department]
        return self.cast.by_code[f"{wrong[self.event.return_count]}@{street}"]

    # What --------------------------------------------------------------------------------------

    def _report(self) -> Actor:
        plot, tale = self.plot, self.plot.tale
        team = self.cast.by_code[f"TEAM@{plot.grid}"]
        community = self.cast.by_code[f"COMMUNITY@{plot.grid[:12]}"]
        room = self.cast.by_code[f"ZHZX@{plot.grid[:9]}"]
        at_desk = not plot.reporter.startswith("grid")
        unit = {"community_acceptor": community, "room_acceptor": room}.get(plot.reporter, team)
        reporter = self.cast.someone(unit.pk, [plot.reporter], self.dice)
        longitude, latitude = self.cast.point_in(plot.grid, self.dice)
        kinds = list(self.item.evidence) if plot.self_closed else []
        if not at_desk and tale.before and Evidence.Kind.BEFORE in self.item.evidence:
            kinds = kinds or [Evidence.Kind.BEFORE]
        data = {
            "item": tale.item,
            "description": self.dice.choice(tale.texts),
            "address": self._address(),
            "longitude": longitude,
            "latitude": latitude,
            "occurred_at": (self.now - timedelta(minutes=self.dice.randint(1, 25))).isoformat(),
            "source": self.dice.choice(["resident", "hotline"]) if at_desk else "grid",
            "photos": [{"kind": kind, "sha256": file_of(kind, self._place(kind), 0)[1]} for kind in kinds],
        }
        if plot.self_closed:
            data |= {"self_close": True, "result": self.dice.choice(tale.results)}
        self.event = report(actor=reporter, event_id=self.key, data=data, now=self.now).event
        if kinds and not plot.self_closed:
            self._attach(reporter, Evidence.Kind.BEFORE)
        return reporter

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

    def _place(self, kind: str) -> str:
        return self.plot.tale.before if kind == Evidence.Kind.BEFORE else self.plot.tale.after

    def _attach(self, person: Actor, kind: str) -> str:
        data, sha256 = file_of(kind, self._place(kind), 0 if kind == Evidence.Kind.BEFORE else self.takes)
        _event, row = attach(
            actor=person,
            event_id=self.key,
            kind=kind,
            upload=BytesIO(data),
            sha256=sha256,
            now=self.now,
        )
        return str(row.pk)

    def _do(self, verb: str, person: Actor, **data: object) -> None:
        self.event = advance(verb, actor=person, event_id=self.key, now=self.now, data=data)

    # When --------------------------------------------------------------------------------------

    def _later(self, stage: str, limit: Limit) -> datetime:
        """After a share of the limit, counted as the limit is; after the plot's own step when it has one."""
        if self.plot.step:
            return self._after(self.plot.step)
        usual, spread = HABITS[stage]
        percent = min(400, max(4, round(self.dice.lognormvariate(log(usual), spread))))
        mark = self.calendar.mark(self.now, limit, percent) + timedelta(seconds=self.dice.randint(0, 59))
        return self._after(max(mark - self.now, timedelta(seconds=20)))

    def _after(self, pause: timedelta) -> datetime:
        if self.plot.step:
            pause = min(pause, self.plot.step)
        self.now += pause
        return self.now
