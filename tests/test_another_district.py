"""The README's way to an own district: four commands, in any district, as often as one likes."""

import json
import re
import uuid
from pathlib import Path

import pytest
from django.core.management import call_command

from accounts.actions import appoint
from accounts.models import Organization, User
from accounts.scope import Actor
from dispatch.models import Reason, Rung
from dispatch.report import report
from events.models import Event, Item
from grids.models import Area, District
from tests.cast import MONDAY
from tests.test_docs import README

CODE = "330106"
AREAS = [
    (CODE, "district", "西湖区", (120.0, 30.2, 120.1, 30.3)),
    (f"{CODE}001", "street", "一街道", (120.0, 30.2, 120.1, 30.3)),
    (f"{CODE}001001", "community", "一社区", (120.0, 30.2, 120.1, 30.3)),
    (f"{CODE}001001001", "grid", "西网格", (120.0, 30.2, 120.05, 30.3)),
    (f"{CODE}001001002", "grid", "东网格", (120.05, 30.2, 120.1, 30.3)),
]


def square(west: float, south: float, east: float, north: float) -> dict:
    ring = [[west, south], [east, south], [east, north], [west, north], [west, south]]
    return {"type": "Polygon", "coordinates": [ring]}


@pytest.fixture
def geojson(tmp_path: Path) -> Path:
    features = [
        {
            "type": "Feature",
            "properties": {"code": code, "level": level, "name_zh": name, "name_en": ""},
            "geometry": square(*box),
        }
        for code, level, name, box in AREAS
    ]
    path = tmp_path / "district.geojson"
    path.write_text(json.dumps({"type": "FeatureCollection", "features": features}), encoding="utf-8")
    return path


def load(geojson: Path) -> None:
    """The commands as the README gives them, with the product's own lists."""
    for command in re.findall(
        r"^ +python manage\.py (import_areas|establish|load_catalogue|load_rules) ", README, re.M
    ):
        file = ["--file", str(geojson)] if command == "import_areas" else []
        call_command(command, *file, "--district", CODE, verbosity=0)


def counted() -> dict[str, int]:
    return {
        "areas": Area.objects.filter(district=CODE).count(),
        "rooms": Organization.objects.filter(district=CODE).of_kind(Organization.Kind.ROOM).count(),
        "teams": Organization.objects.filter(district=CODE).of_kind(Organization.Kind.TEAM).count(),
        "departments": Organization.objects.filter(district=CODE)
        .of_kind(Organization.Kind.DEPARTMENT)
        .count(),
        "items": Item.objects.filter(district=CODE).count(),
        "reasons": Reason.objects.filter(district=CODE).count(),
        "rungs": Rung.objects.filter(district=CODE).count(),
    }


@pytest.mark.django_db
def test_another_district_loads_beside_the_first_and_again_without_change(geojson: Path, capsys):
    before = Area.objects.exclude(district=CODE).count()
    load(geojson)
    once = counted()
    assert once == {
        "areas": 5, "rooms": 1, "teams": 2, "departments": 54, "items": 173, "reasons": 15, "rungs": 6,
    }  # fmt: skip
    versions = District.objects.filter(pk=CODE).values(
        "catalogue_version", "boundary_version", "calendar_version"
    )
    known = versions.get()
    load(geojson)
    assert counted() == once
    assert versions.get() == known
    assert Area.objects.exclude(district=CODE).count() == before


@pytest.mark.django_db
def test_its_first_grid_worker_reports_in_it(geojson: Path, capsys):
    load(geojson)
    district = District.objects.get(pk=CODE)
    person = User.objects.create_user("xihu.worker", "a long password", display_name="李", district=district)
    team = Organization.objects.get(district=district, code=f"TEAM@{CODE}001001002")
    appoint(user=person, role="grid_worker", organization=team, at=MONDAY)
    data = {"item": "40602", "description": "咨询", "longitude": 120.08, "latitude": 30.25}
    event_id = uuid.UUID("01890000-0000-7000-8000-000000000001")
    event = report(actor=Actor.of(person), event_id=event_id, data=data, now=MONDAY).event
    assert (event.tenant, event.area_code) == (CODE, f"{CODE}001001002")
    assert event.number.startswith(CODE)
    assert list(Event.objects.visible_to(person)) == [event]
