"""The same request again: at once twenty times, or because its answer was never read. Done once, answered alike.

Everything goes to the real web server over sockets of the test's own.
"""

import hashlib
import json
import os
import socket
import uuid
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from http.client import HTTPConnection
from pathlib import Path
from threading import Barrier
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.utils import timezone

from events.models import Event, Evidence, Step
from tests.cast import FIRE_LANE, GRID, KITCHEN, Cast, Story
from tests.desks.test_evidence_files import a_photo
from tests.processes.phones import EVENTS
from tests.processes.product import Person, Product, Web, wait_for

AT_ONCE = 20


class Wire:
    """A person's requests, each on a connection of its own."""

    def __init__(self, web: Web, person: Person) -> None:
        self.host = urlsplit(web.address).netloc
        cookies = "; ".join(f"{name}={value}" for name, value in person.cookies.items())
        self.headers = {
            "Cookie": cookies,
            "X-CSRFToken": person.cookies["csrftoken"],
            "Accept-Language": "en",
        }

    def send(self, method: str, path: str, body: Any, **headers: str) -> tuple[int, dict, Any]:
        """Status, body and headers of the answer."""
        line = HTTPConnection(self.host, timeout=60)
        line.request(method, path, *_content(body, self.headers | headers))
        answer = line.getresponse()
        told = json.loads(answer.read())
        line.close()
        return answer.status, told, answer.headers

    def cut(
        self, method: str, path: str, body: Any, *, after: int | None = None, **headers: str
    ) -> socket.socket:
        """Send it, but for what is behind ``after`` bytes of the body, and read nothing; the caller hangs up."""
        content, more = _content(body, self.headers | headers)
        lines = [f"{method} {path} HTTP/1.1", f"Host: {self.host}", f"Content-Length: {len(content)}"]
        lines += [f"{name}: {value}" for name, value in more.items()]
        host, port = self.host.split(":")
        line = socket.create_connection((host, int(port)), timeout=60)
        line.sendall("\r\n".join(lines).encode() + b"\r\n\r\n" + content[:after])
        return line

    def at_once(self, method: str, path: str, body: Any, **headers: str) -> list[tuple[int, dict]]:
        ready = Barrier(AT_ONCE)

        def one(_number: int) -> tuple[int, dict]:
            ready.wait(30)
            return self.send(method, path, body, **headers)[:2]

        with ThreadPoolExecutor(AT_ONCE) as pool:
            return list(pool.map(one, range(AT_ONCE)))


def _content(body: Any, headers: dict[str, str]) -> tuple[bytes, dict[str, str]]:
    if isinstance(body, bytes):
        return body, headers | {"Content-Type": "application/octet-stream"}
    return json.dumps(body).encode(), headers | {"Content-Type": "application/json"}


def done_unheard(line: socket.socket, is_done: Callable[[], Any]) -> None:
    """The server has committed; nobody reads what it says."""
    wait_for(is_done, "the commit")
    line.close()


@pytest.fixture
def web(product: Product, media: Path) -> Web:
    return product.web()


@pytest.fixture
def worker(web) -> Wire:
    return Wire(web, web.enter("worker"))


PHOTO = a_photo("olive")
SHA256 = hashlib.sha256(PHOTO).hexdigest()


def a_report(**more: Any) -> dict[str, Any]:
    photos = [{"kind": "before_photo", "sha256": SHA256}]
    body = {
        "id": str(uuid.uuid4()),
        "item": FIRE_LANE,
        "area_code": GRID,
        "description": "x",
        "photos": photos,
    }
    return body | more


def upload_of(event_id: Any, offset: int = 0) -> str:
    return f"{EVENTS}{event_id}/evidence/before_photo/{SHA256}/?offset={offset}"


def alike(answers: list) -> Any:
    assert len({json.dumps(answer, sort_keys=True) for answer in answers}) == 1, answers
    return answers[0]


# At once ------------------------------------------------------------------------------------------


def test_twenty_identical_reports_at_once_are_one_event_and_twenty_equal_answers(worker):
    body = a_report()
    told = worker.at_once("POST", EVENTS, body)
    assert Counter(status for status, _answer in told) == {201: 1, 200: AT_ONCE - 1}
    assert alike([answer for _status, answer in told])["id"] == body["id"]
    assert Event.objects.count() == Step.objects.count() == Evidence.objects.count() == 1


def test_twenty_identical_moves_at_once_are_one_step(web):
    story = Story(Cast(), KITCHEN, at=timezone.now()).report().route()
    acceptor = Wire(web, web.enter("acceptor"))
    move = {"verb": "accept", "version": 1, "request_id": str(uuid.uuid4()), "data": {}}
    told = acceptor.at_once("POST", f"{EVENTS}{story.id}/moves/", move)
    assert alike(told)[0] == 200 and told[0][1]["state"] == "accepted"
    assert [verb for verb, _state in story.timeline] == ["report", "route", "accept"]


def test_twenty_times_the_last_piece_at_once_is_one_file(worker, media):
    body = a_report()
    worker.send("POST", EVENTS, body)
    size, half = str(len(PHOTO)), len(PHOTO) // 2
    assert (
        worker.send("PUT", upload_of(body["id"]), PHOTO[:half], **{"X-Size": size})[1]["received_bytes"]
        == half
    )
    told = worker.at_once("PUT", upload_of(body["id"], half), PHOTO[half:], **{"X-Size": size})
    status, answer = alike(told)
    assert status == 200 and answer["received"] and answer["photos_missing"] == 0
    assert answer["id"] == str(Evidence.objects.get().pk)
    assert len([path for path in media.rglob("*") if path.is_file() and "small" not in path.name]) == 1


def test_twenty_that_begin_the_same_file_at_once_bring_it_whole(worker):
    """Whoever comes second is told where to go on, or that it is here."""
    body = a_report()
    worker.send("POST", EVENTS, body)
    told = worker.at_once("PUT", upload_of(body["id"]), PHOTO, **{"X-Size": str(len(PHOTO))})
    assert {status for status, _answer in told} <= {200, 409}
    assert all(answer.get("received") or "received_bytes" in answer for _status, answer in told)
    last = worker.send("PUT", upload_of(body["id"], len(PHOTO)), b"", **{"X-Size": str(len(PHOTO))})[1]
    assert last["received"] and last["id"] == str(Evidence.objects.get().pk)


# Unheard ------------------------------------------------------------------------------------------


def test_a_report_whose_answer_was_never_read(worker):
    body = a_report()
    line = worker.cut("POST", EVENTS, body)
    done_unheard(line, lambda: Event.objects.filter(pk=body["id"]).exists())
    first, again = (worker.send("POST", EVENTS, body)[:2] for _time in range(2))
    assert first == again and first[0] == 200 and first[1]["id"] == body["id"]
    assert Step.objects.count() == 1
    status, other, _headers = worker.send("POST", EVENTS, body | {"description": "another"})
    assert (status, other["code"]) == (409, "different_content")


def test_a_report_cut_off_before_its_end_is_not_there_at_all(worker):
    body = a_report()
    worker.cut("POST", EVENTS, body, after=100).close()
    assert worker.send("POST", EVENTS, body)[0] == 201


def test_a_move_whose_answer_was_never_read(web):
    story = Story(Cast(), KITCHEN, at=timezone.now()).report().route()
    acceptor, address = Wire(web, web.enter("acceptor")), f"{EVENTS}{story.id}/moves/"
    move = {"verb": "accept", "version": 1, "request_id": str(uuid.uuid4()), "data": {}}
    done_unheard(acceptor.cut("POST", address, move), lambda: story.event.state == "accepted")
    first, again = (acceptor.send("POST", address, move)[:2] for _time in range(2))
    assert first == again and first[0] == 200 and first[1]["version"] == 2
    assert len(story.timeline) == 3


def test_a_last_piece_whose_answer_was_never_read(worker):
    body = a_report()
    worker.send("POST", EVENTS, body)
    size = {"X-Size": str(len(PHOTO))}
    line = worker.cut("PUT", upload_of(body["id"]), PHOTO, **size)
    done_unheard(line, lambda: Evidence.objects.exclude(received_at=None).exists())
    row = Evidence.objects.get()
    for offset in (0, len(PHOTO) // 2):
        status, told, _headers = worker.send("PUT", upload_of(body["id"], offset), PHOTO[offset:], **size)
        assert (status, told["received"], told["id"]) == (200, True, str(row.pk))


def test_of_a_piece_cut_off_in_the_middle_the_bytes_that_came_are_kept(worker):
    """A photo of any size: the server waits for its rest, and keeps what it has when the line is gone."""
    photo = PHOTO + os.urandom(300_000)
    name, size = hashlib.sha256(photo).hexdigest(), {"X-Size": str(len(photo))}
    body = a_report(photos=[{"kind": "before_photo", "sha256": name}])
    worker.send("POST", EVENTS, body)
    address = f"{EVENTS}{body['id']}/evidence/before_photo/{name}/"
    worker.cut("PUT", f"{address}?offset=0", photo, after=200_001, **size).close()

    def here() -> int:
        return worker.send("GET", address, b"")[1]["received_bytes"]

    wait_for(lambda: here() == 200_001, "the bytes that came")
    status, told, _headers = worker.send("PUT", f"{address}?offset=200001", photo[200_001:], **size)
    assert (status, told["received"], told["photos_missing"]) == (200, True, 0)


# Refused over the wire ----------------------------------------------------------------------------


def test_a_body_that_is_too_large_is_refused_in_json(worker):
    status, told, headers = worker.send("POST", EVENTS, a_report(description="x" * 1_100_000))
    assert (status, told["code"], headers["Content-Type"]) == (413, "too_big", "application/json")
    assert not Event.objects.exists()


def test_who_asks_too_often_is_told_the_seconds_to_wait(product, media, monkeypatch):
    monkeypatch.setenv("API_PER_MINUTE", "10")
    web = product.web()
    worker = Wire(web, web.enter("worker"))
    for _time in range(25):  # At most twenty fit before a minute's end and after it.
        status, told, headers = worker.send("POST", EVENTS, a_report())
        if status == 429:
            break
    assert (status, told["code"]) == (429, "too_many_requests")
    assert 1 <= int(headers["Retry-After"]) <= 60
