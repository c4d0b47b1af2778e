"""What a cell of an Excel file is read as, and which files are not read at all."""

from datetime import date, datetime, time
from io import BytesIO
from zipfile import ZIP_DEFLATED, ZipFile

import pytest
from django.utils.translation import override
from openpyxl import load_workbook

from grid_platform.sheets import opening, reading
from grid_platform.sheets.columns import Column, Kind
from grid_platform.sheets.opening import FileRefusedError
from grid_platform.sheets.problems import BadCellError
from grid_platform.sheets.reading import read_table
from grid_platform.sheets.writing import filled
from tests.imports.tables import table

CHOICES = (("normal", "一般"), ("critical", "特急"))
COLUMNS = (
    Column("code", "Code", "A code", Kind.CODE, required=True, example="01001", form="[0-9A-Z=+]+"),
    Column("name", "Name", "A name", longest=10),
    Column("number", "Number", "A number", Kind.NUMBER, least=1, most=100),
    Column("flag", "Flag", "Yes or no", Kind.YES_NO),
    Column("day", "Day", "A day", Kind.DAY),
    Column("time", "Time", "A time", Kind.TIME),
    Column("choice", "Choice", "One of a list", Kind.CHOICE, choices=CHOICES),
    Column("texts", "Texts", "Several", Kind.TEXTS),
    Column("choices", "Choices", "Several of a list", Kind.CHOICES, choices=CHOICES),
)
BY_NAME = {column.name: column for column in COLUMNS}


@pytest.mark.parametrize(
    ("column", "cell", "read"),
    [
        ("code", 330104005, "330104005"),
        ("code", 330104005001001.0, "330104005001001"),
        ("code", " １０１０１\u200b", "10101"),
        ("name", "王（丽）\xa0", "王（丽）"),
        ("name", None, None),
        ("number", "２４", 24),
        ("number", 24.0, 24),
        ("flag", "是", True),
        ("flag", False, False),
        ("flag", "No", False),
        ("day", datetime(2018, 7, 1), "2018-07-01"),
        ("day", date(2018, 7, 1), "2018-07-01"),
        ("day", 43282, "2018-07-01"),
        ("day", 20180701, "2018-07-01"),
        ("day", "2018/7/1", "2018-07-01"),
        ("day", "2018年7月1日", "2018-07-01"),
        ("time", time(8, 30), "08:30"),
        ("time", 0.75, "18:00"),
        ("time", "8:05", "08:05"),
        ("choice", "特急", "critical"),
        ("choice", "NORMAL", "normal"),
        ("texts", "打架 斗殴；闹事,闹事", ["打架", "斗殴", "闹事"]),
        ("texts", "none", []),
        ("choices", "特急、normal", ["critical", "normal"]),
    ],
)  # fmt: skip
def test_a_cell_is_read_as_what_was_meant(column, cell, read):
    assert BY_NAME[column].read(cell) == read


def test_leading_zeros_that_only_the_format_still_knows_are_kept():
    assert BY_NAME["code"].read(1001, "00000") == "01001"


@pytest.mark.parametrize(
    ("column", "cell", "code"),
    [
        ("code", None, "required"),
        ("code", 3301040050010012, "digits_lost"),
        ("code", "a b", "wrong_form"),
        ("name", "x" * 11, "too_long"),
        ("number", "many", "not_a_number"),
        ("number", 2.5, "not_a_number"),
        ("number", 0, "out_of_range"),
        ("flag", "maybe", "not_yes_or_no"),
        ("day", "2018-02-30", "not_a_day"),
        ("day", 12, "not_a_day"),
        ("time", "25:00", "not_a_time"),
        ("choice", "eilig", "unknown_choice"),
    ],
)
def test_a_cell_that_cannot_be_read_says_why(column, cell, code):
    with pytest.raises(BadCellError) as refused:
        BY_NAME[column].read(cell)
    assert refused.value.code == code


def problems(file, columns=COLUMNS):
    return [(problem.row, problem.column, problem.code) for problem in read_table(file, columns).problems]


def test_headings_are_found_below_a_title_in_any_order_language_and_width():
    found = read_table(
        table(["A title"], [None], ["ｎａｍｅ", "Code*", "Strange"], ["王丽", "01", 1]), COLUMNS
    )
    assert [(row.number, row.values["code"], row.values["name"]) for row in found.rows] == [(4, "01", "王丽")]
    assert found.unread == ["Strange"] and not found.problems


def test_empty_rows_do_not_count_and_rows_keep_their_numbers():
    found = read_table(table(["code"], ["1"], [None], [""], ["2"]), COLUMNS)
    assert [(row.number, row.values["code"]) for row in found.rows] == [(2, "1"), (5, "2")]


def test_what_is_wrong_with_the_table_itself_is_told_once():
    assert problems(table(["name"], ["x"])) == [(1, "code", "missing_column")]
    assert problems(table(["code", "Code"], ["1", "2"])) == [(1, "code", "repeated_column")]
    assert problems(table(["code"])) == [(1, "", "no_rows")]


def test_too_many_rows_are_refused(monkeypatch):
    monkeypatch.setattr(reading, "MOST_ROWS", 3)
    assert problems(table(["code"], *[[str(number)] for number in range(4)])) == [(5, "", "too_many_rows")]


def test_a_formula_is_its_saved_value_and_without_one_it_is_told():
    file = table(["code", "name"], ["1", "=1+1"])
    assert problems(file) == [(2, "name", "formula_without_value")]
    saved = BytesIO()
    with ZipFile(file) as old, ZipFile(saved, "w") as new:
        for name in old.namelist():
            part = old.read(name).replace(b"<f>1+1</f><v></v>", b"<f>1+1</f><v>2</v>")
            new.writestr(
                name,
                part.replace(b"<f>1+1</f><v/>", b"<f>1+1</f><v>2</v>").replace(
                    b"<f>1+1</f><v />", b"<f>1+1</f><v>2</v>"
                ),
            )
    saved.seek(0)
    assert [row.values["name"] for row in read_table(saved, COLUMNS).rows] == ["2"]


def test_an_error_of_excel_is_told():
    assert problems(table(["code", "name"], ["1", "#N/A"])) == [(2, "name", "error_in_cell")]


# Files that are not read ------------------------------------------------------------------------------


def packed(**parts: bytes) -> BytesIO:
    """A valid workbook with parts replaced or added."""
    out = BytesIO()
    with ZipFile(table(["code"], ["1"])) as old, ZipFile(out, "w", ZIP_DEFLATED) as new:
        for name in old.namelist():
            if name not in parts:
                new.writestr(name, old.read(name))
        for name, content in parts.items():
            new.writestr(name, content)
    out.seek(0)
    return out


def without_workbook() -> BytesIO:
    out = BytesIO()
    with ZipFile(out, "w") as new:
        new.writestr("word/document.xml", b"<x/>")
    out.seek(0)
    return out


def damaged() -> BytesIO:
    whole = table(["code"], ["1"]).getvalue()
    return BytesIO(whole[: len(whole) // 2])


@pytest.mark.parametrize(
    ("file", "code"),
    [
        (BytesIO(b""), "file_empty"),
        (BytesIO(b"PK" + bytes(opening.MOST_BYTES)), "file_too_big"),
        (BytesIO(opening.OLD_OR_LOCKED + b"rest"), "old_or_locked"),
        (BytesIO("编码,名称\n1,x".encode()), "not_excel"),
        (without_workbook(), "not_excel"),
        (damaged(), "file_broken"),
        (packed(**{"xl/worksheets/sheet1.xml": b"<worksheet>"}), "file_broken"),
        (packed(**{"xl/sharedStrings.xml": b'<!DOCTYPE x [<!ENTITY a "aaaa">]><sst>&a;</sst>'}), "file_strange"),
        (packed(**{f"xl/media/{number}.bin": b"x" for number in range(400)}), "file_strange"),
    ],
    ids=["empty", "big", "old", "csv", "word", "half", "not xml", "entities", "parts"],
)  # fmt: skip
def test_what_is_no_harmless_excel_file_is_refused_with_what_to_do(file, code):
    with pytest.raises(FileRefusedError) as refused:
        read_table(file, COLUMNS)
    assert refused.value.code == code and str(refused.value)


def test_a_file_that_unpacks_without_end_is_refused(monkeypatch):
    monkeypatch.setattr(opening, "MOST_UNPACKED", 1_000_000)
    with pytest.raises(FileRefusedError) as refused:
        read_table(packed(**{"xl/media/big.bin": bytes(2_000_000)}), COLUMNS)
    assert refused.value.code == "file_bomb"


# Files that are written -------------------------------------------------------------------------------


def test_a_list_that_was_written_is_read_back_the_same():
    rows = [
        {"code": "=1+1", "name": "+86", "number": 3, "flag": False, "day": "2018-07-01", "time": "08:30",
         "choice": "critical", "texts": ["a", "b"], "choices": ["normal", "critical"]},
        {"code": "007", "name": None, "number": None, "flag": None, "day": None, "time": None, "choice": None,
         "texts": [], "choices": []},
    ]  # fmt: skip
    for language in ("en", "zh-hans"):
        with override(language):
            found = read_table(BytesIO(filled(COLUMNS, rows, title="List")), COLUMNS)
        assert [row.values for row in found.rows] == rows and not found.problems


def test_a_template_offers_closed_lists_and_explains_each_column():
    book = load_workbook(BytesIO(filled(COLUMNS, title="List")))
    sheet, help_sheet = book.worksheets[:2]
    assert [cell.value for cell in sheet[1]] == ["Code*", *[str(column.label) for column in COLUMNS[1:]]]
    rules = {str(rule.sqref): rule for rule in sheet.data_validations.dataValidation}
    assert rules["G2:G20001"].formula1 == '"一般,特急"'
    explained = [row[0].value for row in help_sheet.iter_rows(min_row=4)]
    assert explained == [str(column.label) for column in COLUMNS]
    assert sheet.column_dimensions["A"].width and sheet["A2"].value is None
