"""Deputies for a time, successors of leavers, and organisations where nobody is."""

from datetime import timedelta

import pytest
from django.utils import timezone
from django.utils.translation import override

from accounts import scope
from accounts.actions import appoint, end_post
from accounts.models import Organization, Post, User
from accounts.scope import scope_of
from accounts.substitution import SubstitutionError, deputise, hand_over, leave_ended_posts
from dispatch import outbox
from dispatch.errors import InputError
from dispatch.escalation import tick
from dispatch.recipients import Recipient
from events.models import State
from inbox.models import Notice
from inbox.queries import unread_count
from inbox.unmanned import alarm, unmanned
from tests.cast import (
    BRAWL,
    CENTRE,
    CITY,
    DISTRICT,
    FIRE,
    MONDAY,
    POLICE,
    ROOM,
    STREET,
    TEAM,
    Cast,
    Story,
    story_at,
    unit,
)

NOW = timezone.now()
DAY = timedelta(days=1)


@pytest.fixture
def cast(db):
    yield Cast()
    scope._cache.clear()


def again(user):
    """The person as the next request brings them."""
    return User.objects.select_related("district").get(pk=user.pk)


def post_of(user):
    return Post.objects.get(user=user)


def clear(code, *, at=NOW):
    """Everybody leaves an organisation."""
    for post in Post.objects.filter(organization=unit(code), valid_to=None):
        end_post(post=post, at=at)
    scope._cache.clear()


def test_a_deputy_may_do_the_same_for_the_time_and_not_after(cast):
    director = post_of(cast.director)
    made = deputise(post=director, deputy=cast.acceptor, at=NOW, until=NOW + 3 * DAY)
    assert (made.role_id, made.organization, made.deputy_for) == ("room_director", unit(ROOM), director)
    during = scope_of(again(cast.acceptor), now=NOW + DAY)
    assert unit(ROOM).pk in during.units("dispatch_events")
    assert [post.deputy_for for post in during.posts] == ["", cast.director.display_name]
    after = scope_of(again(cast.acceptor), now=NOW + 3 * DAY)
    assert after.units("dispatch_events") == frozenset()
    assert [post.role for post in after.posts] == ["room_acceptor"]


def test_the_steps_name_the_deputys_post_only_where_it_was_needed(cast):
    made = deputise(post=post_of(cast.director), deputy=cast.acceptor, at=MONDAY, until=NOW + DAY)
    cast.__dict__.clear()
    story = Story(cast).report().route().accept("acceptor")
    assert story.last.post == Post.objects.get(user=cast.acceptor, deputy_for=None)
    story.dispatch("acceptor", lead=POLICE)
    with override("en"):
        assert (story.last.post, story.last.post.title) == (made, "Command room director (deputy)")


@pytest.mark.parametrize(
    ("deputy", "begin", "end", "code"),
    [
        ("director", 0, 1, "same_person"),
        ("acceptor", 1, 1, "wrong_period"),
        ("acceptor", 2, 1, "wrong_period"),
    ],
)
def test_a_deputy_who_cannot_be_is_refused(cast, deputy, begin, end, code):
    with pytest.raises(SubstitutionError) as refusal:
        deputise(
            post=post_of(cast.director),
            deputy=getattr(cast, deputy),
            at=NOW + begin * DAY,
            until=NOW + end * DAY,
        )
    assert refusal.value.code == code
    assert not Post.objects.exclude(deputy_for=None).exists()


def test_nobody_is_deputy_for_what_they_hold_and_no_deputy_has_a_deputy(cast):
    with pytest.raises(SubstitutionError) as refusal:
        deputise(post=post_of(cast.acceptor), deputy=cast.second_acceptor, at=NOW, until=NOW + DAY)
    assert refusal.value.code == "holds_it_already"
    made = deputise(post=post_of(cast.director), deputy=cast.acceptor, at=NOW, until=NOW + DAY)
    with pytest.raises(SubstitutionError) as refusal:
        deputise(post=made, deputy=cast.verifier, at=NOW, until=NOW + DAY / 2)
    assert refusal.value.code == "deputy_of_deputy"
    User.objects.filter(pk=cast.verifier.pk).update(is_active=False)
    with pytest.raises(SubstitutionError) as refusal:
        deputise(post=post_of(cast.director), deputy=again(cast.verifier), at=NOW, until=NOW + DAY)
    assert refusal.value.code == "not_available"


def test_the_group_of_a_post_that_ended_is_left_but_not_one_still_held(cast):
    deputise(post=post_of(cast.director), deputy=cast.acceptor, at=NOW, until=NOW + DAY)
    groups = set(cast.acceptor.groups.values_list("unit__role", flat=True))
    assert groups == {"room_acceptor", "room_director"}
    assert leave_ended_posts(now=NOW + DAY / 2) == 0
    appoint(user=cast.verifier, role="room_director", organization=unit(ROOM), at=NOW, until=NOW + DAY / 2)
    appoint(user=cast.verifier, role="room_director", organization=unit(ROOM), at=NOW + DAY / 3)
    assert leave_ended_posts(now=NOW + DAY) == 1
    assert set(cast.acceptor.groups.values_list("unit__role", flat=True)) == {"room_acceptor"}
    assert "room_director" in set(cast.verifier.groups.values_list("unit__role", flat=True))
    assert leave_ended_posts(now=NOW + DAY) == 0


# Leaving ----------------------------------------------------------------------------------------


def test_a_leaver_hands_over_in_one_act(cast):
    story = Story(cast).report("leader").route().accept()
    outbox.drain()
    assert unread_count(cast.leader, now=NOW + DAY) == 1
    done = hand_over(leaver=cast.leader, to=cast.worker, at=NOW)
    assert [(post.role_id, post.valid_to) for post in done.ended] == [("grid_leader", NOW)]
    assert done.unmanned == [], "the workers of the team are still there"
    assert scope_of(again(cast.leader), now=NOW).posts == ()
    assert unread_count(again(cast.leader), now=NOW + DAY) == 0
    assert Notice.objects.get(user=cast.worker).event_id == story.id
    assert unread_count(cast.worker, now=NOW + DAY) == 1


def test_the_last_one_to_leave_an_organisation_is_told_of(cast):
    housing = post_of(cast.housing)
    done = hand_over(leaver=cast.housing, to=cast.centre, at=NOW)
    assert done.ended == [housing] and [row.code for row in done.unmanned] == ["ZJJ"]


def test_nobody_hands_over_to_themselves_or_to_a_closed_account(cast):
    User.objects.filter(pk=cast.worker.pk).update(is_active=False)
    for successor, code in ((cast.leader, "same_person"), (again(cast.worker), "not_available")):
        with pytest.raises(SubstitutionError) as refusal:
            hand_over(leaver=cast.leader, to=successor, at=NOW)
        assert refusal.value.code == code
    assert post_of(cast.leader).valid_to is None


# Where nobody is --------------------------------------------------------------------------------


def test_an_account_that_is_closed_is_nobody(cast):
    here = Organization.objects.filter(code=FIRE, district=DISTRICT)
    assert here.with_staff(at=NOW).get().has_staff
    User.objects.filter(posts__organization=unit(FIRE)).update(is_active=False)
    assert not here.with_staff(at=NOW).get().has_staff
    assert not unit(FIRE).is_staffed(at=NOW, permission="handle_events")


def test_an_event_is_not_dispatched_to_where_nobody_is(cast):
    clear(FIRE, at=MONDAY)
    story = story_at(cast, State.ACCEPTED)
    for name, wrong in (
        ("lead", {"lead": FIRE}),
        ("assistants", {"lead": POLICE, "assistants": [FIRE, CITY]}),
    ):
        with pytest.raises(InputError) as refusal:
            story.dispatch(**wrong)
        assert refusal.value.fields[name][0]["code"] == "nobody_there"
        assert unit(FIRE).name in refusal.value.fields[name][0]["message"]
    story.dispatch(lead=POLICE, assistants=[CITY])
    assert story.event.state == State.DISPATCHED


def test_a_transfer_does_not_ask_a_desk_where_nobody_is(cast):
    clear("ZHZX@330104006", at=MONDAY)
    story = Story(cast).report().route()
    with pytest.raises(InputError) as refusal:
        story.transfer("acceptor", desk="ZHZX@330104006", reason="Theirs")
    assert refusal.value.fields["desk"][0]["code"] == "nobody_there"


def test_the_clock_dispatches_to_the_desk_where_the_proposed_lead_has_nobody(cast):
    clear(POLICE, at=MONDAY - DAY)
    story = Story(cast, BRAWL).report().route()
    for _ in range(3):
        tick(now=story.now + timedelta(minutes=5))
    assert (story.event.lead.code, story.event.state) == (ROOM, State.HANDLING)


def test_an_organisation_with_work_and_nobody_alarms_the_desk_above_once(cast):
    first = story_at(cast, State.HANDLING)
    second = story_at(cast, State.DISPATCHED)
    assert unmanned(cast.district, at=NOW) == [] and alarm(now=NOW) == 0
    clear(POLICE)
    (row,) = unmanned(cast.district, at=NOW)
    assert (row.organization.code, row.events) == (POLICE, 2)
    assert [alarm(now=NOW + timedelta(minutes=n)) for n in range(3)] == [1, 1, 1]
    (notice,) = Notice.objects.filter(kind="unmanned").select_related("organization", "event__holder")
    assert notice.organization.code == ROOM and unit(POLICE).name in notice.words
    nearest, other = sorted((first, second), key=lambda story: story.event.due)
    assert notice.event_id == nearest.id
    assert unread_count(cast.dispatcher, now=NOW + DAY) == 1
    nearest.recall(reason="Nobody is there")
    alarm(now=NOW + timedelta(minutes=5))
    events = Notice.objects.filter(kind="unmanned").values_list("event_id", flat=True)
    assert set(events) == {first.id, second.id} and other.event.holder.code == POLICE


def test_where_the_desk_itself_is_empty_the_next_one_up_is_told(cast):
    story_at(cast, State.HANDLING)
    clear(POLICE)
    clear(ROOM)
    alarm(now=NOW)
    (notice,) = Notice.objects.filter(kind="unmanned").select_related("organization")
    assert notice.organization.code == CENTRE


def test_every_organisation_of_the_demo_district_has_somebody(cast):
    everywhere = Organization.objects.filter(district=DISTRICT).active()
    empty = everywhere.with_staff(at=NOW).filter(has_staff=False)
    assert list(empty.values_list("code", flat=True)) == []
    assert TEAM in {unit_.code for unit_ in everywhere.filter(area__code__startswith=STREET)}
    assert Recipient.HOLDER in Recipient.values
