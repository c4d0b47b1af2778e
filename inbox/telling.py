"""The projection that tells: each step becomes the notices of those whom the table names for its verb.

Runs in the worker's transaction of ``dispatch.outbox``, so exactly once. A rung of the ladder may name its own
recipients. At night the notices of rungs wait for the morning, but never those of a critical event.
"""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime, time, timedelta

from django.utils import timezone

from dispatch import policy
from dispatch.policy import Policy
from dispatch.recipients import Recipient as To
from events.models import Event, Step, Urgency
from inbox.models import Notice
from inbox.recipients import KINDS, PERSONAL, Surroundings, Told

TOLD: dict[str, tuple[To, ...]] = {
    "report": (To.ACCEPTORS,),
    "self_close": (To.SAMPLER, To.REPORTER),
    "refuse_sample": (To.DISPATCHERS, To.REPORTER),
    "ask_check": (To.CHECKERS,),
    "answer_check": (To.ACCEPTORS,),
    "accept": (To.REPORTER,),
    "reject": (To.REPORTER, To.WATCHERS),
    "restore": (To.ACCEPTORS, To.REPORTER),
    "merge": (To.REPORTER, To.WATCHERS),
    "auto_merge": (To.ACCEPTORS,),
    "split": (To.REPORTER,),
    "transfer": (To.ASKED_DESK,),
    "accept_transfer": (To.FORMER_DESK,),
    "refuse_transfer": (To.ACCEPTORS, To.FORMER_DESK),
    "escalate": (To.DESK, To.LEAD),
    "auto_escalate": (To.DESK, To.LEAD, To.FORMER_DESK),
    "hand_down": (To.DISPATCHERS,),
    "dispatch": (To.LEAD, To.ASSISTANTS),
    "auto_dispatch": (To.LEAD, To.DESK, To.CENTRE),
    "return": (To.DISPATCHERS,),
    "refuse_return": (To.LEAD, To.ASSISTANTS),
    "assist_feed_back": (To.LEAD,),
    "assist_decline": (To.LEAD, To.DISPATCHERS),
    "feed_back": (To.CHECKERS, To.VERIFIERS),
    "verify": (To.REPORTER, To.WATCHERS, To.LEAD),
    "rework": (To.LEAD,),
    "request_extension": (To.DISPATCHERS,),
    "decide_extension": (To.LEAD,),
    "request_hold": (To.CENTRE, To.DISPATCHERS),
    "hold": (To.LEAD, To.DISPATCHERS),
    "refuse_hold": (To.LEAD, To.DISPATCHERS),
    "resume": (To.LEAD, To.DISPATCHERS),
    "auto_resume": (To.LEAD, To.DISPATCHERS),
    "withdraw": (To.ACCEPTORS,),
    "reopen": (To.DISPATCHERS, To.REPORTER, To.WATCHERS),
    "force_close": (To.REPORTER, To.WATCHERS, To.LEAD, To.DESK),
    "void": (To.REPORTER, To.WATCHERS, To.LEAD, To.DESK),
    "answer_reporter": (To.REPORTER, To.WATCHERS),
    "rate": (To.ACCEPTORS,),
    "urge": (To.HOLDER,),
    "comment": (To.HOLDER,),
    "supervise": (To.HEAD, To.HOLDER),
    "answer_supervision": (To.SUPERVISORS, To.DESK),
    "remind": (To.HOLDER,),
    "mark_overdue": (To.HOLDER, To.DESK),
    "lapse": (To.HOLDER, To.LEAD),
    "join_incident": (To.LEAD, To.ASSISTANTS),
    "leave_incident": (),
}
"""Verb to recipients (the design's section 2; field rules, sections 3 to 6). An organisation is told once, as the
first it is named; verbs that are not here tell nobody."""

TOLD_IF_CRITICAL: dict[str, tuple[To, ...]] = {"report": (To.CENTRE,)}
"""Street and district see a critical event together (field rules, section 4)."""


def tell(steps: Sequence[Step]) -> None:
    """Write the notices of some steps. At most 6 statements, however many they are."""
    heard = [step for step in steps if step.verb in TOLD]
    if not heard:
        return
    # Read anew: this very batch may have given the event its desk.
    found = Event.objects.filter(pk__in={step.event_id for step in heard}).select_related("item__district")
    events = {event.pk: event for event in found}
    around = Surroundings(heard, events.values())
    notices = [notice for step in heard for notice in _notices(Told(step, events[step.event_id], around))]
    Notice.objects.bulk_create(notices, ignore_conflicts=True)


def recipients_of(verb: str, urgency: str, named: Iterable[str] = ()) -> tuple[str, ...]:
    """Who is told of a verb; ``named``: the rung's own recipients."""
    more = TOLD_IF_CRITICAL.get(verb, ()) if urgency == Urgency.CRITICAL else ()
    return tuple(named) or (*TOLD.get(verb, ()), *more)


def _notices(told: Told) -> Iterator[Notice]:
    step, event = told.step, told.event
    since = visible_from(step, event)
    units: set[int] = set()
    for code in recipients_of(step.verb, event.urgency, step.params.get("tell", ())):
        if code in PERSONAL:
            for event_id, person in _persons(code, told):
                if person != step.actor_id:
                    yield Notice(
                        tenant=step.tenant,
                        step=step,
                        event_id=event_id,
                        kind=code,
                        user_id=person,
                        visible_from=since,
                    )
            continue
        for unit in KINDS[code].units(told):
            if unit and unit not in units:
                units.add(unit)
                yield Notice(
                    tenant=step.tenant,
                    step=step,
                    event=event,
                    kind=code,
                    organization_id=unit,
                    visible_from=since,
                )


def _persons(code: str, told: Told) -> Iterable[tuple]:
    """(the person's own event, person)."""
    if code == To.WATCHERS:
        return told.around.watchers[told.event.pk]
    return [(told.event.pk, told.event.reporter_id)] if told.event.reporter_id else []


def visible_from(step: Step, event: Event) -> datetime:
    """When the notice of a step is there to read: what a clock says is not told in the quiet hours."""
    is_rung = step.actor_id is None and "percent" in step.params
    if not is_rung or event.urgency == Urgency.CRITICAL:
        return step.at
    return after_quiet(step.at, policy.of(event.item.district, at=step.at))


def after_quiet(at: datetime, numbers: Policy) -> datetime:
    """The instant itself, inside the quiet hours (Asia/Shanghai) their end. Two equal hours: none are quiet."""
    begin, end = numbers.quiet_from_hour, numbers.quiet_until_hour
    local = timezone.localtime(at)
    spans_midnight = begin > end
    after_begin, before_end = local.hour >= begin, local.hour < end
    if not (after_begin or before_end if spans_midnight else after_begin and before_end):
        return at
    day = local.date() + timedelta(days=spans_midnight and after_begin)
    return timezone.make_aware(datetime.combine(day, time(end)))
