"""The verbs that write the checklist."""

import csv
from datetime import date
from pathlib import Path
from typing import Any

from django.db import transaction

from events.models import Category, Item, Urgency
from grids.actions import advance_version
from grids.models import District

DATA = Path(__file__).parent / "data"
URGENCIES = {"一般": Urgency.NORMAL, "紧急": Urgency.URGENT, "特急": Urgency.CRITICAL}
DESK_CHECKED = ("103", "10106", "10203")
"""Checked by the desk, not on the doorstep (field rules, section 3, verify)."""


@transaction.atomic
def load_catalogue(
    *,
    district: District,
    items: Path = DATA / "event_items.csv",
    categories: Path = DATA / "event_categories.csv",
    valid_from: date = date(2018, 1, 1),
) -> int:
    """Bring the checklist to what the files say; returns the number of items. Idempotent.

    Columns: the data dictionary in docs/data-dictionary.md.
    """
    with categories.open(encoding="utf-8", newline="") as file:
        groups = [
            Category(
                district=district,
                code=row["code"],
                platform=row["platform"],
                name_zh=row["name_zh"],
                name_en=row["name_en"],
            )
            for row in csv.DictReader(file)
        ]
    Category.objects.bulk_create(
        groups,
        update_conflicts=True,
        unique_fields=["district", "code"],
        update_fields=["platform", "name_zh", "name_en"],
    )
    by_code = {category.code: category for category in groups}
    with items.open(encoding="utf-8", newline="") as file:
        rows = [_item(row, district, by_code[row["code"][:3]], valid_from) for row in csv.DictReader(file)]
    key = {"district", "code", "valid_from"}
    fields = [
        field.name for field in Item._meta.concrete_fields if field.name not in key | {"id", "valid_to"}
    ]
    before = _snapshot(district, fields)
    Item.objects.bulk_create(rows, update_conflicts=True, unique_fields=sorted(key), update_fields=fields)
    if _snapshot(district, fields) != before:
        advance_version(district=district, of="catalogue_version")
    return len(rows)


def _snapshot(district: District, fields: list[str]) -> list[tuple]:
    return list(
        Item.objects.filter(district=district).order_by("code", "valid_from").values_list("code", *fields)
    )


def _item(row: dict[str, str], district: District, category: Category, valid_from: date) -> Item:
    return Item(district=district, category=category, valid_from=valid_from, **read_item(row))


def read_item(row: dict[str, str]) -> dict[str, Any]:
    """The code and what a version says, from a row of the list."""
    return {
        "code": row["code"],
        "name_zh": row["name_zh"],
        "name_en": row["name_en"],
        "urgency": URGENCIES[row["urgency"]],
        "level": row["level"],
        "self_handle": row["self_handle"] == "yes",
        "accept_minutes": int(row["accept_minutes"]),
        "dispatch_minutes": int(row["dispatch_minutes"]),
        "handle_limit": int(row["handle_limit"]),
        "limit_unit": row["limit_unit"],
        "lead_department": row["lead_department"],
        "assist_departments": _list(row["assist_departments"], ";"),
        "evidence": _list(row["evidence"], ";"),
        "keywords": row["keywords"].split(),
        "is_safety_list": row["is_safety_list"] == "yes",
        "circle": "" if row["circle"] == "none" else row["circle"],
        "sensitive": row["sensitive"] == "yes",
        "desk_checked": row["code"].startswith(DESK_CHECKED),
        "source_list": row["source_list"],
    }


def _list(text: str, separator: str) -> list[str]:
    return [] if text == "none" else text.split(separator)
