"""The steps of an event in words: who did what when, with what, in the reader's language.

Steps keep codes and parameters, never sentences (design, section 3.3). Verbs and the names of texts are
worded by the table; this module words the parameters. Two statements, however many steps.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from typing import Any

from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.formats import date_format
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import Organization
from desks.clock_face import item_limit_words
from desks.places import name_of
from dispatch.models import ClockKind, Reason
from dispatch.routing import REASONS
from dispatch.workflow import VERBS
from events.catalogue import versions
from events.models import Evidence, Level, Source, Step
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
    "mark_overdue": "alarm",
}
GOOD = {"verify", "self_close", "confirm_sample"}
BAD = {"reject", "return", "rework", "recall", "mark_overdue", "escalate"}
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
    """Names for the codes in the parameters of some steps."""

    def __init__(self, district: District, steps: Iterable[Step], extra_organizations: Iterable[str] = ()):
        self.district = district
        self._steps = list(steps)
        self._extra = set(extra_organizations)

    @cached_property
    def _organizations(self) -> dict[str, str]:
        codes = set(self._extra)
        for step in self._steps:
            for name in ("desk", "lead", "assistants", "assistants_missing"):
                codes.update(_as_list(step.params.get(name)))
            codes.update(why["desk"] for why in step.params.get("why", ()) if "desk" in why)
        rows = Organization.objects.filter(district=self.district, code__in=codes) if codes else ()
        return {row.code: row.name for row in rows}

    @cached_property
    def _reasons(self) -> dict[tuple[str, str], str]:
        codes = {step.params["reason"] for step in self._steps if "reason" in step.params}
        rows = Reason.objects.filter(district=self.district, code__in=codes) if codes else ()
        return {(row.kind, row.code): row.name for row in rows}

    def organization(self, code: str) -> str:
        return self._organizations.get(code, code)

    def organizations(self, codes: Any) -> str:
        return _("; ").join(self.organization(code) for code in _as_list(codes))

    def reason(self, verb: str, code: str) -> str:
        return self._reasons.get((verb, code), code)

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
            if "desk" in given:
                given["desk"] = self.organization(given["desk"])
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


def _instant(words: Words, step: Step, value: str) -> str:
    at = parse_datetime(value)
    return date_format(timezone.localtime(at), "SHORT_DATETIME_FORMAT") if at else value


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
    "amount": (gettext_lazy("Shorter limit"), _amount),
    "reason": (gettext_lazy("Reason"), lambda words, step, value: words.reason(step.verb, value)),
    "why": (gettext_lazy("Why"), lambda words, step, value: " ".join(words.why(value))),
    "clock": (gettext_lazy("Clock"), lambda words, step, value: str(ClockKind(value).label)),
    "percent": (gettext_lazy("Used up"), lambda words, step, value: f"{value} %"),
    "due": (gettext_lazy("Due"), _instant),
}
"""Parameters in the order they are told; others (flags, versions) are for machines."""


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
                post=step.post.role.name if step.post and not hidden else "",
                lines=[*_params(step, words), *_texts(step)],
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


def _params(step: Step, words: Words) -> list[Line]:
    return [
        Line(label, in_words(words, step, step.params[name]))
        for name, (label, in_words) in PARAMS.items()
        if step.params.get(name)
    ]


def _texts(step: Step) -> list[Line]:
    """The free text, worded by the labels of the table's row; an erased text leaves a note."""
    if not step.text_digest:
        return []
    text = getattr(step, "text", None)
    if not text or not text.content:
        return [Line(_("Text"), _("erased"))]
    labels = TEXT_LABELS | {need.name: need.label for need in VERBS[step.verb].needs}
    labels.setdefault("result", _("What was done"))
    return [Line(labels.get(name, name), value, is_text=True) for name, value in text.content.items()]
