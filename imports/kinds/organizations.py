"""Every organisation of the district, one row each: centre, rooms, desks, teams, departments, agencies."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence

from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.actions import load_organizations, load_roles
from accounts.models import Organization, Role
from events.models import Event
from grid_platform.sheets.columns import Column, Kind
from grid_platform.sheets.problems import Problem
from grid_platform.sheets.reading import Row
from grids.models import Area, District, Level
from imports.difference import Asked, Change, Key, KindOfList, State, Values

KINDS = Organization.Kind
LEVELS: dict[str, tuple[str, ...]] = {
    KINDS.CENTRE: (Level.DISTRICT,),
    KINDS.DEPARTMENT: (Level.DISTRICT,),
    KINDS.ROOM: (Level.STREET,),
    KINDS.AGENCY: (Level.STREET, Level.COMMUNITY),
    KINDS.COMMUNITY: (Level.COMMUNITY,),
    KINDS.TEAM: (Level.GRID,),
}
"""The level of the area each kind stands in."""
PLATFORMS = ("综治工作", "市场监管", "综合执法", "便民服务", "综合协调")
TIERS = tuple((tier, tier) for tier in ("1", "2", "9", "N"))
COLUMNS = (
    Column("code", _("Code"), _("Short and stable; a street's agency is usually DEPARTMENT@STREET."), Kind.CODE,
           required=True, longest=40, form=r"[A-Za-z0-9@._-]+", example="GAFJ@330104005"),
    Column("kind", _("Kind"), _("What kind of organisation it is; this never changes."), Kind.CHOICE, required=True,
           choices=KINDS.choices, example="agency"),
    Column("area", _("Area code"), _("The area it stands in; its posts reach so far."), Kind.CODE, required=True,
           longest=20, form="[0-9]+", example="330104005"),
    Column("name_zh", _("Chinese name"), _("As it is shown."), required=True, example="凯旋街道派出所"),
    Column("name_en", _("English name"), _("Shown in English; empty: stays as it is."), keeps=True,
           example="Police Station, Kaixuan Street"),
    Column("platform", _("Platform"), _("One of the four platforms, or coordination."), Kind.CODE, keeps=True,
           longest=20, offered=PLATFORMS, example="综治工作"),
    Column("agency_mode", _("Mode of the agency"), _("How a street's agency belongs to its department."), Kind.CHOICE,
           choices=Organization.Mode.choices, example="resident"),
    Column("tier", _("Tier"), _("Its place in the chain of command 1+2+9+N, if it has one."), Kind.CHOICE,
           choices=TIERS, example="N"),
    Column("parent", _("Upper organisation"), _("Its code; an agency's is its department."), Kind.CODE, longest=40,
           example="GAFJ"),
    Column("is_active", _("Active"), _("No: it ends, and nobody's post in it gives anything any more. Empty: as it is."),
           Kind.YES_NO, keeps=True, example="yes"),
)  # fmt: skip


class Organizations(KindOfList):
    code = "organizations"
    title = _("Organisations")
    about = _(
        "Every organisation by itself: for what the list of departments does not make, and for changes."
    )
    key = ("code",)

    def columns(self, district: District) -> tuple[Column, ...]:
        return COLUMNS

    def current(self, asked: Asked) -> dict[Key, Values]:
        rows = Organization.objects.filter(district=asked.district).select_related("area", "parent")
        return {(unit.code,): _values(unit) for unit in rows.order_by("code")}

    def check(self, rows: Sequence[Row], current: Mapping[Key, Values], asked: Asked) -> Iterator[Problem]:
        levels = dict(Area.objects.filter(district=asked.district).values_list("code", "level"))
        parents = {code: values["parent"] for (code,), values in current.items()}
        parents |= {row.values["code"]: row.values.get("parent") for row in rows}
        for row in rows:
            said, old = row.values, current.get((row.values["code"],))
            level = levels.get(said["area"])
            if level is None:
                yield Problem("unknown_area", row.number, "area", said["area"])
            elif level not in LEVELS[said["kind"]]:
                wanted = ", ".join(str(Level(each).label) for each in LEVELS[said["kind"]])
                yield Problem("wrong_level", row.number, "area", said["area"], {"levels": wanted})
            if old and old["kind"] != said["kind"]:
                yield Problem("kind_fixed", row.number, "kind", said["kind"])
            parent = said.get("parent")
            if parent and parent not in parents:
                yield Problem("unknown_parent", row.number, "parent", parent)
            elif chain := _circle(said["code"], parents):
                yield Problem("cycle", row.number, "parent", parent or "", {"chain": " → ".join(chain)})
        yield from _open_work(rows, current, asked)

    def ends(self, fields: Mapping[str, tuple]) -> bool:
        return fields.get("is_active", (None, True))[1] is False

    def may_end(self, key: Key, values: Values, asked: Asked) -> bool:
        return values["is_active"]

    def write(self, changes: Sequence[Change], asked: Asked) -> list[tuple[str, ...]]:
        if not Role.objects.exists():
            load_roles()
        areas = {area.code: area for area in Area.objects.filter(district=asked.district)}
        rows = [
            _row(change, areas, active=change.state != State.ENDED)
            for change in changes
            if change.state != State.UNCHANGED
        ]
        load_organizations(district=asked.district, rows=rows)
        return []


def _values(unit: Organization) -> Values:
    return {
        "code": unit.code,
        "kind": unit.kind,
        "area": unit.area.code,
        "name_zh": unit.name_zh,
        "name_en": unit.name_en,
        "platform": unit.platform,
        "agency_mode": unit.agency_mode or None,
        "tier": unit.tier or None,
        "parent": unit.parent.code if unit.parent else None,
        "is_active": unit.is_active,
    }


def _row(change: Change, areas: Mapping[str, Area], *, active: bool) -> dict:
    said = change.values
    texts = {name: said.get(name) or "" for name in ("name_en", "platform", "agency_mode", "tier", "parent")}
    wanted = said.get("is_active") is not False
    return {
        "code": said["code"],
        "kind": said["kind"],
        "area": areas[said["area"]],
        "name_zh": said["name_zh"],
        "is_active": active and wanted,
        **texts,
    }


def _circle(code: str, parents: Mapping[str, str | None]) -> list[str]:
    """The codes from an organisation up and back to itself; empty where the way up ends."""
    chain, above = [code], parents.get(code)
    while above and above not in chain:
        chain.append(above)
        above = parents.get(above)
    return [*chain, code] if above == code else []


def _open_work(rows: Sequence[Row], current: Mapping[Key, Values], asked: Asked) -> Iterator[Problem]:
    active = {code for (code,), values in current.items() if values["is_active"]}
    ending = {row.values["code"]: row.number for row in rows if row.values.get("is_active") is False}
    if asked.complete:
        ending |= dict.fromkeys(active - {row.values["code"] for row in rows}, 0)
    for code, count in _in_hand(asked.district, active & ending.keys()).items():
        yield Problem("open_work", ending[code], "is_active", code, {"count": count})


def _in_hand(district: District, codes: Iterable[str]) -> dict[str, int]:
    """How many open events each organisation decides on or handles. Two queries."""
    units = dict(Organization.objects.filter(district=district, code__in=codes).values_list("pk", "code"))
    if not units:
        return {}
    events = Event.objects.filter(tenant=district.pk).open()
    at_work = events.filter(Q(desk__in=units) | Q(participants__overlap=list(units)))
    counted: Counter[str] = Counter()
    for desk, participants in at_work.values_list("desk_id", "participants"):
        counted.update(units[pk] for pk in {desk, *participants} & units.keys())
    return dict(sorted(counted.items()))
