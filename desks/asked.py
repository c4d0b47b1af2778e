"""What is asked of somebody and waits for an answer, in words: by whom, of whom, since when, until when.

The words of the one who asks stand in the step of the asking verb; nothing here is kept twice.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from desks.places import name_of
from desks.timeline import Line, Words, lines_of
from dispatch.conditions import Situation
from dispatch.models import Ask
from events.models import State, Step

Kind = Ask.Kind
ASKED_BY: dict[str, tuple[str, ...]] = {
    Kind.CHECK: ("ask_check",),
    Kind.RETURN: ("return",),
    Kind.TRANSFER: ("transfer",),
    Kind.EXTENSION: ("request_extension",),
    Kind.HOLD: ("request_hold",),
    Kind.SUPERVISION: ("supervise", "rework"),
}
"""The verbs whose step holds the words of what is asked."""
ANSWERED_BY: dict[str, Kind] = {
    "answer_check": Kind.CHECK,
    "refuse_return": Kind.RETURN,
    "accept_transfer": Kind.TRANSFER,
    "refuse_transfer": Kind.TRANSFER,
    "decide_extension": Kind.EXTENSION,
    "hold": Kind.HOLD,
    "refuse_hold": Kind.HOLD,
    "answer_supervision": Kind.SUPERVISION,
}
THEN: dict[str, str | Promise] = {
    Kind.CHECK: gettext_lazy("then the desk goes on without it"),
    Kind.RETURN: gettext_lazy("then the return stands"),
    Kind.EXTENSION: gettext_lazy("no decision by then is a refusal"),
}
ICONS = {
    Kind.CHECK: "eye-question",
    Kind.RETURN: "corner-up-left",
    Kind.TRANSFER: "transfer",
    Kind.EXTENSION: "clock-plus",
    Kind.HOLD: "player-pause",
    Kind.SUPERVISION: "eye-exclamation",
}
TOLD_ELSEWHERE = {"desk", "answer_by", "percent", "due", "clock"}
"""Parameters of an asking step that the line itself tells."""


@dataclass(frozen=True)
class Asked:
    """``until`` is None where no time is set; ``then`` says what happens when it passes."""

    title: str
    icon: str
    by: str
    of: str
    since: datetime
    until: datetime | None
    then: str | Promise
    lines: list[Line]
    late: bool


def open_asks(situation: Situation, steps: Sequence[Step], words: Words) -> list[Asked]:
    """What waits for an answer, the oldest first, and the hold in force; no statement of its own."""
    found = [_asked(ask, situation, steps, words) for ask in situation.asks]
    if situation.event.state == State.ON_HOLD:
        found.append(_hold(situation, steps, words))
    return found


def _asked(ask: Ask, situation: Situation, steps: Iterable[Step], words: Words) -> Asked:
    until = ask.due
    if ask.kind == Kind.SUPERVISION:
        until = situation.calendar.due(ask.asked_at, situation.policy.supervision_limit)
    step = _last(steps, *ASKED_BY[ask.kind])
    return Asked(
        title=str(Kind(ask.kind).label),
        icon=ICONS[Kind(ask.kind)],
        by=ask.organization.name if ask.organization else _("System"),
        of=_of(ask, situation),
        since=ask.asked_at,
        until=until,
        then=THEN.get(ask.kind, ""),
        lines=lines_of(step, words, without=TOLD_ELSEWHERE) if step else [],
        late=until is not None and situation.now > until,
    )


def _of(ask: Ask, situation: Situation) -> str:
    event = situation.event
    if ask.to:
        return ask.to.name
    if ask.kind == Kind.CHECK:
        return name_of(situation.actor.district, event.area_code)
    if ask.kind == Kind.HOLD:
        return _("the district centre")
    return event.desk.name if event.desk else ""


def _hold(situation: Situation, steps: Sequence[Step], words: Words) -> Asked:
    """Until when it lasts at most; reason, review and safety measure are the request's."""
    event, asking, held = situation.event, _last(steps, "request_hold"), _last(steps, "hold")
    review = event.hold_review_on
    return Asked(
        title=_("On hold"),
        icon="player-pause",
        by=asking.organization.name if asking and asking.organization else "",
        of="",
        since=held.at if held else event.recorded_at,
        until=event.held_until,
        then=_("then it resumes by itself"),
        lines=lines_of(asking, words, without=TOLD_ELSEWHERE) if asking else [],
        late=review is not None and review <= timezone.localdate(situation.now),
    )


def _last(steps: Iterable[Step], *verbs: str) -> Step | None:
    return max((step for step in steps if step.verb in verbs), key=lambda step: step.sequence, default=None)
