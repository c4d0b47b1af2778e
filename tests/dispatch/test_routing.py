"""Which desk decides, why, and who is proposed: item level x place x urgency x source."""

import pytest

from accounts.models import Organization
from dispatch.clocks import whole_due
from dispatch.models import Assignment
from dispatch.routing import REASONS, NoDeskError, candidates, choose_desk, propose
from events.models import Event, Item, State
from tests.cast import (
    BRAWL,
    CENTRE,
    CITY,
    COMMUNITY,
    DAMP_WALL,
    DESK,
    DISTRICT,
    FIRE_LANE,
    GRID,
    LOAN_FIRM,
    MONDAY,
    POLICE,
    ROOM,
    SHOP_IN_ROAD,
    STREET,
    TEAM,
    Story,
    story_at,
    unit,
)  # fmt: skip

LONE_ELDER = "40501"  # critical at community level
POISONING = "20107"  # critical at district level


def lead_of(cast, event):
    return propose(event, district=cast.district, at=MONDAY).lead


@pytest.mark.parametrize(
    ("item", "place", "source", "by", "desk", "why"),
    [
        (FIRE_LANE, GRID, "", "worker", DESK, "item_level desk"),
        (DAMP_WALL, GRID, "", "worker", DESK, "item_level desk"),
        (SHOP_IN_ROAD, GRID, "", "worker", ROOM, "item_level desk"),
        (LOAN_FIRM, GRID, "", "worker", CENTRE, "item_level desk"),
        # The place is known to the community, the street, the district only.
        (FIRE_LANE, COMMUNITY, "", "worker", DESK, "item_level place_unknown desk"),
        (FIRE_LANE, STREET, "", "worker", ROOM, "item_level place_unknown desk"),
        (FIRE_LANE, DISTRICT, "", "worker", CENTRE, "item_level place_unknown desk"),
        (SHOP_IN_ROAD, COMMUNITY, "", "worker", ROOM, "item_level desk"),
        (SHOP_IN_ROAD, DISTRICT, "", "worker", CENTRE, "item_level place_unknown desk"),
        # Critical goes to the room at once, or higher where the item or the place does.
        (BRAWL, GRID, "", "worker", ROOM, "item_level desk"),
        (LONE_ELDER, GRID, "", "worker", ROOM, "item_level critical_to_room desk"),
        (LONE_ELDER, DISTRICT, "", "worker", CENTRE, "item_level critical_to_room place_unknown desk"),
        (POISONING, GRID, "", "worker", CENTRE, "item_level desk"),
        # A find of the street's or the district's own stays there; a call taken for somebody does not.
        (FIRE_LANE, GRID, "desk", "acceptor", ROOM, "item_level reported_by desk"),
        (FIRE_LANE, GRID, "desk", "centre", CENTRE, "item_level reported_by desk"),
        (FIRE_LANE, GRID, "desk", "community", DESK, "item_level desk"),
        (FIRE_LANE, GRID, "hotline", "acceptor", DESK, "item_level desk"),
        (FIRE_LANE, GRID, "resident", "centre", DESK, "item_level desk"),
        (LOAN_FIRM, GRID, "desk", "acceptor", CENTRE, "item_level desk"),
    ],
)
def test_the_desk_and_the_reasons(cast, item, place, source, by, desk, why):
    story = Story(cast, item).report(by, area_code=place, source=source).route()
    event = story.event
    assert event.desk.code == desk
    assert " ".join(reason["code"] for reason in event.routing) == why
    assert all(reason["code"] in REASONS for reason in event.routing)
    assert event.routing[-1] == {"code": "desk", "desk": desk}
    assert event.holder == event.desk


def test_without_a_community_desk_the_room_decides(cast):
    Organization.objects.filter(code=DESK).update(is_active=False)
    event = Story(cast, FIRE_LANE).report().route().event
    assert event.desk.code == ROOM
    assert [reason["code"] for reason in event.routing] == ["item_level", "no_desk", "desk"]


def test_a_district_without_any_desk_is_told(cast):
    Organization.objects.filter(code__in=[DESK, ROOM, CENTRE]).update(is_active=False)
    with pytest.raises(NoDeskError, match=GRID):
        choose_desk(Story(cast, FIRE_LANE).report().event, district=cast.district, at=MONDAY)


@pytest.mark.parametrize(
    ("item", "lead"),
    [(FIRE_LANE, TEAM), (DAMP_WALL, DESK), (SHOP_IN_ROAD, CITY), (BRAWL, POLICE), (LOAN_FIRM, "JRB")],
)
def test_the_lead_follows_from_level_and_responsibility(cast, item, lead):
    assert lead_of(cast, Story(cast, item).report().route().event).code == lead


def test_an_event_that_went_up_is_proposed_to_the_agency(cast):
    story = Story(cast, FIRE_LANE).report().route().escalate("community", reason="Too many cars")
    assert lead_of(cast, story.event).code == f"XFDD@{STREET}"


def test_every_item_finds_a_desk_a_proposed_lead_and_its_whole_deadline(cast):
    items = list(Item.objects.filter(district=DISTRICT).select_related("category"))
    assert len(items) == 173
    for item in items:
        event = Event(
            tenant=DISTRICT,
            item=item,
            urgency=item.urgency,
            area_code=GRID,
            place_level="grid",
            source="grid",
            recorded_at=MONDAY,
        )
        route = choose_desk(event, district=cast.district, at=MONDAY)
        event.desk, event.level = route.desk, route.level
        lead = lead_of(cast, event)
        assert lead is not None and lead in candidates(event), item.code
        assert lead.code.endswith(STREET) or item.level != "street" or lead == route.desk, item.code
        assert whole_due(event, cast.district) > MONDAY, item.code


def kinds(event):
    return {(row.kind, row.area_id) for row in candidates(event)}


def test_who_may_take_it_from_which_desk(cast):
    low = Story(cast, FIRE_LANE).report().route().event
    assert [row.code for row in candidates(low)] == [TEAM, DESK]
    middle = Story(cast).report().route().event
    found = {row.code for row in candidates(middle)}
    assert {TEAM, DESK, ROOM, POLICE, CITY, "ZJJ"} <= found
    assert not {CENTRE, "GAFJ@330104006", "ZHZX@330104006"} & found
    high = Story(cast, LOAN_FIRM).report().route().event
    found = {row.code for row in candidates(high)}
    assert {ROOM, DESK, TEAM, CENTRE, POLICE, "GAFJ@330104006", "JRB"} <= found
    assert not {"ZHZX@330104006", "TEAM@330104006001001"} & found
    assert Story(cast).report().event.desk is None and not candidates(Story(cast).report().event)


def test_the_districts_order_may_cross_a_street(cast):
    story = Story(cast, LOAN_FIRM).report().route().accept("centre")
    story.dispatch("centre", lead="GAFJ@330104006")
    assert story.sign("next_police").event.state == State.HANDLING
    assert Assignment.objects.get(event=story.id).by_district is True
    assert unit(POLICE).pk not in story.event.participants
    assert story_at(cast, State.ACCEPTED).event.lead is None
