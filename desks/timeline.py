"""The steps of an event in words: who did what when, with what, in the reader's language.

Steps keep codes and parameters, never sentences (design, section 3.3). Verbs and the names of texts are
worded by the table; this module words the parameters. Two statements, however many steps.
"""

from collections.abc import Callable, Container, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from typing import Any

from django.utils.dateparse import parse_date, parse_datetime
from django.utils.formats import date_format
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import Organization, User
from desks.clock_face import item_limit_words
from desks.places import name_of
from desks.templatetags.grid import moment
from dispatch.models import Ask, ClockKind, Reason
from dispatch.routing import REASONS
from dispatch.workflow import VERBS
from events.catalogue import versions
from events.masking import mask_numbers
from events.models import Evidence, Level, Source, Step, Urgency
from grids.models import District

FLAGS = {
    "on_edge": gettext_lazy("On the edge of two grids; the lower code was taken."),
    "outside_district": gettext_lazy("The point lies outside the district."),
    "outside_own_area": gettext_lazy("Outside the reporter's own area."),
    "no_point": gettext_lazy("Without a point on the map; the place was named."),
    "place_unknown": gettext_lazy("The place is not known; look for it first."),
    "clock_corrected": gettext_lazy("The phone's clock was wrong; the time was corrected."),
    "clock_ahead": gettext_lazy("The time was ahead of ours; it was set to the time of receipt."),
    "long_ago": gettext_lazy("It happened more than 30 days before the report."),
    "in_incident": gettext_lazy("Part of a major incident."),
    "bad_rating": gettext_lazy("The reporter is not satisfied: look at it again."),
    "same_as_missed": gettext_lazy(
        "The reporter knows it to be reported already, but it could not be merged by itself: look for the other one."
    ),
}
ICONS = {
    "report": "flag",
    "route": "route",
    "accept": "circle-check",
    "reject": "circle-x",
    "escalate": "arrow-big-up-line",
    "dispatch": "send",
    "recall": "arrow-back-up",
    "sign": "writing-sign",
    "return": "corner-up-left",
    "assist_sign": "writing-sign",
    "assist_feed_back": "message-2-check",
    "feed_back": "message-2-check",
    "verify": "rosette-discount-check",
    "rework": "refresh-alert",
    "self_close": "rosette-discount-check",
    "confirm_sample": "eye-check",
    "comment": "message",
    "remind": "bell",
    "refuse_sample": "eye-x",
    "ask_check": "eye-question",
    "answer_check": "eye-check",
    "restore": "restore",
    "merge": "git-merge",
    "split": "git-branch",
    "correct": "edit",
    "transfer": "transfer",
    "accept_transfer": "transfer-in",
    "refuse_transfer": "circle-x",
    "hand_down": "arrow-big-down-line",
    "refuse_return": "corner-down-right",
    "assist_decline": "user-minus",
    "hand_to": "user-share",
    "request_extension": "clock-plus",
    "decide_extension": "clock-check",
    "request_hold": "player-pause",
    "hold": "player-pause",
    "refuse_hold": "circle-x",
    "resume": "player-play",
    "withdraw": "arrow-back",
    "reopen": "lock-open",
    "force_close": "lock",
    "void": "ban",
    "answer_reporter": "message-reply",
    "rate": "star",
    "urge": "speakerphone",
    "supervise": "eye-exclamation",
    "answer_supervision": "message-reply",
    "auto_escalate": "arrow-big-up-line",
    "auto_dispatch": "send",
    "auto_merge": "git-merge",
    "auto_resume": "player-play",
    "lapse": "hourglass-empty",
    "recount": "calendar-event",
    "recode": "map-pin-cog",
    "join_incident": "urgent",
    "leave_incident": "door-exit",
    "mark_overdue": "alarm",
}
GOOD = {"verify", "self_close", "confirm_sample", "accept_transfer", "assist_feed_back", "feed_back"}
BAD = {
    "reject", "return", "rework", "recall", "mark_overdue", "escalate", "refuse_sample", "reopen", "force_close",
    "void", "supervise", "auto_escalate", "refuse_return", "refuse_transfer", "refuse_hold", "withdraw", "lapse",
}  # fmt: skip
WITHDRAWN = gettext_lazy("taken back by the reporter")
TEXT_LABELS: dict[str, str | Promise] = {
    "description": gettext_lazy("Description"),
    "address": gettext_lazy("Address"),
}


@dataclass(frozen=True)
class Line:
    """One parameter or text of a step; a text is a person's own words."""

    label: str | Promise
    value: str | Promise
    is_text: bool = False


@dataclass(frozen=True)
class Entry:
    """One step as a page shows it; ``person`` is empty for those who may not know it."""

    step: Step
    done: str | Promise
    organization: str
    person: str
    post: str
    lines: list[Line]
    icon: str
    tone: str
    evidence: list[Evidence] = field(default_factory=list)

    @property
    def at(self) -> datetime:
        return self.step.at


class Words:
    """Names for the codes in the parameters of some steps; ``is_whole``: whose texts are shown unmasked."""

    def __init__(
        self,
        district: District,
        steps: Iterable[Step],
        extra_organizations: Iterable[str] = (),
        *,
        is_whole: Callable[[Step], bool] = lambda step: False,
    ):
        self.district = district
        self.is_whole = is_whole
        self._steps = list(steps)
        self._extra = set(extra_organizations)

    @cached_property
    def _organizations(self) -> dict[str, str]:
        codes = set(self._extra)
        for step in self._steps:
            for name in ("desk", "lead", "assistants", "assistants_missing"):
                codes.update(_as_list(step.params.get(name)))
            codes.update(
                why[name] for why in step.params.get("why", ()) for name in ("desk", "lead") if name in why
            )
        rows = Organization.objects.filter(district=self.district, code__in=codes) if codes else ()
        return {row.code: row.name for row in rows}

    @cached_property
    def _reasons(self) -> dict[tuple[str, str], str]:
        codes = {step.params["reason"] for step in self._steps if "reason" in step.params} - {"withdrawn"}
        rows = Reason.objects.filter(district=self.district, code__in=codes) if codes else ()
        return {(row.kind, row.code): row.name for row in rows}

    @cached_property
    def _people(self) -> dict[int, str]:
        keys = {step.params["handler"] for step in self._steps if "handler" in step.params}
        rows = User.objects.filter(district=self.district, pk__in=keys) if keys else ()
        return {row.pk: row.display_name for row in rows}

    def person(self, key: int) -> str:
        return self._people.get(key, "—")

    def organization(self, code: str) -> str:
        return self._organizations.get(code, code)

    def organizations(self, codes: Any) -> str:
        return _("; ").join(self.organization(code) for code in _as_list(codes))

    def reason(self, verb: str, code: str) -> str:
        return self._reasons.get((verb, code)) or str(WITHDRAWN if code == "withdrawn" else code)

    def item(self, code: str) -> str:
        known = versions(self.district).get(code)
        return f"{code} {known[-1].name}" if known else code

    def area(self, code: str) -> str:
        return name_of(self.district, code)

    def why(self, reasons: Iterable[dict]) -> list[str]:
        """The reasons of a route as sentences."""
        sentences = []
        for reason in reasons:
            given = dict(reason)
            if "level" in given:
                given["level"] = Level(given["level"]).label
            for name in ("desk", "lead"):
                if name in given:
                    given[name] = self.organization(given[name])
            sentences.append(str(REASONS[given["code"]]) % given)
        return sentences


def _as_list(value: Any) -> list:
    if value is None:
        return []
    return list(value) if isinstance(value, list) else [value]


def _change(word: Callable[[Words, str], str]) -> Callable[[Words, Step, Any], str]:
    """One code in words, or an old and a new one."""
    return lambda words, step, value: " → ".join(word(words, code) for code in _as_list(value))


def _amount(words: Words, step: Step, value: list) -> str:
    return item_limit_words(*value)


def _day(words: Words, step: Step, value: str) -> str:
    day = parse_date(value)
    return date_format(day, "SHORT_DATE_FORMAT") if day else value


def _instant(words: Words, step: Step, value: str) -> str:
    return moment(parse_datetime(value)) or value


def _moved(change: list[str]) -> str:
    """A deadline as it was and as it is."""
    kind, *dues = change
    return f"{ClockKind(kind).label}: {' → '.join(moment(parse_datetime(due)) for due in dues)}"


def _plain(words: "Words", step: Step, value: Any) -> str:
    return str(value)


def _option(name: str) -> Callable[["Words", Step, Any], str]:
    """A choice in the words of the table's row."""

    def in_words(words: "Words", step: Step, value: Any) -> str:
        needs = {need.name: dict(need.options) for need in VERBS[step.verb].needs}
        return str(needs.get(name, {}).get(value, value))

    return in_words


PARAMS: dict[str, tuple[str | Promise, Callable[[Words, Step, Any], str]]] = {
    "item": (gettext_lazy("Item"), _change(Words.item)),
    "area": (gettext_lazy("Place"), _change(Words.area)),
    "source": (gettext_lazy("Source"), lambda words, step, value: str(Source(value).label)),
    "desk": (gettext_lazy("Desk"), _change(Words.organization)),
    "lead": (gettext_lazy("Lead"), lambda words, step, value: words.organization(value)),
    "assistants": (gettext_lazy("Assistants"), lambda words, step, value: words.organizations(value)),
    "assistants_missing": (
        gettext_lazy("Assistants without an answer"),
        lambda words, step, value: words.organizations(value),
    ),
    "handler": (gettext_lazy("Person"), lambda words, step, value: words.person(value)),
    "amount": (gettext_lazy("Shorter limit"), _amount),
    "reason": (gettext_lazy("Reason"), lambda words, step, value: words.reason(step.verb, value)),
    "why": (gettext_lazy("Why"), lambda words, step, value: " ".join(words.why(value))),
    "clock": (gettext_lazy("Clock"), lambda words, step, value: str(ClockKind(value).label)),
    "urgency": (gettext_lazy("Urgency"), _change(lambda words, value: str(Urgency(value).label))),
    "leading": (gettext_lazy("Leading event"), _plain),
    "incident": (gettext_lazy("Major incident"), _plain),
    "origin": (gettext_lazy("Split or followed from"), _plain),
    "new": (gettext_lazy("New event"), _plain),
    "follow_up": (gettext_lazy("Follow-up event"), _plain),
    "finding": (gettext_lazy("Finding"), _option("finding")),
    "decision": (gettext_lazy("Decision"), _option("decision")),
    "rating": (gettext_lazy("Rating"), _option("rating")),
    "reached": (gettext_lazy("Call-back"), _option("reached")),
    "review_on": (gettext_lazy("Review on"), _day),
    "kind": (gettext_lazy("Asked"), lambda words, step, value: str(Ask.Kind(value).label)),
    "answer_by": (gettext_lazy("Answer by"), _instant),
    "clocks": (gettext_lazy("Deadlines"), lambda words, step, value: _("; ").join(map(_moved, value))),
    "percent": (gettext_lazy("Used up"), lambda words, step, value: f"{value}%"),
    "due": (gettext_lazy("Due"), _instant),
    "whole_due": (
        gettext_lazy("Whole deadline"),
        lambda words, step, value: " → ".join(_instant(words, step, at) for at in value),
    ),
}
"""Parameters in the order they are told; others (flags, versions) are for machines."""
LABELS: dict[tuple[str, str], str | Promise] = {
    ("request_extension", "amount"): gettext_lazy("How much more"),
    ("transfer", "desk"): gettext_lazy("Asked desk"),
    ("return", "lead"): gettext_lazy("Returned by"),
}
"""Where a parameter means something else than elsewhere."""


def timeline(
    steps: Sequence[Step],
    *,
    words: Words,
    with_persons: bool,
    confidential_reporter: int | None = None,
    evidence: Mapping[Any, list[Evidence]] | None = None,
) -> list[Entry]:
    """The steps as entries, in the order given.

    ``with_persons``: the reader sees the event in full, and so who acted; ``confidential_reporter``: the person
    whose name and unit stay hidden all the same; ``evidence`` by step id.
    """
    entries = []
    for step in steps:
        hidden = step.actor_id is not None and step.actor_id == confidential_reporter
        verb = VERBS[step.verb]
        entries.append(
            Entry(
                step=step,
                done=verb.done,
                organization=_organization(step, hidden),
                person=step.actor.display_name if with_persons and step.actor and not hidden else "",
                post=step.post.title if step.post and not hidden else "",
                lines=lines_of(step, words),
                icon=ICONS.get(step.verb, "point"),
                tone="good" if step.verb in GOOD else "bad" if step.verb in BAD else "",
                evidence=(evidence or {}).get(step.pk, []),
            )
        )
    return entries


def _organization(step: Step, hidden: bool) -> str:
    if hidden:
        return _("Name kept from the handler")
    if step.organization:
        return step.organization.name
    return _("Reporter") if step.actor_id else _("System")


def lines_of(step: Step, words: Words, *, without: Container[str] = ()) -> list[Line]:
    """A step's parameters and texts in words, but for the parameters named."""
    return [*_params(step, words, without), *_texts(step, words)]


def _params(step: Step, words: Words, without: Container[str]) -> list[Line]:
    return [
        Line(LABELS.get((step.verb, name), label), in_words(words, step, step.params[name]))
        for name, (label, in_words) in PARAMS.items()
        if step.params.get(name) and name not in without
    ]


def _texts(step: Step, words: Words) -> list[Line]:
    """The free text, numbers of persons masked, worded by the labels of the table's row; an erased text leaves a note."""
    if not step.text_digest:
        return []
    text = getattr(step, "text", None)
    if not text or not text.content:
        return [Line(_("Text"), _("erased"))]
    labels = TEXT_LABELS | {need.name: need.label for need in VERBS[step.verb].needs}
    labels.setdefault("result", _("What was done"))
    shown = str if words.is_whole(step) else mask_numbers
    return [Line(labels.get(name, name), shown(value), is_text=True) for name, value in text.content.items()]
