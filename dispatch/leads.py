"""Which organisation to dispatch an event to, the best first, each place in the list with its reasons.

The district's rule or the list of responsibilities decides first (``dispatch.routing``). Then points count: being
named as an assistant for the item, of the event's own street, past work on it in time, little in hand. Every point is told, and only
organisations are ranked, never persons. The figures count the events the dispatcher may see, so they tell nothing
of others. An organisation has no place of its own, so no distance counts.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta

from django.db.models import Count, F, Q
from django.utils.translation import gettext_lazy as _

from accounts.models import Organization, OrganizationQuerySet
from dispatch.conditions import Situation
from dispatch.models import Assignment, ClockKind
from dispatch.routing import Proposal, candidates
from events.models import OPEN_STATES, Event, Item

NAMED, HERE, TIMELY, FREE = 30, 10, 50, 20
"""Points: named for the item; at home in the event's street or below; everything in time, of much; nothing in hand."""
LITTLE = 2
"""One order in time among few says little: the share is counted as if so many more had come half in time."""
MOST_IN_HAND = 1_000_000
"""More open events than any district has."""

REASONS = {
    "rule": _("Rule %(number)s names it: %(name)s"),
    "responsible": _("responsible by the list"),
    "here": _("of the place"),
    "named": _("named to assist for this item"),
    "in_time_item": _("%(on_time)s of %(all)s in time on this item in %(days)s days"),
    "in_time_category": _("%(on_time)s of %(all)s in time on this category in %(days)s days"),
    "no_past": _("no data on this category in %(days)s days"),
    "in_hand": _("%(n)s in hand"),
    "free": _("nothing in hand"),
    "nobody": _("nobody in post there"),
    "ourselves": _("your own organisation; sending it signs it."),
}


@dataclass(frozen=True)
class Past:
    """What a lead fed back on the item, and on its whole category; each with how much of it was in time."""

    item: int = 0
    item_on_time: int = 0
    category: int = 0
    category_on_time: int = 0


@dataclass(frozen=True)
class Standing:
    """An organisation before it is ranked."""

    unit: Organization
    is_staffed: bool = True
    is_named: bool = False
    is_here: bool = False
    in_hand: int = 0
    past: Past = Past()


@dataclass(frozen=True)
class Reason:
    """A code of ``REASONS`` with its parameters, and the points it brings (0: it decides, or only tells)."""

    code: str
    params: dict
    points: int = 0

    @property
    def words(self) -> str:
        return str(REASONS[self.code]) % self.params


@dataclass(frozen=True)
class Lead:
    unit: Organization
    is_proposed: bool
    score: int
    reasons: list[Reason]

    @property
    def is_staffed(self) -> bool:
        return all(reason.code != "nobody" for reason in self.reasons)


def ranked(
    standings: Iterable[Standing], proposal: Proposal, *, days: int, own: int | None = None
) -> list[Lead]:
    """Whom the rules propose first, then by score, ties by code; where nobody is in post, last.

    ``days``: how far the past reaches; ``own``: the key of the desk's organisation.
    """
    rows = [_lead(row, proposal, days, own) for row in standings]
    return sorted(rows, key=lambda row: (not row.is_staffed, not row.is_proposed, -row.score, row.unit.code))


def _lead(row: Standing, proposal: Proposal, days: int, own: int | None) -> Lead:
    is_proposed = proposal.lead is not None and proposal.lead.pk == row.unit.pk
    reasons = []
    if not row.is_staffed:
        reasons.append(Reason("nobody", {}))
    if is_proposed and proposal.rule:
        reasons.append(Reason("rule", {"number": proposal.rule.number, "name": proposal.rule.name}))
    elif is_proposed:
        reasons.append(Reason("responsible", {}))
    if row.unit.pk == own:
        reasons.append(Reason("ourselves", {}))
    if row.is_named:
        reasons.append(Reason("named", {}, NAMED))
    if row.is_here:
        reasons.append(Reason("here", {}, HERE))
    reasons += [_timeliness(row.past, days), _load(row.in_hand)]
    return Lead(row.unit, is_proposed, sum(reason.points for reason in reasons), reasons)


def _timeliness(past: Past, days: int) -> Reason:
    """By the item where there is any work on it, else by its category."""
    code, on_time, all_ = "in_time_item", past.item_on_time, past.item
    if not all_:
        code, on_time, all_ = "in_time_category", past.category_on_time, past.category
    if not all_:
        return Reason("no_past", {"days": days})
    share = (on_time + LITTLE / 2) / (all_ + LITTLE)
    return Reason(code, {"on_time": on_time, "all": all_, "days": days}, round(TIMELY * share))


def _load(in_hand: int) -> Reason:
    if not in_hand:
        return Reason("free", {}, FREE)
    return Reason("in_hand", {"n": in_hand}, max(FREE - in_hand, 0))


# From the database --------------------------------------------------------------------------------


def leads(
    situation: Situation, proposal: Proposal, units: OrganizationQuerySet | list[Organization] | None = None
) -> list[Lead]:
    """Every organisation the event may be dispatched to. Two statements, and one for ``units`` where they are not given:
    ``candidates(event).with_staff(...)`` with their parents and areas."""
    event = situation.event
    if units is None:
        found = candidates(event).with_staff(at=situation.now, permission="handle_events")
        units = found.select_related("parent", "area")
    rows = list(units)
    days = situation.policy.timely_days
    in_hand, past = _in_hand(situation, rows), _past(situation, rows, days)
    named = {unit.pk for unit in named_to_assist(event.item, rows)}
    standings = [
        Standing(
            unit,
            unit.has_staff,
            unit.pk in named,
            _is_here(unit, event),
            in_hand.get(unit.pk, 0),
            past.get(unit.pk, Past()),
        )
        for unit in rows
    ]
    return ranked(standings, proposal, days=days, own=event.desk_id)


def named_to_assist(item: Item, units: list[Organization]) -> list[Organization]:
    """Those the list of responsibilities names for the item: the bureaus' agencies, else the bureaus."""
    codes = set(item.assist_departments)
    agencies = [unit for unit in units if unit.parent and unit.parent.code in codes]
    covered = {unit.parent.code for unit in agencies if unit.parent}
    return agencies + [unit for unit in units if unit.code in codes - covered]


def _is_here(unit: Organization, event: Event) -> bool:
    code = unit.area.code
    return len(code) > len(event.tenant) and event.area_code.startswith(code)


def _in_hand(situation: Situation, units: list[Organization]) -> dict[int, int]:
    """Open orders as lead or assistant now; reads the indexes on open orders and on who takes part in open events.

    Whoever has an open order takes part in its event. Said so and with a bound that nothing reaches, the events are
    read at once and not one by one for each order.
    """
    keys = [unit.pk for unit in units]
    visible = Event.objects.visible_to(situation.actor.user)
    seen = visible.filter(state__in=OPEN_STATES, participants__overlap=keys).values("pk")[:MOST_IN_HAND]
    status = [Assignment.Status.SENT, Assignment.Status.SIGNED]
    rows = Assignment.objects.filter(
        organization__in=keys, ended_at=None, status__in=status, event__in=seen
    ).exclude(event=situation.event)
    return dict(rows.order_by().values_list("organization").annotate(n=Count("pk")))


def _past(situation: Situation, units: list[Organization], days: int) -> dict[int, Past]:
    """What each fed back as lead on the category's items in the last days; reads the index on what leads fed back.

    In time is the clock to handle that this feedback ended, up to and including its deadline.
    """
    event, since = situation.event, situation.now - timedelta(days=days)
    same = Q(item__code=event.item.code)
    in_time = Q(clocks__ended_at__lte=F("clocks__due"))
    rows = (
        Event.objects.visible_to(situation.actor.user)
        .filter(
            item__category=event.item.category_id,
            item__district=event.tenant,
            recorded_at__gte=since,
            assignments__organization__in=units,
            assignments__part=Assignment.Part.LEAD,
            assignments__fed_back_at__gte=since,  # implied by the event's; said on its own it bounds the index
            clocks__kind=ClockKind.HANDLE,
            clocks__ended_at=F("assignments__fed_back_at"),
        )
        .order_by()
        .values_list("assignments__organization")
        .annotate(
            of_item=Count("pk", filter=same),
            of_item_in_time=Count("pk", filter=same & in_time),
            of_all=Count("pk"),
            of_all_in_time=Count("pk", filter=in_time),
        )
    )
    return {organization: Past(*counts) for organization, *counts in rows}
