"""A nudge costs the caller nothing: it never waits, never raises, never heaps up, and a fork changes nothing."""

import os
import signal
import time

import pytest
import redis

from grid_platform import hints
from grid_platform.celery import app
from grid_platform.hints import nudge
from tests.processes.product import wait_for

TASK = "dispatch.tasks.drain_outbox"


@pytest.fixture
def queue(valkey) -> redis.Redis:
    """The broker's side, where the hints arrive."""
    return redis.Redis(unix_socket_path=valkey.url.partition("://")[2].partition("?")[0])


def waiting(queue: redis.Redis) -> int:
    return queue.llen("celery")


def seconds_of_a_thousand() -> float:
    started = time.monotonic()
    for _ in range(1000):
        nudge(TASK)
    return time.monotonic() - started


def test_a_thousand_nudges_take_no_time_and_few_messages(queue):
    assert seconds_of_a_thousand() < 0.1
    wait_for(lambda: waiting(queue), "the hint")
    assert waiting(queue) < 20


@pytest.mark.parametrize("trouble", ["kill", "pause"])
def test_without_an_answer_from_redis_nothing_waits_and_hints_come_again_after_its_return(
    valkey, queue, trouble, caplog
):
    caplog.set_level("INFO", hints.__name__)
    nudge(TASK)
    wait_for(lambda: waiting(queue), "the first hint")
    getattr(valkey, trouble)()
    assert seconds_of_a_thousand() < 0.1
    wait_for(lambda: "hint not sent" in caplog.text, "the sender to give up")
    assert seconds_of_a_thousand() < 0.1

    {"kill": valkey.start, "pause": valkey.resume}[trouble]()
    before = waiting(queue)

    def arrives() -> bool:
        nudge(TASK)
        return waiting(queue) > before

    wait_for(arrives, "a hint after the return")


def test_a_hint_that_cannot_be_made_is_only_logged(monkeypatch, caplog):
    def refuse(*_args, **_options):
        raise RuntimeError("can't start new thread")

    monkeypatch.setattr(hints, "_sender", None)
    monkeypatch.setattr(hints.threading.Thread, "start", refuse)
    nudge(TASK)
    assert "can't start new thread" in caplog.text


def test_a_forked_child_sends_its_own_hints(valkey, queue):
    nudge(TASK)
    wait_for(lambda: waiting(queue), "the parent's hint")
    queue.delete("celery")
    child = os.fork()
    if child == 0:
        signal.alarm(20)
        nudge(TASK)
        while True:
            time.sleep(1)
    try:
        wait_for(lambda: waiting(queue), "the child's hint", seconds=15)
    finally:
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
    nudge(TASK)
    wait_for(lambda: waiting(queue) >= 2, "the parent's second hint")
    assert app.conf.broker_transport_options["socket_timeout"] > 1, (
        "below BRPOP's second the worker would fail"
    )
