"""Whom to dispatch to: the rule first, then points that are told; the figures are those of the orders in sight."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import translation

from accounts.models import Organization
from dispatch.leads import Past, Standing, leads, ranked
from dispatch.models import RoutingRule
from dispatch.routing import Proposal, propose
from tests.cast import CITY, FIRE, GAMBLING, KITCHEN, POLICE, SHOP_IN_ROAD, Story, unit


@pytest.fixture(autouse=True)
def english():
    with translation.override("en"):
        yield


POLICE_, FIRE_, CITY_, OTHER = (Organization(pk=n, code=code) for n, code in enumerate("ABCD", start=1))
RULE = RoutingRule(number=7, name="Night")
LISTED, BY_RULE, NOBODY = Proposal(CITY_, None, []), Proposal(CITY_, None, [], RULE), Proposal(None, None, [])
GOOD, BAD, FEW = Past(20, 20, 30, 30), Past(20, 2, 30, 3), Past(1, 1, 1, 1)

TABLE = {
    "the list first, whatever the points": (
        LISTED,
        [Standing(POLICE_, past=GOOD), Standing(CITY_, past=BAD, in_hand=50)],
        ["C", "A"],
    ),
    "then who is in time": (LISTED, [Standing(POLICE_, past=BAD), Standing(FIRE_, past=GOOD)], ["B", "A"]),
    "much in time is more than one in time": (
        NOBODY,
        [Standing(POLICE_, past=FEW), Standing(FIRE_, past=GOOD)],
        ["B", "A"],
    ),
    "who is named for the item": (NOBODY, [Standing(POLICE_), Standing(FIRE_, is_named=True)], ["B", "A"]),
    "who is of the place": (NOBODY, [Standing(POLICE_), Standing(FIRE_, is_here=True)], ["B", "A"]),
    "who has less in hand": (
        NOBODY,
        [Standing(POLICE_, in_hand=9), Standing(FIRE_, in_hand=2), Standing(CITY_)],
        ["C", "B", "A"],
    ),
    "ties by code": (NOBODY, [Standing(FIRE_), Standing(OTHER), Standing(POLICE_)], ["A", "B", "D"]),
    "nobody in post comes last, proposed or not": (
        LISTED,
        [Standing(CITY_, is_staffed=False), Standing(POLICE_, past=BAD, in_hand=90)],
        ["A", "C"],
    ),
}


@pytest.mark.parametrize("name", TABLE)
def test_the_order(name):
    proposal, standings, order = TABLE[name]
    rows = ranked(standings, proposal, days=180)
    assert [row.unit.code for row in rows] == order
    assert all(row.score == sum(reason.points for reason in row.reasons) for row in rows)


WORDS = [
    (Standing(CITY_, past=GOOD, in_hand=3), BY_RULE,
     ["Rule 7 names it: Night", "20 of 20 in time on this item in 180 days", "3 in hand"]),
    (Standing(CITY_, past=Past(0, 0, 4, 3)), LISTED,
     ["responsible by the list", "3 of 4 in time on this category in 180 days", "nothing in hand"]),
    (Standing(POLICE_, is_named=True), LISTED,
     ["named to assist for this item", "no data on this category in 180 days", "nothing in hand"]),
]  # fmt: skip


@pytest.mark.parametrize(("standing", "proposal", "words"), WORDS)
def test_the_reasons_in_words(standing, proposal, words):
    assert [reason.words for reason in ranked([standing], proposal, days=180)[0].reasons] == words


# From the database --------------------------------------------------------------------------------


def figures(story: Story, by: str = "dispatcher") -> dict[str, list[str]]:
    situation = story.situation(by)
    proposal = propose(story.event, district=situation.actor.district, at=situation.now)
    rows = leads(situation, proposal)
    return {row.unit.code: [reason.words for reason in row.reasons] for row in rows}


def done(cast, *, late: bool = False, item: str = SHOP_IN_ROAD) -> None:
    story = Story(cast, item).report().route().accept().dispatch(lead=POLICE).sign()
    story.wait(days=9 if late else 0, hours=1).feed_back()


def test_past_and_load_are_counted(cast):
    done(cast)
    done(cast, late=True)
    Story(cast).report().route().accept().dispatch(lead=FIRE, assistants=[CITY])
    story = Story(cast).report().route().accept().wait(days=20)

    found = figures(story)

    assert "1 of 2 in time on this item in 180 days" in found[POLICE]
    assert "nothing in hand" in found[POLICE]
    assert found[FIRE][-1] == "1 in hand" and found[CITY][-1] == "1 in hand"
    assert any(words.startswith("no data") for words in found[FIRE])
    story.now += timedelta(days=200)
    assert any(words.startswith("no data") for words in figures(story)[POLICE])


def test_the_item_proposes_its_departments_agency_first(cast):
    story = Story(cast).report().route().accept()
    situation = story.situation("dispatcher")
    proposal = propose(story.event, district=situation.actor.district, at=situation.now)
    first = leads(situation, proposal)[0]
    assert first.is_proposed and first.unit == proposal.lead == unit(CITY)


def test_what_is_hidden_does_not_count(cast):
    Story(cast, GAMBLING).report().route().accept().dispatch(lead=POLICE)
    story = Story(cast, KITCHEN).report().route().accept()
    assert "1 in hand" in figures(story)[POLICE]  # the room decides about the sensitive one itself
    assert "nothing in hand" in figures(story, "centre")[POLICE]


def test_two_statements_whatever_the_number(cast):
    story = Story(cast).report().route().accept()
    situation = story.situation("dispatcher")
    proposal = propose(story.event, district=situation.actor.district, at=situation.now)
    units = list(Organization.objects.filter(district="330104").select_related("parent", "area").with_staff(
        at=story.now, permission="handle_events"
    ))  # fmt: skip
    assert len(units) > 50
    leads(situation, proposal, units)
    with CaptureQueriesContext(connection) as captured:
        leads(situation, proposal, units)
    assert len(captured) == 2
