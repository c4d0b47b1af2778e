"""One signed message over the wire (``webhooks.wire``), and the words of what can go wrong."""

from dataclasses import dataclass, field
from datetime import datetime

from django.utils.translation import gettext_lazy as _

from webhooks.destination import DestinationError
from webhooks.signing import signed_headers
from webhooks.wire import Answer, post

USER_AGENT = "GridPlatform-Webhooks/1"

FAILURES = {
    **DestinationError.WORDS,
    "no_connection": _("Nobody answers at this address."),
    "timeout": _("The receiver took too long."),
    "tls": _("The receiver's certificate does not hold."),
    "no_answer": _("The connection broke before an answer came."),
    "redirect": _("The receiver sent us elsewhere (3xx); nothing is sent on. Enter the final address."),
    "gone": _("The receiver said it is gone (410)."),
    "refused": _("The receiver refused the message (4xx)."),
    "receiver_error": _("The receiver failed (5xx)."),
    "secret_unreadable": _(
        "The secret cannot be opened since the key of this service was replaced. Rotate it."
    ),
}
"""The codes of what can go wrong, in words."""


@dataclass(frozen=True)
class Message:
    """All that is needed to send; taken from the database before."""

    url: str
    message_id: str
    body: str
    secrets: list[str] = field(repr=False)


def send(message: Message, *, at: datetime) -> Answer:
    """Post the message once; never raises for what a receiver or the network does."""
    signed = signed_headers(message_id=message.message_id, body=message.body, at=at, secrets=message.secrets)
    headers = {"Content-Type": "application/json", "User-Agent": USER_AGENT} | signed
    return post(message.url, message.body.encode(), headers, at=at)
