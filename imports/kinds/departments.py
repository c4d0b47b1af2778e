"""The list of departments, from which the organisations of every street, community and grid follow."""

from collections.abc import Sequence

from django.utils.translation import gettext_lazy as _

from accounts.establish import CENTRE_CODE, organizations_of
from accounts.models import Organization
from grid_platform.sheets.columns import Column, Kind
from grid_platform.sheets.reading import Row
from grids.models import District, Level
from imports.difference import Asked, Values
from imports.kinds.organizations import COLUMNS as ORGANIZATION_COLUMNS
from imports.kinds.organizations import PLATFORMS, Organizations

Of = Organization.Kind
COLUMNS = (
    Column("code", _("Code"), _("Short and stable; ZHZX is the district command centre."), Kind.CODE, required=True,
           longest=20, form=r"[A-Za-z0-9._-]+", example="GAFJ"),
    Column("name_zh", _("Full name"), _("The official name, to read by."), example="杭州市公安局江干区分局"),
    Column("short_name", _("Short name"), _("As it is shown."), required=True, example="区公安分局"),
    Column("name_en", _("English name"), _("Shown in English; empty: stays as it is."), keeps=True,
           example="Public Security Sub-bureau"),
    Column("platform", _("Platform"), _("One of the four platforms, or coordination."), Kind.CODE, required=True,
           longest=20, offered=PLATFORMS, example="综治工作"),
    Column("has_street_agency", _("Agency in each street"), _("Whether each street has an agency of it."), Kind.YES_NO,
           required=True, example="yes"),
    Column("agency_mode", _("Mode of the agency"), _("How a street's agency belongs to its department."), Kind.CHOICE,
           choices=Organization.Mode.choices, example="resident"),
    Column("street_agency_zh", _("Name of the agency"), _("Without the street's name; of several the first is taken."),
           example="派出所"),
)  # fmt: skip


class Departments(Organizations):
    code = "departments"
    title = _("Departments")
    about = _(
        "The departments, and with them what follows: in each street the agencies and the command room, in each "
        "community the desk, in each grid the team. Load the areas first."
    )
    can_be_complete = False

    def columns(self, district: District) -> tuple[Column, ...]:
        return COLUMNS

    def entry_columns(self, district: District) -> tuple[Column, ...]:
        return ORGANIZATION_COLUMNS

    def expand(self, rows: Sequence[Row], asked: Asked) -> list[Row]:
        """One entry for each organisation; those of areas alone have no row of their own."""
        if not asked.district.areas.filter(level=Level.DISTRICT).exists():
            return []
        numbers = {row.values["code"]: row.number for row in rows}
        found = organizations_of(asked.district, [_as_listed(row.values) for row in rows])
        return [
            Row(numbers.get(unit["code"].split("@")[0], 0), _entry(unit))
            for unit in found
        ]  # fmt: skip

    def rows_now(self, asked: Asked) -> list[Values]:
        """The departments there are, as their list has them."""
        here = Organization.objects.active().filter(district=asked.district).order_by("pk")
        agencies: dict[int | None, Organization] = {}
        for unit in here.of_kind(Of.AGENCY, Of.ROOM).select_related("area"):
            agencies.setdefault(unit.parent_id, unit)
        return [_listed(unit, agencies.get(unit.pk)) for unit in here.of_kind(Of.CENTRE, Of.DEPARTMENT)]


def _as_listed(values: Values) -> dict[str, str]:
    """As ``departments.csv`` has it."""
    texts = {column.name: values.get(column.name) or "" for column in COLUMNS}
    return texts | {
        "has_street_agency": "yes" if values["has_street_agency"] else "no",
        "street_agency_zh": texts["street_agency_zh"] or texts["short_name"],
    }


def _entry(unit: dict) -> Values:
    known = {"platform": None, "agency_mode": None, "parent": None} | unit
    empty = {name: known[name] or None for name in ("name_en", "agency_mode")}
    return known | {"area": unit["area"].code} | empty


def _listed(unit: Organization, agency: Organization | None) -> Values:
    return {
        "code": unit.code,
        "short_name": unit.name_zh,
        "name_en": unit.name_en,
        "platform": unit.platform,
        "has_street_agency": agency is not None,
        "agency_mode": agency.agency_mode if agency and unit.code != CENTRE_CODE else None,
        "street_agency_zh": agency.name_zh.removeprefix(agency.area.name_zh) if agency else None,
    }
