"""A small history: it loads once, its chains hold, and every log-in finds work."""

from datetime import timedelta

import pytest
from django.core.management import call_command
from django.db.models import F, Window
from django.db.models.functions import Lag
from django.utils import timezone

from accounts.models import User
from accounts.scope import scope_of
from demo.history import load_history
from demo.people import LOGINS
from desks.queue_rules import Seat
from desks.queues import counts_of, queues_of
from dispatch.models import Clock, DayCount, Outbox
from events.models import Event, Step
from events.steps import verify_chains
from grids.models import District

NOW = timezone.now()
WORK = {
    "worker": {"verify", "orders", "open"},
    "leader": {"samples"},
    "community": {"to_accept", "to_dispatch", "to_sign", "in_hand", "to_verify", "overdue", "assigned", "samples"},
    "director": {"to_accept", "to_dispatch", "to_sign", "in_hand", "to_verify", "overdue", "samples"},
    "neighbour": {"to_accept", "to_dispatch", "to_sign", "in_hand", "to_verify", "overdue"},
    "police": {"our_orders", "to_sign", "in_hand", "overdue", "assisting", "fed_back"},
    "fire": {"our_orders", "to_sign", "in_hand", "assisting", "fed_back"},
    "city": {"our_orders", "to_sign", "in_hand", "assisting", "fed_back"},
    "housing": {"our_orders", "to_sign", "in_hand", "fed_back"},
    "centre": {"critical", "to_accept", "to_dispatch", "to_sign", "in_hand", "to_verify", "overdue", "samples"},
}  # fmt: skip
WORK |= dict.fromkeys(["acceptor", "dispatcher", "verifier"], WORK["director"])


@pytest.fixture(scope="module")
def told(django_db_setup, django_db_blocker):
    """One small history for the whole file, in a transaction of its own."""
    from django.db import transaction

    with django_db_blocker.unblock(), transaction.atomic():
        made = load_history(district=District.objects.get(), now=NOW, events=150)
        yield made
        transaction.set_rollback(True)


@pytest.fixture(autouse=True)
def _inside(told, django_db_blocker):
    with django_db_blocker.unblock():
        yield


def test_it_is_what_was_asked_for_and_some_samples(told):
    assert Event.objects.count() == told >= 150


def test_chains_verify_and_steps_are_in_order_of_time():
    assert list(verify_chains("330104")) == []
    before = Window(Lag("at"), partition_by=F("event"), order_by="sequence")
    steps = Step.objects.annotate(before=before).values_list("before", "at")
    assert [step for step in steps if step[0] and step[0] > step[1]] == []
    assert not Step.objects.filter(at__gt=NOW).exists()


def test_it_reaches_from_before_the_last_month_to_the_last_minutes():
    assert Event.objects.filter(recorded_at__gt=NOW - timedelta(hours=1)).count() > 10
    assert Event.objects.filter(recorded_at__lt=NOW - timedelta(days=31)).exists()


def test_nothing_waits_for_a_worker():
    assert not Outbox.objects.exists()
    assert not Clock.objects.at_a_rung(now=NOW).exists()
    counted = Step.objects.filter(event__sensitive=False)
    assert sum(DayCount.objects.values_list("number", flat=True)) == counted.count()


def test_loading_again_changes_nothing(capsys):
    before = Event.objects.count(), Step.objects.count()

    assert load_history(district=District.objects.get(), now=timezone.now()) == 0
    call_command("load_demo")

    assert (Event.objects.count(), Step.objects.count()) == before
    assert "is loaded" in capsys.readouterr().out


def test_every_log_in_has_work():
    """All in one test: told twice, for two processes, the history would take longest of all."""
    empty = {}
    for name, queues in WORK.items():
        user = User.objects.select_related("district").get(username=name)
        seat = Seat(user, scope_of(user).posts[0], NOW)
        counts = counts_of(queues_of(seat.post), seat)
        empty[name] = {queue for queue in queues if not counts[queue]}

    assert empty == {name: set() for name in WORK}


def test_every_log_in_is_looked_at_but_those_without_a_queue():
    assert LOGINS.keys() - WORK.keys() == {"supervisor", "system", "security", "audit"}


def test_the_history_knows_every_turn_the_loop_can_take():
    verbs = set(Step.objects.values_list("verb", flat=True))
    assert {"reject", "return", "rework", "self_close", "assist_feed_back", "comment", "remind"} <= verbs
    assert Event.objects.filter(desk__code="ZHZX", return_count=2).exists()
