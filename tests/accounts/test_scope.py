"""Who sees an event: the one scope rule, for everybody of the cast, through the event's life."""

from datetime import timedelta

import pytest
from django.utils import timezone

from accounts import scope
from accounts.actions import appoint, end_post
from accounts.models import Organization, User
from accounts.scope import scope_of
from events.models import Event, State, Step
from grids.models import Area
from tests.cast import (
    CITY,
    DESK,
    DISTRICT,
    EVERYBODY,
    FIRE_LANE,
    GAMBLING,
    GRID,
    NEXT_GRID,
    NEXT_STREET,
    POLICE,
    ROOM,
    STREET,
    TEAM,
    VIOLENCE,
    Cast,
    Story,
    story_at,
    unit,
)  # fmt: skip

THE_GRID = {"worker", "colleague", "leader"}
THE_ROOM = {"director", "acceptor", "dispatcher", "verifier"}
THE_AREA = THE_GRID | THE_ROOM | {"community", "instructor", "centre", "supervisor", "auditor"}
PEOPLE = [*EVERYBODY, "instructor"]


@pytest.fixture
def cast(db):
    yield Cast()
    scope._cache.clear()


def viewers(story):
    return {
        person
        for person in PEOPLE
        if Event.objects.visible_to(getattr(story.cast, person)).filter(pk=story.id).exists()
    }


def step_viewers(story):
    return {
        person
        for person in PEOPLE
        if Step.objects.visible_to(getattr(story.cast, person)).filter(event=story.id).exists()
    }


def again(user):
    """The person as the next request brings them."""
    return User.objects.select_related("district").get(pk=user.pk)


def test_who_watches_the_area_and_who_works_on_it_see_it(cast):
    story = Story(cast).report()
    assert viewers(story) == THE_AREA
    story.route().accept().dispatch(lead=POLICE, assistants=[CITY])
    assert viewers(story) == THE_AREA | {"police", "city"}
    story.sign().feed_back().verify(note="Fine")
    assert viewers(story) == THE_AREA | {"police", "city"}, "handlers still see what they closed"


def test_the_next_street_sees_nothing_of_it_and_the_other_way_round(cast):
    story = Story(cast, FIRE_LANE).report("next_worker", area_code=NEXT_GRID).route()
    assert viewers(story) == {"neighbour", "next_worker", "next_community", "centre", "supervisor", "auditor"}


def test_a_reporter_keeps_seeing_what_was_reported_elsewhere(cast):
    story = Story(cast).report(area_code=NEXT_GRID)
    assert "worker" in viewers(story)
    assert not {"colleague", "leader", "director"} & viewers(story)


def test_a_sensitive_event_is_for_its_reporter_the_desk_the_holder_and_the_auditor(cast):
    story = Story(cast, GAMBLING).report()
    assert viewers(story) == {"worker", "auditor"}
    story.route()
    assert viewers(story) == {"worker", "auditor"} | THE_ROOM
    story.accept().dispatch(lead=POLICE)
    assert viewers(story) == {"worker", "auditor", "police"} | THE_ROOM
    story.escalate(reason="Danger to life")
    assert viewers(story) == {"worker", "auditor", "police", "centre"}


def test_a_critical_one_is_the_duty_officers_too_until_somebody_has_accepted_it(cast):
    story = Story(cast, VIOLENCE).report()
    assert viewers(story) == {"worker", "auditor", "centre"}
    story.route()
    assert viewers(story) == {"worker", "auditor", "centre"} | THE_ROOM
    story.accept()
    assert viewers(story) == {"worker", "auditor"} | THE_ROOM


def test_a_hold_of_a_sensitive_one_is_decided_by_the_district(cast):
    story = Story(cast, GAMBLING).report().route().accept().dispatch(lead=POLICE).sign()
    story.request_hold("police")
    assert "centre" in viewers(story)
    story.refuse_hold("centre", reason="No")
    assert "centre" not in viewers(story)


def test_who_checks_a_sample_of_a_sensitive_one_sees_it_meanwhile(cast):
    story = Story(cast, GAMBLING).report().route()
    Event.objects.filter(pk=story.id).update(sampler=unit(CITY), sample_state="pending")
    assert "city" in viewers(story)
    Event.objects.filter(pk=story.id).update(sample_state="confirmed")
    assert "city" not in viewers(story)


def test_nothing_of_a_sensitive_event_is_left_with_the_reporters_team_or_who_returned_it(cast):
    story = Story(cast, GAMBLING).report().route().accept().dispatch(lead=POLICE)
    assert step_viewers(story) == {"worker", "auditor", "police"} | THE_ROOM
    story.return_(reason="not_our_duty", explanation="Not us").dispatch(lead=CITY)
    assert step_viewers(story) == {"worker", "auditor", "city"} | THE_ROOM


def test_an_agency_that_returned_it_keeps_only_its_own_steps(cast):
    story = story_at(cast, State.DISPATCHED).comment("police", text="Where exactly?")
    story.return_(reason="not_our_duty", explanation="Not us").dispatch(lead=CITY).sign("city")
    assert "police" not in viewers(story)
    kept = Step.objects.visible_to(cast.police).filter(event=story.id)
    assert [step.verb for step in kept] == ["comment", "return"]
    assert Step.objects.visible_to(cast.city).filter(event=story.id).count() == len(story.steps)


def test_steps_follow_their_event(cast):
    story = Story(cast).report().route()
    assert step_viewers(story) == viewers(story)


def test_another_district_sees_nothing(cast):
    story = Story(cast).report()
    district = type(cast.district).objects.create(code="990105", name_zh="邻区")
    stranger = cast.centre
    User.objects.filter(pk=stranger.pk).update(district=district)
    assert not Event.objects.visible_to(again(stranger)).exists()
    assert not Step.objects.visible_to(again(stranger)).filter(event=story.id).exists()


def test_what_one_may_comes_from_the_posts_held_now(cast):
    of_worker = scope_of(cast.worker)
    assert of_worker.codes("report_in_area") == {GRID}
    assert of_worker.units("handle_events") == {unit(TEAM).pk}
    assert of_worker.units("accept_events") == frozenset()
    assert [post.role for post in of_worker.posts] == ["grid_worker"]
    assert scope_of(cast.director).units("accept_events") == {unit(ROOM).pk}
    assert scope_of(cast.community).codes("view_area_events") == {DESK.removeprefix("COMMUNITY@")}
    assert scope_of(cast.supervisor).codes("supervise_area") == {DISTRICT}
    assert scope_of(cast.auditor).areas == {"audit_events": {DISTRICT}}


def test_leaving_a_post_takes_effect_with_the_next_request(cast):
    story = Story(cast).report()
    post = cast.colleague.posts.get()
    assert "colleague" in viewers(story)
    end_post(post=post, at=timezone.now())
    gone = again(cast.colleague)
    assert gone.scope_version == cast.colleague.scope_version + 1
    assert scope_of(gone).posts == ()
    assert not Event.objects.visible_to(gone).exists()
    assert not gone.groups.exists()


def test_a_new_post_opens_the_door_with_the_next_request(cast):
    story = Story(cast, FIRE_LANE).report("next_worker", area_code=NEXT_GRID)
    assert "worker" not in viewers(story)
    team = Organization.objects.get(code=f"TEAM@{NEXT_GRID}")
    appoint(user=cast.worker, role="grid_worker", organization=team, at=timezone.now())
    mover = again(cast.worker)
    assert scope_of(mover).codes("report_in_area") == {GRID, NEXT_GRID}
    assert Event.objects.visible_to(mover).filter(pk=story.id).exists()


def test_a_post_to_come_gives_nothing_until_it_begins(cast):
    begins = timezone.now() + timedelta(hours=1)
    team = Organization.objects.get(code=f"TEAM@{NEXT_GRID}")
    appoint(user=cast.worker, role="grid_worker", organization=team, at=begins)
    mover = again(cast.worker)
    assert scope_of(mover).codes("report_in_area") == {GRID}
    assert scope_of(mover).valid_until == begins
    assert scope_of(mover, now=begins).codes("report_in_area") == {GRID, NEXT_GRID}


def test_a_post_that_ends_by_itself_is_not_remembered_longer(cast):
    ends = timezone.now() + timedelta(hours=1)
    cast.colleague.posts.update(valid_to=ends)
    scope._cache.clear()
    assert scope_of(cast.colleague, now=ends - timedelta(seconds=1)).codes("report_in_area") == {GRID}
    assert scope_of(cast.colleague, now=ends).codes("report_in_area") == frozenset()


def test_a_known_scope_costs_no_query(cast, django_assert_num_queries):
    person = cast.director
    scope_of(person)
    with django_assert_num_queries(0):
        scope_of(person)


def test_an_organisation_closed_down_gives_nothing(cast):
    Organization.objects.filter(code=ROOM).update(is_active=False)
    scope._cache.clear()
    assert scope_of(cast.director).posts == ()


def test_a_scope_covers_the_codes_its_area_had_before(cast):
    """The grid of the next street went into one of ours; its old events came along."""
    story = Story(cast, FIRE_LANE).report("next_worker", area_code=NEXT_GRID)
    assert "worker" not in viewers(story) and "director" not in viewers(story)
    Area.objects.get(code=GRID).predecessors.add(Area.objects.get(code=NEXT_GRID))
    scope._cache.clear()
    assert scope_of(cast.worker).codes("view_area_events") == {GRID, NEXT_GRID}
    assert {"worker", "leader", "director"} <= viewers(story)
    assert "neighbour" in viewers(story)
    assert scope_of(cast.director).covers("view_area_events", NEXT_GRID)
    assert not scope_of(cast.director).covers("view_area_events", f"{NEXT_STREET}001002")
    assert scope_of(cast.director).covers("view_area_events", STREET)
