"""Which desk decides about an event, who is proposed as its lead, and which organisations may take it.

The district's own rules of routing come first (``dispatch.routing_rules``), then the default way. Each answer
comes with its reasons as codes with parameters; ``REASONS`` has the words.
Source: the field rules, section 4, and section 14 (``lead_department``, ``level``).
"""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Case, IntegerField, Q, Value, When
from django.utils.translation import gettext_lazy as _

from accounts.models import Organization, OrganizationQuerySet
from dispatch.models import RoutingRule
from dispatch.routing_rules import first_rule
from events.models import Event, Level, Source, Urgency
from grids.models import District, after_prefix

Kind = Organization.Kind
ORDER = [Level.GRID, Level.COMMUNITY, Level.STREET, Level.DISTRICT]
DESK_OF_LEVEL = {
    Level.GRID: Kind.COMMUNITY,
    Level.COMMUNITY: Kind.COMMUNITY,
    Level.STREET: Kind.ROOM,
    Level.DISTRICT: Kind.CENTRE,
}
LEVEL_OF_DESK: dict[str, Level] = {
    Kind.COMMUNITY: Level.COMMUNITY,
    Kind.ROOM: Level.STREET,
    Kind.CENTRE: Level.DISTRICT,
}

REASONS = {
    "rule": _("Rule %(number)s: %(name)s."),
    "rule_level": _("The rule names the level: %(level)s."),
    "rule_desk": _("The rule names the desk: %(desk)s."),
    "rule_lead": _("The rule names the lead: %(lead)s."),
    "rule_lead_out_of_reach": _("The lead the rule names cannot take orders from this desk."),
    "responsibility": _("By the list of responsibilities."),
    "item_level": _("Matters of this item are closed at the level: %(level)s."),
    "critical_to_room": _("Critical: the street command room and the district see it together."),
    "reported_by": _("A find of a higher level's own organisation stays at that level: %(level)s."),
    "place_unknown": _("The place is known only to the level: %(level)s, so its desk decides."),
    "no_desk": _("There is no desk of the level below, so the next one up decides."),
    "desk": _("The desk of the place: %(desk)s."),
}


@dataclass(frozen=True)
class Route:
    desk: Organization
    level: str
    reasons: list[dict]


@dataclass(frozen=True)
class Proposal:
    """``amount``: a shorter limit a rule asks for, in the item's own unit."""

    lead: Organization | None
    amount: int | None
    reasons: list[dict]
    rule: RoutingRule | None = None


def choose_desk(event: Event, *, district: District, at: datetime) -> Route:
    """The desk a rule names, else the lowest desk of the needed level above the place.

    A rule takes a critical event to no community desk, and none below what the place and the finder need.
    """
    rule = _rule(event, district, at)
    reasons = [_cited(rule)] if rule and (rule.level or rule.desk_id) else []
    desks = _desks_above(event, rule)
    named = next((desk for desk in desks if rule and desk.pk == rule.desk_id), None)
    if named and (named.kind != Kind.COMMUNITY or event.urgency != Urgency.CRITICAL):
        reasons.append({"code": "rule_desk", "desk": named.code})
        return Route(named, LEVEL_OF_DESK[named.kind], reasons)
    level = Level(event.item.level)
    if rule and rule.level:
        level = Level(rule.level)
        reasons.append({"code": "rule_level", "level": level})
    else:
        reasons.append({"code": "item_level", "level": level})
    if event.urgency == Urgency.CRITICAL and _lower(level, Level.STREET):
        level = Level.STREET
        reasons.append({"code": "critical_to_room"})
    own = _level_of_reporter(event)
    if own and _lower(level, own):
        level = own
        reasons.append({"code": "reported_by", "level": own})
    if _lower(level, Level(event.place_level)):
        level = Level(event.place_level)
        reasons.append({"code": "place_unknown", "level": level})
    above = {desk.kind: desk for desk in desks if event.area_code.startswith(desk.area.code)}
    for step in ORDER[ORDER.index(level) :]:
        if desk := above.get(DESK_OF_LEVEL[step]):
            if DESK_OF_LEVEL[step] != DESK_OF_LEVEL[level]:
                reasons.append({"code": "no_desk"})
            reasons.append({"code": "desk", "desk": desk.code})
            return Route(desk, level, reasons)
    raise NoDeskError(event)


def _rule(event: Event, district: District, at: datetime) -> RoutingRule | None:
    return first_rule(district, item=event.item.code, area=event.area_code, urgency=event.urgency, at=at)


def _cited(rule: RoutingRule) -> dict:
    return {"code": "rule", "number": rule.number, "name": rule.name}


def next_desk_up(organization: Organization) -> Organization:
    """The lowest desk above an organisation's area, itself left out; itself where it is the highest."""
    code = organization.area.code
    desks = (
        Organization.objects.active()
        .of_kind(Kind.COMMUNITY, Kind.ROOM, Kind.CENTRE)
        .filter(district=organization.district_id, area__code__in=[code[:n] for n in range(1, len(code) + 1)])
        .exclude(pk=organization.pk)
        .order_by("-area__code")
    )
    return desks.first() or organization


def desks_beside(event: Event) -> OrganizationQuerySet:
    """The desks a transfer may ask: those of the same kind elsewhere in the district."""
    desks = Organization.objects.active().filter(district_id=event.tenant, kind=event.desk.kind)
    return desks.exclude(pk=event.desk_id).order_by("code")


def desks_below(event: Event) -> OrganizationQuerySet:
    """The desks an event may be handed down to: every lower one inside the desk's area."""
    kinds = {Kind.CENTRE: (Kind.ROOM, Kind.COMMUNITY), Kind.ROOM: (Kind.COMMUNITY,)}.get(
        Kind(event.desk.kind), ()
    )
    code = event.desk.area.code
    return (
        Organization.objects.active()
        .of_kind(*kinds)
        .filter(district_id=event.tenant, area__code__gte=code, area__code__lt=after_prefix(code))
        .order_by("code")
    )


def _lower(level: Level, other: Level) -> bool:
    return ORDER.index(level) < ORDER.index(other)


def _level_of_reporter(event: Event) -> Level | None:
    """Finds of a street's or the district's own organisation start at that level; calls taken for others do not."""
    if event.source != Source.DESK or event.reporter is None:
        return None
    kinds = set(event.reporter.posts.values_list("organization__kind", flat=True))
    if kinds & {Kind.CENTRE, Kind.DEPARTMENT}:
        return Level.DISTRICT
    if kinds & {Kind.ROOM, Kind.AGENCY}:
        return Level.STREET
    return None


def _desks_above(event: Event, rule: RoutingRule | None) -> list[Organization]:
    """Those above the place, and the one the rule names, wherever it is."""
    codes = [event.area_code[:length] for length in range(len(event.tenant), len(event.area_code) + 1)]
    wanted = Q(area__code__in=codes)
    if rule and rule.desk_id:
        wanted |= Q(pk=rule.desk_id)
    return list(
        Organization.objects.active()
        .of_kind(Kind.COMMUNITY, Kind.ROOM, Kind.CENTRE)
        .filter(wanted, district_id=event.tenant)
        .select_related("area")
    )


def propose(event: Event, *, district: District, at: datetime) -> Proposal:
    """Who should act, how fast and why: the rule's lead where the desk may order it, else by responsibility.

    A rule that names a department means its agency where the desk is a street's room that has one.
    """
    rule = _rule(event, district, at)
    reasons = [_cited(rule)] if rule and (rule.lead_id or rule.limit_amount) else []
    amount = min(rule.limit_amount, event.item.handle_limit) if rule and rule.limit_amount else None
    if rule and rule.lead_id and event.desk:
        meant = Q(pk=rule.lead_id) | Q(parent=rule.lead_id, area=event.desk.area_id)
        if lead := candidates(event).filter(meant).first():
            return Proposal(lead, amount, [*reasons, {"code": "rule_lead", "lead": lead.code}], rule)
        reasons.append({"code": "rule_lead_out_of_reach"})
    lead = _responsible(event)
    return Proposal(lead, amount, [*reasons, {"code": "responsibility"}], rule if reasons else None)


def _responsible(event: Event) -> Organization | None:
    """Who acts by the list of responsibilities: by level the grid's team, the community, the bureau's agency in
    the street (the street office where it has none), or the bureau itself."""
    units = candidates(event)
    bureau = event.item.lead_department
    match event.level:
        case Level.GRID:
            return units.of_kind(Kind.TEAM).first() or units.of_kind(Kind.COMMUNITY).first()
        case Level.COMMUNITY if desk := units.of_kind(Kind.COMMUNITY).first():
            return desk
        case Level.COMMUNITY | Level.STREET:
            agency = units.of_kind(Kind.AGENCY).filter(parent__code=bureau).first()
            return agency or units.filter(pk=event.desk_id or 0).first()
        case _:
            return units.filter(code=bureau).first() or units.of_kind(Kind.CENTRE).first()


def candidates(event: Event) -> OrganizationQuerySet:
    """The organisations the event's desk may dispatch to.

    A community desk: the grid teams of the place, and itself. A street room: these, the street's agencies,
    the departments, and itself. The district centre: every one but another desk above the place.
    """
    desk = event.desk
    if desk is None:
        return Organization.objects.none()
    units = Organization.objects.active().filter(district_id=event.tenant)
    codes = [event.area_code[:length] for length in range(len(event.tenant), len(event.area_code) + 1)]
    here = units.filter(area__code__in=codes)
    teams = here.of_kind(Kind.TEAM)
    if desk.kind == Kind.COMMUNITY:
        found = teams | units.filter(pk=desk.pk)
    elif desk.kind == Kind.ROOM:
        found = (
            teams
            | here.of_kind(Kind.COMMUNITY)
            | units.of_kind(Kind.AGENCY).filter(area=desk.area)
            | units.of_kind(Kind.DEPARTMENT)
            | units.filter(pk=desk.pk)
        )
    else:
        found = here | units.of_kind(Kind.DEPARTMENT) | units.of_kind(Kind.AGENCY)
    kinds = [Kind.AGENCY, Kind.TEAM, Kind.COMMUNITY, Kind.ROOM, Kind.DEPARTMENT, Kind.CENTRE]
    order = Case(
        *(When(kind=kind, then=Value(position)) for position, kind in enumerate(kinds)),
        output_field=IntegerField(),
    )
    return found.order_by(order, "code")


class NoDeskError(LookupError):
    """No desk stands above the place: the district has no command centre."""

    code = "no_desk"

    def __init__(self, event: Event):
        super().__init__(f"no desk above {event.area_code}")
