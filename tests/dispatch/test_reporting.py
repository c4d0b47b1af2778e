"""Report: the row, the first step, the two clocks; time, place and manifest; the same key again."""

import uuid
from datetime import datetime, timedelta

import pytest
from django.utils import translation

from dispatch.errors import DifferentContentError, InputError, MoveError, NotPermittedError
from dispatch.report import report
from events.models import Event, Evidence, Item, Level, State
from grids.models import Area
from tests.cast import (
    BRAWL,
    COMMUNITY,
    DISTRICT,
    GRID,
    MONDAY,
    NEXT_GRID,
    SHANGHAI,
    SHOP_IN_ROAD,
    STREET,
    TEAM,
    manifest,
)  # fmt: skip


@pytest.fixture
def tell(cast):
    """Report with some fields changed; returns the stored event."""

    def tell_(by="worker", *, key=None, now=MONDAY, **fields):
        data = {
            "item": SHOP_IN_ROAD,
            "area_code": GRID,
            "description": "Boxes on the pavement",
            "photos": manifest("before_photo"),
        } | fields
        done = report(actor=cast.actor(by), event_id=key or uuid.uuid4(), data=data, now=now)
        return done.event

    return tell_


def refused(call, *args, **fields):
    with pytest.raises(InputError) as refusal:
        call(*args, **fields)
    return {name: errors[0]["code"] for name, errors in refusal.value.fields.items()}


def test_a_report_is_stored_with_its_first_step_and_both_clocks(story):
    story.report()
    event = story.event
    assert (event.state, event.holder, event.desk, event.version) == (State.REPORTED, None, None, 1)
    assert (event.tenant, event.area_code, event.place_level) == (DISTRICT, GRID, Level.GRID)
    assert (event.reporter, event.recorded_at, event.occurred_at) == (story.cast.worker, MONDAY, MONDAY)
    assert event.number.startswith("33010420190304") and len(event.number) == 19
    assert story.timeline == [("report", "reported")]
    # Half an hour to accept, half to dispatch, four to handle, two to check: with the noon break 17:30.
    assert story.running == {"accept": "Mon 03-04 09:30", "whole": "Mon 03-04 17:30"}
    assert event.due == story.clocks()["accept"][0] and event.whole_due == story.clocks()["whole"][0]
    assert story.last.organization.code == TEAM
    assert story.last.params == {"item": SHOP_IN_ROAD, "area": GRID, "source": "grid", "flags": ["no_point"]}
    assert story.texts == {"description": "Boxes block the way"}
    assert story.waiting == ["report"]
    assert list(event.evidence.values_list("kind", "received_at")) == [("before_photo", None)]
    assert event.photos_missing == 1


def test_the_same_key_and_content_get_the_stored_answer(cast):
    key, fields = uuid.uuid4(), {"item": BRAWL, "area_code": GRID, "description": "Two men"}
    actor = cast.actor("worker")
    first = report(actor=actor, event_id=key, data=fields, now=MONDAY)
    with translation.override("en"):
        again = report(
            actor=actor,
            event_id=key,
            data=fields | {"sent_at": (MONDAY + timedelta(hours=3)).isoformat()},
            now=MONDAY + timedelta(hours=3, seconds=5),
        )
    assert (first.created, again.created) == (True, False)
    assert again.event.number == first.event.number
    assert Event.objects.get(pk=key).steps.count() == 1


def test_the_same_key_with_other_content_or_of_another_person_is_refused(tell):
    key = uuid.uuid4()
    tell(key=key)
    for by, change in (
        ("worker", {"description": "Other words"}),
        ("worker", {"photos": manifest("before_photo", "before_photo")}),
        ("worker", {"area_code": NEXT_GRID}),
        ("worker", {"occurred_at": MONDAY.isoformat()}),
        ("colleague", {}),
    ):
        with pytest.raises(DifferentContentError):
            tell(by, key=key, **change)
    assert Event.objects.get(pk=key).steps.count() == 1


@pytest.mark.parametrize(
    ("occurred", "sent", "stored", "flags"),
    [
        ("2019-03-04T08:50", None, "08:50", []),
        ("2019-03-04T08:50", "2019-03-04T09:01", "08:50", []),
        ("2019-03-04T05:50", "2019-03-04T06:00", "08:50", ["clock_corrected"]),
        ("2019-03-04T13:50", "2019-03-04T14:00", "08:50", ["clock_corrected"]),
        ("1970-01-01T08:00", "1970-01-01T08:10", "08:50", ["clock_corrected"]),
        ("2019-03-04T09:01", None, "09:00", []),
        ("2019-03-04T12:00", None, "09:00", ["clock_ahead"]),
        ("2019-03-04T15:00", "2019-03-04T14:00", "09:00", ["clock_corrected", "clock_ahead"]),
        ("2019-03-04T00:50Z", None, "08:50", []),
    ],
)
def test_a_clock_hours_wrong_is_corrected_clamped_and_flagged(tell, occurred, sent, stored, flags):
    event = tell(occurred_at=occurred, sent_at=sent)
    assert event.occurred_at.astimezone(SHANGHAI) == datetime.fromisoformat(f"2019-03-04T{stored}+08:00")
    assert [flag for flag in event.flags if flag != "no_point"] == flags
    assert event.recorded_at == MONDAY


def test_what_happened_long_ago_is_flagged(tell):
    assert "long_ago" in tell(occurred_at="2019-02-01T08:00").flags


def test_an_item_is_judged_as_of_the_day_it_happened(tell, forget):
    Item.objects.filter(district=DISTRICT, code=SHOP_IN_ROAD).update(valid_to="2019-03-04")
    forget()
    assert refused(tell) == {"item": "retired_item"}
    assert tell(occurred_at="2019-03-03T20:00").item.code == SHOP_IN_ROAD
    # The phone says Sunday, but its clock is a day behind: it is Monday's matter.
    assert refused(tell, occurred_at="2019-03-03T08:00", sent_at="2019-03-03T08:10") == {
        "item": "retired_item"
    }


@pytest.mark.parametrize(
    ("change", "errors"),
    [
        ({"item": "99999"}, {"item": "unknown_item"}),
        ({"item": ""}, {"item": "required"}),
        ({"description": "x" * 2001}, {"description": "max_length"}),
        ({"address": "x" * 201}, {"address": "max_length"}),
        ({"longitude": 120.18}, {"longitude": "half_point"}),
        ({"latitude": 30.27}, {"longitude": "half_point"}),
        ({"longitude": 181, "latitude": 30}, {"longitude": "max_value"}),
        ({"area_code": "330104999"}, {"area_code": "unknown_area"}),
        ({"area_code": "110101001"}, {"area_code": "unknown_area"}),
        ({"photos": []}, {"photos": "missing_evidence"}),
        ({"photos": manifest(*["before_photo"] * 10)}, {"photos": "too_many_photos"}),
        ({"photos": manifest("before_photo", *["document"] * 10)}, {"photos": "too_many_photos"}),
        ({"photos": [{"kind": "film", "sha256": "0" * 64}]}, {"photos": "invalid_manifest"}),
        ({"photos": [{"kind": ["before_photo"], "sha256": "0" * 64}]}, {"photos": "invalid_manifest"}),
        ({"photos": [{"kind": "before_photo", "sha256": "A" * 64}]}, {"photos": "invalid_manifest"}),
        ({"photos": "[not json"}, {"photos": "invalid_manifest"}),
        ({"photos": {"kind": "before_photo"}}, {"photos": "invalid_manifest"}),
        ({"source": "hotline"}, {"source": "wrong_source"}),
        ({"source": "rumour"}, {"source": "invalid_choice"}),
        ({"datum": "mars"}, {"datum": "invalid_choice"}),
        ({"occurred_at": "yesterday"}, {"occurred_at": "invalid"}),
        ({"occurred_at": 5}, {"occurred_at": "invalid"}),
        ({"occurred_at": "9999-12-31T23:59:59Z", "sent_at": "2000-01-01T00:00:00Z"}, {"occurred_at": "invalid"}),
        ({"occurred_at": "0001-01-01T00:00:00+14:00"}, {"occurred_at": "invalid"}),
    ],
)  # fmt: skip
def test_bad_input_names_its_field_by_a_stable_code(tell, change, errors):
    assert refused(tell, **change) == errors
    assert not Event.objects.filter(tenant=DISTRICT).exists()


def test_nine_photos_are_welcome_and_doubles_count_once(tell):
    photos = manifest(*["before_photo"] * 9)
    assert tell(photos=photos + photos).photos_missing == 9


def test_a_critical_report_and_one_taken_at_a_desk_come_without_a_photo(tell):
    assert tell(item=BRAWL, photos=[]).photos_missing == 0
    event = tell("acceptor", photos=[], source="hotline")
    assert (event.source, event.reporter.username) == ("hotline", "acceptor")
    assert tell("acceptor", photos=[]).source == "desk"


def test_a_point_finds_its_grid_and_keeps_what_was_sent(cast, tell):
    area = Area.objects.get(code=GRID)
    ring = area.boundaries.get(valid_to=None).geometry["coordinates"][0]
    lon = sum(point[0] for point in ring[:-1]) / (len(ring) - 1)
    lat = sum(point[1] for point in ring[:-1]) / (len(ring) - 1)
    event = tell(longitude=lon, latitude=lat)
    assert (event.area_code, event.place_level, event.flags) == (GRID, Level.GRID, [])
    assert event.raw_point == [lon, lat, "wgs84"]
    moved = tell(longitude=lon, latitude=lat, datum="bd09")
    assert moved.raw_point == [lon, lat, "bd09"]
    assert 100 < 111_000 * ((moved.longitude - lon) ** 2 + (moved.latitude - lat) ** 2) ** 0.5 < 1500


def test_a_strange_place_is_a_flag_never_a_refusal(tell):
    assert tell(longitude=0, latitude=0).flags == ["outside_district"]
    assert tell(area_code=NEXT_GRID).flags == ["no_point", "outside_own_area"]
    event = tell(area_code="")
    assert (event.area_code, event.place_level) == (DISTRICT, Level.DISTRICT)
    assert event.flags == ["place_unknown", "outside_own_area"]
    assert tell("centre", area_code=NEXT_GRID).flags == ["no_point"]
    assert tell(area_code=COMMUNITY).place_level == Level.COMMUNITY
    assert tell(area_code=STREET).place_level == Level.STREET


@pytest.mark.parametrize(
    "by", ["police", "fire", "housing", "supervisor", "dispatcher", "verifier", "auditor"]
)
def test_who_has_no_post_to_report_from_is_refused(tell, by):
    with pytest.raises(NotPermittedError):
        tell(by)


def test_a_refused_report_leaves_nothing_behind(tell):
    before = Evidence.objects.count()
    with pytest.raises(MoveError):
        tell("police")
    assert Event.objects.filter(tenant=DISTRICT).count() == 0
    assert Evidence.objects.count() == before


def test_confidential_is_kept(tell):
    assert tell(confidential=True).reporter_confidential is True
