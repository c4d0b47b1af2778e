"""The Excel files the importers give out: templates, the lists as they stand, problems, first passwords."""

from collections.abc import Sequence

from django.utils.translation import gettext as _

from grid_platform.sheets.problems import Problem
from grid_platform.sheets.writing import filled, plain_table
from grids.models import District
from imports.difference import Asked, KindOfList
from imports.problems import advice, reason


def template(kind: KindOfList, district: District) -> bytes:
    """Empty, with headings in the reader's language and a sheet that explains each column."""
    return filled(kind.columns(district), title=str(kind.title))


def as_it_stands(kind: KindOfList, asked: Asked) -> bytes:
    """What is there, to be changed and loaded again; loaded as it is it changes nothing."""
    return filled(kind.columns(asked.district), kind.rows_now(asked), title=str(kind.title))


def problem_rows(kind: KindOfList, district: District, problems: Sequence[Problem]) -> list[tuple[str, ...]]:
    """Row, column, value, reason, what to do, code: as the page shows them and the file has them."""
    columns = {column.name: column for column in (*kind.entry_columns(district), *kind.columns(district))}
    return [
        (
            str(problem.row or ""),
            str(columns[problem.column].label) if problem.column in columns else problem.column,
            columns[problem.column].word(problem.value) if problem.column in columns else problem.value,
            reason(problem),
            advice(problem),
            problem.code,
        )
        for problem in problems
    ]


def report(kind: KindOfList, district: District, problems: Sequence[Problem]) -> bytes:
    headings = [_("Row"), _("Column"), _("Value"), _("Reason"), _("What to do"), _("Code")]
    return plain_table(headings, problem_rows(kind, district, problems), title=_("Problems"))


def passwords(secrets: Sequence[tuple[str, ...]]) -> bytes:
    headings = [_("Organisation"), _("Name"), _("User name"), _("First password")]
    return plain_table(headings, secrets, title=_("First passwords"))
