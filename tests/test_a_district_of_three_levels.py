"""A second district of another shape, loaded from files: three levels, codes of 6, 8 and 11 digits, 40 grids, its
own list of items and departments; it runs the loop from the report to the closing, beside the first."""

import csv
import io
import json
import uuid
from datetime import timedelta

import pytest
import xlsxwriter
from django.core.management import call_command
from django.test import Client
from django.urls import reverse

from accounts.actions import appoint
from accounts.models import Organization, User
from accounts.scope import Actor
from desks.places import choices, path_of
from dispatch.advance import advance
from dispatch.report import report
from dispatch.routing import next_desk_up, propose
from events.models import Event, Item
from events.steps import verify_chains
from grids import memory, survey
from grids.locate import Place, forget, locate
from grids.models import Area, District, Level
from tests.cast import MONDAY, Cast

CODE = "330185"
TOWNS = {f"{CODE}01": "锦城镇", f"{CODE}02": "玲珑镇", f"{CODE}03": "青山镇", f"{CODE}04": "太湖源镇"}
TOWN = f"{CODE}02"
GRID = f"{TOWN}003"
WEST, SOUTH, SIZE = 119.70, 30.20, 0.01
HEADING = ["代码", "层级", "名称"]

CATEGORIES = [
    {"code": "201", "platform": "综合执法", "name_zh": "市容", "name_en": "Streets"},
    {"code": "202", "platform": "综治工作", "name_zh": "纠纷", "name_en": "Disputes"},
]
ROW = {
    "urgency": "一般", "self_handle": "no", "accept_minutes": "30", "dispatch_minutes": "30", "handle_limit": "2",
    "limit_unit": "working_days", "assist_departments": "none", "evidence": "none", "keywords": "", "is_safety_list": "no",
    "circle": "none", "sensitive": "no", "source_list": "",
}  # fmt: skip
ITEMS = [
    ROW | {"code": "20101", "category": "201", "name_zh": "乱堆放", "name_en": "Litter", "level": "street", "lead_department": "CGJ"},
    ROW | {"code": "20201", "category": "202", "name_zh": "邻里纠纷", "name_en": "Quarrel", "level": "community", "lead_department": "SFJ"},
    ROW | {"code": "20202", "category": "202", "name_zh": "咨询", "name_en": "Advice", "level": "grid", "lead_department": "SFJ"},
]  # fmt: skip
DEPARTMENTS = [
    {
        "code": "ZHZX",
        "short_name": "县指挥中心",
        "street_agency_zh": "综合信息指挥室",
        "has_street_agency": "yes",
    },
    {"code": "CGJ", "short_name": "县城管局", "street_agency_zh": "执法中队", "has_street_agency": "yes"},
    {"code": "SFJ", "short_name": "县司法局", "street_agency_zh": "none", "has_street_agency": "no"},
]
DEPARTMENTS = [row | {"name_en": row["code"], "platform": "综合执法"} for row in DEPARTMENTS]


def square(column: int, row: int) -> dict:
    """A grid of 8 columns (two for each town) and 5 rows; neighbours share their corners."""
    x = [round(WEST + (column + step) * SIZE, 4) for step in (0, 1)]
    y = [round(SOUTH + (row + step) * SIZE, 4) for step in (0, 1)]
    return {
        "type": "Polygon",
        "coordinates": [[[x[0], y[0]], [x[1], y[0]], [x[1], y[1]], [x[0], y[1]], [x[0], y[0]]]],
    }


def grids() -> dict[str, dict]:
    """Code -> outline, ten in each town."""
    return {
        f"{town}{number + 1:03}": square(2 * index + number // 5, number % 5)
        for index, town in enumerate(TOWNS)
        for number in range(10)
    }


def write_csv(path, rows: list[dict]):
    with path.open("w", encoding="utf-8", newline="") as file:
        columns = list(dict.fromkeys(name for row in rows for name in row))
        writer = csv.DictWriter(file, columns, restval="")
        writer.writeheader()
        writer.writerows(rows)
    return path


@pytest.fixture
def district(db, tmp_path) -> District:
    """The tree from Excel, the boundaries from GeoJSON, both by the command."""
    out = io.BytesIO()
    names = [(code, "网格", f"{TOWNS[code[:8]]}第{int(code[8:])}网格") for code in grids()]
    with xlsxwriter.Workbook(out) as book:
        sheet = book.add_worksheet()
        rows = [
            HEADING,
            (CODE, "县", "临安县"),
            *[(code, "镇", name) for code, name in TOWNS.items()],
            *names,
        ]
        for number, row in enumerate(rows):
            sheet.write_row(number, 0, row)
    (tmp_path / "tree.xlsx").write_bytes(out.getvalue())
    drawn = [{"properties": {"code": code}, "geometry": outline} for code, outline in grids().items()]
    (tmp_path / "map.geojson").write_text(json.dumps({"features": drawn}), encoding="utf-8")
    for file in ("tree.xlsx", "map.geojson"):
        call_command("import_areas", "--file", str(tmp_path / file), "--district", CODE)
    departments = write_csv(tmp_path / "departments.csv", DEPARTMENTS)
    items, categories = (
        write_csv(tmp_path / "items.csv", ITEMS),
        write_csv(tmp_path / "categories.csv", CATEGORIES),
    )
    call_command("establish", "--district", CODE, "--departments", str(departments))
    call_command("load_catalogue", "--district", CODE, "--items", str(items), "--categories", str(categories))
    call_command("load_rules", "--district", CODE)
    yield District.objects.get(pk=CODE)
    # Its versions are the same in the next test, its rows are others.
    memory.forget()
    forget(CODE)


@pytest.fixture
def person(district):
    """A person in a post, made when first named."""

    def person_(role: str, organization: str) -> User:
        name = f"{role}-{organization}".lower()
        if not User.objects.filter(username=name).exists():
            user = User.objects.create_user(name, "a long password", display_name="李", district=district)
            unit = Organization.objects.get(district=district, code=organization)
            appoint(user=user, role=role, organization=unit, at=MONDAY - timedelta(days=1))
        return User.objects.select_related("district").get(username=name)

    return person_


@pytest.fixture
def loop(district, person):
    """Reports from the grid and moves by named posts; each move one minute after the other."""

    class Loop:
        now = MONDAY
        id = uuid.UUID("01890000-0000-7000-8000-000000000085")

        def report(self, item: str) -> "Loop":
            data = {"item": item, "description": "路边堆物", "longitude": 119.725, "latitude": 30.225}
            worker = Actor.of(person("grid_worker", f"TEAM@{GRID}"))
            report(actor=worker, event_id=self.id, data=data, now=self.now)
            return self.move("route", None)

        def move(self, verb: str, who: User | None, **data) -> "Loop":
            self.now += timedelta(minutes=1)
            actor = Actor.of(who) if who else Actor.system(district)
            advance(verb, actor=actor, event_id=self.id, now=self.now, data=data)
            return self

        @property
        def event(self) -> Event:
            return Event.objects.select_related("desk", "lead", "item").get(pk=self.id)

    return Loop()


def test_the_tree_has_three_levels_and_its_own_lengths_and_no_hole(district):
    areas = Area.objects.filter(district=district)
    assert {(area.level, len(area.code)) for area in areas} == {("district", 6), ("street", 8), ("grid", 11)}
    assert areas.of_level(Level.GRID).count() == 40
    assert set(areas.of_level(Level.GRID).values_list("parent__level", flat=True)) == {"street"}
    assert survey.faults(district) == []
    assert locate(district, 119.725, 30.225) == Place(GRID, Level.GRID)


def test_it_has_its_own_organisations_and_no_community_desk(district):
    kinds = list(Organization.objects.filter(district=district).values_list("kind", flat=True))
    assert {kind: kinds.count(kind) for kind in sorted(set(kinds))} == {
        "agency": 4, "centre": 1, "department": 2, "room": 4, "team": 40,
    }  # fmt: skip
    assert Item.objects.filter(district=district).count() == 3
    room = Organization.objects.get(district=district, code=f"ZHZX@{TOWN}")
    assert next_desk_up(room).kind == "centre"


def test_the_loop_runs_from_report_to_closing(loop, person):
    """A minute between the moves; every clock and post is the district's own."""
    room = person("room_director", f"ZHZX@{TOWN}")
    agency = person("agency_handler", f"CGJ@{TOWN}")
    loop.report("20101")
    assert (loop.event.area_code, loop.event.desk.code, loop.event.level) == (GRID, f"ZHZX@{TOWN}", "street")
    assert propose(loop.event, district=room.district, at=loop.now).lead.code == f"CGJ@{TOWN}"
    loop.move("accept", room)
    loop.move("dispatch", room, lead=Organization.objects.get(district=CODE, code=f"CGJ@{TOWN}").pk)
    loop.move("sign", agency).move("feed_back", agency, result="已清理")
    loop.move("verify", person("grid_leader", f"TEAM@{GRID}"), note="已看")
    assert loop.event.state == "closed"
    assert loop.event.number.startswith(CODE)
    assert not list(verify_chains(CODE))


@pytest.mark.parametrize(("item", "lead"), [("20202", f"TEAM@{GRID}"), ("20201", f"ZHZX@{TOWN}")])
def test_what_a_community_would_decide_is_the_towns(loop, person, item, lead):
    """Without communities the next level up decides; the grid's matters stay the team's."""
    room = person("room_director", f"ZHZX@{TOWN}")
    loop.report(item).move("accept", room)
    assert loop.event.desk.code == f"ZHZX@{TOWN}"
    assert propose(loop.event, district=room.district, at=loop.now).lead.code == lead


def test_it_is_escalated_from_the_town_to_the_district(loop, person):
    loop.report("20101").move("escalate", person("room_director", f"ZHZX@{TOWN}"), reason="跨镇")
    assert (loop.event.desk.kind, loop.event.level) == ("centre", "district")
    loop.move("accept", person("centre_duty", "ZHZX"))
    assert loop.event.state == "accepted"


def test_scopes_hold_within_it_and_between_the_districts(loop, person):
    loop.report("20101")
    seeing = {
        name: Event.objects.visible_to(who).filter(pk=loop.id).exists()
        for name, who in {
            "worker": person("grid_worker", f"TEAM@{GRID}"),
            "neighbour grid": person("grid_worker", f"TEAM@{TOWN}004"),
            "room": person("room_director", f"ZHZX@{TOWN}"),
            "next town": person("room_director", f"ZHZX@{CODE}01"),
            "centre": person("centre_duty", "ZHZX"),
            "other district's centre": Cast().centre,
        }.items()
    }
    assert seeing == {
        "worker": True, "neighbour grid": False, "room": True, "next town": False, "centre": True,
        "other district's centre": False,
    }  # fmt: skip


def test_filters_and_names_follow_its_tree(district):
    assert path_of(district, GRID) == ["玲珑镇", "玲珑镇第3网格"]
    assert [code for code, _name in choices(district, CODE)] == list(TOWNS)
    opened = choices(district, CODE, GRID)
    assert (f"{TOWN}001", "\u3000玲珑镇第1网格") in opened
    assert len(opened) == 14


def test_its_pages_open_for_its_people(loop, person):
    loop.report("20101")
    people = [("room_director", f"ZHZX@{TOWN}"), ("grid_worker", f"TEAM@{GRID}"), ("centre_duty", "ZHZX")]
    for role, unit in people:
        client = Client()
        client.force_login(person(role, unit), backend="accounts.backends.PostBackend")
        for page in ("desks:home", "desks:events", "desks:report", "areas:areas", "supervision:rates"):
            forbidden = page == "supervision:rates" and role == "grid_worker"
            answer = client.get(reverse(page), follow=True)
            assert answer.status_code == (403 if forbidden else 200), (page, role)
        if role == "grid_worker":
            assert client.get("/api/v1/me/").json()["area"] == {
                "code": GRID,
                "path": ["玲珑镇", "玲珑镇第3网格"],
            }
            assert client.get("/api/v1/tasks/").status_code == 200
