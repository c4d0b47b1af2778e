"""The categories of the checklist: the first three digits of the items' codes."""

from collections.abc import Iterator, Mapping, Sequence

from django.utils.translation import gettext_lazy as _

from events.models import Category, Platform
from events.versions import save_categories
from grid_platform.sheets.columns import Column, Kind
from grid_platform.sheets.problems import Problem
from grid_platform.sheets.reading import Row
from grids.models import District
from imports.difference import Asked, Change, Key, KindOfList, State, Values

COLUMNS = (
    Column(
        "code",
        _("Category code"),
        _("Three digits: one of the platform, two of the category."),
        Kind.CODE,
        required=True,
        form=r"[0-9]{3}",
        example="101",
    ),
    Column(
        "platform",
        _("Platform"),
        _("One of the four platforms."),
        Kind.CHOICE,
        required=True,
        choices=Platform.choices,
        example="综治工作",
    ),
    Column("name_zh", _("Chinese name"), _("As it is shown."), required=True, example="社会治安"),
    Column("name_en", _("English name"), _("Shown in English; empty: stays as it is."), keeps=True, example="Public order"),
)  # fmt: skip


class Categories(KindOfList):
    code = "categories"
    title = _("Categories")
    about = _("The categories of the checklist. They are loaded before their items, and are never removed.")
    key = ("code",)
    can_be_complete = False

    def columns(self, district: District) -> tuple[Column, ...]:
        return COLUMNS

    def current(self, asked: Asked) -> dict[Key, Values]:
        rows = Category.objects.filter(district=asked.district)
        return {
            (row.code,): {
                "code": row.code,
                "platform": row.platform,
                "name_zh": row.name_zh,
                "name_en": row.name_en,
            }
            for row in rows
        }

    def check(self, rows: Sequence[Row], current: Mapping[Key, Values], asked: Asked) -> Iterator[Problem]:
        yield from ()

    def write(self, changes: Sequence[Change], asked: Asked) -> list[tuple[str, ...]]:
        rows = [
            change.values | {"name_en": change.values.get("name_en") or ""}
            for change in changes
            if change.state in (State.NEW, State.CHANGED)
        ]
        save_categories(district=asked.district, rows=rows, by=asked.by, now=asked.now)
        return []
