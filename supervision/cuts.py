"""The ways to cut the figures: by place, organisation, matter, source.

A cut reads one fact of each event and folds its values into rows: an area's code into the street it lies in, an
agency into its department. What folds into nothing known keeps its value as its row.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from accounts.models import DESK_KINDS, Organization
from events.catalogue import versions
from events.models import Category, Platform, Source, Urgency
from grids.models import District, Level
from grids.places import places_of
from supervision.indicators import Indicator, Owner

Words = str | Promise
Kind = Organization.Kind
NOBODY = "-"
"""The row of events that have no value: no lead, say."""


@dataclass(frozen=True)
class Rows:
    """``folds``: the row of each value; ``names`` of rows, in the order they are shown in."""

    folds: Mapping[str, str]
    names: Mapping[str, str]

    def key_of(self, value: str | None) -> str:
        return self.folds.get(value, value) if value else NOBODY

    def values_in(self, key: str) -> list[str]:
        """The values that fold into a row; a value that is not known is its own."""
        return [*(value for value, row in self.folds.items() if row == key), key]


@dataclass(frozen=True)
class Cut:
    """``fact`` is empty where it is the organisation of the indicator's owner."""

    title: Words
    unknown: Words
    rows: Callable[[District], Rows]
    fact: str = ""
    owners: tuple[Owner, ...] = ()

    def shows(self, indicator: Indicator) -> bool:
        """By organisation only what belongs to one; a number without a rate only there."""
        if self.fact:
            return bool(indicator.denominator)
        return indicator.owner in self.owners

    def fact_of(self, indicator: Indicator) -> str:
        return self.fact or str(indicator.owner)


def _areas(level: Level) -> Callable[[District], Rows]:
    """Every place under its area of a level; what is known less exactly stays under its own code."""

    def rows(district: District) -> Rows:
        places = places_of(district)
        names = {code: place.name for code, place in places.items() if place.level == level}
        folds = {
            code: next((code[:n] for n in range(len(code), 0, -1) if code[:n] in names), code)
            for code in places
        }
        return Rows(folds, names)

    return rows


def _same(names: Callable[[District], dict[str, str]]) -> Callable[[District], Rows]:
    def rows(district: District) -> Rows:
        known = names(district)
        return Rows({key: key for key in known}, known)

    return rows


def _units(district: District) -> list[Organization]:
    return list(Organization.objects.filter(district=district).order_by("area__code", "code"))


def _organizations(*kinds: str) -> Callable[[District], Rows]:
    """Organisations of these kinds; every other has no row of its own."""

    def rows(district: District) -> Rows:
        units = _units(district)
        names = {str(unit.pk): unit.name for unit in units if unit.kind in kinds}
        return Rows({str(unit.pk): str(unit.pk) if unit.kind in kinds else NOBODY for unit in units}, names)

    return rows


def _departments(district: District) -> Rows:
    """A department with its agencies in the streets."""
    units = {unit.pk: unit for unit in _units(district)}
    folds = {}
    for unit in units.values():
        bureau = unit if unit.kind == Kind.DEPARTMENT else units.get(unit.parent_id or 0)
        is_one = unit.kind in (Kind.DEPARTMENT, Kind.AGENCY) and bureau and bureau.kind == Kind.DEPARTMENT
        folds[str(unit.pk)] = str(bureau.pk) if is_one and bureau else NOBODY
    return Rows(folds, {str(unit.pk): unit.name for unit in units.values() if unit.kind == Kind.DEPARTMENT})


def _items(district: District) -> dict[str, str]:
    return {code: known[-1].name for code, known in versions(district).items()}


def _categories(district: District) -> dict[str, str]:
    return {row.code: row.name for row in Category.objects.filter(district=district)}


def _choices(choices) -> Callable[[District], dict[str, str]]:
    return lambda district: {value: str(label) for value, label in choices.choices}


AT_WORK = (Owner.LEAD, Owner.RETURNER)
CUTS: dict[str, Cut] = {
    "street": Cut(_("Street"), _("Street not known"), _areas(Level.STREET), "area_code"),
    "community": Cut(_("Community"), _("Community not known"), _areas(Level.COMMUNITY), "area_code"),
    "grid": Cut(_("Grid"), _("Grid not known"), _areas(Level.GRID), "area_code"),
    "department": Cut(_("Department"), _("No department"), _departments, owners=AT_WORK),
    "agency": Cut(_("Agency"), _("No agency"), _organizations(Kind.AGENCY), owners=AT_WORK),
    "desk": Cut(_("Desk"), _("No desk"), _organizations(*DESK_KINDS), owners=(Owner.DESK, Owner.SENDER)),
    "item": Cut(_("Item"), _("Item not in the list"), _same(_items), "item"),
    "category": Cut(_("Category"), _("Category not in the list"), _same(_categories), "category"),
    "platform": Cut(_("Platform"), _("Platform not in the list"), _same(_choices(Platform)), "platform"),
    "source": Cut(_("Source"), _("Source not known"), _same(_choices(Source)), "source"),
    "urgency": Cut(_("Urgency"), _("Urgency not known"), _same(_choices(Urgency)), "urgency"),
}
