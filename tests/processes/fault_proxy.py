"""A bad network between a browser and the product: an HTTP proxy that spoils requests by a seeded dice.

What is asked below ``/api/`` may be cut off before or after it reached the server, carried out twice or long
after the browser gave up, answered late, by half, by a proxy's own page or by noise. Pages and static files pass
untouched. What went wrong is counted in ``done`` by name.
"""

import random
import socket
import struct
import threading
import time
from collections import Counter
from http.client import HTTPConnection, HTTPResponse
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import urlsplit

SPOILED = "/api/"
NOT_PASSED_ON = {"connection", "keep-alive", "transfer-encoding", "content-length"}
LATE = 1.5
"""Seconds after which an answer comes that came late, and a request that was given up reaches the server."""
RESET = struct.pack("ii", 1, 0)
"""Linger for no time: the connection ends with a reset instead of an orderly close."""


class FaultProxy:
    """Serves until ``stop``. ``share``: of the requests below ``/api/`` that are spoiled, from 0 to 1."""

    def __init__(self, site: str, *, share: float, seed: int) -> None:
        self.share = share
        self.done: Counter[str] = Counter()
        self._dice = random.Random(seed)
        self._lock = threading.Lock()
        self.upstream = urlsplit(site).netloc
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), type("Handler", (_Handler,), {"proxy": self}))
        self._server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def stop(self) -> None:
        self._server.shutdown()
        self._server.server_close()

    def fault(self, path: str) -> str:
        """The name of what happens to this request; empty: nothing."""
        with self._lock:
            if not path.startswith(SPOILED) or self._dice.random() >= self.share:
                self.done["passed"] += path.startswith(SPOILED)
                return ""
            name = self._dice.choice(FAULTS)
            self.done[name] += 1
            return name


class _Handler(BaseHTTPRequestHandler):
    proxy: FaultProxy
    protocol_version = "HTTP/1.1"

    def handle_one_request(self) -> None:
        try:
            super().handle_one_request()
        except (ConnectionError, TimeoutError):
            self.close_connection = True

    def _any(self) -> None:
        self.close_connection = True
        self.body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        fault = self.proxy.fault(self.path)
        if fault:
            getattr(self, fault)()
        else:
            self._answer(*self._forward())

    do_GET = do_HEAD = do_POST = do_PUT = do_DELETE = _any

    # What can happen ---------------------------------------------------------------------------------

    def cut_before(self) -> None:
        self._reset()

    def cut_after(self) -> None:
        self._forward()
        self._reset()

    def closed_after(self) -> None:
        self._forward()

    def given_up(self) -> None:
        """It reaches the server when the browser has sent the next one already."""
        self._reset()
        time.sleep(LATE)
        self._forward()

    def late(self) -> None:
        time.sleep(LATE)
        self._answer(*self._forward())

    def doubled(self) -> None:
        """By two connections at the same moment."""
        other = threading.Thread(target=self._forward)
        other.start()
        answer = self._forward()
        other.join()
        self._answer(*answer)

    def truncated(self) -> None:
        status, headers, content = self._forward()
        self._answer(status, headers, content, sent=len(content) // 2)

    def shortened(self) -> None:
        """Half of it, and nothing tells."""
        status, headers, content = self._forward()
        self._answer(status, headers, content[: len(content) // 2])

    def bad_gateway(self) -> None:
        self._answer(502, [("Content-Type", "text/html")], b"<html><h1>502 Bad Gateway</h1></html>")

    def gateway_timeout(self) -> None:
        self._forward()
        self._answer(504, [("Content-Type", "text/html")], b"<html><h1>504 Gateway Time-out</h1></html>")

    def portal(self) -> None:
        self._answer(200, [("Content-Type", "text/html")], b"<html><h1>Welcome to our hotel</h1></html>")

    def foreign(self) -> None:
        """An answer in our form about something else."""
        self._forward()
        foreign = b'{"id": "0193f0c2-0000-7000-8000-000000000000", "received": true, "received_bytes": 1}'
        self._answer(200, [("Content-Type", "application/json")], foreign)

    def noise(self) -> None:
        self.connection.sendall(random.randbytes(200))

    # Passing on --------------------------------------------------------------------------------------

    def _forward(self) -> tuple[int, list[tuple[str, str]], bytes]:
        upstream = HTTPConnection(self.proxy.upstream, timeout=60)
        upstream.putrequest(self.command, self.path, skip_host=True, skip_accept_encoding=True)
        for name, value in self.headers.items():
            if name.lower() not in NOT_PASSED_ON:
                upstream.putheader(name, value)
        if self.body or self.command in ("POST", "PUT"):
            upstream.putheader("Content-Length", str(len(self.body)))
        upstream.putheader("Connection", "close")
        upstream.endheaders(self.body)
        answer: HTTPResponse = upstream.getresponse()
        content = answer.read()
        upstream.close()
        return answer.status, answer.getheaders(), content

    def _answer(
        self, status: int, headers: list[tuple[str, str]], content: bytes, *, sent: int | None = None
    ) -> None:
        self.send_response(status)
        for name, value in headers:
            if name.lower() not in NOT_PASSED_ON:
                self.send_header(name, value)
        self.send_header("Content-Length", str(len(content)))
        self.send_header("Connection", "close")
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(content[:sent])

    def _reset(self) -> None:
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET)
        self.connection.shutdown(socket.SHUT_RD)
        self.connection.close()

    def log_message(self, *_: object) -> None:
        """The counts say enough."""


FAULTS = [
    name
    for name in vars(_Handler)
    if not name.startswith(("_", "do_", "handle", "log")) and name not in ("proxy", "protocol_version")
]
