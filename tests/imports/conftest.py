from io import BytesIO

import pytest
from django.utils import timezone

from accounts import scope
from grids import memory
from imports.actions import preview
from imports.difference import Asked
from imports.files import as_it_stands
from imports.kinds import KINDS
from tests.cast import Cast
from tests.imports.tables import of


@pytest.fixture
def cast(db):
    scope._cache.clear()
    yield Cast()
    scope._cache.clear()
    memory.forget()


@pytest.fixture
def look(cast):
    """``look("people", {"username": ...}, ...)``: the preview of rows the system administrator brings."""

    def look_(kind, *rows, file=None, by="admin", **options):
        who = getattr(cast, by) if by else None
        return preview(kind=kind, file=file or of(rows), district=cast.district, by=who, **options)

    return look_


@pytest.fixture
def standing(cast):
    """The list of a kind as the page gives it out."""

    def standing_(kind):
        now = timezone.now()
        asked = Asked(cast.district, cast.admin, now, timezone.localdate(now))
        return BytesIO(as_it_stands(KINDS[kind], asked))

    return standing_


@pytest.fixture
def codes():
    """Of a preview's problems: (row, column, code)."""

    def codes_(found):
        return [(problem.row, problem.column, problem.code) for problem in found.problems]

    return codes_
