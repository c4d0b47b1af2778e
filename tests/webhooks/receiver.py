"""A receiver as another organisation would run it: HTTP on loopback, verifying, remembering, and badly behaved."""

import socket
import ssl
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from standardwebhooks import Webhook, WebhookVerificationError


@dataclass
class Got:
    """One request as it came in."""

    path: str
    headers: dict[str, str]
    raw: bytes
    at: float = field(default_factory=time.monotonic)

    @property
    def body(self) -> str:
        return self.raw.decode()

    @property
    def id(self) -> str:
        return self.headers["webhook-id"]


class Receiver:
    """Answers ``status`` after ``delay`` seconds, 400 to what it ``refuses``; ``accepted`` holds each verified message once, by its id."""

    def __init__(self, *, port: int = 0, certificate: tuple[Path, Path] | None = None) -> None:
        self.got: list[Got] = []
        self.accepted: dict[str, dict] = {}
        self.forged: list[Got] = []
        self.secret = ""
        self.status, self.delay, self.headers, self.answer = 204, 0.0, {}, b""
        self.drip = 0.0
        self.meanwhile: Callable[[Got], None] = lambda got: None
        self.refuses: Callable[[Got], bool] = lambda got: False
        self.busiest = self._busy = 0
        self._scheme = "https" if certificate else "http"
        self._certificate = certificate
        self._port = port
        self._lock = threading.Lock()
        self.start()

    @property
    def url(self) -> str:
        return f"{self._scheme}://127.0.0.1:{self._port}/hook"

    @property
    def port(self) -> int:
        return self._port

    def start(self) -> None:
        handler = type("Handler", (_Handler,), {"receiver": self})
        self._server = ThreadingHTTPServer(("127.0.0.1", self._port), handler)
        self._server.daemon_threads = True
        self._port = self._server.server_port
        if self._certificate:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(*self._certificate)
            self._server.socket = context.wrap_socket(self._server.socket, server_side=True)
        threading.Thread(target=self._server.serve_forever, args=(0.01,), daemon=True).start()

    def stop(self) -> None:
        """Connections are refused from now on."""
        self._server.shutdown()
        self._server.server_close()

    @property
    def ids(self) -> list[str]:
        return [got.id for got in self.got]

    def take(self, got: Got) -> None:
        """What docs/webhooks.md asks of a receiver: verify, then forget what was seen before."""
        with self._lock:
            self._busy += 1
            self.busiest = max(self.busiest, self._busy)
            self.got.append(got)
        try:
            self.verify(got)
            self.meanwhile(got)
            time.sleep(self.delay)
        finally:
            with self._lock:
                self._busy -= 1

    def verify(self, got: Got) -> None:
        if not self.secret:
            return
        try:
            message = Webhook(self.secret).verify(got.body, got.headers)
        except WebhookVerificationError:
            self.forged.append(got)
        else:
            if 200 <= self.status < 300 and not self.refuses(got):
                self.accepted.setdefault(got.id, message)


class _Handler(BaseHTTPRequestHandler):
    receiver: Receiver
    protocol_version = "HTTP/1.1"

    def do_POST(self) -> None:
        receiver = self.receiver
        raw = self.rfile.read(int(self.headers["Content-Length"]))
        headers = {name.lower(): value for name, value in self.headers.items()}
        got = Got(self.path, headers, raw)
        receiver.take(got)
        status = 400 if receiver.refuses(got) else receiver.status
        answer = f"HTTP/1.1 {status} x\r\n".encode()
        for name, value in receiver.headers.items():
            answer += f"{name}: {value}\r\n".encode()
        answer += f"Content-Length: {len(receiver.answer)}\r\n\r\n".encode() + receiver.answer
        try:
            if receiver.drip:
                for byte in answer:
                    self.wfile.write(bytes([byte]))
                    time.sleep(receiver.drip)
            else:
                self.wfile.write(answer)
        except OSError:
            pass  # the sender did not wait

    def log_message(self, *_: object) -> None:
        pass


def free_port() -> int:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return taken.getsockname()[1]
