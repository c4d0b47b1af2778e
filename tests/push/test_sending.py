"""What goes over the wire: sealed as RFC 8291 has it, signed, and to known push services alone."""

import json
from datetime import UTC, datetime, timedelta

import http_ece
import pytest
from cryptography.hazmat.primitives.asymmetric import ec

from push import checks, keys, sending
from push.sending import Message, UnknownServiceError, host_of, send
from tests.push.service import Browser, claims_of
from webhooks.destination import DestinationError

NOW = datetime.now(UTC)


def message_for(browser: Browser, **change) -> Message:
    payload = {"tag": "check", "title": "有 1 件待你核查", "url": "/m/#/tasks", "notice": 7}
    given = {
        "endpoint": browser.endpoint,
        **browser.keys,
        "payload": payload,
        "seconds": 60,
        "is_urgent": False,
    }
    return Message(**(given | change))


def test_the_example_of_rfc_8291_is_read_and_written(monkeypatch):
    """Appendix A: known keys, known salt, the very bytes of the message."""
    sender = ec.derive_private_key(
        int.from_bytes(keys.decode("yfWPiYE-n46HLnH0KqZOF1fJJU3MYrct3AELtAQ-oRw"), "big"), ec.SECP256R1()
    )
    receiver = "BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4"
    written = http_ece.encrypt(
        b"When I grow up, I want to be a watermelon",
        salt=keys.decode("DGv6ra1nlYgDCS1FRnbzlw"),
        private_key=sender,
        dh=keys.decode(receiver),
        auth_secret=keys.decode("BTBZMqHH6r4Tts7J_aSIgg"),
        version="aes128gcm",
    )
    assert keys.encode(written) == (
        "DGv6ra1nlYgDCS1FRnbzlwAAEABBBP4z9KsN6nGRTbVYI_c7VJSPQTBtkgcy27mlmlMoZIIgDll6e3vCYLocInmYWAmS6TlzAC8wEqKK6PBru3jl7"
        "A_yl95bQpu6cVPTpK4Mqgkf1CXztLVBSt2Ks3oZwbuwXPXLWyouBWLVWGNWQexSgSxsj_Qulcy4a-fN"
    )


def test_only_the_browser_opens_it_and_only_the_key_signs_it(service):
    browser, other = service.browser("a"), Browser(service.browser("a").endpoint)
    assert send(message_for(browser), at=NOW).why == ""
    (got,) = service.got
    assert service.told == [("a", message_for(browser).payload)]
    with pytest.raises(http_ece.ECEException):
        other.opened(got)
    assert "核查".encode() not in got.raw
    assert got.headers["authorization"].endswith(f"k={keys.public_key()}")
    claims = claims_of(got)
    assert claims["aud"] == f"http://127.0.0.1:{service.port}" and claims["sub"] == "mailto:ops@grid.example"
    assert NOW < datetime.fromtimestamp(claims["exp"], UTC) < NOW + timedelta(days=1)
    told = {name: got.headers[name] for name in ("ttl", "urgency", "topic", "content-encoding")}
    assert told == {"ttl": "60", "urgency": "normal", "topic": "check", "content-encoding": "aes128gcm"}


def test_the_same_words_look_different_each_time(service):
    first, second = (sending.sealed(message_for(service.browser("a"))) for _ in range(2))
    assert first != second and len(first) == len(second)


@pytest.mark.parametrize(
    ("endpoint", "code"),
    [
        ("http://fcm.googleapis.com/x", "https_only"),
        ("https://fcm.googleapis.com.example/x", "unknown_push_service"),
        ("https://evilfcm.googleapis.com/x", "unknown_push_service"),
        ("https://push.services.mozilla.com@host.example/x", "url_with_login"),
        ("https://10.20.0.1/x", "forbidden_address"),
        ("https://169.254.169.254/x", "forbidden_address"),
        ("https://127.0.0.1/x", "forbidden_address"),
        ("https://223.5.5.5/x", "unknown_push_service"),
        ("https://fcm.googleapis.com:22/x", "port_not_allowed"),
        ("javascript:alert(1)", "url_unreadable"),
    ],
)
def test_nothing_but_known_push_services_is_written_to(settings, endpoint, code):
    settings.WEBHOOK_ALLOWED_NETWORKS = []
    with pytest.raises(DestinationError) as refusal:
        host_of(endpoint)
    assert refusal.value.code == code and str(refusal.value.message)


def test_networks_that_are_open_for_webhooks_are_not_for_browsers(settings):
    from ipaddress import ip_network

    settings.WEBHOOK_ALLOWED_NETWORKS = [ip_network("10.20.0.0/16")]
    settings.PUSH_HOSTS = ["10.20.0.1"]
    with pytest.raises(DestinationError, match="forbidden_address"):
        host_of("https://10.20.0.1/x")


def test_known_push_services_are_those_of_the_browsers():
    for endpoint in (
        "https://fcm.googleapis.com/fcm/send/abc",
        "https://updates.push.services.mozilla.com/wpush/v2/abc",
        "https://web.push.apple.com/abc",
        "https://wns2-par02p.notify.windows.com/w/?token=abc",
    ):
        assert host_of(endpoint)


def test_a_host_that_is_not_known_any_more_is_not_sent_to(service, settings):
    settings.PUSH_HOSTS = ["push.example"]
    assert (
        send(message_for(service.browser("a")), at=NOW).why
        == UnknownServiceError("unknown_push_service").code
    )
    assert service.got == []


# The key --------------------------------------------------------------------------------------------


def test_without_a_key_there_is_none_but_in_the_demo(settings, tmp_path):
    keys._kept.cache_clear()
    settings.VAPID_PRIVATE_KEY, settings.VAR_DIR, settings.DEMO_MODE = "", tmp_path / "var", False
    assert keys.vapid() is None and keys.public_key() == ""
    settings.DEMO_MODE = True
    made = keys.public_key()
    assert len(keys.decode(made)) == 65
    keys._kept.cache_clear()
    assert keys.public_key() == made, "it is kept"
    assert [file.name for file in settings.VAR_DIR.iterdir()] == ["vapid_key"]
    assert (settings.VAR_DIR / "vapid_key").stat().st_mode & 0o777 == 0o600
    keys._kept.cache_clear()


KEY = "U1lz0x7683T2fD7OBORqStbnWsmk8h16lcEFStcSBmk"


@pytest.mark.parametrize(
    ("key", "subject", "found"),
    [
        ("", "", []),
        (KEY, "mailto:ops@grid.example.gov.cn", []),
        (KEY, "https://grid.example.gov.cn", []),
        (KEY, "", ["push.E002"]),
        (KEY, "ops", ["push.E002"]),
        ("short", "mailto:ops@grid.example", ["push.E001"]),
        ("!" * 43, "mailto:ops@grid.example", ["push.E001"]),
    ],
)
def test_a_start_is_refused_with_a_key_that_signs_nothing(settings, key, subject, found):
    settings.VAPID_PRIVATE_KEY, settings.VAPID_SUBJECT = key, subject
    assert [error.id for error in checks.key_and_subject_sign(None)] == found


def test_the_command_makes_a_key_that_signs(settings, capsys):
    from django.core.management import call_command

    call_command("make_push_key")
    name, settings.VAPID_PRIVATE_KEY = capsys.readouterr().out.strip().split("=", 1)
    settings.VAPID_SUBJECT = "mailto:ops@grid.example"
    assert name == "VAPID_PRIVATE_KEY" and checks.key_and_subject_sign(None) == []
    assert json.dumps(keys.public_key())
