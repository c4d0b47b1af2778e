"""Files of areas as offices have them: Shapefiles in GBK, Excel with Chinese headings, foreign columns and datums."""

import io
import json
import zipfile
from datetime import date, datetime
from math import cos, hypot, radians

import openpyxl
import psycopg2
import pytest
import shapefile
import shapely
import xlsxwriter
from django.db import connection
from django.utils.translation import override

from grids.actions import IMPORT_LOCK, ImportRefusedError, import_file
from grids.area_files import AreaFile
from grids.area_plan import plan_file
from grids.area_rows import Reading
from grids.area_template import workbook
from grids.datum import wgs84_to_bd09, wgs84_to_gcj02
from grids.models import Area, Boundary, District
from grids.problems import WARNINGS, AreasRefusedError
from tests.grids.conftest import AT, feature, square

CODE = "990101"
PLANE = 'PROJCS["CGCS2000_3_Degree_GK_CM_120E",GEOGCS["GCS_CGCS2000"]]'
STREET, COMMUNITY = f"{CODE}001", f"{CODE}001001"
WEST, EAST = f"{COMMUNITY}001", f"{COMMUNITY}002"
READING = Reading(any_length=False)


def geojson(features, **members) -> AreaFile:
    collection = {"type": "FeatureCollection", "features": features, **members}
    return AreaFile.uploaded("areas.geojson", json.dumps(collection).encode())


def excel(*rows, name: str = "areas.xlsx") -> AreaFile:
    out = io.BytesIO()
    with xlsxwriter.Workbook(out) as book:
        sheet = book.add_worksheet()
        for number, row in enumerate(rows):
            sheet.write_row(number, 0, row)
    return AreaFile.uploaded(name, out.getvalue())


def shape_zip(
    rows, *, encoding="gbk", cpg: str | None = "GBK", prj="", drop=(), names=("DM", "MC")
) -> AreaFile:
    """A zipped Shapefile of (code, name, box) with the columns DM and MC."""
    parts = {part: io.BytesIO() for part in ("shp", "shx", "dbf")}
    with shapefile.Writer(**parts, shapeType=shapefile.POLYGON, encoding=encoding) as writer:
        for name in names:
            writer.field(name, "C", size=60)
        for code, name, box in rows:
            writer.poly([[list(pair) for pair in square(*box)["coordinates"][0]]])
            writer.record(code, name)
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for part, content in parts.items():
            if part not in drop:
                archive.writestr(f"网格/areas.{part}", content.getvalue())
        if cpg is not None:
            archive.writestr("网格/areas.cpg", cpg)
        if prj:
            archive.writestr("网格/areas.prj", prj)
    return AreaFile.uploaded("areas.zip", out.getvalue())


def plan(file: AreaFile, reading: Reading = READING):
    return plan_file(district_code=CODE, file=file, reading=reading, at=AT)


def codes(file: AreaFile, reading: Reading = READING) -> list[tuple[str, int | None, str]]:
    """Of the errors: code, row, field."""
    return [(problem.code, problem.row, problem.field) for problem in plan(file, reading).errors]


def take(file: AreaFile, reading: Reading = READING, **options):
    return import_file(district_code=CODE, file=file, reading=reading, at=AT, **options)


FOREIGN = Reading(columns={"code": "DM", "name_zh": "MC"}, level="grid", any_length=False)
GRIDS = [(WEST, "凯旋西网格", (10, 10, 10.5, 11)), (EAST, "凯旋东网格", (10.5, 10, 12, 11))]


# Shapefile --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("encoding", "cpg"),
    [("gbk", "GBK"), ("gbk", "936"), ("gbk", "CP936"), ("gb18030", "GB18030"), ("utf-8", "UTF-8"),
     ("gbk", None), ("utf-8", None)],
)  # fmt: skip
def test_a_shapefile_is_read_in_the_encoding_its_cpg_names_or_that_fits(load, tiny, encoding, cpg):
    load(tiny[:3])
    take(shape_zip(GRIDS, encoding=encoding, cpg=cpg), FOREIGN)
    names = Area.objects.filter(level="grid", district=CODE).values_list("name_zh", flat=True)
    assert list(names) == ["凯旋西网格", "凯旋东网格"]
    outline = shapely.geometry.shape(Boundary.objects.get(area__code=EAST).geometry)
    assert outline.equals(shapely.box(10.5, 10, 12, 11))


def test_a_shapefile_beside_its_companions_is_read_from_its_path(load, tiny, tmp_path):
    load(tiny[:3])
    with zipfile.ZipFile(io.BytesIO(shape_zip(GRIDS).parts[""])) as archive:
        archive.extractall(tmp_path)
    take(AreaFile.at(tmp_path / "网格" / "areas.shp"), FOREIGN)
    assert Area.objects.get(code=WEST).name_zh == "凯旋西网格"


@pytest.mark.parametrize(
    ("file", "reading", "code"),
    [
        (shape_zip(GRIDS, drop=("dbf",)), FOREIGN, "file_incomplete"),
        (shape_zip(GRIDS, drop=("shp",)), FOREIGN, "file_incomplete"),
        (shape_zip(GRIDS, prj=PLANE), FOREIGN, "projected"),
        (shape_zip(GRIDS), Reading(columns={"code": "DM"}, encoding="utf-8"), "encoding"),
        (shape_zip(GRIDS, cpg="KLINGON"), FOREIGN, "encoding"),
        (shape_zip(GRIDS), Reading(), "column_missing"),
        (shape_zip(GRIDS), Reading(columns={"code": "GRID"}), "column_missing"),
        (AreaFile.uploaded("a.zip", b"PK no zip"), Reading(), "file_broken"),
        (AreaFile.uploaded("a.xlsx", b"no workbook"), Reading(), "file_broken"),
        (AreaFile.uploaded("a.geojson", b"code;name"), Reading(), "file_no_json"),
        (AreaFile.uploaded("a.geojson", b"[" * 100_000), Reading(), "file_broken"),
        (AreaFile.uploaded("a.geojson", b'{"features": []}'), Reading(), "file_empty"),
        (AreaFile.uploaded("a.xls", b"old"), Reading(), "file_unknown"),
        (AreaFile.uploaded("a.geojson", b" " * 30_000_001), Reading(), "file_too_large"),
        (geojson([feature(CODE, "district")], crs={"properties": {"name": "EPSG:4549"}}), Reading(), "projected"),
    ],
)  # fmt: skip
def test_a_file_that_cannot_be_read_says_why_and_what_to_do(db, file, reading, code):
    (problem,) = plan(file, reading).problems
    assert problem.code == code
    assert problem.reason and problem.advice


@pytest.mark.parametrize("suffix", ["zip", "xlsx"])
def test_what_unpacks_too_far_is_refused_before_it_is_unpacked(db, monkeypatch, suffix):
    monkeypatch.setattr("grids.area_files.MAX_UNPACKED_BYTES", 1_000_000)
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("areas.shp", bytes(1_000_001))
    assert codes(AreaFile.uploaded(f"a.{suffix}", out.getvalue())) == [("file_too_large", None, "")]


# Excel ------------------------------------------------------------------------------------------

HEADING = ("代码", "级别", "名称")
TREE = [
    (CODE, "区", "测试区"),
    (STREET, "街道", "一街道"),
    (COMMUNITY, "社区", "一社区"),
    (WEST, "网格", "西网格"),
    (EAST, "网格", "东网格"),
]


def test_a_tree_without_a_map_comes_from_excel_with_chinese_headings(db):
    district, done = take(excel(HEADING, *TREE))
    assert (district.name_zh, len(done.of_kind("new"))) == ("测试区", 5)
    assert Area.objects.get(code=EAST).parent.code == COMMUNITY
    assert [problem.code for problem in done.problems] == ["not_drawn"]


def test_boundaries_and_points_come_from_excel_too(db):
    take(
        excel(
            (*HEADING, "边界", "经度", "纬度"),
            *[(*row, "", "", "") for row in TREE[:3]],
            (*TREE[3], "POLYGON ((10 10, 10.5 10, 10.5 11, 10 11, 10 10))", "", ""),
            (*TREE[4], "", 10.75, 10.5),
        )
    )
    assert Boundary.objects.get(area__district=CODE).geometry == square(10, 10, 10.5, 11)
    east = Area.objects.get(code=EAST)
    assert (east.longitude, east.latitude, east.raw_point) == (10.75, 10.5, [10.75, 10.5, "wgs84"])


def test_the_row_of_a_problem_is_the_sheets_own(db):
    file = excel(
        HEADING, *TREE[:2], ("", "", ""), (STREET, "街道", "又一个"), (f"{CODE}002001", "社区", "孤儿")
    )
    assert codes(file) == [("code_duplicate", 5, "code"), ("orphan", 6, "code")]


def test_a_code_that_excel_has_rounded_is_refused(db):
    long = float(f"{WEST}123")
    assert codes(excel(HEADING, *TREE[:3], (long, "网格", "西"))) == [("code_is_number", 5, "code")]
    assert codes(excel(HEADING, *TREE[:3], (float(WEST), "网格", "西"))) == []


def test_half_a_point_and_a_broken_outline_are_told_by_field(db):
    rows = [(*TREE[3], "POLYGON ((10", "", ""), (*TREE[4], "", 10.75, "")]
    file = excel((*HEADING, "边界", "经度", "纬度"), *[(*row, "", "", "") for row in TREE[:3]], *rows)
    assert codes(file) == [("boundary_broken", 5, "wkt"), ("point_wrong", 6, "longitude")]


@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_the_form_filled_with_the_present_tree_changes_nothing_when_it_comes_back(load, tiny, language):
    load(tiny)
    with override(language):
        content = workbook(Area.objects.filter(district=CODE).prefetch_related("predecessors"))
    found = plan(AreaFile.uploaded("form.xlsx", content))
    assert (found.unchanged, found.changes, found.errors) == (5, [], [])
    book = openpyxl.load_workbook(io.BytesIO(content))
    assert book.worksheets[0].cell(2, 1).number_format == "@", "a code stays text"


def test_an_empty_cell_keeps_what_is_so(load, tiny):
    tiny[4]["properties"]["valid_from"] = "2019-01-01"
    load(tiny)
    take(excel(("code", "name_zh", "name_en", "valid_from"), (EAST, "新名", "", "")))
    east = Area.objects.get(code=EAST)
    assert (east.name_zh, east.name_en, east.valid_from) == ("新名", f"Area {EAST}", date(2019, 1, 1))
    assert Boundary.objects.filter(area=east, valid_to=None).exists()


# Datum ------------------------------------------------------------------------------------------

HANGZHOU = (120.2, 30.3, 120.3, 30.4)
SHIFT = {"gcj02": wgs84_to_gcj02, "bd09": wgs84_to_bd09}
REFERENCE = {"gcj02": (116.41024449916938, 39.91640428150164), "wgs84": (116.404, 39.915)}
"""The published pair of Tian'anmen: the WGS84 point and its GCJ-02."""


def metres(a, b) -> float:
    return hypot((a[0] - b[0]) * cos(radians(a[1])), a[1] - b[1]) * 111_320


@pytest.mark.parametrize("datum", ["gcj02", "bd09"])
def test_a_shifted_boundary_comes_home_within_half_a_metre_and_is_kept_as_given(db, datum):
    true = square(*HANGZHOU)
    shifted = [list(SHIFT[datum](*pair)) for pair in true["coordinates"][0]]
    given = {"type": "Polygon", "coordinates": [shifted]}
    take(geojson([feature(CODE, "district", given)]), Reading(datum=datum))
    kept = Boundary.objects.get(area__code=CODE)
    for found, pair, raw in zip(
        kept.geometry["coordinates"][0], true["coordinates"][0], shifted, strict=True
    ):
        assert metres(found, pair) < 0.5
        assert metres(SHIFT[datum](*found), raw) < 0.5
        assert metres(raw, pair) > 100
    assert (kept.datum, kept.raw_geometry) == (datum, given)
    assert District.objects.get(pk=CODE).box == pytest.approx(HANGZHOU, abs=1e-5)


def test_a_known_point_comes_home(db):
    take(
        geojson([feature(CODE, "district", {"type": "Point", "coordinates": REFERENCE["gcj02"]})]),
        Reading(datum="gcj02"),
    )
    area = Area.objects.get(code=CODE)
    assert metres((area.longitude, area.latitude), REFERENCE["wgs84"]) < 0.5
    assert area.raw_point == [*REFERENCE["gcj02"], "gcj02"]


def test_cgcs2000_is_stored_as_it_is(db):
    take(geojson([feature(CODE, "district", square(*HANGZHOU))]), Reading(datum="cgcs2000"))
    kept = Boundary.objects.get(area__code=CODE)
    assert (kept.geometry, kept.datum, kept.raw_geometry) == (square(*HANGZHOU), "cgcs2000", None)


def test_neighbours_share_their_corners_after_the_conversion_too(db):
    middle = [
        [120.2, 30.3],
        [120.25, 30.3],
        [120.3, 30.3],
        [120.3, 30.4],
        [120.25, 30.4],
        [120.2, 30.4],
        [120.2, 30.3],
    ]
    tree = [
        feature(CODE, "district", {"type": "Polygon", "coordinates": [middle]}),
        feature(STREET, "street", square(120.2, 30.3, 120.25, 30.4)),
        feature(f"{CODE}002", "street", square(120.25, 30.3, 120.3, 30.4)),
    ]
    _district, done = take(geojson(tree), Reading(datum="gcj02"))
    assert done.problems == []


def test_swapped_axes_are_told(db):
    swapped = square(30.3, 120.2, 30.4, 120.3)
    assert [code for code, _row, _field in codes(geojson([feature(CODE, "district", swapped)]))] in (
        ["axes_swapped"], ["boundary_far_off"],
    )  # fmt: skip
    point = {"type": "Point", "coordinates": [30.3, 80.2]}
    assert codes(geojson([feature(CODE, "district", point)])) == [("axes_swapped", None, "wkt")]


# What a file changes ----------------------------------------------------------------------------


def test_a_dry_run_shows_the_difference_and_writes_nothing(load, tiny):
    load(tiny)
    tiny[3]["properties"]["name_zh"] = "新名"
    tiny[4]["geometry"] = square(10.5, 10, 11.5, 11)
    before = District.objects.get(pk=CODE).boundary_version
    found = plan(geojson([*tiny, feature(f"{COMMUNITY}003", "grid", square(11.5, 10, 12, 11))]))
    assert [(change.kind, change.code, sorted(change.fields)) for change in found.changes] == [
        ("changed", WEST, ["name_zh"]),
        ("changed", EAST, ["boundary"]),
        ("new", f"{COMMUNITY}003", ["boundary", "level", "name_en", "name_zh", "parent", "valid_from"]),
    ]
    assert found.changes[0].fields["name_zh"] == [f"区域{WEST}", "新名"]
    assert found.unchanged == 3
    assert (Area.objects.filter(district=CODE).count(), Boundary.objects.filter(area__code=EAST).count()) == (
        5,
        1,
    )
    assert District.objects.get(pk=CODE).boundary_version == before


def test_a_complete_file_ends_what_is_not_in_it_and_finds_the_successors(load, tiny):
    tiny[4]["geometry"] = square(10.5, 10, 12, 11)
    load(tiny)
    halves = [
        feature(f"{COMMUNITY}003", "grid", square(10.5, 10, 11.2, 11)),
        feature(f"{COMMUNITY}004", "grid", square(11.2, 10, 12, 11)),
    ]
    reading = Reading(complete=True, day=date(2019, 4, 1), any_length=False)
    _district, done = take(geojson([tiny[3], *halves]), reading)
    assert [(change.kind, change.code) for change in done.changes] == [
        ("new", f"{COMMUNITY}003"), ("new", f"{COMMUNITY}004"), ("ended", EAST),
    ]  # fmt: skip
    east = Area.objects.get(code=EAST)
    assert east.valid_to == date(2019, 4, 1)
    assert [(area.code, area.valid_from) for area in east.successors.all()] == [
        (f"{COMMUNITY}003", date(2019, 4, 1)), (f"{COMMUNITY}004", date(2019, 4, 1)),
    ]  # fmt: skip
    assert not {problem.code for problem in done.problems} & {"gap", "overlap", "beyond", "no_successor"}
    assert Area.objects.get(code=STREET).valid_to is None, "only the levels the file holds"


def test_faults_of_the_map_are_warnings_with_their_rows(load, tiny):
    tiny[4]["geometry"] = square(10.4, 10, 11, 11)
    found = plan(geojson(tiny))
    assert not found.errors
    told = [(problem.code, problem.row) for problem in found.problems]
    assert told == [("gap", 3), ("overlap", 4)]


def test_what_ends_without_a_successor_and_two_of_a_name_are_warned_of(load, tiny):
    load(tiny)
    tiny[4]["properties"] |= {"valid_to": "2019-04-01"}
    twin = feature(
        f"{COMMUNITY}003", "grid", square(10.5, 10, 12, 11), name_zh=f"区域{WEST}", predecessors=[]
    )
    found = plan(geojson([tiny[3], tiny[4] | {"geometry": None}, twin]), Reading(any_length=False))
    assert {problem.code for problem in found.problems} >= {"name_twice"}
    assert {problem.code for problem in found.problems} <= WARNINGS


def test_codes_of_a_level_are_of_one_length_unless_it_is_allowed(load, tiny):
    load(tiny)
    odd = geojson([feature(f"{COMMUNITY}0031", "grid", square(11, 10, 12, 11))])
    assert codes(odd) == [("length_wrong", 1, "code")]
    assert codes(odd, Reading()) == []


def test_levels_follow_from_the_length_of_known_codes(load, tiny):
    load(tiny)
    _district, done = take(excel(("code", "name"), (f"{COMMUNITY}003", "三网格")))
    assert [change.row.level for change in done.changes] == ["grid"]
    assert codes(excel(("code", "name"), (f"{COMMUNITY}00", "？"))) == [("level_missing", 2, "level")]


def test_a_district_that_is_not_known_needs_its_own_row(db):
    assert codes(excel(HEADING, *TREE[1:]))[0] == ("district_missing", None, "")


# Two people at once -----------------------------------------------------------------------------


def test_while_one_import_runs_another_of_the_district_is_refused(load, tiny):
    load(tiny)
    other = psycopg2.connect(**connection.get_connection_params())
    try:
        other.cursor().execute("SELECT pg_advisory_lock(%s, %s)", [IMPORT_LOCK, 990102])
        take(geojson(tiny))
        with pytest.raises(ImportRefusedError) as refusal:
            import_file(
                district_code="990102", file=geojson([feature("990102", "district")]), reading=READING, at=AT
            )
    finally:
        other.close()
    assert refusal.value.code == "import_running"
    assert not District.objects.filter(pk="990102").exists()


def test_what_was_agreed_to_against_another_tree_is_refused(load, tiny):
    load(tiny)
    tiny[3]["properties"]["name_zh"] = "新名"
    agreed = plan(geojson(tiny))
    load([tiny[0], feature(f"{COMMUNITY}009", "grid")])
    with pytest.raises(ImportRefusedError) as refusal:
        take(geojson(tiny), version=agreed.version)
    assert refusal.value.code == "tree_changed"
    assert Area.objects.get(code=WEST).name_zh != "新名"


def test_nothing_is_half_loaded(load, tiny, monkeypatch):
    """Broken off after the areas and before their boundaries."""
    load(tiny)
    monkeypatch.setattr("grids.actions._write_boundaries", lambda *args: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        take(geojson([*tiny, feature(f"{COMMUNITY}003", "grid", square(11, 10, 12, 11))]))
    assert Area.objects.filter(district=CODE).count() == 5


def test_a_column_of_dates_is_read_as_dates(load, tiny):
    load(tiny)
    cell = datetime(2019, 5, 1)
    out = io.BytesIO()
    book = openpyxl.Workbook()
    for row in [("code", "valid_to"), (EAST, cell)]:
        book.active.append(row)
    book.save(out)
    take(AreaFile.uploaded("a.xlsx", out.getvalue()))
    assert Area.objects.get(code=EAST).valid_to == date(2019, 5, 1)


def test_a_refusal_lists_errors_in_its_words(load, tiny):
    with pytest.raises(AreasRefusedError, match=r"\[orphan\]"):
        take(geojson([*tiny, feature(f"{CODE}002001", "community")]))


def test_a_code_that_parts_known_areas_from_the_one_above_is_told_once(load, tiny):
    load(tiny)
    short = STREET + "0"
    assert COMMUNITY.startswith(short)
    file = geojson([feature(short, "grid", name_zh="短码")])
    assert codes(file) == [(code, 1, "code") for code in ("orphan", "between", "length_wrong")]
    with override("zh-hans"):
        assert {problem.column for problem in plan(file).errors} == {"代码"}
        assert "1 个现有区域" in plan(file).errors[1].reason


def test_an_outline_that_crosses_itself_is_told_in_words_with_the_point(load, tiny):
    load(tiny[:3])
    tied = [[10, 10], [11, 11], [11, 10], [10, 11], [10, 10]]
    row = feature(WEST, "grid", name_zh="西") | {"geometry": {"type": "Polygon", "coordinates": [tied]}}
    (problem,) = plan(geojson([row])).errors
    with override("zh-hans"):
        assert "边界自相交[10.5 10.5]" in problem.reason


def test_the_form_speaks_the_readers_language_down_to_its_tabs(db):
    with override("zh-hans"):
        book = openpyxl.load_workbook(io.BytesIO(workbook()))
    assert book.sheetnames == ["区域", "列说明"]
