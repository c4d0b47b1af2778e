"""One try over the wire, against a real receiver that answers, hangs, drips, redirects, lies, or is not there."""

import re
import socket
import threading
import time
from datetime import UTC, datetime, timedelta

import pytest
from standardwebhooks import Webhook, WebhookVerificationError

from tests.webhooks import certificate
from tests.webhooks.receiver import Receiver, free_port
from webhooks import sending, signing, wire
from webhooks.sending import Message, send

SECRET = signing.new_secret()
BODY = '{"type":"webhook.test","data":{"units":"值"}}'


def sent(url: str, *, at: datetime | None = None, secrets: tuple[str, ...] = (SECRET,)) -> wire.Answer:
    return send(Message(url, "msg_1", BODY, list(secrets)), at=at or datetime.now(UTC))


@pytest.fixture
def hasty(monkeypatch):
    """Everything takes a twentieth of its time."""
    for name in ("CONNECT_SECONDS", "READ_SECONDS", "TOTAL_SECONDS"):
        monkeypatch.setattr(wire, name, getattr(wire, name) / 20)


def test_a_receiver_gets_the_message_with_a_signature_it_can_check(receiver):
    receiver.secret, receiver.status, receiver.answer = SECRET, 200, "收到".encode()
    answer = sent(receiver.url + "?key=1")
    assert (answer.why, answer.status, answer.body, answer.address) == ("", 200, "收到", "127.0.0.1")
    (got,) = receiver.got
    assert (got.path, got.body) == ("/hook?key=1", BODY)
    assert got.headers["content-type"] == "application/json"
    assert got.headers["host"] == f"127.0.0.1:{receiver.port}"
    assert receiver.accepted == {"msg_1": {"type": "webhook.test", "data": {"units": "值"}}}
    assert answer.request_headers["webhook-signature"] == got.headers["webhook-signature"]


def test_while_a_secret_is_rotated_both_verify(receiver):
    new = signing.new_secret()
    sent(receiver.url, secrets=(new, SECRET))
    (got,) = receiver.got
    for secret in (new, SECRET):
        assert Webhook(secret).verify(got.body, got.headers)
    assert re.fullmatch(r"v1,[\w+/]{43}= v1,[\w+/]{43}=", got.headers["webhook-signature"])
    with pytest.raises(WebhookVerificationError):
        Webhook(signing.new_secret()).verify(got.body, got.headers)


def test_a_replay_or_a_changed_body_is_found_out(receiver):
    receiver.secret = SECRET
    sent(receiver.url, at=datetime.now(UTC) - timedelta(minutes=6))
    assert [got.id for got in receiver.forged] == ["msg_1"], "too old"
    sent(receiver.url)
    got = receiver.got[-1]
    for changed in (got.body.replace("test", "step"), got.body + " "):
        with pytest.raises(WebhookVerificationError):
            Webhook(SECRET).verify(changed, got.headers)
    with pytest.raises(WebhookVerificationError):
        Webhook(SECRET).verify(got.body, got.headers | {"webhook-id": "msg_2"})


@pytest.mark.parametrize(
    ("status", "why"),
    [(200, ""), (202, ""), (299, ""), (400, "refused"), (404, "refused"), (410, "gone"), (429, "refused"),
     (500, "receiver_error"), (503, "receiver_error"), (304, "redirect")],
)  # fmt: skip
def test_the_status_decides(receiver, status, why):
    receiver.status = status
    assert (sent(receiver.url).why, sending.FAILURES.get(why, "")) == (why, sending.FAILURES.get(why, ""))


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_no_redirect_is_followed_wherever_it_leads(receiver, status):
    inside = Receiver()
    receiver.status, receiver.headers = status, {"Location": inside.url}
    answer = sent(receiver.url)
    inside.stop()
    assert (answer.why, answer.status, answer.headers["location"]) == ("redirect", status, inside.url)
    assert inside.got == []


def test_proxies_of_the_environment_are_not_asked(receiver, monkeypatch):
    proxy = Receiver()
    for name in ("HTTP_PROXY", "http_proxy", "HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.setenv(name, proxy.url)
    monkeypatch.delenv("NO_PROXY", raising=False)
    answer = sent(receiver.url)
    proxy.stop()
    assert (answer.why, len(receiver.got), proxy.got) == ("", 1, [])


def test_nobody_there_is_said_at_once():
    answer = sent(f"http://127.0.0.1:{free_port()}/")
    assert (answer.why, answer.status, answer.address) == ("no_connection", None, None)


def test_a_slow_receiver_is_not_waited_for(receiver, hasty):
    receiver.delay = 3
    started = time.monotonic()
    assert sent(receiver.url).why == "timeout"
    assert time.monotonic() - started < 1.5


def test_a_receiver_that_drips_is_cut_off(receiver, hasty):
    receiver.drip, receiver.headers = 0.05, {"X": "y" * 500}
    started = time.monotonic()
    answer = sent(receiver.url)
    assert (answer.why, answer.status) == ("timeout", None)
    assert time.monotonic() - started < 1.5


def test_a_tls_handshake_that_never_ends_is_cut_off(hasty):
    with socket.create_server(("127.0.0.1", 0)) as silent:
        started = time.monotonic()
        answer = sent(f"https://127.0.0.1:{silent.getsockname()[1]}/")
    assert answer.why == "timeout"
    assert time.monotonic() - started < 1.5


def test_of_a_long_answer_only_the_beginning_is_read_and_a_broken_one_changes_nothing(receiver):
    receiver.status, receiver.answer = 200, b"\x00" + b"x" * 5_000_000
    answer = sent(receiver.url)
    assert (answer.why, len(answer.body), answer.body[:2]) == ("", wire.ANSWER_BYTES, "\ufffdx")
    receiver.headers = {"Content-Encoding": "gzip"}
    assert sent(receiver.url).why == "", "nothing is unpacked"


def test_what_is_no_http_is_no_answer():
    with socket.create_server(("127.0.0.1", 0)) as server:

        def speak() -> None:
            wire, _peer = server.accept()
            wire.recv(100_000)
            wire.sendall(b"SSH-2.0-OpenSSH\r\n")
            wire.close()

        thread = threading.Thread(target=speak)
        thread.start()
        answer = sent(f"http://127.0.0.1:{server.getsockname()[1]}/")
        thread.join()
    assert (answer.why, answer.status) == ("no_answer", None)


def test_a_certificate_is_checked_against_the_systems_store_and_the_name(tmp_path, monkeypatch):
    chain, key = certificate.make(tmp_path)
    receiver = Receiver(certificate=(chain, key))
    assert sent(receiver.url).why == "tls", "nobody has signed it"
    monkeypatch.setenv("SSL_CERT_FILE", str(chain))
    assert sent(receiver.url).why == ""
    assert sent(receiver.url.replace("127.0.0.1", "localhost")).why == "tls", "another name"
    receiver.stop()
    assert len(receiver.got) == 1


def test_a_secret_is_sealed_and_opens_with_the_key_of_before(settings):
    sealed = signing.seal(SECRET)
    assert SECRET not in sealed and signing.seal(SECRET) != sealed
    before, settings.SECRET_KEY = settings.SECRET_KEY, "another key of this service"
    with pytest.raises(signing.UnreadableSecretError):
        signing.unseal(sealed)
    settings.SECRET_KEY_FALLBACKS = [before]
    assert signing.unseal(sealed) == SECRET
