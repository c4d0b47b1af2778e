"""The organisations of a district, made from its areas and its list of departments.

The district centre, a command room for each street, a desk for each community, a team for each grid,
the departments, and in each street the agencies of those departments that have one (``agency_mode``).
"""

import csv
from collections.abc import Mapping, Sequence
from pathlib import Path

from accounts.actions import DATA, load_organizations
from accounts.models import Organization
from grids.models import Area, District

Kind = Organization.Kind
CENTRE_CODE = "ZHZX"
"""The department that is the command centre; its street agencies are the command rooms."""


def establish(*, district: District, departments: Path = DATA / "departments.csv") -> dict[str, Organization]:
    """Create or update them all; returns them by code. Idempotent. Columns of the file: ``organizations_of``."""
    with departments.open(encoding="utf-8", newline="") as file:
        rows = organizations_of(district, list(csv.DictReader(file)))
    return load_organizations(district=district, rows=rows)


def organizations_of(district: District, bureaus: Sequence[Mapping[str, str]]) -> list[dict]:
    """The organisations that follow from the district's areas and its departments, as ``load_organizations`` takes them.

    A department holds code, short_name, name_en, platform, has_street_agency, agency_mode, street_agency_zh.
    """
    areas = list(Area.objects.filter(district=district).order_by("code"))
    whole = next(area for area in areas if area.level == Area.Level.DISTRICT)
    streets = [area for area in areas if area.level == Area.Level.STREET]
    rows = [_bureau(row, whole) for row in bureaus]
    for street in streets:
        rows += [_agency(row, street) for row in bureaus if row["has_street_agency"] == "yes"]
    for area in areas:
        if area.level == Area.Level.COMMUNITY:
            rows.append(_unit(area, Kind.COMMUNITY, f"{area.name_zh}受理台", f"{area.name_en} desk"))
        if area.level == Area.Level.GRID:
            rows.append(_unit(area, Kind.TEAM, area.name_zh, area.name_en))
    return rows


def code_of(kind: str, area_code: str) -> str:
    """The organisation code of a room, community desk or grid team."""
    return f"{CENTRE_CODE if kind == Kind.ROOM else kind.upper()}@{area_code}"


def _bureau(row: Mapping[str, str], whole: Area) -> dict:
    return {
        "code": row["code"],
        "kind": Kind.CENTRE if row["code"] == CENTRE_CODE else Kind.DEPARTMENT,
        "area": whole,
        "name_zh": row["short_name"],
        "name_en": row["name_en"],
        "platform": row["platform"],
    }


def _agency(row: Mapping[str, str], street: Area) -> dict:
    agency = row["street_agency_zh"].split("、")[0].split("（")[0].removeprefix("街道")
    room = row["code"] == CENTRE_CODE
    return {
        "code": f"{row['code']}@{street.code}",
        "kind": Kind.ROOM if room else Kind.AGENCY,
        "area": street,
        "name_zh": f"{street.name_zh}{agency}",
        "name_en": _english(row, street, room=room),
        "platform": row["platform"],
        "agency_mode": "" if room else row.get("agency_mode", "").replace("none", ""),
        "parent": row["code"],
    }


def _english(row: Mapping[str, str], street: Area, *, room: bool) -> str:
    """Nothing where one of the two has no English name."""
    if not street.name_en or not row["name_en"]:
        return ""
    return f"{street.name_en} Command Room" if room else f"{row['name_en']}, {street.name_en}"


def _unit(area: Area, kind: str, name_zh: str, name_en: str) -> dict:
    return {
        "code": code_of(kind, area.code),
        "kind": kind,
        "area": area,
        "name_zh": name_zh,
        "name_en": name_en,
    }
