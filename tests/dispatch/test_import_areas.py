"""An import of areas and the loop: the command, and open events that go with their grid into its successors."""

import json
from datetime import timedelta

import pytest
import shapely
from django.core.management import CommandError, call_command, get_commands, load_command_class
from django.utils import timezone

from accounts.models import Organization
from dispatch.recoding import recode_events
from events.models import Event, State
from events.steps import verify_chains
from grids.locate import forget, locate
from grids.models import Area, Boundary, District
from tests.cast import COMMUNITY, DISTRICT, GRID, MONDAY, Cast, Story, story_at

WEST, EAST = f"{COMMUNITY}901", f"{COMMUNITY}902"


@pytest.fixture(autouse=True)
def own_map():
    yield
    forget(DISTRICT)


def outline(code: str):
    return shapely.geometry.shape(Boundary.objects.get(area__code=code, valid_to=None).geometry)


def halves() -> dict:
    """The cast's grid cut in two by a line through its middle, as a file of the two new grids and the old one's end."""
    whole = outline(GRID)
    west, south, east, north = whole.bounds
    middle = (west + east) / 2
    parts = {WEST: shapely.box(west, south, middle, north), EAST: shapely.box(middle, south, east, north)}
    features = [
        {
            "properties": {
                "code": code,
                "level": "grid",
                "name_zh": f"新网格{code[-1]}",
                "predecessors": [GRID],
            },
            "geometry": json.loads(shapely.to_geojson(whole.intersection(part))),
        }
        for code, part in parts.items()
    ]
    ended = {"code": GRID, "level": "grid", "valid_to": "2019-03-04"}
    return {"type": "FeatureCollection", "features": [*features, {"properties": ended, "geometry": None}]}


@pytest.fixture
def split(tmp_path):
    path = tmp_path / "split.geojson"
    path.write_text(json.dumps(halves()), encoding="utf-8")
    return path


def run(path, *options):
    call_command("import_areas", "--file", str(path), "--district", DISTRICT, *options)


def test_a_dry_run_only_looks(cast, split, capsys):
    Story(cast).report()
    version = District.objects.get(pk=DISTRICT).boundary_version
    run(split, "--dry-run")
    told = capsys.readouterr().out
    assert "2 new, 0 changed, 1 ended, 0 unchanged; 1 open events to recode" in told
    assert "nothing was changed" in told
    assert not Area.objects.filter(code=WEST).exists()
    assert District.objects.get(pk=DISTRICT).boundary_version == version


def test_the_command_applies_and_recodes_and_a_second_time_changes_nothing(cast, split, capsys):
    story = Story(cast).report().route()
    run(split)
    assert "1 open events got a new area code" in capsys.readouterr().out
    assert story.last.verb == "recode"
    run(split)
    assert "0 new, 0 changed, 0 ended, 3 unchanged; 0 open events" in capsys.readouterr().out


def test_errors_are_told_with_row_field_reason_and_code_and_nothing_is_loaded(cast, split, capsys):
    collection = halves()
    collection["features"][1]["properties"]["name_zh"] = ""
    split.write_text(json.dumps(collection), encoding="utf-8")
    with pytest.raises(CommandError, match="Nothing was loaded: 1 errors"):
        run(split)
    told = capsys.readouterr().err
    assert f"Error row 2 name_zh: {EAST}" in told and "[name_missing]" in told
    assert not Area.objects.filter(code=WEST).exists()


def test_the_command_writes_the_form(tmp_path, capsys, db):
    call_command("import_areas", "--district", DISTRICT, "--template", str(tmp_path / "form.xlsx"))
    run(tmp_path / "form.xlsx", "--dry-run")
    assert "0 new, 0 changed, 0 ended, 770 unchanged" in capsys.readouterr().out
    with pytest.raises(CommandError, match="cannot be written"):
        call_command("import_areas", "--district", DISTRICT, "--template", str(tmp_path / "form.xlsx"))


@pytest.mark.parametrize(
    "arguments", [[], ["--file=missing.xlsx"], ["--file=a.xlsx", "--column", "colour=x"]]
)
def test_the_command_says_what_is_wrong_with_its_arguments(arguments, tmp_path, monkeypatch, db):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "a.xlsx").write_bytes(b"")
    with pytest.raises(CommandError):
        call_command("import_areas", *arguments, "--district", DISTRICT)


def test_its_options_are_those_of_the_other_imports():
    def options(name: str) -> set[str]:
        return set(
            load_command_class(get_commands()[name], name).create_parser("", name)._option_string_actions
        )

    shared = {"--district", "--file", "--template", "--dry-run", "--complete", "--from", "--column"}
    assert shared <= options("import_areas") & options("import_places")


# Recoding ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("state", [State.REPORTED, State.HANDLING])
def test_an_open_event_goes_into_the_half_its_point_lies_in(cast, split, state):
    story = story_at(cast, state)
    east = shapely.geometry.shape(halves()["features"][1]["geometry"]).representative_point()
    Event.objects.filter(pk=story.id).update(longitude=east.x, latitude=east.y)
    run(split)
    event = story.event
    assert (event.area_code, event.place_level, event.reported_area_code) == (EAST, "grid", GRID)
    assert (event.state, story.last.verb, story.last.params) == (state, "recode", {"area": [GRID, EAST]})
    assert not list(verify_chains(DISTRICT))


def test_a_report_that_waited_on_a_phone_while_its_grid_was_split_is_of_that_grid_and_goes_on_with_it(
    cast, split
):
    east = shapely.geometry.shape(halves()["features"][1]["geometry"]).representative_point()
    run(split)
    story = Story(cast).report(occurred_at="2019-03-03T20:00", longitude=east.x, latitude=east.y)
    assert (story.event.area_code, story.event.flags) == (GRID, [])
    pointless = Story(cast).report(occurred_at="2019-03-03T20:00")
    assert (pointless.event.area_code, pointless.event.flags) == (GRID, ["no_point"])
    team = cast.worker.posts.get().organization
    Organization.objects.filter(pk=team.pk).update(area=Area.objects.get(code=EAST))
    moved_on = Story(Cast()).report(occurred_at="2019-03-03T20:00", longitude=east.x, latitude=east.y)
    assert (moved_on.event.area_code, moved_on.event.flags) == (GRID, []), (
        "the worker's post is the new half's by now"
    )
    recode_events(now=timezone.now())
    assert (story.event.area_code, story.event.reported_area_code) == (EAST, GRID)
    assert pointless.event.area_code == COMMUNITY


def test_without_a_point_the_community_that_holds_both_halves_keeps_it(cast, split):
    story = Story(cast).report().route()
    before, version = story.running, story.event.version
    run(split)
    event = story.event
    assert (event.area_code, event.place_level) == (COMMUNITY, "community")
    assert (story.running, event.version) == (before, version), "no clock moves, nobody's form is stale"


def test_a_renumbered_grid_takes_its_events_along_and_the_right_team_sees_them(cast, split):
    collection = halves()
    del collection["features"][1]
    collection["features"][0]["geometry"] = json.loads(shapely.to_geojson(outline(GRID)))
    split.write_text(json.dumps(collection), encoding="utf-8")
    story = story_at(cast, State.HANDLING)
    closed = story_at(cast, State.CLOSED)
    run(split)
    assert story.event.area_code == WEST
    assert closed.event.area_code == GRID, "what is closed keeps its code"
    assert Event.objects.visible_to(cast.community).filter(pk__in=[story.id, closed.id]).count() == 2


def test_a_chain_of_splits_leads_to_what_is_in_force(cast, split):
    story = Story(cast).report()
    area, district = Area.objects.get(code=GRID), District.objects.get(pk=DISTRICT)
    day = MONDAY.date()
    between = Area.objects.create(
        code=WEST, level="grid", parent=area.parent, district=district, name_zh="一", valid_to=day
    )
    last = Area.objects.create(code=EAST, level="grid", parent=area.parent, district=district, name_zh="二")
    between.predecessors.add(area)
    last.predecessors.add(between)
    Area.objects.filter(code=GRID).update(valid_to=day)
    assert recode_events(now=MONDAY - timedelta(days=1)) == 0, "not before the day"
    assert recode_events(now=MONDAY) == 1
    assert story.event.area_code == EAST
    assert recode_events(now=MONDAY) == 0


def test_what_ends_without_a_successor_leaves_its_events_to_the_area_above(cast):
    story = Story(cast).report()
    Area.objects.filter(code=GRID).update(valid_to=MONDAY.date())
    recode_events(now=MONDAY)
    assert story.event.area_code == COMMUNITY


def test_the_map_in_memory_follows_the_import(cast, split):
    spot = outline(GRID).representative_point()
    assert locate(cast.district, spot.x, spot.y).area_code == GRID
    run(split)
    assert locate(District.objects.get(pk=DISTRICT), spot.x, spot.y).area_code in (WEST, EAST)
