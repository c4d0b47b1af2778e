"""Phones of grid workers that come back to the network with a queue each, as plain HTTP clients.

    python -m tests.processes.phones [phones] [reports]        (make soak: 200 phones, a week of 15 reports each)

A phone logs in, then sends its reports oldest first, each with its photo in pieces, until the server has acknowledged
every one. Now and then it loses the network, before an answer or in the middle of a piece, and sends the same again;
told to wait (429) it waits. Afterwards every report is there exactly once and in the phone's order, every photo that
was promised has arrived, and every chain of steps holds.
"""

from tests import servers  # isort: skip  (first: it sets what Django's settings are read from)

import hashlib
import io
import json
import os
import random
import re
import socket
import sys
import tempfile
import time
import uuid
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass, field
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from threading import Barrier
from typing import Any
from urllib.parse import urlencode, urlsplit

import django
from django.conf import settings
from django.db import connections

django.setup()

from django.contrib.auth.hashers import make_password  # noqa: E402
from PIL import Image  # noqa: E402

from accounts.models import Post, User  # noqa: E402
from events.models import Event, Evidence, Step  # noqa: E402
from events.steps import verify_chains  # noqa: E402
from tests.cast import DISTRICT, FIRE_LANE  # noqa: E402
from tests.processes.product import Product, all_routed, wait_for  # noqa: E402

PASSWORD = "quiet-harbour-28"
EVENTS = "/api/v1/events/"
PIECE = 64 * 1024
PATIENCE = 300.0
"""Seconds a phone waits for an answer: two hundred others are before it."""


class NoNetworkError(Exception):
    """The phone has lost it on purpose."""


@dataclass
class Report:
    body: dict[str, Any]
    photo: bytes
    sha256: str


@dataclass
class Phone:
    """One worker's phone: ``trouble`` is the share of requests on which it loses the network."""

    address: str
    username: str
    queue: list[Report]
    dice: random.Random
    trouble: float = 0.0
    cookies: dict[str, str] = field(default_factory=dict)
    person: str = ""
    told: Counter[str] = field(default_factory=Counter)
    sent: list[str] = field(default_factory=list)
    _line: HTTPConnection | None = None

    def come_back(self) -> None:
        """Log in, and send until nothing waits."""
        if not self.cookies:
            self.log_in()
        for report in self.queue:
            status, _told = self.until_answered("POST", EVENTS, report.body)
            assert status in (200, 201), _told
            self.sent.append(report.body["id"])
            self._send_photo(report)
        self._hang_up()

    def log_in(self) -> None:
        """By the page, with name and password."""
        page = self.until_answered("GET", "/accounts/login/")[1]
        token = re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', page)
        assert token, page
        form = {"username": self.username, "password": PASSWORD, "csrfmiddlewaretoken": token[1]}
        status, told = self.until_answered("POST", "/accounts/login/", urlencode(form).encode())
        assert status == 302 and "sessionid" in self.cookies, told

    def _send_photo(self, report: Report) -> None:
        address = f"{EVENTS}{report.body['id']}/evidence/before_photo/{report.sha256}/"
        at = 0
        while True:
            piece = report.photo[at : at + PIECE]
            status, told = self.until_answered(
                "PUT", f"{address}?offset={at}", piece, {"X-Size": str(len(report.photo))}
            )
            assert status == 200 or (status, told["code"]) == (409, "wrong_offset"), told
            if told.get("received"):
                assert told["sha256"] == report.sha256
                return
            at = told["received_bytes"]

    def until_answered(
        self, method: str, path: str, body: Any = None, headers: dict[str, str] | None = None
    ) -> tuple[int, Any]:
        """The answer of a request that is sent again until there is one; waits where it is told to."""
        while True:
            try:
                status, told, wait = self._call(method, path, body, headers or {})
            except NoNetworkError:
                self.told["networks lost"] += 1
            except (OSError, HTTPException):
                self.told["connections the server ended"] += 1
                self._hang_up()
            else:
                if status != 429:
                    return status, told
                self.told["told to wait"] += 1
                assert 0 < wait <= 60, told
                time.sleep(wait + self.dice.random())
                continue
            time.sleep(self.dice.random() / 5)

    def _call(self, method: str, path: str, body: Any, headers: dict[str, str]) -> tuple[int, Any, int]:
        content, kind = _as_bytes(body)
        headers = headers | {"Cookie": "; ".join(f"{name}={value}" for name, value in self.cookies.items())}
        headers |= {"X-CSRFToken": self.cookies.get("csrftoken", ""), "Content-Type": kind}
        if self.person:
            headers["X-Person"] = self.person
        line = self._line = self._line or HTTPConnection(urlsplit(self.address).netloc, timeout=PATIENCE)
        lost = self.dice.random() < self.trouble and bool(self.cookies)
        if lost and content and self.dice.random() < 0.5:
            self._lose_in_the_middle(line, method, path, content, headers)
        line.request(method, path, content or None, headers)
        self.told["requests"] += 1
        if lost:
            self._hang_up()
            raise NoNetworkError
        answer = line.getresponse()
        for cookie in answer.headers.get_all("Set-Cookie") or []:
            name, value = cookie.split(";")[0].split("=", 1)
            self.cookies[name] = value
        text = answer.read().decode()
        is_json = answer.headers.get_content_type() == "application/json"
        return answer.status, json.loads(text) if is_json else text, int(answer.headers.get("Retry-After", 0))

    def _lose_in_the_middle(
        self, line: HTTPConnection, method: str, path: str, content: bytes, headers: dict[str, str]
    ) -> None:
        line.putrequest(method, path)
        for name, value in (headers | {"Content-Length": str(len(content))}).items():
            line.putheader(name, value)
        line.endheaders(content[: self.dice.randrange(len(content))])
        self.told["requests"] += 1
        self._hang_up()
        raise NoNetworkError

    def _hang_up(self) -> None:
        if self._line and self._line.sock:
            try:
                self._line.sock.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass
        if self._line:
            self._line.close()
        self._line = None


def _as_bytes(body: Any) -> tuple[bytes, str]:
    if isinstance(body, dict):
        return json.dumps(body).encode(), "application/json"
    if isinstance(body, bytes) and body.startswith(b"username="):
        return body, "application/x-www-form-urlencoded"
    return body or b"", "application/octet-stream"


def queues(number: int, reports: int, photo_bytes: int) -> dict[User, list[Report]]:
    """So many grid workers with a password each, and what waits on their phones."""
    posts = Post.objects.filter(role="grid_worker", valid_to=None).select_related(
        "user", "organization__area"
    )
    posts = posts.order_by("user__username")[:number]
    people = {post.user: post.organization.area.code for post in posts}
    assert len(people) == number
    User.objects.filter(pk__in=[person.pk for person in people]).update(password=make_password(PASSWORD))
    picture = _picture(photo_bytes)
    return {person: [_report(grid, picture) for _n in range(reports)] for person, grid in people.items()}


def _picture(size: int) -> bytes:
    """A JPEG of about that size: noise does not compress."""
    side = int((size / 0.62) ** 0.5)
    file = io.BytesIO()
    Image.frombytes("L", (side, side), os.urandom(side * side)).save(file, "JPEG", quality=80)
    return file.getvalue()


def _report(grid: str, picture: bytes) -> Report:
    key = uuid.uuid4()
    photo = picture + key.bytes  # Behind the end of a JPEG anything may stand: every photo is another file.
    name = hashlib.sha256(photo).hexdigest()
    body = {
        "id": str(key),
        "item": FIRE_LANE,
        "area_code": grid,
        "description": "消防通道被占用",
        "photos": [{"kind": "before_photo", "sha256": name}],
    }
    return Report(body, photo, name)


def all_come_back(phones: list[Phone]) -> float:
    """All at the same moment; returns the seconds until the last has nothing left."""
    ready = Barrier(len(phones))

    def come_back(phone: Phone) -> None:
        ready.wait(60)
        phone.come_back()

    started = time.monotonic()
    with ThreadPoolExecutor(len(phones)) as pool:
        list(pool.map(come_back, phones))
    return time.monotonic() - started


def check(phones: list[Phone]) -> None:
    """Every report once and in its phone's order, every photo here, every chain whole."""
    keys = [report.body["id"] for phone in phones for report in phone.queue]
    assert sorted(str(pk) for pk in Event.objects.values_list("pk", flat=True)) == sorted(keys)
    assert Step.objects.filter(verb="report").count() == len(keys)
    for phone in phones:
        assert phone.sent == [report.body["id"] for report in phone.queue]
        own = Event.objects.filter(reporter__username=phone.username).order_by("recorded_at")
        assert [str(pk) for pk in own.values_list("pk", flat=True)] == phone.sent, phone.username
    assert not Event.objects.exclude(photos_missing=0).exists()
    names = sorted(report.sha256 for phone in phones for report in phone.queue)
    rows = Evidence.objects.exclude(received_at=None)
    assert sorted(rows.values_list("sha256", flat=True)) == names
    assert all((settings.MEDIA_ROOT / name).is_file() for name in rows.values_list("file", flat=True))
    assert not list((settings.MEDIA_ROOT / "uploads").glob("*"))
    assert not list(verify_chains(DISTRICT))


def told(phones: list[Phone], seconds: float) -> str:
    all_told = sum((phone.told for phone in phones), Counter())
    reports = sum(len(phone.queue) for phone in phones)
    rest = ", ".join(f"{name} {number}" for name, number in sorted(all_told.items()))
    return (
        f"{len(phones)} phones, {reports} reports with a photo each in {seconds:.0f} s: {reports / seconds:.1f} "
        f"reports a second, {all_told['requests'] / seconds:.0f} requests a second; {rest}"
    )


def main(number: int, reports: int) -> None:
    """Twice: with the service's own limit of requests, and few phones with a limit that they meet."""
    for phones_, reports_, limit in ((number, reports, 600), (5, 5, 20)):
        with tempfile.TemporaryDirectory() as name, servers.clone() as database, ExitStack() as stack:
            folder = Path(name)
            valkey = servers.Valkey(folder / "valkey")
            stack.callback(valkey.stop)
            settings.MEDIA_ROOT = folder / "media"
            os.environ |= servers.urls_of(database)
            os.environ |= {"REDIS_URL": valkey.url, "MEDIA_ROOT": str(settings.MEDIA_ROOT)}
            os.environ["API_PER_MINUTE"] = str(limit)
            connections.settings["default"]["NAME"] = database
            stack.callback(connections.close_all)
            product = Product(folder)
            stack.callback(product.stop)
            web, _worker, _beat = product.web(), product.worker(), product.beat()
            phones = [
                Phone(web.address, person.username, queue, random.Random(person.pk), trouble=0.03)
                for person, queue in queues(phones_, reports_, 200_000).items()
            ]
            seconds = all_come_back(phones)
            wait_for(all_routed, "the last desks", seconds=120)
            check(phones)
            print(f"{told(phones, seconds)}; at most {limit} requests a minute each", flush=True)


if __name__ == "__main__":
    main(
        int(sys.argv[1]) if len(sys.argv) > 1 else 200,
        int(sys.argv[2]) if len(sys.argv) > 2 else 15,
    )
