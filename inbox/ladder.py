"""A rung of the ladder in words: when it comes, what it does, who is told."""

from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext as _

from dispatch.models import ClockKind, Rung
from dispatch.recipients import Recipient
from dispatch.workflow import VERBS
from events.models import Urgency
from inbox.telling import recipients_of

Words = str | Promise


@dataclass(frozen=True)
class RungWords:
    clock: Words
    urgency: Words
    percent: int
    does: Words
    told: list[Words]
    is_never_quiet: bool


def in_words(rung: Rung) -> RungWords:
    return RungWords(
        clock=ClockKind(rung.clock).label if rung.clock else _("every clock"),
        urgency=Urgency(rung.urgency).label if rung.urgency else _("every urgency"),
        percent=rung.percent,
        does=VERBS[rung.verb].done,
        told=[Recipient(code).label for code in recipients_of(rung.verb, rung.urgency, rung.recipients)],
        is_never_quiet=rung.urgency == Urgency.CRITICAL,
    )
