"""One timeline of an incident: the command's log and the steps of its members, woven together, newest first.

Of a member's steps those count that were made while it was in the incident, and its report. A reader gets the steps
of members they may see; messages and changes that tell how many there are go to who oversees the incident. Pages are
bounded and go on by the key of the last row.
"""

import re
from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Exists, OuterRef, Q
from django.utils.dateparse import parse_datetime
from django.utils.functional import Promise
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from accounts.scope import Actor
from desks.event_page import OF_A_STEP
from desks.privacy import Privacy
from desks.timeline import Line, Words, timeline
from events.masking import mask_numbers
from events.models import Event, Step
from incidents.models import BELONGS, Incident, LogEntry, Membership, PlanTask, Recipient, Task

SIZE = 40
LOG, STEP = 1, 0
CURSOR = re.compile(r"(?P<at>[^_]+)_(?P<source>[01])_(?P<pk>\d+)")
SHOWS = ("", "log", "steps", "messages")
ICONS = {
    LogEntry.Kind.OPENED: "urgent",
    LogEntry.Kind.NOTE: "notes",
    LogEntry.Kind.DONE: "checkbox",
    LogEntry.Kind.UNDONE: "square",
    LogEntry.Kind.NOT_APPLICABLE: "square-x",
    LogEntry.Kind.MESSAGE: "message-2-share",
    LogEntry.Kind.CHANGED: "stairs-up",
    LogEntry.Kind.CLOSING: "lock-open",
    LogEntry.Kind.RETURNED: "arrow-back-up",
    LogEntry.Kind.CLOSED: "lock",
}


@dataclass(frozen=True)
class Entry:
    """A row of the woven timeline. ``event`` is set for a member's step."""

    at: datetime
    icon: str
    tone: str
    done: str | Promise
    who: str
    lines: list[Line]
    event: Event | None = None
    key: str = ""


@dataclass(frozen=True)
class Page:
    rows: list[Entry]
    after: str
    is_first: bool


def page_of(
    actor: Actor, incident: Incident, *, full: bool, show: str = "", after: str = "", size: int = SIZE
) -> Page:
    """At most six statements. ``full``: the reader oversees the incident; ``show``: one of SHOWS."""
    cursor = _read(after)
    rows: list[LogEntry | Step] = []
    if show != "steps":
        rows += list(_log(incident, full, show, cursor)[: size + 1])
    if show in ("", "steps"):
        steps = _steps(actor, incident, cursor)
        rows += list((_without_told(steps) if full and not show else steps)[: size + 1])
    rows.sort(key=_key, reverse=True)
    more, rows = len(rows) > size, rows[:size]
    entries = _in_words(actor, incident, rows, full)
    return Page(entries, _write(rows[-1]) if more else "", cursor is None)


def _log(incident: Incident, full: bool, show: str, cursor: tuple | None):
    entries = incident.log.select_related("actor", "post__role", "post__organization", "task")
    if not full:
        entries = entries.exclude(kind=LogEntry.Kind.MESSAGE)
    if show == "messages":
        entries = entries.filter(kind=LogEntry.Kind.MESSAGE)
    return _behind(entries, LOG, cursor).order_by("-at", "-pk")


def _steps(actor: Actor, incident: Incident, cursor: tuple | None):
    members = Membership.objects.filter(incident=incident, event=OuterRef("event"))
    while_in = members.filter(joined_at__lte=OuterRef("at")).filter(
        Q(left_at=None) | Q(left_at__gte=OuterRef("at"))
    )
    reported = members.filter(BELONGS)
    steps = Step.objects.filter(
        event__in=Event.objects.visible_to(actor.user).filter(incident_memberships__incident=incident)
    ).filter(Exists(while_in) | Q(Exists(reported), verb="report"))
    # The incident's own comings and goings are told once, by the event's step.
    return _behind(steps.select_related("event__item", *OF_A_STEP), STEP, cursor).order_by("-at", "-pk")


def _without_told(steps):
    """Who reads the message needs not read it again in the step of each member that carried it."""
    told = Recipient.objects.filter(event=OuterRef("event"), message__sent_at=OuterRef("at"))
    return steps.exclude(Exists(told), verb="answer_reporter")


def _behind(rows, source: int, cursor: tuple | None):
    if cursor is None:
        return rows
    at, last_source, pk = cursor
    if source < last_source:
        return rows.filter(at__lte=at)
    if source > last_source:
        return rows.filter(at__lt=at)
    return rows.filter(Q(at__lt=at) | Q(at=at, pk__lt=pk))


def _key(row: LogEntry | Step) -> tuple:
    return row.at, LOG if isinstance(row, LogEntry) else STEP, row.pk


def _write(row: LogEntry | Step) -> str:
    at, source, pk = _key(row)
    return f"{at.isoformat()}_{source}_{pk}"


def _read(cursor: str) -> tuple[datetime, int, int] | None:
    """An unreadable cursor is the start."""
    match = CURSOR.fullmatch(cursor)
    if not match:
        return None
    try:
        at = parse_datetime(match["at"])
    except ValueError:
        return None
    return (at, int(match["source"]), int(match["pk"][:18])) if at and at.tzinfo else None


# In words ----------------------------------------------------------------------------------------


def _in_words(actor: Actor, incident: Incident, rows: list, full: bool) -> list[Entry]:
    steps = [row for row in rows if isinstance(row, Step)]
    privacy = {step.event_id: Privacy(step.event, actor) for step in steps}
    words = Words(actor.district, steps, is_whole=lambda step: privacy[step.event_id].is_whole(step))
    told = _told(incident, rows) if full else {}
    return [
        _of_log(row, told) if isinstance(row, LogEntry) else _of_step(row, words, privacy[row.event_id])
        for row in rows
    ]


def _of_step(step: Step, words: Words, privacy: Privacy) -> Entry:
    hidden = None if privacy.knows_reporter else step.event.reporter_id
    [entry] = timeline([step], words=words, with_persons=True, confidential_reporter=hidden)
    who = " · ".join(part for part in (entry.organization, entry.post, entry.person) if part)
    lines = [line for line in entry.lines if line.is_text or step.verb in ("dispatch", "merge")]
    return Entry(step.at, entry.icon, entry.tone, entry.done, who, lines, step.event, f"s{step.pk}")


def _of_log(row: LogEntry, told: dict) -> Entry:
    who = " · ".join(
        part
        for part in (
            row.post.organization.name if row.post else "",
            row.post.title if row.post else "",
            row.actor.display_name if row.actor else _("System"),
        )
        if part
    )
    lines = []
    if row.task:
        lines.append(Line(_("Task"), text_of(row.task)))
    if "response" in row.params:
        levels = " → ".join(str(Incident.Response(level).label) for level in row.params["response"])
        lines.append(Line(_("Level of response"), levels))
    if row.text:
        lines.append(Line(_("Text"), mask_numbers(row.text), is_text=True))
    if counts := told.get(row.params.get("message")):
        lines.append(Line(_("Reporters"), told_words(counts)))
    tone = "good" if row.kind in (LogEntry.Kind.DONE, LogEntry.Kind.CLOSED) else ""
    return Entry(
        row.at, ICONS[LogEntry.Kind(row.kind)], tone, row.get_kind_display(), who, lines, key=f"l{row.pk}"
    )


def told_words(counts: dict[str, int]) -> str:
    """How many were told, are still to be told, were refused, or must be called."""
    words = [f"{label} {counts[value]}" for value, label in Recipient.Status.choices if counts.get(value)]
    return _(", ").join(words)


def _told(incident: Incident, rows: list) -> dict[str, dict[str, int]]:
    """By message: how many recipients of each status."""
    keys = [row.params["message"] for row in rows if isinstance(row, LogEntry) and "message" in row.params]
    found: dict[str, dict[str, int]] = defaultdict(lambda: defaultdict(int))
    if keys:
        pairs = Recipient.objects.filter(message__in=keys).values_list("message_id", "status")
        for message, status in pairs:
            found[str(message)][status] += 1
    return found


def text_of(task: Task | PlanTask) -> str:
    """The task in the reader's language."""
    return (task.text_en if (get_language() or "").startswith("en") else "") or task.text_zh
