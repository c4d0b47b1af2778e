"""Every kind of list: its template, the list as it stands, and what loading either does."""

import pytest

from imports.kinds import KINDS


@pytest.mark.parametrize("kind", KINDS)
def test_the_list_as_it_stands_changes_nothing(look, standing, codes, kind):
    found = look(kind, file=standing(kind))
    if kind in ("rules", "places"):  # the district begins without
        assert codes(found) == [(1, "", "no_rows")]
    else:
        assert codes(found) == [] and found.changes_nothing and found.changes
