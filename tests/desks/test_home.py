"""Home: everybody sees what waits for them, and nothing else, in at most ten queries."""

from datetime import timedelta

import pytest
from django.db import connection
from django.db.models import F
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import override

from accounts.models import Post, User
from accounts.scope import scope_of
from desks import clock_words
from desks.queue_rules import Seat
from desks.queues import counts_of, queues_of
from dispatch import outbox
from dispatch.models import ClockKind
from events.models import Event, State
from tests.cast import DESK, FIRE_LANE, MONDAY, POLICE, SHOP_IN_ROAD, TEAM, VIOLENCE, WAYS, Cast, Story

HOME, TASKS = reverse("desks:home"), reverse("api:tasks")


def told(cast: Cast, state: State, item: str = SHOP_IN_ROAD) -> Story:
    """An event reported a moment ago and moved to a state."""
    story = Story(cast, item, at=timezone.now() - timedelta(minutes=30)).report().route()
    for verb, needed in WAYS[state]:
        getattr(story.wait(minutes=1), verb)(**needed)
    return story


def numbers_of(answer) -> dict[str, list[str]]:
    """The numbers of the events by queue of a team's app."""
    queues = answer.json()["queues"]
    return {queue["name"]: [event["number"] for event in queue["events"]] for queue in queues}


# The grid team --------------------------------------------------------------------------------------


def test_a_grid_team_s_home_is_its_app(enter):
    assert enter("worker").get(HOME).url == reverse("phone:shell")


def test_a_grid_worker_finds_results_to_check_and_own_reports(cast, enter):
    fed_back, reported = told(cast, State.FED_BACK), told(cast, State.REPORTED)

    sections = numbers_of(enter("worker").get(TASKS))

    assert sections["verify"] == [fed_back.event.number]
    assert set(sections["mine"]) == set(sections["open"]) == {fed_back.event.number, reported.event.number}
    assert "samples" not in sections, "only a leader confirms samples"


def test_a_reporter_reads_the_answer(cast, enter):
    told(cast, State.REJECTED)

    answer = enter("worker").get(TASKS)

    assert "Where was it?" in answer.content.decode()


def test_nobody_is_offered_to_check_their_own_work(cast, enter):
    story = Story(cast, FIRE_LANE, at=timezone.now() - timedelta(minutes=30)).report().route()
    story.accept(by="community").dispatch(by="community", lead=TEAM).sign().feed_back()

    assert numbers_of(enter("colleague").get(TASKS))["verify"] == []
    assert numbers_of(enter("worker").get(TASKS))["verify"] == [story.event.number]


def test_a_sensitive_result_is_not_checked_on_the_doorstep(cast, enter):
    told(cast, State.FED_BACK, VIOLENCE)

    assert numbers_of(enter("colleague").get(TASKS))["verify"] == []


def test_an_order_for_the_team_stands_on_its_page(cast, enter):
    story = Story(cast, FIRE_LANE, at=timezone.now()).report().route()
    story.accept(by="community").dispatch(by="community", lead=TEAM)

    assert numbers_of(enter("colleague").get(TASKS))["orders"] == [story.event.number]


def test_what_did_not_pass_the_check_stands_apart_from_the_teams_other_orders(cast, enter):
    again = Story(cast, FIRE_LANE, at=timezone.now()).report("elsewhere").route()
    again.accept("community").dispatch("community", lead=TEAM).sign().feed_back().rework(
        "worker", missing="All of it"
    )
    fresh = Story(cast, FIRE_LANE, at=timezone.now()).report().route()
    fresh.accept("community").dispatch("community", lead=TEAM)

    numbers = numbers_of(enter("colleague").get(TASKS))

    assert (numbers["rework"], numbers["orders"]) == ([again.event.number], [fresh.event.number])


def test_a_team_opens_one_of_its_queues_as_a_list(cast, enter):
    story = told(cast, State.FED_BACK)

    page = enter("worker").get(HOME, {"queue": "verify"})

    assert [row.pk for row in page.context["page"].rows] == [story.id]
    assert [queue.name for queue, _count in page.context["queues"]] == [
        "checks", "verify", "rework", "orders", "mine", "to_rate", "open",
    ]  # fmt: skip


# The desks ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("who", "queue"), [("acceptor", "to_accept"), ("dispatcher", "to_dispatch"), ("verifier", "to_verify")]
)
def test_everybody_lands_in_the_queue_of_their_post(cast, enter, who, queue):
    for state in (State.REPORTED, State.ACCEPTED, State.FED_BACK):
        told(cast, state)

    page = enter(who).get(HOME)

    assert page.context["queue"].name == queue
    assert len(page.context["page"].rows) == 1


@pytest.mark.parametrize("who", ["director", "community", "centre", "police", "worker", "leader"])
def test_counts_and_lists_never_disagree(cast, who):
    for state in WAYS:
        told(cast, state)
        if state != State.CLOSED:  # the grid worker may not close a sensitive one
            told(cast, state, VIOLENCE)
    person = getattr(cast, who)
    seat = Seat(person, scope_of(person).posts[0], timezone.now())
    queues = queues_of(seat.post)

    counts = counts_of(queues, seat)

    assert sum(counts.values()) > 0
    for queue in queues:
        if queue.counted:
            assert counts[queue.name] == queue.events(seat).count(), queue.name


def test_the_next_street_sees_nothing(cast, enter):
    story = told(cast, State.FED_BACK)

    page = enter("neighbour").get(HOME, {"queue": "open"})

    assert page.context["page"].rows == []
    assert story.event.number not in page.content.decode()


def test_an_overdue_event_is_counted_and_said_in_words(cast, enter):
    late = Story(cast, SHOP_IN_ROAD, at=timezone.now() - timedelta(days=20)).report().route()

    page = enter("director").get(HOME, {"queue": "overdue"})

    assert [row.pk for row in page.context["page"].rows] == [late.id]
    assert page.context["numbers"]["overdue"] == 1
    assert "overdue by" in page.content.decode()


def test_the_centre_sees_a_critical_event_of_any_street_at_once(cast, enter):
    story = Story(cast, VIOLENCE, at=timezone.now()).report().route()
    Event.objects.filter(pk=story.id).update(sensitive=False)

    page = enter("centre").get(HOME)

    assert page.context["queue"].name == "critical"
    assert [row.pk for row in page.context["page"].rows] == [story.id]


def test_todays_numbers_come_from_the_projection(cast, enter):
    Story(cast, at=timezone.now()).report().route().accept()
    outbox.drain()

    numbers = enter("director").get(HOME).context["numbers"]

    assert numbers == {"reported": 1, "accepted": 1, "dispatched": 0, "closed": 0, "open": 1, "overdue": 0}


def test_filters_narrow_the_queue_and_stay_in_the_address(cast, enter):
    shop, lane = told(cast, State.REPORTED), told(cast, State.REPORTED, FIRE_LANE)
    Event.objects.filter(pk=lane.id).update(desk=shop.event.desk, holder=shop.event.holder)

    page = enter("director").get(HOME, {"queue": "to_accept", "item": SHOP_IN_ROAD})

    assert [row.pk for row in page.context["page"].rows] == [shop.id]
    assert f"item={SHOP_IN_ROAD}" in page.context["address"]


def test_the_live_refresh_is_a_fragment_with_fresh_counts(cast, enter):
    browser = enter("director")
    empty = browser.get(HOME, {"queue": "to_accept"})
    told(cast, State.REPORTED)

    fragment = browser.get(
        HOME, {"queue": "to_accept"}, headers={"HX-Request": "true", "HX-Target": "queue-list"}
    ).content.decode()

    assert "Nothing waits here." in empty.content.decode()
    assert "<html" not in fragment
    assert fragment.count("hx-swap-oob") == 2
    assert "<title>(1) To accept" in fragment
    assert reverse("desks:event", args=[Event.objects.get().pk]) in fragment


def test_an_agency_finds_its_orders_and_what_it_assists(cast, enter):
    story = told(cast, State.DISPATCHED)

    police, city = enter("police"), enter("city")

    assert [row.pk for row in police.get(HOME).context["page"].rows] == [story.id]
    assert [row.pk for row in city.get(HOME, {"queue": "assisting"}).context["page"].rows] == [story.id]
    assert city.get(HOME, {"queue": "to_sign"}).context["page"].rows == []


def test_a_desk_and_a_team_find_what_they_assist(cast, enter):
    desk, team = told(cast, State.ACCEPTED), told(cast, State.ACCEPTED)
    desk.dispatch(lead=POLICE, assistants=[DESK])
    team.dispatch(lead=POLICE, assistants=[TEAM])

    found = enter("community").get(HOME, {"queue": "assisting"}).context["page"].rows
    assert [row.pk for row in found] == [desk.id]
    assert [row.pk for row in enter("worker").get(HOME, {"queue": "orders"}).context["page"].rows] == [
        team.id
    ]


def test_an_agency_first_sees_all_its_orders_by_deadline(cast, enter):
    """As lead, signed or not, and as assistant; under a heading for each day, and in no more statements."""
    to_sign, in_hand = told(cast, State.DISPATCHED), told(cast, State.HANDLING)
    told(cast, State.ACCEPTED), told(cast, State.FED_BACK)
    now = timezone.now()
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE events_event SET due = %s WHERE id = %s", [now + timedelta(days=9), to_sign.id]
        )
        cursor.execute(
            "UPDATE events_event SET due = %s WHERE id = %s", [now - timedelta(days=1), in_hand.id]
        )

    police, city = enter("police"), enter("city")
    police.get(HOME)
    with CaptureQueriesContext(connection) as captured:
        page = police.get(HOME)

    assert len(captured) <= 10
    assert page.context["queue"].name == "our_orders"
    rows = page.context["page"].rows
    assert [row.pk for row in rows] == [in_hand.id, to_sign.id]
    assert [str(row.opens_section) for row in rows] == ["Overdue", "Due later"]
    assert "Co-handled</span></td>" not in page.content.decode()

    page = city.get(HOME)
    assert page.context["queue"].name == "our_orders"
    assert to_sign.id in [row.pk for row in page.context["page"].rows]
    assert "Co-handled</span></td>" in page.content.decode()


# Other posts ----------------------------------------------------------------------------------------


def test_a_supervisor_goes_to_the_rates(enter):
    assert enter("supervisor").get(HOME).url == reverse("supervision:rates")


@pytest.mark.parametrize(
    ("who", "page"),
    [("admin", "rules:calendar"), ("security", "exports:approvals"), ("auditor", "accounts:audit_log")],
)
def test_an_administrator_goes_to_their_own_work(cast, enter, who, page):
    cast.__dict__["security"] = User.objects.get(username="security")
    assert enter(who).get(HOME).url == reverse(page)


def test_who_has_no_post_is_told_whom_to_ask(cast, enter):
    Post.objects.filter(user=cast.supervisor).update(valid_to=MONDAY)
    User.objects.filter(pk=cast.supervisor.pk).update(scope_version=F("scope_version") + 1)
    assert "Your post has no events to work on." in enter("supervisor").get(HOME).content.decode()


# Deadlines ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("share_gone", "tone", "words"),
    [(0, "green", "4 h 0 min left"), (0.79, "green", "50 min left"), (0.8, "yellow", "48 min left"),
     (1, "yellow", "less than 1 min left"), (2, "red", "overdue by 4 h 0 min")],
)  # fmt: skip
def test_a_deadline_has_a_colour_and_words(cast, share_gone, tone, words):
    story = Story(cast, VIOLENCE).report().route()
    clock = story.event.clocks.get(kind=ClockKind.WHOLE)
    clock.due = clock.start + timedelta(hours=4)

    with override("en"):
        chip = clock_words.of_clock(clock, cast.district, now=clock.start + timedelta(hours=4) * share_gone)

    assert (chip.tone, chip.words) == (tone, words)


# The cost -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("length", [0, 1, 55])
def test_a_home_page_costs_at_most_ten_queries(cast, enter, length):
    for number in range(length):
        told(cast, list(WAYS)[number % 6] if number < 12 else State.REPORTED)
    for who in ("director", "police", "centre", "community"):
        browser = enter(who)
        assert browser.get(HOME).status_code == 200
        with CaptureQueriesContext(connection) as queries:
            browser.get(HOME)
        statements = [query["sql"] for query in queries]
        assert len(statements) <= 10, f"{who}: {len(statements)}\n" + "\n".join(statements)


def test_the_frame_itself_costs_only_the_session_and_the_person(enter, django_assert_num_queries):
    browser = enter("director")
    browser.get(reverse("accounts:password_change"))

    with django_assert_num_queries(2):
        browser.get(reverse("accounts:password_change"))
