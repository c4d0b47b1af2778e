"""Which desk decides about an event, who is proposed as its lead, and which organisations may take it.

Each answer comes with its reasons as codes with parameters; ``REASONS`` has the words.
Source: the field rules, section 4, and section 14 (``lead_department``, ``level``).
"""

from dataclasses import dataclass

from django.db.models import Case, IntegerField, QuerySet, Value, When
from django.utils.translation import gettext_lazy as _

from accounts.models import Organization, OrganizationQuerySet
from events.models import Event, Level, Source, Urgency

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


def choose_desk(event: Event) -> Route:
    """The lowest desk of the needed level above the place."""
    level = Level(event.item.level)
    reasons = [{"code": "item_level", "level": level}]
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
    desks = {desk.kind: desk for desk in _desks_above(event)}
    for step in ORDER[ORDER.index(level) :]:
        if desk := desks.get(DESK_OF_LEVEL[step]):
            if DESK_OF_LEVEL[step] != DESK_OF_LEVEL[level]:
                reasons.append({"code": "no_desk"})
            reasons.append({"code": "desk", "desk": desk.code})
            return Route(desk, level, reasons)
    raise NoDeskError(event)


def next_desk_up(organization: Organization) -> Organization | None:
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


def _desks_above(event: Event) -> QuerySet[Organization]:
    codes = [event.area_code[:length] for length in range(len(event.tenant), len(event.area_code) + 1)]
    return (
        Organization.objects.active()
        .of_kind(Kind.COMMUNITY, Kind.ROOM, Kind.CENTRE)
        .filter(district_id=event.tenant, area__code__in=codes)
        .select_related("area")
    )


def proposed_lead(event: Event) -> Organization | None:
    """Who acts by the list of responsibilities: by level the grid's team, the community, the bureau's agency in
    the street (the street office where it has none), or the bureau itself."""
    units = candidates(event)
    bureau = event.item.lead_department
    match event.level:
        case Level.GRID:
            return units.of_kind(Kind.TEAM).first() or units.of_kind(Kind.COMMUNITY).first()
        case Level.COMMUNITY:
            return units.of_kind(Kind.COMMUNITY).first()
        case Level.STREET:
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
