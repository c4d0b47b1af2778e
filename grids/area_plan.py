"""What a file would do to a district's tree: the rows as they shall be, the difference, all that is wrong.

A plan reads and writes nothing. Rows stand for what shall be; an area missing from them stays, unless the
file is said to be complete: then what is in force of the levels it holds ends. An area whose boundary covers
a tenth of one that ends in the same file, and that names no predecessor, is taken for its successor.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from functools import cached_property
from typing import Any

import shapely
from django.utils import timezone

from grids import survey
from grids.area_files import AreaFile, Table, read_table
from grids.area_rows import AreaRow, Reading, area_rows
from grids.models import Area, Boundary, District, Level
from grids.problems import AreasRefusedError, Problem

SHARE_OF_A_PREDECESSOR = 0.1


@dataclass(frozen=True)
class Change:
    """``kind``: new, changed or ended. ``fields``: name -> [old, new] as text; a boundary's size in m²."""

    row: AreaRow
    kind: str
    fields: Mapping[str, list[Any]]

    @property
    def code(self) -> str:
        return self.row.code


@dataclass
class Plan:
    """``version``: of the tree the plan was made against."""

    district: str
    version: int = 0
    rows: list[AreaRow] = field(default_factory=list)
    changes: list[Change] = field(default_factory=list)
    unchanged: int = 0
    problems: list[Problem] = field(default_factory=list)

    @property
    def errors(self) -> list[Problem]:
        return [problem for problem in self.problems if problem.is_error]

    def of_kind(self, kind: str) -> list[Change]:
        return [change for change in self.changes if change.kind == kind]


@dataclass
class Tree:
    """The district's areas by code and their open boundaries, as they are."""

    district: District | None
    areas: dict[str, Area]
    boundaries: dict[str, Boundary]
    links: set[tuple[str, str]]
    """(code, its predecessor's)."""

    @classmethod
    def of(cls, district_code: str) -> "Tree":
        """Four queries."""
        open_ones = Boundary.objects.filter(area__district=district_code, valid_to=None)
        links = Area.predecessors.through.objects.filter(from_area__district=district_code)
        return cls(
            District.objects.filter(pk=district_code).first(),
            {
                area.code: area
                for area in Area.objects.filter(district=district_code).select_related("parent")
            },
            {boundary.area.code: boundary for boundary in open_ones.select_related("area")},
            set(links.values_list("from_area__code", "to_area__code")),
        )


def plan_file(*, district_code: str, file: AreaFile, reading: Reading, at: datetime) -> Plan:
    """The plan of a file; what cannot be read at all is a plan with that one problem."""
    try:
        table = read_table(file, encoding=reading.encoding)
        return plan_table(district_code=district_code, table=table, reading=reading, at=at)
    except AreasRefusedError as refusal:
        return Plan(district_code, problems=refusal.problems)


def plan_table(*, district_code: str, table: Table, reading: Reading, at: datetime) -> Plan:
    """Raises AreasRefusedError where the table's columns do not fit."""
    tree = Tree.of(district_code)
    day = reading.day or timezone.localdate(at)
    rows, problems = area_rows(table, reading, tree.areas)
    twice = Counter(row.code for row in rows)
    problems += _duplicates(rows, twice)
    rows = sorted({row.code: row for row in reversed(rows)}.values(), key=lambda row: row.code)
    if reading.complete and not problems:
        rows += _missing(rows, tree, day)
    rows = [_begun(row, tree, day) for row in rows]
    rows = _with_predecessors(rows, tree)
    levels = Levels.of(tree.areas.values(), rows)
    problems += _row_problems(rows, tree, levels, district_code)
    problems += _tree_problems(rows, tree, levels)
    if not reading.any_length:
        problems += _lengths(rows, tree)
    plan = Plan(
        district_code, tree.district.boundary_version if tree.district else 0, rows, problems=problems
    )
    if not plan.errors:
        plan.changes = [change for row in rows if (change := _change(row, tree, levels))]
        plan.unchanged = len(rows) - len(plan.changes)
        plan.problems += [*_warnings(rows, tree, levels), *_map_problems(rows, tree, levels, day)]
    return plan


class Levels(dict[str, str]):
    """The level of every code that is known or given, and with it the tree."""

    @classmethod
    def of(cls, areas: Iterable[Area], rows: Iterable[AreaRow]) -> "Levels":
        return cls({area.code: area.level for area in areas} | {row.code: row.level for row in rows})

    @cached_property
    def above(self) -> dict[str, str | None]:
        """Of each level the district has, the next higher one it has."""
        used = [level for level in Level.values if level in set(self.values())]
        return dict(zip(used, [None, *used], strict=False))

    def parent(self, code: str) -> str | None:
        """The longest known code that begins this one, if it is of the next higher level the district has.

        A level may be missing altogether (a district without communities), but not here and there.
        """
        nearest = self.nearest(code)
        return nearest if nearest and self[nearest] == self.above[self[code]] else None

    def nearest(self, code: str) -> str | None:
        """The longest known code that begins this one."""
        return next((code[:n] for n in range(len(code) - 1, 0, -1) if code[:n] in self), None)


# The rows that follow from others ---------------------------------------------------------------


def _duplicates(rows: list[AreaRow], times: Counter[str]) -> Iterator[Problem]:
    for code in sorted(code for code, count in times.items() if count > 1):
        numbers = [row.number for row in rows if row.code == code]
        told = {"code": code, "rows": ", ".join(map(str, numbers))}
        yield Problem("code_duplicate", numbers[1], "code", told)


def _missing(rows: list[AreaRow], tree: Tree, day: date) -> list[AreaRow]:
    """What is in force of the file's levels and not in it, ended."""
    given, levels = {row.code for row in rows}, {row.level for row in rows}
    return [
        replace(AreaRow.of(area), valid_to=max(day, area.valid_from or day))
        for code, area in tree.areas.items()
        if area.valid_to is None and area.level in levels - {Level.DISTRICT} and code not in given
    ]


def _begun(row: AreaRow, tree: Tree, day: date) -> AreaRow:
    """What is new in a tree begins that day; what comes with the tree itself has no beginning."""
    if row.code in tree.areas or row.valid_from or not tree.areas:
        return row
    return replace(row, valid_from=day)


def _with_predecessors(rows: list[AreaRow], tree: Tree) -> list[AreaRow]:
    ending = [
        (row.level, row.code, shapely.geometry.shape(tree.boundaries[row.code].geometry))
        for row in rows
        if row.valid_to and row.code in tree.boundaries and tree.areas[row.code].valid_to is None
    ]
    return [_succeeding(row, ending) if row.code not in tree.areas else row for row in rows]


def _succeeding(row: AreaRow, ending: list[tuple[str, str, Any]]) -> AreaRow:
    if row.predecessors or row.geometry is None or not ending:
        return row
    own = shapely.geometry.shape(row.geometry)
    covered = [
        code
        for level, code, outline in ending
        if level == row.level and own.intersection(outline).area >= SHARE_OF_A_PREDECESSOR * outline.area
    ]
    return replace(row, predecessors=tuple(covered))


# What is wrong ----------------------------------------------------------------------------------


def _row_problems(rows: list[AreaRow], tree: Tree, levels: Levels, district: str) -> Iterator[Problem]:
    if tree.district is None and not any(row.level == Level.DISTRICT for row in rows):
        yield Problem("district_missing", params={"district": district})
    for row in rows:
        known = tree.areas.get(row.code)
        named = {"code": row.code, "district": district}
        if not row.code.startswith(district) or (row.level == Level.DISTRICT) != (row.code == district):
            yield Problem("code_foreign", row.number, "code", named)
        elif known and known.level != row.level:
            yield Problem(
                "level_wrong", row.number, "level", {**named, "level": row.level, "known": known.level}
            )
        elif row.level != Level.DISTRICT and levels.parent(row.code) is None:
            yield Problem("orphan", row.number, "code", named)
        if not row.name_zh:
            yield Problem("name_missing", row.number, "name_zh", named)
        if max(len(row.name_zh), len(row.name_en)) > 100:
            yield Problem("name_too_long", row.number, "name_zh", named)
        if row.valid_from and row.valid_to and row.valid_to < row.valid_from:
            yield Problem("ends_before_it_begins", row.number, "valid_to", named)
        if known and known.valid_to and row.valid_to != known.valid_to:
            yield Problem("code_ended", row.number, "valid_to", {**named, "day": known.valid_to.isoformat()})
        for predecessor in row.predecessors:
            if predecessor not in levels or predecessor == row.code:
                yield Problem(
                    "predecessor_unknown", row.number, "predecessors", {**named, "predecessor": predecessor}
                )


def _tree_problems(rows: list[AreaRow], tree: Tree, levels: Levels) -> Iterator[Problem]:
    """What the file does to areas that are not in it, or that stay below one that ends."""
    numbers = {row.code: row.number for row in rows}
    ends = {code: area.valid_to for code, area in tree.areas.items()} | {r.code: r.valid_to for r in rows}
    below: Counter[str] = Counter()
    for code, level in levels.items():
        if ends[code] is not None or level == Level.DISTRICT:
            continue
        parent = levels.parent(code)
        if parent is None and code not in numbers:
            nearest = levels.nearest(code) or ""
            if nearest in numbers and nearest not in tree.areas:
                below[nearest] += 1  # One wrong row is told once, not once for each area it would part.
            else:
                yield Problem("orphan", None, "code", {"code": code})
        elif parent and (day := ends[parent]):
            told = {"code": code, "parent": parent, "day": day.isoformat()}
            yield Problem("parent_ended", numbers.get(code), "valid_to", told)
    for code, count in below.items():
        yield Problem("between", numbers[code], "code", {"code": code, "count": count})


def _lengths(rows: list[AreaRow], tree: Tree) -> Iterator[Problem]:
    """Codes of a level are as long as those in force, or else as most in the file."""
    present, given = defaultdict(Counter), defaultdict(Counter)
    for area in tree.areas.values():
        if area.valid_to is None:
            present[area.level][len(area.code)] += 1
    for row in rows:
        given[row.level][len(row.code)] += 1
    for row in rows:
        usual = set(present[row.level]) or {given[row.level].most_common(1)[0][0]}
        if row.code not in tree.areas and len(row.code) not in usual:
            told = {"code": row.code, "length": len(row.code), "usual": ", ".join(map(str, sorted(usual)))}
            yield Problem("length_wrong", row.number, "code", told)


def _warnings(rows: list[AreaRow], tree: Tree, levels: Levels) -> Iterator[Problem]:
    succeeded = {old for _code, old in tree.links} | {old for row in rows for old in row.predecessors}
    names: dict[tuple[str | None, str], str] = {}
    for row in rows:
        known = tree.areas.get(row.code)
        if known and known.valid_to and row.number is not None:
            told = {"code": row.code, "day": known.valid_to.isoformat()}
            yield Problem("already_ended", row.number, "code", told)
        elif row.valid_to and row.code not in succeeded:
            yield Problem("no_successor", row.number, "predecessors", {"code": row.code})
        if row.valid_to is None:
            parent = levels.parent(row.code)
            beside = names.setdefault((parent, row.name_zh), row.code)
            if beside != row.code:
                yield Problem("name_twice", row.number, "name_zh", {"code": row.code, "other": beside})


def _map_problems(rows: list[AreaRow], tree: Tree, levels: Levels, day: date) -> Iterator[Problem]:
    """Gaps, overlaps and what reaches beyond its parent, on the map as it will be that day."""
    numbers = {row.code: row.number for row in rows}
    drawn = {code: row.geometry for code, row in tree.boundaries.items()}
    drawn |= {row.code: row.geometry for row in rows if row.geometry}
    ends = {code: area.valid_to for code, area in tree.areas.items()} | {r.code: r.valid_to for r in rows}
    in_force = {code: level for code, level in levels.items() if (ends[code] or date.max) > day}
    outlines = [
        (code, level, levels.parent(code), drawn[code])
        for code, level in sorted(in_force.items())
        if code in drawn
    ]
    for fault in survey.faults_of(outlines):
        told = {"code": fault.code, "other": fault.other, "size": fault.square_metres}
        number = numbers.get(fault.code) or numbers.get(fault.other)
        yield Problem(fault.kind, number, "wkt", told)
    if missing := [code for code in in_force if code not in drawn]:
        yield Problem("not_drawn", params={"count": len(missing)})


# The difference ---------------------------------------------------------------------------------


def _change(row: AreaRow, tree: Tree, levels: Levels) -> Change | None:
    known, drawn = tree.areas.get(row.code), tree.boundaries.get(row.code)
    fields = _differences(row, known, levels.parent(row.code))
    if row.geometry and _redrawn(row, drawn):
        fields["boundary"] = [
            survey.square_metres(drawn.geometry) if drawn else None, survey.square_metres(row.geometry)
        ]  # fmt: skip
    if added := [old for old in row.predecessors if (row.code, old) not in tree.links]:
        fields["predecessors"] = [None, " ".join(added)]
    if not fields and known:
        return None
    ends = known is not None and "valid_to" in fields
    return Change(row, "new" if known is None else "ended" if ends else "changed", fields)


def _redrawn(row: AreaRow, drawn: Boundary | None) -> bool:
    if drawn is None:
        return True
    was = (drawn.geometry, drawn.source, drawn.synthetic)
    return was != (row.geometry, row.source or drawn.source, row.synthetic)


def _differences(row: AreaRow, known: Area | None, parent: str | None) -> dict[str, list[Any]]:
    wanted = values_of(row) | {"parent": parent}
    was = dict.fromkeys(wanted)
    if known:
        was = {name: getattr(known, name) for name in values_of(row)}
        was["parent"] = known.parent.code if known.parent else None
    return {
        name: [_told(was[name]), _told(wanted[name])]
        for name in wanted
        if (was[name] or None) != (wanted[name] or None)
    }


def values_of(row: AreaRow) -> dict[str, Any]:
    """The area's own fields, but the parent; a point only where the row has one."""
    values: dict[str, Any] = {
        "level": row.level,
        "name_zh": row.name_zh,
        "name_en": row.name_en,
        "valid_from": row.valid_from,
        "valid_to": row.valid_to,
    }
    if row.point:
        values |= {
            "longitude": row.point[0],
            "latitude": row.point[1],
            "raw_point": list(row.raw_point or ()),
        }
    return values


def _told(value: Any) -> Any:
    return value.isoformat() if isinstance(value, date) else str(value) if isinstance(value, list) else value
