"""A small simulated week by the real actions: what comes of it holds together, and the same seed tells it again."""

from collections import Counter
from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal
from io import StringIO

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError
from django.db import transaction

from demo import telling
from demo.cast import Cast
from demo.habits import HABITS, Habits
from demo.outcome import outcome_of
from demo.simulation import Run, simulate
from dispatch.models import Ask, Clock, ClockKind, DayCount, Outbox
from events.models import OPEN_STATES, Event, Source, State, Step
from events.steps import verify_chains
from grids.models import District
from tests.cast import SHANGHAI

MONDAY = datetime(2018, 7, 2, tzinfo=SHANGHAI)
WEEK = Run(MONDAY, MONDAY + timedelta(days=7), 48, 5, MONDAY + timedelta(days=7))
DAY = Run(MONDAY, MONDAY + timedelta(days=1), 10, 3, MONDAY + timedelta(days=2))
OFTEN = {
    "wrong_item": 0.2, "duplicate": 0.2, "wrong_agency": 0.4, "groundless_return": 0.4, "recalled": 0.5,
    "checked_on_the_spot": 0.2, "rework": 0.3, "extended": 0.5, "held": 0.5, "reopened": 0.2, "rated": 0.8,
    "rejected": 0.1, "escalated": 0.3, "urged": 1,
}  # fmt: skip
"""So that a week of 48 events knows every mistake."""
HOLDER_OF = {State.REPORTED: "desk_id", State.ACCEPTED: "desk_id", State.FED_BACK: "desk_id"}
STAGE_CLOCK = {
    State.REPORTED: ClockKind.ACCEPT,
    State.ACCEPTED: ClockKind.DISPATCH,
    State.DISPATCHED: ClockKind.SIGN,
    State.HANDLING: ClockKind.HANDLE,
    State.FED_BACK: ClockKind.CHECK,
    State.ON_HOLD: ClockKind.HANDLE,
}


def often() -> Habits:
    habits = Habits.read()
    return replace(habits, chances={**habits.chances, **OFTEN})


def tell(run: Run, **more) -> None:
    simulate(run, district=District.objects.get(), habits=often(), **more)


def history() -> list[tuple]:
    """Everything that happened, but for what a database numbers anew."""
    steps = Step.objects.order_by("event_id", "sequence")
    return list(steps.values_list("event_id", "sequence", "verb", "at", "actor", "to_state"))


@pytest.fixture(scope="module")
def week(django_db_setup, django_db_blocker, tmp_path_factory):
    """One week for the whole file, in a transaction of its own."""
    with (
        pytest.MonkeyPatch.context() as patch,
        django_db_blocker.unblock(),
        transaction.atomic(),
    ):
        patch.setattr("django.conf.settings.MEDIA_ROOT", tmp_path_factory.mktemp("media"))
        telling.refusals.clear()
        tell(WEEK)
        yield WEEK
        transaction.set_rollback(True)


@pytest.fixture
def in_week(week, django_db_blocker):
    with django_db_blocker.unblock():
        yield week


def test_every_report_is_there_and_nobody_was_refused(in_week):
    assert Event.objects.count() == 48
    assert telling.refusals == Counter()
    assert set(Event.objects.values_list("source", flat=True)) >= {
        Source.GRID,
        Source.HOTLINE,
        Source.RESIDENT,
    }


def test_every_mistake_happens_and_is_set_right(in_week):
    verbs = set(Step.objects.values_list("verb", flat=True))
    assert verbs >= {
        "correct", "merge", "return", "refuse_return", "recall", "ask_check", "answer_check", "rework", "reject",
        "request_extension", "decide_extension", "request_hold", "escalate", "rate", "answer_reporter", "self_close",
        "remind", "mark_overdue",
    }  # fmt: skip


def test_chains_verify_and_steps_lie_in_the_week_in_order(in_week):
    assert list(verify_chains("330104")) == []
    last: dict = {}
    for event, at in Step.objects.order_by("event_id", "sequence").values_list("event_id", "at"):
        assert last.get(event, in_week.start) <= at <= in_week.until
        last[event] = at


def test_each_open_event_has_one_holder_and_the_clocks_of_its_state(in_week):
    for event in Event.objects.all():
        running = {clock.kind: clock for clock in event.clocks.running()}
        if event.state not in OPEN_STATES:
            assert (event.holder_id, running) == (None, {})
            continue
        assert event.holder_id == getattr(event, HOLDER_OF.get(event.state, "lead_id"))
        assert {ClockKind.WHOLE, STAGE_CLOCK[event.state]} <= set(running)
        assert running[ClockKind.WHOLE].due == event.whole_due
        stopped = event.state == State.ON_HOLD or "check" in event.asks
        assert all(bool(clock.stopped_at) == stopped for clock in running.values())


def test_no_rung_and_no_question_is_left_that_the_beat_would_have_seen(in_week):
    assert not Clock.objects.at_a_rung(now=in_week.until).exists()
    assert not Ask.objects.filter(answer="", due__lt=in_week.until - timedelta(minutes=15)).exists()
    for step in Step.objects.filter(verb__in=["remind", "mark_overdue"]):
        assert step.event.clocks.filter(kind=step.params["clock"], start__lt=step.at).exists()


def test_the_outbox_is_empty_and_every_step_counted(in_week):
    assert not Outbox.objects.exists()
    counted = sum(DayCount.objects.values_list("number", flat=True))
    assert counted == Step.objects.filter(event__sensitive=False).count()


def test_the_rates_come_out_and_equal_a_recount_from_the_steps(in_week):
    """Closed by the last closing step, judged by the whole deadline; what is open and past it is overdue."""
    counts: Counter[str] = Counter()
    for event in Event.objects.filter(sensitive=False).exclude(state__in=[State.REJECTED, State.MERGED]):
        closings = [step for step in event.steps.all() if step.to_state == State.CLOSED != step.from_state]
        reopened = event.steps.filter(verb__in=["reopen", "refuse_sample"]).count()
        if len(closings) > reopened:
            counts["on_time" if closings[-1].at <= event.whole_due else "late"] += 1
        elif event.whole_due < in_week.until and event.state != State.ON_HOLD:
            counts["overdue"] += 1

    outcome = outcome_of(
        in_week.plots(Cast(District.objects.get()), often()), start=MONDAY, until=in_week.until
    )

    rates, on_time = outcome.counts, outcome.rate("on_time_closure")
    assert (rates["closed_on_time"], rates["closed_late"], rates["overdue_open"]) == (
        counts["on_time"], counts["late"], counts["overdue"],
    )  # fmt: skip
    assert counts["on_time"] and counts["late"]
    assert Decimal(0) < on_time < Decimal(100)
    assert outcome.reported == 48 and outcome.steps == Step.objects.count()
    printed = "\n".join(outcome.lines())
    assert f"按期结案率   {on_time} %" in printed


def test_told_again_it_changes_nothing(in_week):
    before = history()
    tell(in_week)
    assert history() == before


def test_a_run_told_longer_goes_on_with_what_was_open(in_week):
    still_open = Event.objects.open().count()
    with transaction.atomic():
        tell(replace(in_week, until=in_week.until + timedelta(days=3)))
        assert Event.objects.count() == 48
        assert Event.objects.open().count() < still_open
        assert list(verify_chains("330104")) == []
        transaction.set_rollback(True)


@pytest.fixture
def media(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path


def test_the_same_seed_tells_the_same_and_another_another(db, media):
    told = []
    for run in (DAY, DAY, replace(DAY, seed=4)):
        with transaction.atomic():
            tell(run)
            told.append(history())
            transaction.set_rollback(True)
    assert told[0] == told[1] != told[2]


def test_stopped_in_the_middle_it_goes_on_when_it_is_started_again(db, media):
    def stop(told: int, at: datetime) -> None:
        if told == 6:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        tell(DAY, tell=stop)
    assert 0 < Event.objects.count() < 10
    assert list(verify_chains("330104")) == []

    tell(DAY)

    assert Event.objects.count() == 10
    assert list(verify_chains("330104")) == []


def test_the_command_prints_what_came_out_and_says_what_exists(db, media):
    arguments = ["--from", "2018-07-02", "--to", "2018-07-03", "--events", "3", "--processes", "1"]
    first, again = StringIO(), StringIO()
    call_command("simulate", *arguments, stdout=first, stderr=StringIO())
    call_command("simulate", *arguments, stdout=again, stderr=StringIO())

    assert "3 events" in first.getvalue() and "按期结案率" in first.getvalue()
    assert "3 of 3 events exist" in again.getvalue() and "nothing left to do" in again.getvalue()


@pytest.mark.parametrize(
    "arguments",
    [[], ["--from", "2018-07-02"], ["--from", "2018-07-03", "--to", "2018-07-02"], ["--from", "2018-07-02", "--to", "2999-01-01"],
     ["--live", "--habits", "no-such-file.toml"]],
)  # fmt: skip
def test_what_cannot_be_told_is_refused_in_words(db, arguments):
    with pytest.raises(CommandError):
        call_command("simulate", *arguments)


def test_the_habits_are_inputs_of_delay_and_chance_alone():
    habits = Habits.read()
    assert all(0 <= chance <= 1 for chance in habits.chances.values())
    assert set(habits.usual) == set(habits.lively)
    assert "rate" not in HABITS.read_text().replace("rated", "").replace("No rate of the outcome", "")
