"""What an export's file holds: the list's own events, in the asker's language, harmless and signed."""

import csv
import hashlib
from datetime import datetime, timedelta
from decimal import Decimal

import openpyxl
import pytest
from django.utils import timezone
from django.utils.translation import override

from events.models import State
from exports.models import Export
from exports.rows import Column
from exports.writers import CELL_LIMIT, SHEET_ROWS, CsvWriter, Mark, XlsxWriter
from supervision.tables import rates_table
from tests.cast import KITCHEN, MONDAY, SHOP_IN_ROAD, Story, story_at
from tests.exports.conftest import NOW, path_of, rows_of, table_of

FORMULAS = ["=1+1", "+1", "-1", "@SUM(A1)", "\tx", "\rx", "\nx", "＝1+1", '=HYPERLINK("http://x","y")']
MARK = Mark("Events", "Taken by A & B")


def test_the_rows_are_the_events_of_the_list_with_its_filters_the_newest_first(cast, made):
    kept = [story_at(cast, State.HANDLING, at=MONDAY + timedelta(hours=hour)) for hour in (0, 1)]
    story_at(cast, State.CLOSED)
    story_at(cast, State.HANDLING, KITCHEN)
    export = made("director", query=f"state=handling&item={SHOP_IN_ROAD}&after=x&what=events")
    assert (export.status, export.rows_total, export.rows_written) == ("done", 2, 2)
    assert [row["编号"] for row in rows_of(export)] == [story.event.number for story in reversed(kept)]


@pytest.mark.parametrize("format", ["csv", "xlsx"])
def test_times_are_those_of_shanghai_and_numbers_are_numbers(cast, made, format):
    story = story_at(cast, State.CLOSED)
    export = made("director", format=format)
    row = rows_of(export)[0]
    filed = datetime(2019, 3, 4, 9, 5)
    expected = {"xlsx": (filed, 0, "是"), "csv": ("2019-03-04 09:05", "0", "是")}[format]
    assert (row["立案时间"], row["退单次数"], row["是否按期结案"]) == expected
    assert row["编号"] == story.event.number and row["状态"] == "已结案" and row["街道"] == "凯旋街道"


def test_the_file_is_in_the_language_of_who_asked(cast, made):
    story_at(cast, State.HANDLING)
    with override("en"):
        export = made("director")
    assert export.language == "en"
    assert rows_of(export)[0]["State"] == "in hand"


def test_the_steps_are_told_as_on_the_events_page(cast, made):
    story = story_at(cast, State.HANDLING)
    export = made("director", kind="steps")
    rows = rows_of(export)
    assert export.rows_total == len(rows) == len(story.steps)
    assert [row["序号"] for row in rows] == [str(step.sequence) for step in story.steps]
    dispatched = next(row for row in rows if row["操作后状态"] == "待签收")
    assert dispatched["操作前状态"] == "待派单" and "主办" in dispatched["详情"]


@pytest.mark.parametrize("format", ["csv", "xlsx"])
def test_the_rates_are_the_table_of_the_page_with_its_total(cast, made, format):
    story_at(cast, State.CLOSED)
    export = made(
        "supervisor", kind="rates", format=format, query="from=2019-03-04&to=2019-03-05&group=street"
    )
    assert export.status == "done", export.failure
    head, *rows, total, _mark = table_of(export)
    assert len(head) > 3 and len(rows) == 8
    asked = {"from": "2019-03-04", "to": "2019-03-05", "group": "street"}
    for cells, shown in zip(
        [*rows, total], rates_table(cast.supervisor, asked, now=timezone.now()).rows, strict=True
    ):
        for cell, value in zip(cells[2:], shown[2:], strict=True):
            assert cell in (None, "") if value is None else Decimal(str(cell)) == value
    assert Decimal(str(total[head.index("结案率")])) == 100
    if format == "xlsx":
        assert all(cell in (None, "") or isinstance(cell, int | float) for cell in total[2:])


def test_a_csv_begins_with_the_mark_of_utf_8_and_ends_with_the_watermark(cast, made):
    story_at(cast, State.HANDLING)
    export = made("director")
    assert path_of(export).read_bytes().startswith(b"\xef\xbb\xbf")
    *_rows, last = table_of(export)
    assert len(last) == 1
    for words in (cast.director.display_name, "director", "凯旋街道", "2019-03-05 09:00", export.number):
        assert words in last[0]
    assert export.number in export.file_name and cast.director.display_name in export.file_name


def test_every_sheet_says_who_took_it_in_header_and_footer(cast, made):
    story_at(cast, State.HANDLING)
    export = made("director", format="xlsx")
    sheet = openpyxl.load_workbook(path_of(export)).active
    assert export.number in sheet.oddHeader.left.text
    assert cast.director.display_name in sheet.oddFooter.left.text
    assert "director" in table_of(export)[-1][0]
    assert (sheet.freeze_panes, sheet.print_title_rows) == ("A2", "$1:$1")


def test_size_and_hash_are_the_files(cast, made):
    story_at(cast, State.HANDLING)
    export = made("director", format="xlsx")
    content = path_of(export).read_bytes()
    assert (export.size, export.sha256) == (len(content), hashlib.sha256(content).hexdigest())
    assert [path.name for path in path_of(export).parent.iterdir()] == ["export.xlsx"]


# Formulas ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("format", ["csv", "xlsx"])
@pytest.mark.parametrize("evil", FORMULAS)
def test_a_cell_like_a_formula_stays_text(tmp_path, format, evil):
    path = tmp_path / f"x.{format}"
    writer = {"csv": CsvWriter, "xlsx": XlsxWriter}[format]
    with writer(path, [Column(evil), Column("Number", "number")], MARK) as file:
        file.write([[evil, -5]])
    if format == "csv":
        with path.open(encoding="utf-8-sig", newline="") as lines:
            head, row, _mark = csv.reader(lines)
        assert head[0] == row[0] == f"'{evil}" and row[1] == "-5"
        return
    sheet = openpyxl.load_workbook(path).active
    cell = sheet["A2"]
    assert cell.data_type == "s" and cell.value.removeprefix("_x000D_").strip() == evil.strip()
    assert cell.quotePrefix, "and stays text when somebody edits it"
    assert sheet["A1"].data_type == "s" and (sheet["B2"].data_type, sheet["B2"].value) == ("n", -5)


def test_what_a_reporter_writes_cannot_become_a_formula(cast, made):
    Story(cast).report(description="=cmd|' /C calc'!A0", address="@evil").route()
    row = rows_of(made("director"))[0]
    assert (row["描述"], row["地址"]) == ("'=cmd|' /C calc'!A0", "'@evil")
    row = rows_of(made("director", format="xlsx"))[0]
    assert (row["描述"], row["地址"]) == ("=cmd|' /C calc'!A0", "@evil")


# Limits of a spreadsheet --------------------------------------------------------------------------


def test_a_text_too_long_for_a_cell_is_cut_and_says_so(tmp_path):
    with XlsxWriter(tmp_path / "x.xlsx", [Column("Text")], MARK) as file:
        file.write([["好" * (CELL_LIMIT + 1)]])
    text = openpyxl.load_workbook(tmp_path / "x.xlsx").active["A2"].value
    assert len(text) == CELL_LIMIT and text.endswith("好…")


def test_more_rows_than_a_sheet_takes_go_on_in_the_next_one(tmp_path, monkeypatch):
    assert SHEET_ROWS < 1_048_576 - 2
    monkeypatch.setattr("exports.writers.SHEET_ROWS", 2)
    with XlsxWriter(tmp_path / "x.xlsx", [Column("Number", "number")], MARK) as file:
        file.write([[number] for number in range(5)])
    sheets = openpyxl.load_workbook(tmp_path / "x.xlsx").worksheets
    found = [[row[0] for row in sheet.iter_rows(values_only=True)] for sheet in sheets]
    signed = MARK.watermark
    assert found == [["Number", 0, 1, signed], ["Number", 2, 3, signed], ["Number", 4, signed]]
    assert {sheet.oddFooter.left.text for sheet in sheets} == {"Taken by A && B"}


def test_the_row_is_the_log_and_outlives_the_file(cast, made):
    story_at(cast, State.HANDLING)
    export = made("director")
    assert export.expires_at == NOW + timedelta(days=7)
    assert Export.objects.get().rows_written == 1
