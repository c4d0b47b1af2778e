import pytest

from accounts import scope
from dispatch import clocks
from tests.cast import Cast, Story


@pytest.fixture
def cast(db) -> Cast:
    return Cast()


@pytest.fixture
def story(cast) -> Story:
    """A shop that blocks the road: normal, four working hours, decided by the street's room."""
    return Story(cast)


@pytest.fixture
def fresh_memory():
    """For tests that change posts, rungs or the calendar: what was rolled back is not remembered."""
    yield
    scope._cache.clear()
    clocks._cache.clear()
