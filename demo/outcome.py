"""What came out of a simulation: counts of what happened, and the rates the product itself counts."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from django.db.models import Count, QuerySet

from accounts.models import User
from demo.deeds import Plot
from events.models import Event, Source, Step
from supervision import rates
from supervision.facts import Period
from supervision.indicators import INDICATORS

SUPERVISOR = "supervisor"
CHUNK = 1000
TOLD_VERBS = (
    "self_close", "merge", "auto_merge", "reject", "correct", "ask_check", "recall", "return", "refuse_return", "escalate",
    "rework", "request_extension", "request_hold", "hold", "urge", "reopen", "rate", "remind", "mark_overdue",
    "auto_dispatch", "auto_escalate", "supervise",
)  # fmt: skip


@dataclass(frozen=True)
class Outcome:
    """``counts`` are the rates page's figures of the whole district in the period; sensitive events are left out."""

    reported: int
    steps: int
    sources: Counter[str]
    states: Counter[str]
    verbs: Counter[str]
    counts: Counter[str]

    def rate(self, indicator: str) -> Decimal | None:
        return rates.rate(INDICATORS[indicator], self.counts)

    def lines(self) -> Iterator[str]:
        yield f"{self.reported:,} events, {self.steps:,} steps"
        yield "sources   " + _counts({Source(code).value: n for code, n in self.sources.most_common()})
        yield "states    " + _counts(dict(self.states.most_common()))
        yield "turns     " + _counts({verb: self.verbs[verb] for verb in TOLD_VERBS if self.verbs[verb]})
        counts = self.counts
        yield (
            f"should be closed {counts['should_close']:,}: {counts['closed_on_time']:,} in time, "
            f"{counts['closed_late']:,} late, {counts['overdue_open']:,} open and overdue"
        )
        yield f"closure rate          结案率       {_told(self.rate('closure'))}"
        yield f"on-time closure rate  按期结案率   {_told(self.rate('on_time_closure'))}"
        yield f"closed of reported    问题解决率   {_told(self.rate('solved_2018'))}   (as counted in 2018)"


def outcome_of(plots: list[Plot], *, start: datetime, until: datetime) -> Outcome:
    sources: Counter[str] = Counter()
    states: Counter[str] = Counter()
    verbs: Counter[str] = Counter()
    keys = [plot.key for plot in plots]
    for first in range(0, len(keys), CHUNK):
        events = Event.objects.filter(pk__in=keys[first : first + CHUNK])
        sources += _counted(events, "source")
        states += _counted(events, "state")
        verbs += _counted(Step.objects.filter(event__in=events), "verb")
    supervisor = User.objects.select_related("district").get(username=SUPERVISOR)
    counts = rates.count(supervisor, "street", Period(start, until))
    return Outcome(
        reported=sum(sources.values()),
        steps=sum(verbs.values()),
        sources=sources,
        states=states,
        verbs=verbs,
        counts=sum(counts.values(), Counter()),
    )


def _counted(rows: QuerySet, column: str) -> Counter[str]:
    return Counter(dict(rows.order_by().values_list(column).annotate(number=Count("pk"))))


def _counts(numbers: dict[str, int]) -> str:
    return ", ".join(f"{name} {number:,}" for name, number in numbers.items())


def _told(rate: Decimal | None) -> str:
    return "no data" if rate is None else f"{rate} %"
