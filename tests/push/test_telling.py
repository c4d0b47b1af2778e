"""From a notice to the phone: who is told, what they are told, once, at the right hour, and never of what is not theirs."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts import access
from accounts.actions import end_post
from accounts.models import Post, User
from dispatch import outbox
from dispatch.models import Outbox
from events.models import Event, State
from inbox.actions import mark_all_read
from inbox.models import Notice
from inbox.recipients import UNMANNED
from push import delivering
from push.actions import KEPT, MOST_DEVICES, tidy
from push.delivering import REFUSED_FOR, deliver
from push.models import Hint, Service, Subscription
from push.queries import backlog
from push.words import TOPIC_OF, TOPICS
from tests.cast import BRAWL, GAMBLING, MONDAY, POLICE, Story, story_at
from webhooks import flights
from webhooks.flights import LEASE

DAY = timedelta(days=1)


@pytest.fixture
def later(monkeypatch):
    """Turns the clock of what delivers."""
    real, shift = timezone.now, [timedelta()]
    monkeypatch.setattr(timezone, "now", lambda: real() + shift[0])

    def later_(**span):
        shift[0] += timedelta(**span)
        return timezone.now()

    return later_


def fed_back(cast, item: str = "30202") -> Story:
    """The grid team is to check it."""
    return story_at(cast, State.FED_BACK, item, at=an_hour_ago())


def an_hour_ago():
    return timezone.now() - timedelta(hours=1)


def told(service, *, drain: bool = True) -> list[tuple[str, str, str]]:
    """(browser, tag, title) of everything told since the last time."""
    if drain:
        while outbox.drain():
            pass
    while deliver():
        pass
    found = [(name, body["tag"], body["title"]) for name, body in service.told]
    service.told.clear()
    return found


def states() -> list[tuple[str, str, int]]:
    return sorted(Hint.objects.values_list("state", "why", "tries"))


def make_due() -> None:
    """The pauses are over."""
    Hint.objects.waiting().update(next_try_at=timezone.now(), leased_until=None)
    Service.objects.update(held_until=None)


# Who, and what --------------------------------------------------------------------------------------


def test_the_team_is_told_how_many_wait_and_nothing_else(cast, service):
    service.browser("worker").subscribed(cast.worker)
    story = fed_back(cast)
    outbox.drain()
    assert deliver() == 2
    told_ = dict(service.told)
    assert [body["tag"] for _name, body in service.told] == ["report", "check"], "accepted, then to check"
    notice = Notice.objects.get(step__verb="feed_back", kind="checkers")
    assert told_["worker"] == {
        "tag": "check",
        "title": "有 1 件待你核查",
        "url": TOPICS["check"].url,
        "notice": notice.pk,
    }
    sent = str(service.told)
    for secret in (story.event.number, str(story.id), "Boxes", cast.worker.display_name, "30202"):
        assert secret not in sent
    assert deliver() == 0 and states() == [("sent", "", 1)] * 2


def test_in_the_persons_own_language(cast, service):
    User.objects.filter(pk=cast.worker.pk).update(language="en")
    service.browser("worker").subscribed(cast.worker)
    fed_back(cast)
    assert ("worker", "check", "1 matter waits for your check") in told(service)


def test_many_notices_of_a_kind_are_one_hint_that_counts_them(cast, service):
    service.browser("worker").subscribed(cast.worker)
    for _ in range(3):
        fed_back(cast)
    assert sorted(told(service)) == [
        ("worker", "check", "有 3 件待你核查"),
        ("worker", "report", "你上报的 3 件有新进展"),
    ]
    assert len(states()) == 6 and {state for state, _why, _tries in states()} == {"sent"}
    fed_back(cast)
    assert ("worker", "check", "有 4 件待你核查") in told(service), (
        "and the next one counts what is still unread"
    )


def test_each_is_told_what_their_own_work_is_and_on_each_of_their_devices(cast, service):
    for who in ("worker", "colleague", "acceptor", "verifier", "dispatcher", "police", "neighbour", "admin"):
        service.browser(who).subscribed(getattr(cast, who))
    service.browser("tablet").subscribed(cast.colleague)
    story_at(cast, State.FED_BACK, at=an_hour_ago())
    assert {(name, tag) for name, tag, _title in told(service)} == {
        ("worker", "report"), ("worker", "check"), ("colleague", "check"), ("tablet", "check"),
        ("verifier", "desk"),
    }, "the acceptor's and the agency's are settled meanwhile"  # fmt: skip


def test_an_order_is_told_to_the_agency_but_nobody_hears_of_the_own_act(cast, service):
    for who in ("police", "worker", "director"):
        service.browser(who).subscribed(getattr(cast, who))
    story = (
        Story(cast, at=an_hour_ago()).report().route().accept("director").comment("director", text="Quickly")
    )
    story.dispatch("director", lead=POLICE)
    told_ = told(service)
    assert ("police", "order", "有 1 件派单有新情况") in told_
    assert not [row for row in told_ if row[0] == "director"]


def test_every_kind_of_notice_has_a_topic_but_the_alarm_of_the_unmanned():
    kinds = {kind for kind, _label in Notice._meta.get_field("kind").choices}
    assert set(TOPIC_OF) == kinds - {UNMANNED}
    assert all(len(code) <= 10 and topic.words(1) and topic.words(2) for code, topic in TOPICS.items())


def test_without_a_key_nothing_is_asked_or_kept(cast, service, settings):
    service.browser("worker").subscribed(cast.worker)
    settings.VAPID_PRIVATE_KEY, settings.DEMO_MODE = "", False
    fed_back(cast)
    assert told(service) == [] and not Hint.objects.exists()


# Permission is asked when it is sent --------------------------------------------------------------


def test_whoever_lost_the_post_meanwhile_hears_nothing(cast, service):
    service.browser("colleague").subscribed(cast.colleague)
    fed_back(cast)
    outbox.drain()
    end_post(post=Post.objects.get(user=cast.colleague), at=timezone.now())
    assert told(service) == [] and states() == [("dropped", "not_for_them", 1)]


def test_what_left_the_persons_sight_is_not_told(cast, service):
    service.browser("police").subscribed(cast.police)
    story = story_at(cast, State.DISPATCHED, at=an_hour_ago())
    outbox.drain()
    story.return_(reason="not_our_duty", explanation="Not us")
    assert told(service) == [] and {why for _state, why, _tries in states()} == {"not_for_them"}


def test_what_became_sensitive_or_was_seen_to_is_not_told(cast, service):
    service.browser("colleague").subscribed(cast.colleague)
    fed_back(cast, GAMBLING)
    hidden, done = fed_back(cast), fed_back(cast)
    outbox.drain()
    Event.objects.filter(pk=hidden.id).update(sensitive=True)
    done.verify(by="worker", note="Seen")
    assert told(service) == []


def test_what_was_read_in_the_app_meanwhile_is_not_told(cast, service):
    service.browser("worker").subscribed(cast.worker)
    fed_back(cast)
    outbox.drain()
    mark_all_read(user=cast.worker, until=timezone.now(), now=timezone.now())
    assert told(service) == []


def test_a_closed_account_hears_nothing(cast, service):
    service.browser("worker").subscribed(cast.worker)
    fed_back(cast)
    outbox.drain()
    User.objects.filter(pk=cast.worker.pk).update(is_active=False)
    assert told(service) == []
    access.open_or_close(user=cast.worker, is_open=False, by=cast.admin)
    assert not Subscription.objects.exists()


# When -----------------------------------------------------------------------------------------------


def test_a_rung_of_the_night_is_told_in_the_morning_and_a_critical_one_at_once(cast, service, later):
    service.browser("acceptor").subscribed(cast.acceptor)
    night = MONDAY.replace(hour=23)
    calm = Story(cast, at=MONDAY).report().route()
    Story(cast, BRAWL, at=night).report().route().wait(minutes=4).tick()
    calm.now = night
    calm.tick()
    now = timezone.now()
    outbox.drain()
    rows = {
        (hint.notice.step.verb, hint.notice.event_id == calm.id): hint.next_try_at
        for hint in Hint.objects.select_related("notice__step")
    }
    assert rows["mark_overdue", True] == MONDAY.replace(day=5, hour=7)
    assert rows["remind", False] < night + timedelta(hours=1)
    Hint.objects.update(next_try_at=now + timedelta(hours=2), expires_at=now + DAY)
    assert told(service) == [], "not before its time"
    later(hours=2, minutes=1)
    Notice.objects.update(visible_from=now)
    assert {tag for _name, tag, _title in told(service)} >= {"held"}


def test_what_nobody_wants_to_hear_any_more_is_given_up_and_cleared_away(cast, service, later):
    service.browser("worker").subscribed(cast.worker)
    fed_back(cast)
    outbox.drain()
    later(hours=13)
    assert deliver() == 0
    assert tidy(now=timezone.now()) == 2 and states() == [("failed", "", 0)] * 2
    later(days=KEPT.days)
    assert tidy(now=timezone.now()) == 2 and not Hint.objects.exists()


def test_the_push_service_is_told_how_long_to_keep_it_and_how_urgent_it_is(cast, service):
    service.browser("centre").subscribed(cast.centre)
    Story(cast, BRAWL, at=an_hour_ago()).report().route()
    told(service)
    (got,) = service.got
    assert got.headers["urgency"] == "high" and 10 * 3600 < int(got.headers["ttl"]) < 12 * 3600


# Failures -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("status", [404, 410])
def test_a_browser_that_is_gone_ends_the_subscription(cast, service, status):
    service.browser("worker").subscribed(cast.worker)
    fed_back(cast)
    service.status = status
    told(service)
    assert len(service.got) == 1
    assert not Subscription.objects.exists() and not Hint.objects.exists()


def test_a_service_that_is_down_is_tried_by_one_and_gets_it_after_it_is_back(cast, service, later):
    for who in ("worker", "colleague", "leader"):
        service.browser(who).subscribed(getattr(cast, who))
    fed_back(cast)
    outbox.drain()
    service.stop()
    deliver()
    row = Service.objects.get()
    assert row.failures == 1 and row.held_until > timezone.now()
    assert {why for _state, why, _tries in states()} <= {"no_connection", ""}
    assert deliver() == 0, "left alone"
    later(seconds=7)
    assert deliver() == 1, "one finds out"
    assert Service.objects.get().failures == 2
    service.start()
    later(minutes=2)
    names = {name for name, _tag, _title in told(service)}
    assert names == {"worker", "colleague", "leader"}
    row = Service.objects.get()
    assert (row.failures, row.held_until) == (0, None)
    assert Subscription.objects.get(user=cast.worker).ok_at


@pytest.mark.parametrize("status", [429, 500, 503])
def test_a_busy_service_is_given_the_time_it_asks_for(cast, service, status):
    service.browser("worker").subscribed(cast.worker)
    story_at(cast, State.ACCEPTED, at=an_hour_ago())
    outbox.drain()
    service.status, service.headers = status, {"Retry-After": "900"}
    assert deliver() == 1
    hint = Hint.objects.get()
    assert hint.state == "waiting" and hint.next_try_at > timezone.now() + timedelta(minutes=14)
    service.status = 201
    make_due()
    assert [tag for _name, tag, _title in told(service)] == ["report"]


def test_a_hint_is_tried_with_growing_pauses_and_given_up_in_the_end(cast, service, later):
    service.browser("worker").subscribed(cast.worker)
    story_at(cast, State.ACCEPTED, at=an_hour_ago())
    outbox.drain()
    service.status, pauses = 400, []
    while Hint.objects.get().state == "waiting":
        hint = Hint.objects.get()
        later(seconds=max(0, (hint.next_try_at - timezone.now()).total_seconds()) + 1)
        deliver()
        pauses.append(Hint.objects.get().next_try_at - timezone.now())
    assert states()[0][:2] == ("failed", "refused") and 8 <= len(service.got) == len(pauses) <= 10
    assert Subscription.objects.get().failed_at and not Subscription.objects.get().ok_at


def test_a_week_of_refusals_ends_the_subscription_but_not_a_week_without_an_answer(cast, service, later):
    service.browser("worker").subscribed(cast.worker)
    service.status = 503
    later(days=REFUSED_FOR.days)
    story_at(cast, State.ACCEPTED, at=an_hour_ago())
    told(service)
    assert Subscription.objects.exists()
    service.status = 403
    make_due()
    deliver()
    assert not Subscription.objects.exists()


def test_slow_services_hold_one_worker_for_a_while_and_no_other(cast, service, monkeypatch):
    for number in range(6):
        service.browser(f"w{number}").subscribed(cast.worker)
    story_at(cast, State.ACCEPTED, at=an_hour_ago())
    outbox.drain()
    service.delay = 0.2
    monkeypatch.setattr(flights, "RUN_FOR", timedelta(seconds=0.1))
    monkeypatch.setattr(flights, "SLOTS", 2)
    assert deliver() == 2 == service.busiest
    Hint.objects.waiting().filter(pk=Hint.objects.waiting().first().pk).update(
        leased_until=timezone.now() + LEASE
    )
    assert deliver() == 0, "another worker is at it"


def test_a_worker_that_died_leaves_its_hints_to_the_next(cast, service, later):
    service.browser("worker").subscribed(cast.worker)
    story_at(cast, State.ACCEPTED, at=an_hour_ago())
    outbox.drain()
    (flight,) = delivering._claim(8, [], timezone.now())
    assert deliver() == 0
    later(seconds=LEASE.total_seconds() + 1)
    assert deliver() == 1
    delivering._record(flight, flights.Answer(timezone.now(), why="timeout"))
    assert states() == [("sent", "", 2)], "what comes after the lease decides nothing"


def test_a_notice_is_queued_once_however_often_its_step_is_worked(cast, service):
    service.browser("worker").subscribed(cast.worker)
    story = fed_back(cast)
    told(service)
    for step in story.steps:
        Outbox.objects.create(tenant=story.event.tenant, step=step)
    assert told(service) == [] and Hint.objects.count() == 2


def test_queueing_costs_a_bounded_number_of_statements(cast, service, django_assert_num_queries):
    from push.queueing import queue

    stories = [fed_back(cast) for _ in range(2)]
    outbox.drain()
    steps = [step for story in stories for step in story.steps]
    with django_assert_num_queries(1):  # is there any subscription
        queue(steps)
    service.browser("worker").subscribed(cast.worker)
    service.browser("colleague").subscribed(cast.colleague)
    with django_assert_num_queries(5):  # any, notices, posts, devices, hints
        queue(steps)
    assert Hint.objects.count() == 6


def test_a_claim_costs_the_same_however_much_waits(cast, service):
    counts = []
    for number in (1, 4):
        for n in range(number):
            service.browser(f"w{number}{n}").subscribed(cast.worker)
        fed_back(cast)
        outbox.drain()
        with CaptureQueriesContext(connection) as captured:
            delivering._claim(16, [], timezone.now())
        counts.append(len(captured))
        told(service, drain=False)
    assert counts[0] == counts[1]


def test_figures_for_whoever_watches(cast, service, later):
    service.browser("worker").subscribed(cast.worker)
    fed_back(cast)
    outbox.drain()
    service.stop()
    deliver()
    make_due()
    found = backlog(now=later(minutes=5))
    assert (found.waiting, found.services_failing) == (2, 1) and 299 < found.oldest_seconds < 310


def test_a_person_has_so_many_devices_and_the_oldest_gives_way(cast, service):
    for number in range(MOST_DEVICES + 2):
        service.browser(f"d{number}").subscribed(cast.worker)
    left = set(Subscription.objects.values_list("endpoint", flat=True))
    assert len(left) == MOST_DEVICES and service.browser("d0").endpoint not in left


# Whose device it is -------------------------------------------------------------------------------


def logged_in(person) -> tuple[Client, str]:
    client = Client(headers={"accept-language": "en"})
    client.force_login(person, backend="accounts.backends.PostBackend")
    return client, client.session["log_in"]["number"]


def test_whoever_subscribes_a_browser_last_has_it(cast, service):
    browser = service.browser("phone")
    browser.subscribed(cast.worker)
    fed_back(cast)
    outbox.drain()
    browser.subscribed(cast.colleague)
    told(service)
    assert Subscription.objects.get().user == cast.colleague
    assert service.got == [], "what waited was the other one's"


def test_a_log_out_ends_it_on_this_device_alone(cast, service):
    client, here = logged_in(cast.worker)
    _other, there = logged_in(cast.worker)
    service.browser("here").subscribed(cast.worker, here)
    service.browser("there").subscribed(cast.worker, there)
    client.post("/accounts/logout/")
    assert [str(row.log_in) for row in Subscription.objects.all()] == [there]


def test_a_log_in_that_is_ended_takes_its_device_along(cast, service):
    _client, here = logged_in(cast.worker)
    _second, second = logged_in(cast.worker)
    _third, third = logged_in(cast.worker)
    for name, number in (("a", here), ("b", second), ("c", third)):
        service.browser(name).subscribed(cast.worker, number)

    def left() -> set[str]:
        return {str(row.log_in) for row in Subscription.objects.all()}

    access.end_sessions(user=cast.worker, by=cast.worker, number=third)
    assert left() == {here, second}
    access.end_sessions(user=cast.worker, by=cast.worker, keep=here)
    assert left() == {here}
    access.end_sessions(user=cast.worker, by=User.objects.get(username="security"))
    assert left() == set()
    service.browser("a").subscribed(cast.worker, here)
    access.give_password(user=cast.worker, by=cast.admin)
    assert left() == set()


def test_a_new_password_ends_it_elsewhere(cast, service):
    cast.worker.set_password("Before-12345")
    cast.worker.save()
    client, here = logged_in(cast.worker)
    service.browser("here").subscribed(cast.worker, here)
    service.browser("lost").subscribed(cast.worker)
    form = {"old_password": "Before-12345", "new_password1": "After-67890x", "new_password2": "After-67890x"}
    assert client.post("/accounts/password/", form).status_code == 302
    assert [str(row.log_in) for row in Subscription.objects.all()] == [here]


def test_a_log_in_that_only_grew_old_does_not_end_it(cast, service):
    """A hint says nothing that needs one; what it leads to does."""
    client, here = logged_in(cast.worker)
    service.browser("here").subscribed(cast.worker, here)
    client.session.delete()
    fed_back(cast)
    assert told(service)
