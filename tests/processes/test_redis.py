"""PostgreSQL decides, Redis only hints: with Redis gone or silent, people work on and nothing is lost."""

import statistics
import time

import pytest

from demo.people import PASSWORD
from events.models import Event
from tests.processes.product import Person, all_routed, counted, recounted, story, wait_for
from tests.servers import Valkey

ONCE = ["report", "route"]
MOST_THREADS = 1 + 1 + 4 + 1 + 1
"""gunicorn's arbiter; its worker with four threads for requests, the senders of hints and of live messages."""


def verbs(keys) -> list[list[str]]:
    return [[verb for _sequence, verb, *_rest in steps] for steps in story(keys)]


def test_a_hint_alone_brings_a_report_to_its_desk_within_two_seconds(product):
    web, _worker = product.web(), product.worker()
    worker = web.enter("worker")
    worker.report()
    wait_for(all_routed, "the first report's desk")
    seconds = []
    for _ in range(7):
        started = time.monotonic()
        key, _taken = worker.report()
        wait_for(lambda key=key: Event.objects.get(pk=key).desk_id, "the desk")
        seconds.append(time.monotonic() - started)
    assert statistics.median(seconds) < 2, seconds


@pytest.mark.parametrize(
    ("down", "up"), [(Valkey.kill, Valkey.start), (Valkey.pause, Valkey.resume)], ids=["killed", "silent"]
)
def test_without_redis_reports_are_taken_at_once_and_routed_after_its_return(product, valkey, down, up):
    web = product.web()
    product.beat()
    product.worker()
    worker = web.enter("worker")
    keys = [worker.report()[0]]
    wait_for(all_routed, "the first report's desk")

    down(valkey)
    answers = [worker.report() for _ in range(20)]
    assert max(seconds for _key, seconds in answers) < 1
    wait_for(lambda: web.says("hint not sent"), "the sender to give up")
    answers.append(worker.report())
    assert answers[-1][1] < 1
    assert web.threads() <= MOST_THREADS
    assert Event.objects.get(pk=answers[-1][0]).desk is None, "the worker heard of it without Redis"

    up(valkey)
    wait_for(all_routed, "the desks after the return")
    keys += [key for key, _seconds in answers]
    assert verbs(keys) == [ONCE] * 22
    assert counted() == recounted()


def test_the_web_starts_and_people_log_in_and_report_without_redis(product, valkey):
    valkey.kill()
    person = Person(product.web().address)
    form = f"username=worker&password={PASSWORD}".encode()
    status, _body = person.post("/accounts/login/", form, "application/x-www-form-urlencoded")
    assert (status, "sessionid" in person.cookies) == (302, True)
    assert person.get("/api/v1/me/")[0] == 200
    key, seconds = person.report()
    assert seconds < 1
    status, body = person.get("/api/v1/events/")
    assert status == 200
    assert str(key).encode() in body
