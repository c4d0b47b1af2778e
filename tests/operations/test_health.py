"""What proxies and the monitoring are told: alive, ready, and figures for whoever may have them."""

from datetime import timedelta

import pytest
from django.core.cache import cache
from django.db import DatabaseError, connection
from django.test import Client
from django.utils import timezone
from prometheus_client.parser import text_string_to_metric_families

from dispatch.models import Outbox
from grid_platform import environment
from operations import gauges, readiness, tasks
from tests.cast import SHOP_IN_ROAD, Cast, Story, story_at

TOKEN = "a-token-for-the-monitoring"


@pytest.fixture(autouse=True)
def nothing_kept(db):
    cache.clear()
    yield
    cache.clear()


@pytest.fixture
def cast(db) -> Cast:
    return Cast()


def ready() -> tuple[int, dict]:
    cache.delete("operations.readiness")
    answer = Client().get("/readyz")
    return answer.status_code, answer.json()["parts"]


ALL_WELL = {"database": "ok", "migrations": "ok", "outbox": "ok", "beat": "ok", "redis": "ok"}


def test_ready_when_all_it_stands_on_is_well():
    tasks.note_beat()
    assert ready() == (200, ALL_WELL)
    assert Client().get("/healthz").json() == {"status": "ok"}


def test_without_redis_beat_or_a_worker_people_can_still_work(cast, settings):
    assert ready() == (200, ALL_WELL | {"beat": "degraded"}), "beat has never been there"
    tasks.note_beat()
    settings.REDIS_URL = "redis://127.0.0.1:1/0"
    assert ready() == (200, ALL_WELL | {"redis": "degraded"})
    Story(cast, at=timezone.now() - timedelta(minutes=2)).report()
    assert ready() == (200, ALL_WELL | {"redis": "degraded", "outbox": "degraded"})


def test_a_parked_row_is_told(cast):
    tasks.note_beat()
    Story(cast, at=timezone.now()).report()
    assert ready() == (200, ALL_WELL)
    Outbox.objects.update(parked_at=timezone.now())
    assert ready() == (200, ALL_WELL | {"outbox": "degraded"})


def test_an_old_tick_is_told():
    tasks.note_beat()
    later = timezone.now() + readiness.LATE_BEAT + timedelta(seconds=1)
    assert readiness.readiness(now=later)["beat"] == "degraded"


def test_tables_of_another_release_take_this_web_out():
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM django_migrations WHERE app = 'operations'")
    assert ready() == (503, {"redis": "ok", "database": "ok", "migrations": "failed"})


def test_without_the_database_nothing_is_ready(monkeypatch):
    def gone():
        raise DatabaseError("gone")

    monkeypatch.setattr(readiness, "bounded", gone)
    assert ready() == (503, {"redis": "ok", "database": "failed"})


def test_one_answer_serves_whoever_asks_meanwhile(django_assert_num_queries):
    Client().get("/readyz")
    with django_assert_num_queries(0):
        Client().get("/readyz")


def test_health_is_asked_over_plain_http_while_pages_are_not(settings):
    settings.SECURE_SSL_REDIRECT = True
    assert Client().get("/readyz").status_code == 200
    assert Client().get("/accounts/login/").status_code == 301


# Figures --------------------------------------------------------------------------------------------


def figures() -> dict[str, float]:
    """'name{label value}': its value."""
    answer = Client().get("/metrics", headers={"authorization": f"Bearer {TOKEN}"})
    assert answer.status_code == 200
    families = text_string_to_metric_families(answer.content.decode())
    return {
        sample.name + (f"{{{' '.join(sample.labels.values())}}}" if sample.labels else ""): sample.value
        for family in families
        for sample in family.samples
    }


def test_nobody_gets_figures_unless_somebody_is_named(settings):
    for headers in ({}, {"authorization": "Bearer "}, {"authorization": f"Bearer {TOKEN}"}):
        assert Client().get("/metrics", headers=headers).status_code == 404
    settings.METRICS_TOKEN = TOKEN
    assert Client().get("/metrics", headers={"authorization": "Bearer another"}).status_code == 404
    assert Client().get("/metrics", headers={"authorization": f"Bearer {TOKEN}"}).status_code == 200


def test_a_listed_address_gets_figures_and_behind_a_proxy_only_by_the_proxys_word(settings, monkeypatch):
    monkeypatch.setenv("METRICS_NETWORKS", "10.1.0.0/16, ::1")
    settings.METRICS_NETWORKS = environment.networks("METRICS_NETWORKS")
    assert Client(REMOTE_ADDR="10.1.2.3").get("/metrics").status_code == 200
    assert Client(REMOTE_ADDR="10.2.2.3").get("/metrics").status_code == 404
    settings.BEHIND_PROXY = True
    forged = Client(REMOTE_ADDR="10.1.2.3", HTTP_X_FORWARDED_FOR="10.1.9.9, 203.0.113.7")
    assert forged.get("/metrics").status_code == 404


def test_the_figures_are_those_of_the_service(cast, settings):
    settings.METRICS_TOKEN = TOKEN
    tasks.note_beat()
    before = figures()
    now = timezone.now()
    story_at(cast, "dispatched", at=now - timedelta(days=20))
    Story(cast, SHOP_IN_ROAD, at=now - timedelta(minutes=5)).report()
    Outbox.objects.filter(step__verb="dispatch").update(parked_at=now)
    after = figures()

    def grown(name: str) -> float:
        return after[name] - before.get(name, 0)

    assert grown("grid_queue_events{sign}") == 1
    assert grown("grid_queue_overdue{sign}") == 1
    assert 19 < after["grid_queue_oldest_seconds{sign}"] / 86400 < 21
    assert after["grid_unrouted_oldest_seconds"] == pytest.approx(300, abs=60)
    assert grown("grid_outbox_parked") == 1
    assert after["grid_webhook_waiting"] == 0 == after["grid_webhook_given_up"]
    assert after["grid_outbox_oldest_seconds"] > 19 * 86400
    assert after["grid_beat_last_tick_seconds"] < 60
    assert after["grid_redis_up"] == 1 and "grid_redis_messages" in after
    assert 0 < after["grid_media_free_ratio"] < 1
    assert after["grid_calendar_days_left"] > 0
    assert {name: value for name, value in after.items() if name.startswith("grid_source_up")} == {
        f"grid_source_up{{{source.__name__}}}": 1 for source in gauges.SOURCES
    }
    assert grown("grid_request_seconds_count{200 operations:metrics}") == 1


def test_one_source_that_fails_does_not_silence_the_others(cast, settings, monkeypatch):
    settings.METRICS_TOKEN = TOKEN

    def slow(now):
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_sleep(5)")
        yield

    monkeypatch.setattr(readiness, "QUERY_SECONDS", 0.1)
    monkeypatch.setattr(gauges, "SOURCES", [slow, gauges.outbox])
    told = figures()
    assert told["grid_source_up{slow}"] == 0 and told["grid_source_up{outbox}"] == 1
    assert "grid_outbox_rows" in told


def test_no_figure_names_an_area_a_unit_or_a_person(cast, settings):
    settings.METRICS_TOKEN = TOKEN
    story_at(cast, "dispatched", at=timezone.now())
    text = Client().get("/metrics", headers={"authorization": f"Bearer {TOKEN}"}).content.decode()
    assert not [word for word in ("330104", "GAFJ", "director", "凯旋") if word in text]


@pytest.mark.parametrize("value", ["10.0.0.1/8", "somewhere"])
def test_a_network_that_is_none_is_refused_by_name(monkeypatch, value):
    monkeypatch.setenv("METRICS_NETWORKS", value)
    with pytest.raises(environment.ImproperlyConfigured, match="METRICS_NETWORKS lists addresses"):
        environment.networks("METRICS_NETWORKS")
