"""The named cast of the tests, and an event they move by the real actions.

The people, their posts and the district are in the template database (``manage.py load_district``). Most
play in one street: a grid worker and the leader of the grid, the community desk, the posts of the command
room, three agencies; beside them the district centre, and the people of the next street, who must see nothing.
"""

import hashlib
import uuid
from collections.abc import Iterable
from datetime import datetime, timedelta
from functools import cached_property
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from accounts.models import Organization, User
from accounts.scope import Actor
from demo.people import COMMUNITY, GRID, LOGINS, STREET
from dispatch import escalation
from dispatch.advance import advance
from dispatch.clocks import calendar_of
from dispatch.conditions import Situation
from dispatch.errors import MoveError
from dispatch.models import Ask, Clock, Outbox
from dispatch.report import report
from events.models import Event, Evidence, Item, State, Step
from grids.models import District
from incidents.actions import open_incident

__all__ = ["COMMUNITY", "GRID", "STREET"]

SHANGHAI = ZoneInfo("Asia/Shanghai")
MONDAY = datetime(2019, 3, 4, 9, 0, tzinfo=SHANGHAI)
"""A working day at nine; no holiday is near."""
DISTRICT = "330104"
NEXT_STREET = "330104006"
NEXT_GRID = f"{NEXT_STREET}001001"

FIRE_LANE = "10501"  # urgent, 4 working hours, grid level, closed on the spot, photos before and after
SHOP_IN_ROAD = "30202"  # normal, 4 working hours, street level, closed on the spot, photos before and after
KITCHEN = "20102"  # normal, 3 working days, street level, photos before and after
DAMP_WALL = "10201"  # normal, 10 working days, community level, closed on the spot, document and signature
ADVICE = "40602"  # normal, 1 working day, grid level, closed on the spot, document
WEB_FRAUD = "10103"  # urgent, 2 calendar hours, street level, document
BRAWL = "10101"  # critical, 1 calendar hour, street level, document
VIOLENCE = "10203"  # critical, 2 calendar hours, street level, sensitive and desk-checked, document
GAMBLING = "10104"  # normal, 3 working days, street level, sensitive, document
LOAN_FIRM = "10801"  # urgent, 3 working days, district level, document

USERNAMES = {
    "colleague": f"grid_worker-team@{GRID}-2",
    "second_acceptor": f"room_acceptor-zhzx@{STREET}-2",
    "second_officer": "centre_duty-zhzx-2",
    "police_head": f"agency_head-gafj@{STREET}-1",
    "instructor": f"grid_instructor-community@{COMMUNITY}-1",
    "auditor": "audit",
    "admin": "system",
    "chaser": f"room_supervisor-zhzx@{STREET}-1",
    "elsewhere": f"grid_worker-team@{STREET}002001-1",
    "deployer": "centre_dispatcher-zhzx-1",
    "next_worker": f"grid_worker-team@{NEXT_GRID}-1",
    "next_police": f"agency_head-gafj@{NEXT_STREET}-1",
    "next_community": f"community_acceptor-community@{NEXT_STREET}001-1",
}
OF_THE_STREET = [
    "worker", "colleague", "leader", "community", "director", "acceptor", "dispatcher", "verifier", "police",
    "fire", "city",
]  # fmt: skip
OF_THE_DISTRICT = ["housing", "centre", "supervisor", "auditor"]
OF_THE_NEXT_STREET = ["neighbour", "next_worker", "next_police", "next_community"]
EVERYBODY = [*OF_THE_STREET, *OF_THE_DISTRICT, *OF_THE_NEXT_STREET]


class Cast:
    """``cast.worker``: the person of that name, with the district, as a session brings them."""

    def __getattr__(self, name: str) -> User:
        if name not in LOGINS and name not in USERNAMES:
            raise AttributeError(f"nobody of the cast is called {name}")
        username = USERNAMES.get(name, name)
        person = User.objects.select_related("district").get(username=username)
        self.__dict__[name] = person
        return person

    def actor(self, name: str) -> Actor:
        return Actor.of(getattr(self, name))

    @cached_property
    def district(self) -> District:
        return District.objects.get(pk=DISTRICT)

    @property
    def system(self) -> Actor:
        return Actor.system(self.district)


def unit(code: str) -> Organization:
    """``unit("GAFJ")`` is the street's police station, ``unit("GAFJ", ...)`` any organisation by its code."""
    return Organization.objects.get(district=DISTRICT, code=code)


ROOM, POLICE, FIRE, CITY = (f"{code}@{STREET}" for code in ("ZHZX", "GAFJ", "XFDD", "CGJ"))
TEAM, DESK, CENTRE = f"TEAM@{GRID}", f"COMMUNITY@{COMMUNITY}", "ZHZX"


def manifest(*kinds: str) -> list[dict[str, str]]:
    """Photos to come, one of each kind named."""
    return [
        {"kind": kind, "sha256": hashlib.sha256(f"{kind}{number}".encode()).hexdigest()}
        for number, kind in enumerate(kinds)
    ]


class Story:
    """One event, reported and moved by people of the cast at ``now``, an instant the test turns on.

    ``story.dispatch(lead=POLICE)`` moves the event by the verb of that name, acting as the person who
    usually does (``USUALLY``) unless ``by`` names another.
    """

    USUALLY = {
        "accept": "acceptor",
        "reject": "acceptor",
        "escalate": "acceptor",
        "dispatch": "dispatcher",
        "recall": "dispatcher",
        "verify": "worker",
        "rework": "worker",
        "comment": "director",
        "confirm_sample": "leader",
        "refuse_sample": "leader",
        "ask_check": "acceptor",
        "answer_check": "worker",
        "restore": "acceptor",
        "merge": "acceptor",
        "split": "acceptor",
        "correct": "acceptor",
        "transfer": "acceptor",
        "accept_transfer": "neighbour",
        "refuse_transfer": "neighbour",
        "hand_down": "dispatcher",
        "refuse_return": "dispatcher",
        "assist_decline": "city",
        "decide_extension": "dispatcher",
        "hold": "centre",
        "refuse_hold": "centre",
        "resume": "centre",
        "withdraw": "worker",
        "reopen": "acceptor",
        "force_close": "centre",
        "void": "centre",
        "answer_reporter": "acceptor",
        "rate": "worker",
        "urge": "director",
        "supervise": "supervisor",
        "answer_supervision": "police_head",
    }

    def __init__(self, cast: Cast, item: str = SHOP_IN_ROAD, *, at: datetime = MONDAY):
        self.cast, self.item, self.now = cast, item, at
        self.id = uuid.uuid4()

    def wait(self, **span: float) -> "Story":
        self.now += timedelta(**span)
        return self

    @property
    def event(self) -> Event:
        """As it stands in the database."""
        events = Event.with_training.select_related("item__category", "desk", "holder", "lead")
        return events.get(pk=self.id)

    # Moves --------------------------------------------------------------------------------------

    def report(self, by: str = "worker", **data: Any) -> "Story":
        needed = Item.objects.get(district=DISTRICT, code=self.item).evidence
        data = {
            "item": self.item,
            "area_code": GRID,
            "description": "Boxes block the way",
            "photos": manifest(*[kind for kind in needed if kind == Evidence.Kind.BEFORE]),
        } | data
        report(actor=self.cast.actor(by), event_id=self.id, data=data, now=self.now)
        return self

    def route(self) -> "Story":
        advance("route", actor=self.cast.system, event_id=self.id, now=self.now)
        return self

    def do(self, verb: str, by: str | None = None, **input: Any) -> "Story":
        by = by or self.USUALLY.get(verb) or self._of_lead()
        options = {name: input.pop(name) for name in ("version", "request_id") if name in input}
        for name in ("lead", "assistants", "desk"):
            if name in input:
                input[name] = _ids(input[name])
        advance(verb, actor=self.cast.actor(by), event_id=self.id, now=self.now, data=input, **options)
        return self

    def __getattr__(self, verb: str):
        return lambda by=None, **input: self.do(verb.rstrip("_"), by, **input)

    def feed_back(self, by: str | None = None, result: str = "Done") -> "Story":
        by = by or self._of_lead()
        return self.do("feed_back", by, result=result, evidence=self.evidence(by))

    def self_close(self, by: str = "worker", result: str = "Done", evidence: Any = None) -> "Story":
        evidence = self.evidence(by) if evidence is None else evidence
        return self.do("self_close", by, result=result, evidence=evidence)

    def request_hold(self, by: str | None = None, days: int = 20, reason: str = "weather") -> "Story":
        review_on = (self.now + timedelta(days=days)).date().isoformat()
        return self.do(
            "request_hold", by, reason=reason, review_on=review_on, safety_measure="A fence stands round it"
        )

    def merge(self, by: str = "acceptor", into: "Story | None" = None, answer: str = "") -> "Story":
        """Into another report of the same street, made for it if none is named."""
        into = into or Story(self.cast, self.item, at=self.now).report("instructor").route()
        return self.do("merge", by, leading=into.event.number, answer=answer)

    def tick(self) -> "Story":
        """The clocks strike until nothing more is due."""
        while escalation.tick(now=self.now):
            pass
        return self

    def join_incident(self, by: str = "director", **input: Any) -> "Story":
        """Into an incident that the person's organisation commands, opened for it if none is named."""
        if not input:
            given = {"name": "Flood", "plan": None, "response": 4, "summary": ""}
            incident = open_incident(actor=self.cast.actor(by), now=self.now, **given)
            input = {"incident": incident.number, "reason": "The same water"}
        return self.do("join_incident", by, **input)

    def evidence(self, by: str, *kinds: str) -> list[str]:
        """Files that have arrived from a person, one of each kind (what the item asks); their keys."""
        event = self.event
        rows = [
            Evidence(
                tenant=event.tenant,
                event=event,
                kind=kind,
                sha256=hashlib.sha256(uuid.uuid4().bytes).hexdigest(),
                uploaded_by=getattr(self.cast, by),
                promised_at=self.now,
                received_at=self.now,
                content_type="image/jpeg",
            )
            for kind in (kinds or [kind for kind in event.item.evidence if kind != Evidence.Kind.BEFORE])
        ]
        return [str(row.pk) for row in Evidence.objects.bulk_create(rows)]

    def _of_lead(self) -> str:
        lead = self.event.lead
        people = {POLICE: "police", FIRE: "fire", CITY: "city", TEAM: "colleague", DESK: "community"}
        return people.get(lead.code if lead else "", "director")

    # What the tests look at -----------------------------------------------------------------------

    def situation(self, by: str) -> Situation:
        actor = self.cast.actor(by)
        return Situation(self.event, actor, self.now, calendar_of(actor.district))

    @property
    def steps(self) -> list[Step]:
        return list(Step.objects.filter(event=self.id).select_related("text").order_by("sequence"))

    @property
    def timeline(self) -> list[tuple[str, str]]:
        return [(step.verb, step.to_state) for step in self.steps]

    @property
    def last(self) -> Step:
        return self.steps[-1]

    @property
    def texts(self) -> dict[str, str]:
        return self.last.text.content

    @property
    def asked(self) -> dict[str, str]:
        """Of each kind the newest ask and its answer; '' while it is open."""
        rows = Ask.objects.filter(event=self.id).order_by("id")
        assert set(rows.filter(answer="").values_list("kind", flat=True)) == set(self.event.asks)
        return {row.kind: row.answer for row in rows}

    def refused(self, verb: str, by: str | None = None, **input: Any) -> str:
        """The code of the refusal of a move; of its input, the field's and its code."""
        with pytest.raises(MoveError) as refusal:
            getattr(self, verb)(by, **input) if by else getattr(self, verb)(**input)
        fields = refusal.value.fields
        return (
            " ".join(f"{name}:{errors[0]['code']}" for name, errors in fields.items()) or refusal.value.code
        )

    def clocks(self, *kinds: str) -> dict[str, tuple[datetime, bool]]:
        """Of each kind the newest clock: (due in Shanghai, whether it still runs)."""
        rows = Clock.objects.filter(event=self.id, **({"kind__in": kinds} if kinds else {}))
        return {row.kind: (row.due.astimezone(SHANGHAI), row.ended_at is None) for row in rows.order_by("id")}

    @property
    def running(self) -> dict[str, str]:
        """The running clocks, due as 'Mon 03-04 09:30'."""
        return {kind: f"{due:%a %m-%d %H:%M}" for kind, (due, runs) in self.clocks().items() if runs}

    @property
    def waiting(self) -> list[str]:
        """The verbs of this event's rows in the outbox."""
        rows = Outbox.objects.filter(step__event=self.id).order_by("id")
        return list(rows.values_list("step__verb", flat=True))


def _ids(codes: str | Iterable[str]) -> Any:
    return unit(codes).pk if isinstance(codes, str) else [unit(code).pk for code in codes]


# An event in each state, the short way -----------------------------------------------------------

WAYS = {
    State.REPORTED: [],
    State.ACCEPTED: [("accept", {})],
    State.DISPATCHED: [("accept", {}), ("dispatch", {"lead": POLICE, "assistants": [CITY]})],
    State.HANDLING: [("accept", {}), ("dispatch", {"lead": POLICE, "assistants": [CITY]}), ("sign", {})],
    State.FED_BACK: [
        ("accept", {}),
        ("dispatch", {"lead": POLICE, "assistants": [CITY]}),
        ("sign", {}),
        ("feed_back", {}),
    ],
    State.CLOSED: [
        ("accept", {}),
        ("dispatch", {"lead": POLICE, "assistants": [CITY]}),
        ("sign", {}),
        ("feed_back", {}),
        ("verify", {"note": "Seen"}),
    ],
    State.REJECTED: [("reject", {"reason": "unclear", "answer": "Where was it?"})],
}
"""The moves from a routed report to each state a ready verb leads to."""


def story_at(
    cast: Cast, state: State, item: str = SHOP_IN_ROAD, *, at: datetime = MONDAY, **report: Any
) -> Story:
    story = Story(cast, item, at=at).report(**report).route()
    for verb, input in WAYS[state]:
        getattr(story.wait(minutes=5), verb)(**input)
    return story
