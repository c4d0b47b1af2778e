"""Every kind of list: its template, the list as it stands, and what loading either does."""

import re

import pytest
from django.utils.translation import override

from grid_platform.sheets.columns import Kind
from imports.kinds import KINDS


@pytest.mark.parametrize("kind", KINDS)
def test_the_list_as_it_stands_changes_nothing(look, standing, codes, kind):
    found = look(kind, file=standing(kind))
    if kind in ("rules", "places"):  # the district begins without
        assert codes(found) == [(1, "", "no_rows")]
    else:
        assert codes(found) == [] and found.changes_nothing and found.changes


@pytest.mark.parametrize("kind", KINDS)
def test_the_examples_of_the_template_can_be_typed_and_speak_the_readers_language(cast, kind):
    with override("zh-hans"):
        for column in KINDS[kind].columns(cast.admin.district):
            shown = column.example_words()
            assert column.write(column.read(shown)) == shown
            if column.kind in (Kind.YES_NO, Kind.CHOICE, Kind.CHOICES) and column.name != "datum":
                assert not re.search("[a-z]{2}", shown), column.name
