"""Who is told of what: the table of telling, once for each step, in the worker's transaction."""

from datetime import datetime, timedelta

import pytest
from django.utils import timezone
from django.utils.translation import override

from accounts.models import User
from dispatch import outbox
from dispatch.escalation import tick
from dispatch.models import ClockKind, Outbox, Rung
from dispatch.policy import Policy, change_settings
from dispatch.recipients import Recipient
from dispatch.workflow import VERBS
from events.models import State, Step
from inbox import telling
from inbox.actions import mark_all_read, mark_read
from inbox.models import Notice
from inbox.queries import page_of, unread_count
from inbox.recipients import KINDS, PERSONAL
from tests.cast import (
    BRAWL,
    CENTRE,
    CITY,
    DISTRICT,
    GAMBLING,
    MONDAY,
    POLICE,
    ROOM,
    SHANGHAI,
    TEAM,
    Cast,
    Story,
    story_at,
)
from tests.dispatch.test_outbox import at_once

LATER = timezone.now()


@pytest.fixture
def cast(db):
    return Cast()


def told(story, verb=None):
    """(verb, kind, organisation's code or user name) of a story's notices, after the worker was there."""
    outbox.drain()
    rows = Notice.objects.filter(event=story.id).select_related("step", "organization", "user")
    return {
        (row.step.verb, row.kind, row.organization.code if row.organization else row.user.username)
        for row in rows
        if verb in (None, row.step.verb)
    }


def inbox_of(cast, name):
    person = User.objects.select_related("district").get(pk=getattr(cast, name).pk)
    return [(row.step.verb, row.kind) for row in page_of(person, now=LATER, everything=True).rows]


def test_the_way_round_the_loop_tells_whose_work_it_is(cast):
    story = story_at(cast, State.CLOSED)
    assert told(story) == {
        ("report", "acceptors", ROOM),
        ("accept", "reporter", "worker"),
        ("dispatch", "lead", POLICE),
        ("dispatch", "assistants", CITY),
        ("feed_back", "checkers", TEAM),
        ("feed_back", "verifiers", ROOM),
        ("verify", "lead", POLICE),
    }, "the worker verified, and is not told of the own act"


def test_in_a_room_each_is_told_what_their_own_work_is(cast):
    story = story_at(cast, State.FED_BACK)
    told(story)
    assert inbox_of(cast, "acceptor") == [("report", "acceptors")]
    assert inbox_of(cast, "verifier") == [("feed_back", "verifiers")]
    assert inbox_of(cast, "dispatcher") == []
    assert inbox_of(cast, "director") == [("feed_back", "verifiers"), ("report", "acceptors")]
    assert inbox_of(cast, "neighbour") == [] == inbox_of(cast, "next_police")


def test_a_return_goes_to_the_dispatchers_and_leaves_the_agencys_inbox(cast):
    story = story_at(cast, State.DISPATCHED)
    told(story)
    assert inbox_of(cast, "police") == [("dispatch", "lead")]
    story.return_(reason="not_our_duty", explanation="Not us")
    assert ("return", "dispatchers", ROOM) in told(story)
    assert inbox_of(cast, "police") == [], "what one may no longer see is not there"
    assert inbox_of(cast, "dispatcher") == [("return", "dispatchers")]


def test_a_critical_report_is_told_to_the_room_and_the_district(cast):
    story = Story(cast, BRAWL).report().route()
    assert told(story, "report") == {("report", "acceptors", ROOM), ("report", "centre", CENTRE)}
    assert inbox_of(cast, "centre") == [("report", "centre")]


def test_a_sensitive_result_is_not_told_to_the_doorstep(cast):
    story = story_at(cast, State.FED_BACK, GAMBLING)
    assert told(story, "feed_back") == {("feed_back", "verifiers", ROOM)}


def test_a_refusal_is_told_to_the_reporter_with_the_answer(cast):
    story = story_at(cast, State.REJECTED)
    told(story)
    (notice, *_rest) = page_of(cast.worker, now=LATER).rows
    with override("en"):
        assert (notice.kind, notice.words, notice.answer) == ("reporter", "did not accept", "Where was it?")


def test_the_reporter_of_a_merged_event_hears_of_the_leading_events_end(cast):
    leading = story_at(cast, State.ACCEPTED)
    second = Story(cast).report("colleague").route()
    second.merge("acceptor", into=leading, answer="The same boxes")
    assert told(second, "merge") == {("merge", "reporter", cast.colleague.username)}
    leading.dispatch(lead=POLICE).sign().feed_back(result="Boxes are gone").verify(note="Seen")
    told(leading)
    last = Notice.objects.get(user=cast.colleague, step__verb="verify")
    assert (last.kind, str(last.event_id), str(last.step.event_id)) == (
        "watchers",
        str(second.id),
        str(leading.id),
    )
    assert page_of(cast.colleague, now=LATER, own=True).rows[0].answer == "Boxes are gone"


def test_the_watchers_of_a_merged_event_are_carried_over_to_the_next_leading_one(cast):
    first, second = Story(cast).report("colleague").route(), Story(cast).report("leader").route()
    third = story_at(cast, State.FED_BACK)
    first.merge("acceptor", into=second, answer="")
    second.merge("acceptor", into=third, answer="")
    outbox.drain()
    merged = Notice.objects.filter(step__verb="merge")
    assert {(row.kind, row.user.username) for row in merged.select_related("user")} == {
        ("reporter", cast.colleague.username),
        ("reporter", cast.leader.username),
        ("watchers", cast.colleague.username),
    }
    third.verify(by="worker", note="Seen")
    outbox.drain()
    ends = Notice.objects.filter(step__verb="verify", kind="watchers").select_related("user", "event")
    assert {(row.user.username, row.event_id) for row in ends} == {
        (cast.colleague.username, first.id),
        (cast.leader.username, second.id),
    }


def test_a_transfer_is_told_to_the_desk_that_is_asked_and_its_answer_to_the_one_that_asked(cast):
    story = Story(cast).report().route()
    next_room = "ZHZX@330104006"
    story.transfer("acceptor", desk=next_room, reason="Their side of the road")
    assert told(story, "transfer") == {("transfer", "asked_desk", next_room)}
    assert inbox_of(cast, "neighbour") == [("transfer", "asked_desk")]
    story.accept_transfer("neighbour")
    assert told(story, "accept_transfer") == {("accept_transfer", "former_desk", ROOM)}


def test_supervision_is_told_to_the_head_of_the_lead_and_its_answer_to_who_asked(cast):
    story = story_at(cast, State.HANDLING)
    story.supervise("supervisor", text="Why so slow?")
    assert told(story, "supervise") == {("supervise", "head", POLICE)}
    assert inbox_of(cast, "police_head")[0] == ("supervise", "head")
    assert ("supervise", "head") not in inbox_of(cast, "police")
    story.answer_supervision("police_head", text="Two people are ill")
    assert told(story, "answer_supervision") == {
        ("answer_supervision", "supervisors", CENTRE),
        ("answer_supervision", "desk", ROOM),
    }
    assert inbox_of(cast, "supervisor") == [("answer_supervision", "supervisors")]


def test_a_remark_before_the_dispatch_is_told_to_the_desk_but_not_to_who_made_it(cast):
    story = story_at(cast, State.ACCEPTED)
    story.comment("director", text="Quickly please")
    assert told(story, "comment") == {("comment", "holder", ROOM)}
    assert ("comment", "holder") in inbox_of(cast, "dispatcher")
    assert ("comment", "holder") not in inbox_of(cast, "director")


def test_the_table_names_verbs_and_recipients_that_exist():
    assert set(telling.TOLD) <= set(VERBS)
    assert {code for codes in telling.TOLD.values() for code in codes} <= {*KINDS, *PERSONAL}
    assert set(Recipient) == {*KINDS, *PERSONAL} - {"unmanned"}


def test_a_step_worked_twice_is_told_once(cast):
    story = Story(cast).report().route()
    before = told(story)
    Outbox.objects.create(tenant=DISTRICT, step=story.steps[0])
    assert told(story) == before and Notice.objects.filter(event=story.id).count() == len(before)


def test_telling_a_batch_costs_a_bounded_number_of_statements(cast, django_assert_max_num_queries):
    stories = [story_at(cast, State.CLOSED) for _ in range(3)]
    stories.append(story_at(cast, State.HANDLING).supervise("supervisor", text="Why?"))
    steps = list(Step.objects.filter(event__in=[story.id for story in stories]))
    with django_assert_max_num_queries(6):
        telling.tell(steps)
    assert Notice.objects.count() > 20


# Reading ----------------------------------------------------------------------------------------


def test_what_the_organisation_has_seen_to_is_no_longer_unread(cast):
    story = Story(cast).report().route()
    told(story)
    assert unread_count(cast.acceptor, now=LATER) == 1
    story.accept("second_acceptor")
    assert unread_count(cast.acceptor, now=LATER) == 0
    assert [row.is_read for row in page_of(cast.acceptor, now=LATER, everything=True).rows] == [True]
    told(story.comment("director", text="Take the van"))
    told(story.dispatch(lead=POLICE))
    assert [row.step.verb for row in page_of(cast.acceptor, now=LATER).rows] == ["comment"]
    assert unread_count(cast.worker, now=LATER) == 1, "the reporter's own news waits to be read"


def test_reading_is_each_persons_own(cast):
    story = Story(cast).report().route()
    told(story)
    (notice,) = Notice.objects.filter(event=story.id)
    mark_read(user=cast.acceptor, notice_id=notice.pk, now=LATER)
    mark_read(user=cast.acceptor, notice_id=notice.pk, now=LATER)
    assert unread_count(cast.acceptor, now=LATER) == 0
    assert unread_count(cast.second_acceptor, now=LATER) == 1
    assert page_of(cast.acceptor, now=LATER).rows == []
    assert [row.is_read for row in page_of(cast.acceptor, now=LATER, everything=True).rows] == [True]


def test_nobody_reads_what_was_not_told_to_them(cast):
    story = Story(cast).report().route()
    told(story)
    (notice,) = Notice.objects.filter(event=story.id)
    for person in ("dispatcher", "neighbour", "police", "worker"):
        with pytest.raises(Notice.DoesNotExist):
            mark_read(user=getattr(cast, person), notice_id=notice.pk, now=LATER)


def test_all_are_read_that_were_there_when_one_looked(cast):
    stories = [Story(cast).report().route() for _ in range(3)]
    outbox.drain()
    looked = timezone.now()
    Story(cast).report().route()
    outbox.drain()
    assert mark_all_read(user=cast.acceptor, until=looked, now=timezone.now()) == len(stories)
    assert unread_count(cast.acceptor, now=timezone.now()) == 1


# The ladder -------------------------------------------------------------------------------------


def climb(story, at):
    while tick(now=at):
        pass
    return told(story)


@pytest.mark.parametrize(
    ("quiet", "said", "read"),
    [
        ((22, 7), "04 23:00", "05 07:00"),
        ((22, 7), "04 22:00", "05 07:00"),
        ((22, 7), "04 03:00", "04 07:00"),
        ((22, 7), "04 07:00", "04 07:00"),
        ((22, 7), "04 21:59", "04 21:59"),
        ((12, 14), "04 12:30", "04 14:00"),
        ((12, 14), "04 23:00", "04 23:00"),
        ((0, 6), "04 05:00", "04 06:00"),
        ((8, 8), "04 08:00", "04 08:00"),
    ],
)
def test_what_a_clock_says_at_night_waits_until_the_morning(quiet, said, read):
    numbers = Policy(quiet_from_hour=quiet[0], quiet_until_hour=quiet[1])
    at, since = (datetime.strptime(f"2019-03-{day} +0800", "%Y-%m-%d %H:%M %z") for day in (said, read))
    assert telling.after_quiet(at, numbers) == since


def test_a_district_chooses_its_quiet_hours(cast):
    change_settings(
        district=cast.district, values={"quiet_until_hour": 9}, by=None, valid_from=MONDAY, now=MONDAY
    )
    cast.district.refresh_from_db()
    calm = Story(cast, at=MONDAY).report().route()
    climb(calm, MONDAY.replace(hour=23))
    outbox.drain()
    held = Notice.objects.filter(event=calm.id, step__verb="mark_overdue").first()
    assert held.visible_from.astimezone(SHANGHAI) == MONDAY.replace(day=5, hour=9)


def test_a_rung_of_the_night_is_there_in_the_morning_and_a_critical_one_at_once(cast):
    calm = Story(cast, at=MONDAY).report().route()
    night = MONDAY.replace(hour=23)
    critical = Story(cast, BRAWL, at=night).report().route()
    climb(calm, night + timedelta(minutes=4))
    outbox.drain()
    held = Notice.objects.filter(event=calm.id, step__verb="mark_overdue").first()
    assert held.visible_from.astimezone(SHANGHAI) == MONDAY.replace(day=5, hour=7)
    assert held.pk not in {row.pk for row in page_of(cast.acceptor, now=night + timedelta(hours=1)).rows}
    assert held.pk in {row.pk for row in page_of(cast.acceptor, now=held.visible_from).rows}
    reminded = Notice.objects.get(event=critical.id, step__verb="remind", kind="holder")
    assert reminded.visible_from == night + timedelta(minutes=4)


def test_a_critical_order_nobody_signs_is_told_to_the_head_and_the_district(cast):
    night = MONDAY.replace(hour=2)
    story = Story(cast, BRAWL, at=night).report().route().accept().dispatch(lead=POLICE)
    climb(story, story.now + timedelta(minutes=5))
    named = Notice.objects.filter(event=story.id, step__params__percent=100, step__verb="remind")
    rows = {(row.kind, row.organization.code) for row in named.select_related("organization")}
    assert rows == {("head", POLICE), ("centre", CENTRE)}
    assert ("remind", "head") in inbox_of(cast, "police_head")
    assert ("remind", "centre") in inbox_of(cast, "second_officer")


def test_a_critical_report_nobody_accepts_is_dispatched_and_both_desks_are_told(cast):
    story = Story(cast, BRAWL, at=MONDAY.replace(hour=2)).report().route()
    climb(story, story.now + timedelta(minutes=5))
    assert story.event.lead.code == POLICE
    assert told(story, "auto_dispatch") == {
        ("auto_dispatch", "lead", POLICE),
        ("auto_dispatch", "desk", ROOM),
        ("auto_dispatch", "centre", CENTRE),
    }


@pytest.mark.usefixtures("fresh_database")
def test_four_beats_and_workers_tell_each_rung_once():
    cast = Cast()
    stories = [
        Story(cast, BRAWL, at=MONDAY.replace(hour=2)).report().route().accept().dispatch(lead=POLICE)
        for _ in range(4)
    ]
    late = stories[0].now + timedelta(minutes=6)

    def work(number):
        for _ in range(4):
            tick(now=late)
            outbox.drain()

    at_once(4, work)
    outbox.drain()
    rungs = Rung.objects.filter(district=DISTRICT, clock=ClockKind.SIGN, urgency="critical", percent=100)
    assert rungs.count() == 1
    for story in stories:
        rows = Notice.objects.filter(event=story.id, step__params__clock="sign", step__params__percent=100)
        assert sorted(rows.values_list("step__verb", "kind")) == [
            ("mark_overdue", "desk"),
            ("mark_overdue", "holder"),
            ("remind", "centre"),
            ("remind", "head"),
        ]
