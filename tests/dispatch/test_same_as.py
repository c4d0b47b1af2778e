"""'Reported already, add me': the report is stored like any other and merged in the same call, or goes its own way."""

import hashlib
import json
import uuid

import pytest
from django.utils import timezone

from accounts import training
from dispatch import outbox
from dispatch.errors import DifferentContentError, InputError
from dispatch.report import _hash, report
from dispatch.report_form import ReportForm
from events.models import Event, State
from inbox.models import Notice
from supervision.cuts import CUTS
from supervision.facts import Period
from supervision.rates import count
from tests.cast import (
    BRAWL,
    FIRE_LANE,
    GAMBLING,
    GRID,
    MONDAY,
    NEXT_GRID,
    POLICE,
    ROOM,
    SHOP_IN_ROAD,
    Story,
    manifest,
    story_at,
)


def told(cast, same_as, by="colleague", item=SHOP_IN_ROAD, **more) -> Story:
    """A report whose reporter says that it is the same as another event."""
    same_as = same_as.id if isinstance(same_as, Story) else same_as
    return Story(cast, item).report(by, same_as=str(same_as), **more)


@pytest.fixture
def known(cast) -> Story:
    return Story(cast).report().route()


def test_the_report_is_stored_and_merged_in_the_same_call(cast, known):
    story = told(cast, known)
    event = story.event
    assert story.timeline == [("report", "reported"), ("auto_merge", "merged")]
    assert (event.state, event.leading_id, event.holder, event.version) == (State.MERGED, known.id, None, 2)
    assert story.last.params == {"leading": known.event.number} and story.last.actor is None
    assert story.running == {} and event.flags == ["no_point"]
    assert (event.first_act_at, event.filed_at, event.answered_at) == (None, None, None)
    assert event.photos_missing == 1, "the photos of one who joins are welcome too"
    assert known.timeline == [("report", "reported"), ("route", "reported")]


def test_a_worker_routes_it_afterwards_and_its_desk_restores_it(cast, known):
    story = told(cast, known)
    assert story.refused("restore", "supervisor", reason="Another shop") == "not_routed"
    assert outbox.drain()
    assert (story.event.state, story.event.desk.code, story.event.holder) == (State.MERGED, ROOM, None)
    story.wait(minutes=30).restore(reason="Another shop")
    event = story.event
    assert (event.state, event.holder.code, event.leading) == (State.REPORTED, ROOM, None)
    assert story.running == {"accept": "Mon 03-04 10:00", "whole": "Mon 03-04 17:30"}
    assert story.accept().event.first_act_at == story.now


def test_the_reporter_watches_the_leading_event_and_gets_its_answers(cast, known):
    story = told(cast, known)
    outbox.drain()
    assert set(Notice.objects.filter(event=story.id).values_list("step__verb", "kind")) == {
        ("report", "acceptors"),
        ("auto_merge", "acceptors"),
    }
    known.accept().dispatch(lead=POLICE).sign().feed_back(result="Swept").verify("leader", note="Seen")
    outbox.drain()
    heard = Notice.objects.filter(user=cast.colleague, step__event=known.id)
    assert list(heard.values_list("step__verb", "kind", "event")) == [("verify", "watchers", story.id)]


def test_the_same_report_again_gets_the_stored_answer(cast, known):
    key, other = uuid.uuid4(), Story(cast).report().route()
    data = {"item": SHOP_IN_ROAD, "area_code": GRID, "photos": manifest("before_photo")}

    def tell(**more):
        return report(actor=cast.actor("colleague"), event_id=key, data=data | more, now=MONDAY)

    first = tell(same_as=str(known.id))
    again = tell(same_as=str(known.id).upper())
    assert (first.created, again.created, again.event.state) == (True, False, State.MERGED)
    assert Event.objects.get(pk=key).steps.count() == 2
    for changed in ({}, {"same_as": str(other.id)}):
        with pytest.raises(DifferentContentError):
            tell(**changed)


def test_the_hash_of_a_report_without_it_is_what_it_was_before_there_was_one(cast):
    """A phone may send again what an earlier release has stored."""
    form = ReportForm(cast.actor("worker"), {"item": BRAWL, "area_code": GRID}, now=MONDAY)
    assert form.is_valid()
    sent = {
        "address": "", "area_code": GRID, "confidential": False, "datum": "wgs84", "description": "", "item": BRAWL,
        "latitude": None, "longitude": None, "occurred_at": None, "photos": [], "reporter_name": "",
        "reporter_phone": "", "result": "", "self_close": False, "source": "grid",
    }  # fmt: skip
    then = hashlib.sha256(json.dumps(sent, sort_keys=True).encode()).hexdigest()
    assert _hash(form.cleaned_data) == then


MISSES = {
    "there is no such event": lambda cast: uuid.uuid4(),
    "it is out of sight": lambda cast: Story(cast).report("next_worker", area_code=NEXT_GRID).route(),
    "it is sensitive, though in sight": lambda cast: Story(cast, GAMBLING).report("colleague").route(),
    "it is closed": lambda cast: story_at(cast, State.CLOSED),
    "it is merged itself": lambda cast: Story(cast).report().route().merge(),
    "it is not real": lambda cast: practised(cast),
}


def practised(cast) -> Story:
    story = Story(cast).report("leader").route()
    Event.objects.filter(pk=story.id).update(training=True)
    return story


@pytest.mark.parametrize("why", MISSES)
def test_what_cannot_lead_leaves_an_ordinary_report_with_a_flag(cast, why):
    story = told(cast, MISSES[why](cast))
    assert story.timeline == [("report", "reported")]
    assert story.event.flags == ["no_point", "same_as_missed"] == story.last.params["flags"]
    assert story.event.leading is None
    outbox.drain()
    assert story.event.holder.code == ROOM


def test_nothing_urgent_is_swallowed_by_what_is_less_so(cast, known):
    urgent = told(cast, known, item=FIRE_LANE)
    critical = told(cast, known, item=BRAWL)
    assert (urgent.event.state, critical.event.state) == (State.REPORTED, State.REPORTED)
    assert "same_as_missed" in critical.event.flags
    alarm = Story(cast, BRAWL).report().route()
    assert told(cast, alarm, item=BRAWL).event.leading_id == alarm.id
    assert told(cast, alarm).event.leading_id == alarm.id


def test_a_sensitive_report_is_the_desks_to_decide(cast, known):
    story = told(cast, known, item=GAMBLING)
    assert (story.event.state, story.event.flags) == (State.REPORTED, ["no_point", "same_as_missed"])


def test_what_is_closed_on_the_spot_is_settled_and_not_merged(cast, known):
    photos = manifest("before_photo", "after_photo")
    story = told(cast, known, self_close=True, result="Moved them", photos=photos)
    assert (story.event.state, story.event.self_close_pending) == (State.REPORTED, True)
    assert "same_as_missed" in story.event.flags


def test_in_training_it_joins_what_is_practised_and_is_routed_at_once(cast):
    now = timezone.now()  # what was practised more than a month ago is out of sight
    training.begin(user=cast.colleague, now=now)
    first = Story(cast, at=now).report("colleague")
    story = Story(cast, at=now).report("colleague", same_as=str(first.id))
    assert story.timeline == [("report", "reported"), ("auto_merge", "merged"), ("route", "merged")]
    assert story.event.desk.code == ROOM


@pytest.mark.parametrize("same_as", ["x", "12", "0189d2a0-7a00-7000-8000-00000000000", "\x00"])
def test_what_is_no_key_is_refused_by_its_field(cast, same_as):
    with pytest.raises(InputError) as refusal:
        told(cast, same_as)
    (fault,) = refusal.value.fields["same_as"]
    assert fault["code"] in ("invalid", "null_characters_not_allowed")


def test_no_rate_counts_it(cast, known):
    outbox.drain()
    period = Period(MONDAY.replace(hour=0), MONDAY.replace(hour=23))
    before = {cut: count(cast.supervisor, cut, period) for cut in CUTS}
    told(cast, known)
    outbox.drain()
    assert {cut: count(cast.supervisor, cut, period) for cut in CUTS} == before


def test_the_reporter_cannot_take_back_what_has_joined(cast, known):
    assert told(cast, known).refused("withdraw", "colleague") == "wrong_state"
