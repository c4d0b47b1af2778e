"""One guarded POST over the wire, and what became of it. Knows no database; runs in a thread.

Bounded in every direction: CONNECT_SECONDS and READ_SECONDS for each wait, TOTAL_SECONDS for all of it however
slowly a receiver drips, ANSWER_BYTES of the answer. No redirect is followed, no proxy is asked, no answer is
unpacked, and the connection is used once. Resolving the host is the system's matter, and so is its time.
"""

import http.client
import os
import socket
import ssl
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache

from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.exceptions import HTTPError

from webhooks.destination import Destination, DestinationError, connect, parse

CONNECT_SECONDS = 5.0
READ_SECONDS = 10.0
TOTAL_SECONDS = 15.0
ANSWER_BYTES = 2000
ANSWER_HEADERS = ("content-type", "content-length", "date", "location", "retry-after", "server")
ALWAYS = {"Accept-Encoding": "identity", "Connection": "close"}

FAILING_ALL = {"no_connection", "timeout", "tls", "no_answer", "unknown_host", "receiver_error"}
"""Failures that tell of the receiver, not of the one message."""


@dataclass
class Answer:
    """``why`` is empty when the receiver took it (2xx), else a code of ``webhooks.sending.FAILURES``."""

    at: datetime
    why: str = ""
    status: int | None = None
    milliseconds: int = 0
    address: str | None = None
    request_headers: dict[str, str] = field(default_factory=dict)
    headers: dict[str, str] = field(default_factory=dict)
    body: str = ""


class _Guarded:
    """A connection that goes where ``destination.connect`` lets it, and that is cut when its time is up."""

    destination: Destination
    cord: socket.socket | None = None
    is_cut = False

    def _new_conn(self) -> socket.socket:
        wire = connect(self.destination, timeout=CONNECT_SECONDS)
        self.cord = wire.dup()  # stays ours while TLS takes the wire over
        return wire

    def cut(self) -> None:
        self.is_cut = True
        if self.cord:
            try:
                self.cord.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass  # closed by the receiver already


class _Plain(_Guarded, HTTPConnection):
    pass


class _Secure(_Guarded, HTTPSConnection):
    pass


def post(
    url: str, body: bytes, headers: Mapping[str, str], *, at: datetime, public_only: bool = False
) -> Answer:
    """Post the body once; never raises for what a receiver or the network does. ``public_only``: as ``parse``."""
    answer = Answer(at)
    started = time.monotonic()
    try:
        _post(parse(url, public_only=public_only), body, headers, answer)
    except DestinationError as error:
        answer.why = error.code
    except TimeoutError:
        answer.why = "timeout"
    except ssl.SSLError:
        answer.why = "tls"
    except (OSError, http.client.HTTPException, HTTPError):
        answer.why = "no_answer" if answer.address else "no_connection"
    answer.milliseconds = round(1000 * (time.monotonic() - started))
    return answer


def _post(destination: Destination, body: bytes, headers: Mapping[str, str], answer: Answer) -> None:
    answer.request_headers = {**ALWAYS, **headers}
    connection = _connection(destination)
    watch = threading.Timer(TOTAL_SECONDS, connection.cut)
    watch.daemon = True
    watch.start()
    try:
        connection.connect()
        answer.address = connection.cord.getpeername()[0] if connection.cord else None
        connection.request(
            "POST",
            destination.target,
            body=body,
            headers=answer.request_headers,
            preload_content=False,
            decode_content=False,
        )
        response = connection.getresponse()
        if connection.is_cut:  # the end of the wire looks like the end of the headers
            raise TimeoutError
        _read(response, answer)
    except (OSError, http.client.HTTPException, HTTPError):
        if connection.is_cut:
            raise TimeoutError from None
        raise
    finally:
        watch.cancel()
        connection.close()
        if connection.cord:
            connection.cord.close()


def _connection(destination: Destination) -> _Plain | _Secure:
    """Certificates are checked against the system's own store (SSL_CERT_FILE adds a government's)."""
    connection: _Plain | _Secure
    if destination.scheme == "https":
        trust = _trust(os.environ.get("SSL_CERT_FILE", ""))
        connection = _Secure(destination.host, destination.port, timeout=READ_SECONDS, ssl_context=trust)
    else:
        connection = _Plain(destination.host, destination.port, timeout=READ_SECONDS)
    connection.destination = destination
    return connection


@cache
def _trust(_file: str) -> ssl.SSLContext:
    """Read once in a process: the system's store takes longer than a message."""
    return ssl.create_default_context()


def _read(response, answer: Answer) -> None:
    answer.status = response.status
    answer.headers = {
        name: response.headers[name][:200] for name in ANSWER_HEADERS if name in response.headers
    }
    answer.why = _judge(response.status)
    try:
        answer.body = response.read(ANSWER_BYTES, decode_content=False).decode(errors="replace")
    except (OSError, http.client.HTTPException, HTTPError):
        pass  # the status has been said; what follows it decides nothing
    answer.body = answer.body.replace("\x00", "\ufffd")  # PostgreSQL keeps no zero


def _judge(status: int) -> str:
    if 200 <= status < 300:
        return ""
    if status == http.client.GONE:
        return "gone"
    if 300 <= status < 400:
        return "redirect"
    return "refused" if status < 500 else "receiver_error"
