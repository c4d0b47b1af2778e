"""The demo while it runs: reports now and then, people who go on with them, and bounds."""

from dataclasses import replace
from datetime import datetime, timedelta
from random import Random

import pytest
from django.utils import timezone

from accounts.sessions import Session
from demo.habits import Habits
from demo.live import LiveDemo, mean_pause
from events.models import Event, Step
from events.steps import verify_chains
from grids.models import District
from tests.cast import SHANGHAI


@pytest.fixture
def media(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path


@pytest.fixture
def nobody(db):
    Session.objects.all().delete()


def demo(now: datetime, **limits) -> LiveDemo:
    habits = Habits.read()
    return LiveDemo(
        District.objects.get(), replace(habits, live=replace(habits.live, **limits)), now=now, dice=Random(1)
    )


def test_it_reports_goes_on_and_is_taken_up_by_the_next_start(nobody, media):
    now = timezone.now()
    first = demo(now)
    for _ in range(3):
        first.step(now, 1e9)
    first.step(now, 0)
    assert Event.objects.count() == 3
    first.step(now + timedelta(minutes=30), 0)
    assert Step.objects.filter(verb__in=["accept", "reject", "self_close", "auto_dispatch"]).exists()

    later = now + timedelta(minutes=31)
    second = demo(later)
    assert second.number == 3
    second.step(later + timedelta(hours=8), 0)
    second.step(later + timedelta(hours=16), 0)
    assert Event.objects.filter(closed_at__gt=now).exists()
    assert list(verify_chains("330104")) == []


def test_it_ends_at_a_number_of_events_and_before_the_disk_is_full(nobody, media, monkeypatch):
    now = timezone.now()
    bounded = demo(now, most_events=1)
    for _ in range(3):
        bounded.step(now, 1e9)
    assert Event.objects.count() == 1

    full = demo(now, least_free_megabytes=10**9)
    full.step(now, 1e9)
    assert Event.objects.count() == 1


def test_reports_are_rare_without_visitors_and_at_night(nobody):
    noon, night = (datetime(2019, 3, 4, hour, tzinfo=SHANGHAI) for hour in (12, 23))
    limits = Habits.read().live
    assert mean_pause(noon, limits) == limits.seconds_without_visitor
    assert mean_pause(night, limits) == limits.seconds_without_visitor * limits.night_factor
    Session.objects.create(
        session_key="x", session_data="", expire_date=night + timedelta(hours=1), seen_at=night
    )
    assert mean_pause(night, limits) == limits.seconds_with_visitor * limits.night_factor


def test_a_story_that_fails_stops_no_other(nobody, media, monkeypatch, caplog):
    now = timezone.now()
    running = demo(now)
    running.step(now, 1e9)
    running.stage.enter(iter_that_fails(now))
    running.step(now + timedelta(minutes=1), 0)
    assert "cannot be told further" in caplog.text
    assert running.stage.next_at is not None


def iter_that_fails(now: datetime):
    yield now
    raise RuntimeError("a visitor was quicker")
