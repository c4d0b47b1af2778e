"""A district that is nothing but a map gets its organisations, people and list from Excel, and the loop runs in it."""

import uuid
from datetime import date

import pytest

from accounts.models import Organization, User
from accounts.scope import Actor
from dispatch.advance import advance
from dispatch.report import report
from events.models import State
from grids import memory
from grids.actions import load_geojson
from imports.actions import apply, preview
from imports.difference import State as Change
from tests.cast import MONDAY
from tests.imports.tables import of

CODE = "330199"
GRIDS = [f"{CODE}001001{number:03d}" for number in range(1, 41)]
AREAS = [
    (CODE, "district", "新区"),
    (f"{CODE}001", "street", "一街道"),
    (f"{CODE}001001", "community", "一社区"),
    *((code, "grid", f"网格{code[-3:]}") for code in GRIDS),
]
TREE = {
    "type": "FeatureCollection",
    "features": [
        {"type": "Feature", "properties": {"code": code, "level": level, "name_zh": name}, "geometry": None}
        for code, level, name in AREAS
    ],
}
DEPARTMENTS = [
    {"code": "ZHZX", "short_name": "区指挥中心", "platform": "综合协调", "has_street_agency": "yes",
     "street_agency_zh": "指挥室"},
    {"code": "CG", "short_name": "区城管局", "platform": "综合执法", "has_street_agency": "yes",
     "street_agency_zh": "中队", "agency_mode": "派驻（街道日常管理）"},
]  # fmt: skip
CATEGORY = {"code": "351", "platform": "综合执法", "name_zh": "水岸"}
ITEM = {
    "code": "35101", "name_zh": "河道漂浮物", "urgency": "一般", "self_handle": "否", "accept_minutes": 30,
    "dispatch_minutes": 30, "handle_limit": 1, "limit_unit": "working_days", "lead_department": "CG",
    "level": "街道", "is_safety_list": "否", "sensitive": "否",
}  # fmt: skip
PEOPLE = [
    {"username": "new.worker", "display_name": "甲", "organization": f"TEAM@{GRIDS[0]}", "role": "网格员"},
    {"username": "new.room", "display_name": "乙", "organization": f"ZHZX@{CODE}001", "role": "指挥室主任"},
    {"username": "new.squad", "display_name": "丙", "organization": f"CG@{CODE}001", "role": "派驻机构经办"},
]


@pytest.mark.django_db
def test_a_district_comes_about_from_lists_and_runs_the_loop():
    district, _report = load_geojson(collection=TREE, at=MONDAY)
    for kind, rows, options in (
        ("departments", DEPARTMENTS, {}),
        ("people", PEOPLE, {"from_day": date(2018, 1, 1)}),
        ("categories", [CATEGORY], {}),
        ("items", [ITEM], {"from_day": date(2018, 1, 1)}),
        ("rules", [{"name": "River", "item_prefix": "351", "lead": "CG"}], {}),
    ):
        found = preview(kind=kind, file=of(rows), district=district, **options)
        assert found.problems == [] and {change.state for change in found.changes} == {Change.NEW}, kind
        apply(found)
        assert preview(kind=kind, file=of(rows), district=district, **options).changes_nothing, kind
    kinds = Organization.objects.filter(district=district).values_list("kind", flat=True)
    assert sorted(kinds) == sorted(["centre", "department", "room", "agency", "community", *["team"] * 40])

    worker, room = (
        User.objects.select_related("district").get(username=row["username"]) for row in PEOPLE[:2]
    )
    event_id = uuid.uuid4()
    data = {"item": "35101", "area_code": GRIDS[0], "description": "水葫芦"}
    report(actor=Actor.of(worker), event_id=event_id, data=data, now=MONDAY)
    advance("route", actor=Actor.system(worker.district), event_id=event_id, now=MONDAY)
    advance("accept", actor=Actor.of(room), event_id=event_id, now=MONDAY)
    squad = Organization.objects.get(district=district, code=f"CG@{CODE}001")
    event = advance("dispatch", actor=Actor.of(room), event_id=event_id, now=MONDAY, data={"lead": squad.pk})
    assert (event.state, event.lead) == (State.DISPATCHED, squad)
    memory.forget()
