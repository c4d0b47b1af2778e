import csv
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from pathlib import Path

import openpyxl
import pytest
from django.conf import settings
from django.utils.translation import override

from accounts.models import User
from exports import writing
from exports.actions import ask
from exports.models import Export
from tests.cast import MONDAY, Cast
from tests.desks.conftest import enter

__all__ = ["enter"]

NOW = MONDAY + timedelta(days=1)
"""After every story of these tests."""
SECURITY = "security"


@pytest.fixture(autouse=True)
def media(settings, tmp_path: Path) -> Path:
    settings.MEDIA_ROOT = tmp_path
    return tmp_path


@pytest.fixture(autouse=True)
def chinese() -> Iterator[None]:
    """Whatever language the page of an earlier test left behind."""
    with override("zh-hans"):
        yield


@pytest.fixture
def cast(db) -> Cast:
    return Cast()


@pytest.fixture
def security(cast) -> User:
    return User.objects.select_related("district").get(username=SECURITY)


@pytest.fixture
def wish(cast) -> Callable[..., Export]:
    """``wish("director", kind="steps")``: an export of a person of the cast, as CSV unless said otherwise."""

    def wish_(who: str, **given) -> Export:
        options = {"kind": "events", "format": "csv", "query": "", "now": NOW} | given
        return ask(user=getattr(cast, who), **options)

    return wish_


@pytest.fixture
def made(wish) -> Callable[..., Export]:
    """The same, written."""

    def made_(who: str, **given) -> Export:
        return written(wish(who, **given))

    return made_


def written(export: Export, at: datetime = NOW) -> Export:
    writing.write_waiting(lambda: at)
    export.refresh_from_db()
    return export


def path_of(export: Export) -> Path:
    assert export.file, f"no file: {export.status} {export.failure}"
    return settings.MEDIA_ROOT / export.file


def table_of(export: Export) -> list[list]:
    """Head, rows and last line of the file, without the empty cells at a line's end."""
    if export.format == "csv":
        with path_of(export).open(encoding="utf-8-sig", newline="") as file:
            return [_cut(line) for line in csv.reader(file)]
    book = openpyxl.load_workbook(path_of(export), read_only=True)
    return [
        _cut([cell if cell is not None else "" for cell in row])
        for sheet in book.worksheets
        for row in sheet.iter_rows(values_only=True)
    ]


def rows_of(export: Export) -> list[dict]:
    """Each row by the titles of the head; without the watermark's line."""
    head, *rows, _mark = table_of(export)
    return [dict(zip(head, row + [""] * (len(head) - len(row)), strict=True)) for row in rows]


def _cut(line: list) -> list:
    while line and line[-1] == "":
        line = line[:-1]
    return line
